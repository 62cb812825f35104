"""The conditions of log filters: a field, an operator and values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from tsnode.config.cursor import Span
from tsnode.config.log_fields import FIELDS, FieldKind
from tsnode.config.log_format import kind_of, read_field
from tsnode.config.reading import Findings, Reading
from tsnode.config.words import nearest
from tsnode.config.yaml_nodes import Scalar
from tsnode.model.addresses import parse_range
from tsnode.model.log_formats import FilterOperator, LogField

__all__ = ["Condition", "parse_condition"]

_OPERATORS = FilterOperator.__members__
_DIGITS = re.compile("[0-9]+")


@dataclass(frozen=True, slots=True)
class Condition:
    """True where a field compares with one of the values."""

    subject: LogField
    operator: FilterOperator
    values: tuple[str, ...]


def parse_condition(text: Scalar) -> Reading[Condition | None]:
    """
    A condition such as ``cqhm MATCH GET,HEAD``; None where it has a fault.

    Source: Traffic Server, logging.yaml; ``proxy/logging/LogFilter.cc``.
    """
    findings = Findings()
    words = text.words(3)
    if len(words) < 3:
        missing = ("a field", "an operator", "a value")[len(words)]
        findings.errors.append(text.whole.error(f"{missing} is missing", "a field, an operator and a value"))
        return findings.reading(None)
    field, word, values = words
    if field.text.startswith("%<") and field.text.endswith(">"):
        field = field.part(2, len(field.text) - 1)
    subject = findings.attempt(read_field, field)
    if subject is not None and subject.aggregate is not None:
        findings.errors.append(field.error("a condition is about one transaction", subject.symbol))
    operator = _OPERATORS.get(word.text.upper())
    if operator is None:
        expected = nearest(word.text.upper(), _OPERATORS) or ", ".join(_OPERATORS)
        findings.errors.append(word.error(f"unknown operator {word.text!r}", expected))
    if subject is None or operator is None or findings.errors:
        return findings.reading(None)
    chosen = [value for value in values.pieces(",") if value.text]
    if not chosen:
        findings.errors.append(values.error("a value is missing", "values with commas between them"))
    for value in chosen:
        _check(subject, value, findings)
    if findings.errors:
        return findings.reading(None)
    return findings.reading(Condition(subject, operator, tuple(value.text for value in chosen)))


def _check(subject: LogField, value: Span, findings: Findings) -> None:
    """Tell where a field never has a value. Traffic Server's manual has an example of that, so that it is no error."""
    match kind_of(subject):
        case FieldKind.TEXT:
            pass
        case FieldKind.ADDRESS:
            if "/" in value.text or parse_range(value.text) is None:
                findings.errors.append(value.error(f"{value.text!r} is no address", "an address, or first-last"))
        case FieldKind.INTEGER:
            row = FIELDS.get(subject.symbol)
            names = row.names if row is not None else ()
            if _DIGITS.fullmatch(value.text) or value.text in names:
                return
            if names:
                expected = nearest(value.text, names) or "a code of that field"
                findings.errors.append(value.error(f"{subject.symbol} is never {value.text!r}", expected))
            else:
                problem = f"{subject.symbol} is a number and never {value.text!r}"
                findings.warnings.append(value.error(problem, "digits"))
        case impossible:
            assert_never(impossible)
