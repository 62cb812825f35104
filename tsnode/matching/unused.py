"""Lines of a rule file that never decide anything, because others come before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar, assert_never

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
    before: dict[str, list[tuple[frozenset[Specifier], R]]] = {}
    for rule in rules:
        condition = rule.condition
        asked = frozenset(condition.specifiers)
        keys = _keys(condition.destination)
        earlier = next((other for key in keys for wants, other in before.get(key, ()) if wants <= asked), None)
        if earlier is not None:
            yield rule, earlier
            continue
        same = before.setdefault(keys[0], [])
        if len(same) < _MOST_COMPARED:
            same.append((asked, rule))


def _keys(destination: Destination) -> list[str]:
    """
    A text that stands for a destination, and those of others that are certain to hold wherever it does.

    Texts because these are quick to compare: a domain has a dot before its name, an expression or a URL its tag.
    """
    match destination:
        case Domain(""):
            return ["."]
        case Host(name) | Domain(name):
            keys = [name] if isinstance(destination, Host) else []
            while name:
                keys.append(f".{name}")
                _, _, name = name.partition(".")
            keys.append(".")
            return keys
        case UrlExpression(expression) | HostExpression(expression):
            return [f"{destination.label}={expression.text}", "."]
        case ExactUrl(url):
            return [f"{ExactUrl.label}={url}", "."]
        case Addresses(span):
            # of two that overlap the later one counts, so that not even an equal one is certain to come first
            return [f"{Addresses.label}={span} {id(destination)}", "."]
        case impossible:
            assert_never(impossible)
