"""Regular expressions that match more than their author is likely to have meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tsnode.matching.destinations import HostExpression, UrlExpression
from tsnode.matching.index import Rule
from tsnode.model.errors import ConfigError, Place
from tsnode.model.expressions import Expression
from tsnode.routing.rules import RemapRule

__all__ = ["advise_expressions", "advise_mapped_expressions", "loose_dot"]

# a dot between letters or digits that stands for any character, as in www.example.com; not one with a quantifier
_LOOSE = re.compile(r"(?<=[0-9A-Za-z])\.(?=[A-Za-z])")
_CLASS = re.compile(r"\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]")


def loose_dot(text: str, start: int = 0, stop: int | None = None) -> int | None:
    """Where in an expression a dot stands that was probably meant as one; None where there is none."""
    # what is escaped, and what stands in brackets, is as it was meant
    masked = _CLASS.sub(lambda found: "\0" * len(found[0]), text)
    found = _LOOSE.search(masked, start, len(text) if stop is None else stop)
    return None if found is None else found.start()


def _host_part(text: str) -> tuple[int, int]:
    """The part of an expression for URLs that is about the host; empty where that cannot be told."""
    _, scheme, rest = text.partition("://")
    if not scheme:
        return 0, 0
    start = len(text) - len(rest)
    slash = text.find("/", start)
    return start, slash if slash >= 0 else len(text)


def advise_expressions(rules: Sequence[Rule]) -> Iterator[ConfigError]:
    """About the destinations of the rules of one file."""
    for rule in rules:
        match rule.condition.destination:
            case HostExpression(expression):
                at = loose_dot(expression.text)
            case UrlExpression(expression):
                at = loose_dot(expression.text, *_host_part(expression.text))
            case _:
                continue
        if at is not None:
            yield _advice(rule.place, expression, at)


def advise_mapped_expressions(rules: Sequence[RemapRule]) -> Iterator[ConfigError]:
    """About the hosts of ``regex_`` rules."""
    for rule in rules:
        host = rule.source.host
        if isinstance(host, Expression):
            at = loose_dot(host.text)
            if at is not None:
                yield _advice(rule.place, host, at)


def _advice(place: Place, expression: Expression, at: int) -> ConfigError:
    """Marked at the dot where the expression stands in the line as it is, else where the rule begins."""
    begins = place.text.find(expression.text)
    if begins >= 0:
        place = Place(place.file, place.line, begins + at + 1, place.text)
    return ConfigError(place, "this dot stands for any character, not only for a dot", r"\.")
