"""Parents that are this node itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tsnode.config.records import Records
from tsnode.hierarchy.rules import Parent, ParentRule
from tsnode.model.addresses import parse_address, parse_range
from tsnode.model.errors import ConfigError
from tsnode.model.settings import ListenPort

__all__ = ["advise_parents", "is_this_node"]

_PARENTS = "proxy.config.http.parent_proxies"
_LOOPBACK = parse_range("127.0.0.0/8")


def is_this_node(parent: Parent, ports: Sequence[ListenPort], own_names: Sequence[str]) -> bool:
    """Whether a parent is certain to be this node: a name or an address of its own, and a port that it listens on."""
    host = parent.host.lower()
    named = host == "localhost" or host in own_names
    if not named and ":" not in host and not host[:1].isdecimal():
        return False
    address = parse_address("127.0.0.1" if host == "localhost" else host)
    for port in ports:
        if port.port != parent.port:
            continue
        listening = parse_address(port.address) if port.address else None
        if listening is None:
            # every address of this machine; of those that are not its loopback ones nobody here knows
            looped = address is not None and _LOOPBACK is not None and _LOOPBACK.holds(address)
            if named or looped or host == "::1":
                return True
        elif address == listening:
            return True
    return False


def advise_parents(
    rules: Sequence[ParentRule],
    default_parents: Sequence[Parent],
    records: Records,
    ports: Sequence[ListenPort],
    own_names: Sequence[str],
) -> Iterator[ConfigError]:
    """Each rule that sends requests back to where they come from."""
    names = tuple(name.lower() for name in own_names)
    numbers = frozenset(port.port for port in ports)

    def own(parents: Sequence[Parent]) -> Parent | None:
        for parent in parents:
            if parent.port in numbers and is_this_node(parent, ports, names):
                return parent
        return None

    for rule in rules:
        plan = rule.plan
        parent = own(plan.parents) or (own(plan.secondary_parents) if plan.secondary_parents else None)
        if parent is not None and not plan.ignore_self_detect:
            yield ConfigError(rule.place, _problem(parent), "another node")
    parent = own(default_parents)
    if parent is not None:
        yield records.setting(_PARENTS).written.error(_problem(parent), "another node")


def _problem(parent: Parent) -> str:
    return f"parent {parent.host}:{parent.port} is this node itself"
