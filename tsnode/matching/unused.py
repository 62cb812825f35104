"""Lines of a rule file that never decide anything, because others come before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar, assert_never

from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Addresses, Destination, Domain, ExactUrl, Host, HostExpression, UrlExpression
from tsnode.matching.index import Rule
from tsnode.matching.specifiers import Specifier

__all__ = ["unused_rules"]

R = TypeVar("R", bound=Rule)

_MOST_COMPARED = 16
"""How many earlier lines of one destination a line is compared with, so that long files take no longer."""


def unused_rules(rules: Sequence[R]) -> Iterator[tuple[R, R]]:
    """
    Each line that is never the first one for any request, and an earlier line that always is before it.

    Only what is certain is told: an earlier line whose destination is the same or wider, and which asks for nothing
    that the later one does not ask for, too. Addresses are not compared, nor are different expressions.
    """
    before: dict[Destination, list[tuple[frozenset[Specifier], R]]] = {}
    for rule in rules:
        condition = rule.condition
        asked = frozenset(condition.specifiers)
        earlier = next(
            (other for wider in _wider(condition) for wants, other in before.get(wider, ()) if wants <= asked), None
        )
        if earlier is not None:
            yield rule, earlier
            continue
        same = before.setdefault(condition.destination, [])
        if len(same) < _MOST_COMPARED:
            same.append((asked, rule))


def _wider(condition: Condition) -> Iterator[Destination]:
    """Destinations that are certain to hold wherever that of ``condition`` does, itself among them."""
    destination = condition.destination
    yield Domain("")
    match destination:
        case Host(name) | Domain(name):
            if isinstance(destination, Host):
                yield destination
            while name:
                yield Domain(name)
                _, _, name = name.partition(".")
        case UrlExpression() | HostExpression() | ExactUrl():
            yield destination
        case Addresses():
            pass
        case impossible:
            assert_never(impossible)
