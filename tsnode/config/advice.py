"""What the author of a configuration should know although nothing in it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tsnode.caching.overrides import CacheRule
from tsnode.config.advice_cache import advise_conflicts
from tsnode.config.advice_expressions import advise_expressions, advise_mapped_expressions
from tsnode.config.advice_parents import advise_parents
from tsnode.config.records import Records, SettingSource
from tsnode.hierarchy.rules import Parent, ParentRule
from tsnode.matching.index import Rule
from tsnode.matching.specifiers import DayTime
from tsnode.matching.unused import unused_rules
from tsnode.model.errors import ConfigError, Place
from tsnode.model.neighbors import IcpNeighbor
from tsnode.model.settings import ListenPort
from tsnode.routing.access import AccessRules
from tsnode.routing.rules import RemapRule
from tsnode.routing.unused import unused_rules as unused_mappings

__all__ = ["advise_files", "advise_neighbors", "advise_remap", "place_of_label"]

_ROUTING = "proxy.config.http.parent_proxy_routing_enable"


def place_of_label(place: Place, label: str) -> Place:
    """Where ``label=`` stands in the line of a rule; where the rule begins if it is not to be found."""
    found = re.search(rf"(?i)(?<![^ \t\"]){re.escape(label)}=", place.text)
    return place if found is None else Place(place.file, place.line, found.start() + 1, place.text)


def advise_files(
    parents: Sequence[ParentRule],
    default_parents: Sequence[Parent],
    caching: Sequence[CacheRule],
    others: Iterable[Sequence[Rule]],
    records: Records,
    ports: Sequence[ListenPort],
    own_names: Sequence[str],
) -> Iterator[ConfigError]:
    """
    About the rule files, in their order.

    ``others`` are the rules of files of which nothing more is known than when they apply. ``own_names`` are names
    that this node has beside its addresses.
    """
    routing = records.setting(_ROUTING)
    if parents and routing.source is not SettingSource.DEFAULT and routing.value == 0:
        yield routing.written.error("no parent is asked, though parent.config has rules", "1, or no such line")
    for rule, earlier in unused_rules(parents):
        yield ConfigError(rule.place, f"line {earlier.place.line} is for all of these requests already", "it before")
    yield from advise_parents(parents, default_parents, records, ports, own_names)
    yield from advise_conflicts(caching)
    files: list[Sequence[Rule]] = [parents, caching, *others]
    for rules in files:
        yield from _advise_times(rules)
        yield from advise_expressions(rules)


def _advise_times(rules: Sequence[Rule]) -> Iterator[ConfigError]:
    """Times of the day that no clock shows."""
    for rule in rules:
        for specifier in rule.condition.specifiers:
            if isinstance(specifier, DayTime) and specifier.first > specifier.last:
                place = place_of_label(rule.place, DayTime.label)
                yield ConfigError(place, "a time over midnight never comes", "two lines, one up to 23:59:59")


def advise_remap(rules: Sequence[RemapRule]) -> Iterator[ConfigError]:
    """About the rules of remap.config."""
    for rule, earlier in unused_mappings(rules):
        yield ConfigError(rule.place, f"line {earlier.place.line} is for all of these URLs already", "it before")
    yield from advise_mapped_expressions(rules)


def advise_neighbors(neighbors: Sequence[IcpNeighbor], access: AccessRules) -> Iterator[ConfigError]:
    """About the neighbors of icp.config, who fetch from this node what they hear that it has."""
    for neighbor in neighbors:
        address = neighbor.address
        if address is not None and not access.methods_for(str(address)).permits(b"GET"):
            problem = f"ip_allow does not let {address} fetch what it is told that this node has"
            yield ConfigError(neighbor.place, problem, "a rule of ip_allow that allows it GET")
