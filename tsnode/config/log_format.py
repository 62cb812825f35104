"""The formats of log lines: texts with ``%<fields>`` in them."""

from __future__ import annotations

import re
from typing import assert_never

from tsnode.config.cursor import Span
from tsnode.config.log_fields import CONTAINERS, FIELDS, FieldKind, NameKind
from tsnode.config.reading import Findings, Reading
from tsnode.config.words import nearest
from tsnode.config.yaml_nodes import Scalar
from tsnode.model.log_formats import Aggregate, LogField

__all__ = ["MILESTONES", "kind_of", "parse_format", "read_field"]

MILESTONES = frozenset(
    f"TS_MILESTONE_{name}"
    for name in (
        "UA_BEGIN", "UA_FIRST_READ", "UA_READ_HEADER_DONE", "UA_BEGIN_WRITE", "UA_CLOSE", "SERVER_FIRST_CONNECT",
        "SERVER_CONNECT", "SERVER_CONNECT_END", "SERVER_BEGIN_WRITE", "SERVER_FIRST_READ", "SERVER_READ_HEADER_DONE",
        "SERVER_CLOSE", "CACHE_OPEN_READ_BEGIN", "CACHE_OPEN_READ_END", "CACHE_OPEN_WRITE_BEGIN",
        "CACHE_OPEN_WRITE_END", "DNS_LOOKUP_BEGIN", "DNS_LOOKUP_END", "SM_START", "SM_FINISH", "PLUGIN_ACTIVE",
        "PLUGIN_TOTAL", "TLS_HANDSHAKE_START", "TLS_HANDSHAKE_END",
    )
)  # fmt: skip
"""The points of a transaction that have a name. Source: Traffic Server, ``proxy/logging/LogField.cc``."""

_FIELD = re.compile("%<([^>]*)(>?)")
_AGGREGATE = re.compile(r"([^(]*)\(([^)]*)\)")
_NAMED = re.compile(r"\{([^}]*)\}(.*)", re.DOTALL)
_SLICE = re.compile(r"([^\[]*)(?:\[ *(-?[0-9]{1,9})? *: *(-?[0-9]{1,9})? *\])?")
_TOKEN = re.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def parse_format(format_text: Scalar) -> Reading[tuple[str | LogField, ...]]:
    """
    The texts and fields of a format; faulty fields are left out.

    Source: Traffic Server, administrator's guide, formatting log files; ``proxy/logging/LogFormat.cc``.
    """
    findings = Findings()
    text = format_text.text
    parts: list[str | LogField] = []
    behind = fields = 0
    for found in _FIELD.finditer(text):
        if found.start() > behind:
            parts.append(text[behind : found.start()])
        behind = found.end()
        fields += 1
        if not found[2]:
            findings.errors.append(format_text.part(found.start(), found.end()).error("this is not closed", "'>'"))
            continue
        field = findings.attempt(read_field, format_text.part(*found.span(1)))
        if field is not None:
            parts.append(field)
    if behind < len(text):
        parts.append(text[behind:])
    if not fields:
        findings.errors.append(format_text.whole.error("there is no field in this format", "fields such as %<chi>"))
    return findings.reading(tuple(parts))


def read_field(span: Span) -> LogField:
    """
    What stands between ``%<`` and ``>``.

    :raises ConfigError: where no such field is known.
    """
    aggregate = _AGGREGATE.fullmatch(span.text)
    if aggregate is not None:
        return _read_aggregate(span.part(*aggregate.span(1)), span.part(*aggregate.span(2)))
    named = _NAMED.fullmatch(span.text)
    symbol, start, stop = _read_slice(span.part(*named.span(2)) if named else span)
    if named is not None:
        field = LogField(symbol=symbol.text, name=named[1], start=start, stop=stop)
        _check_name(symbol, span.part(*named.span(1)))
    else:
        field = LogField(symbol=symbol.text, start=start, stop=stop)
        _check_symbol(symbol)
    if (start, stop) != (None, None) and kind_of(field) is not FieldKind.TEXT:
        raise symbol.error(f"{symbol.text!r} is no text that a part could be cut out of", "the field without [ and ]")
    return field


def kind_of(field: LogField) -> FieldKind:
    """What values a known field has."""
    container = CONTAINERS.get(field.symbol)
    if container is None:
        return FIELDS[field.symbol].kind
    numbers = container.needs in (NameKind.MILESTONE, NameKind.MILESTONES)
    return FieldKind.INTEGER if numbers else FieldKind.TEXT


def _read_slice(span: Span) -> tuple[Span, int | None, int | None]:
    found = _SLICE.fullmatch(span.text)
    if found is None:
        at = span.text.index("[")
        raise span.part(at).error(f"{span.text[at:]!r} is no part of a text", "[start:end]")
    start, stop = (None if number is None else int(number) for number in found.group(2, 3))
    return span.part(*found.span(1)), start, stop


def _read_aggregate(word: Span, symbol: Span) -> LogField:
    if word.text not in Aggregate.__members__:
        names = Aggregate.__members__
        raise word.error(f"unknown function {word.text!r}", nearest(word.text.upper(), names) or ", ".join(names))
    aggregate = Aggregate[word.text]
    if aggregate is not Aggregate.COUNT or symbol.text != "*":
        _check_symbol(symbol)
        if FIELDS[symbol.text].kind is not FieldKind.INTEGER:
            raise symbol.error(f"{symbol.text!r} is no number", "a field that is a number")
    return LogField(symbol=symbol.text, aggregate=aggregate)


def _check_symbol(symbol: Span) -> None:
    if symbol.text in CONTAINERS:
        needs = CONTAINERS[symbol.text].needs
        raise symbol.error(f"{symbol.text!r} needs {needs.value} in braces before it", f"{{NAME}}{symbol.text}")
    if symbol.text not in FIELDS:
        raise symbol.error(f"unknown field {symbol.text!r}", nearest(symbol.text, FIELDS))


def _check_name(symbol: Span, name: Span) -> None:
    container = CONTAINERS.get(symbol.text)
    if container is None:
        if symbol.text in FIELDS:
            raise name.error(f"{symbol.text!r} takes no name", symbol.text)
        raise symbol.error(f"unknown field {symbol.text!r}", nearest(symbol.text, CONTAINERS) or ", ".join(CONTAINERS))
    match container.needs:
        case NameKind.HEADER | NameKind.VARIABLE:
            _check_word(name, container.needs)
        case NameKind.MILESTONE:
            _check_milestone(name)
        case NameKind.MILESTONES:
            first, second = name.partition("-")
            if second is None:
                raise name.error(f"{name.text!r} is one milestone", container.needs.value)
            _check_milestone(first)
            _check_milestone(second)
        case impossible:
            assert_never(impossible)


def _check_word(name: Span, needed: NameKind) -> None:
    if not _TOKEN.fullmatch(name.text):
        raise name.error(f"{name.text!r} is not {needed.value}", "one word")


def _check_milestone(name: Span) -> None:
    if name.text.upper() not in MILESTONES:
        expected = nearest(name.text.upper(), sorted(MILESTONES), "TS_MILESTONE_") or "such as TS_MILESTONE_SM_START"
        raise name.error(f"unknown milestone {name.text!r}", expected)
