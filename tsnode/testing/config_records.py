"""Values of variables: a strategy, and the files that say them, records.config and records.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    composite,
    floats,
    from_regex,
    integers,
    just,
    one_of,
    sampled_from,
)

from tsnode.config.catalogue import Decimal, Domain, Integer, Row, Text, Value
from tsnode.testing.yaml_text import quote_yaml

__all__ = ["record_values", "render_records", "render_records_yaml", "values_of"]

_LARGEST = 2**63 - 1
_PREFIX = "proxy.config."


def values_of(domain: Domain) -> SearchStrategy[Value]:
    """Values that a variable of this kind can have, and that stay what they are when they are written and read."""
    match domain:
        case Integer():
            least = -_LARGEST if domain.minimum is None else domain.minimum
            return integers(least, _LARGEST if domain.maximum is None else domain.maximum)
        case Decimal():
            return floats(domain.minimum, domain.maximum)
        case Text():
            texts = from_regex(domain.pattern, fullmatch=True).filter(_is_plain)
            return one_of(just(None), texts) if domain.optional else texts
        case impossible:
            assert_never(impossible)


def _is_plain(text: str) -> bool:
    """Whether a line can hold it: with no blank at its ends, not empty, and not the word for no text."""
    return bool(text) and text == text.strip(" \t\r") and "\n" not in text and text != "NULL"


@composite
def record_values(draw: DrawFn, rows: Mapping[str, Row], most: int = 6) -> dict[str, Value]:
    """Some variables with values that they can have."""
    names = draw(sampled_from(range(most + 1)))
    found: dict[str, Value] = {}
    for _ in range(names):
        row = draw(sampled_from(list(rows.values())))
        found[row.name] = draw(values_of(row.domain))
    return found


def render_records(values: Mapping[str, Value], rows: Mapping[str, Row]) -> str:
    """The records.config that says it."""
    return "".join(f"CONFIG {name} {rows[name].domain.word} {_word(value)}\n" for name, value in values.items())


def render_records_yaml(values: Mapping[str, Value]) -> str:
    """The records.yaml that says it: one mapping in another for the words of each name, and every text in quotes."""
    return f"records: {_render({name.removeprefix(_PREFIX): value for name, value in values.items()})}\n"


def _render(values: Mapping[str, Value]) -> str:
    groups: dict[str, dict[str, Value]] = {}
    entries: list[str] = []
    for name, value in values.items():
        first, point, rest = name.partition(".")
        if point:
            groups.setdefault(first, {})[rest] = value
        else:
            entries.append(f"{quote_yaml(name)}: {_scalar(value)}")
    for first, inner in groups.items():
        if first in values:
            # a name that goes on behind one which has a value itself
            entries += [f"{quote_yaml(f'{first}.{rest}')}: {_scalar(value)}" for rest, value in inner.items()]
        else:
            entries.append(f"{quote_yaml(first)}: {_render(inner)}")
    return "{" + ", ".join(entries) + "}"


def _word(value: Value) -> str:
    return "NULL" if value is None else str(value)


def _scalar(value: Value) -> str:
    match value:
        case None:
            return "~"
        case str():
            return quote_yaml(value)
        case number:
            return str(number)
