"""Lines that consist of ``name=value`` fields, each of them once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, cast

from tsnode.config.cursor import Span
from tsnode.config.grammar import Label, suggest
from tsnode.config.matcher_pairs import read_pairs
from tsnode.config.reading import Findings
from tsnode.model.errors import ConfigError

__all__ = ["Fields", "read_number"]

T = TypeVar("T")

_DIGITS = 9


class Fields:
    """What a line says, field by field, in any order. Values may stand in quotation marks."""

    def __init__(self, line: Span, labels: Iterable[Label[object]], findings: Findings) -> None:
        self._line = line
        self._labels = {label.name: label for label in labels}
        self._findings = findings
        self._values: dict[str, object] = {}
        self._spans: dict[str, Span] = {}

    def read(self, text: Span) -> None:
        """
        Take the fields of a line or of a part of it.

        :raises ConfigError: where one of them is none that the file knows, is wrong, or is there already.
        """
        for pair in read_pairs(text):
            name = text.part(pair.label_at)
            label = self._labels.get(pair.label.lower())
            if label is None:
                raise name.error(f"unknown field {pair.label!r}", suggest(pair.label, self._labels))
            if label.name in self._values:
                if not label.repeats:
                    raise name.error(f"{label.name} is there twice", "each field once")
                self._findings.warnings.append(name.error(f"{label.name} is there twice", "one; the last one counts"))
            value = pair.span(text)
            if not value.text:
                raise value.error(f"{label.name} has no value", label.tag.example)
            try:
                self._values[label.name] = label.read(value)
            except ConfigError as fault:
                raise pair.shift(fault, value) from fault
            self._spans[label.name] = value

    def get(self, label: Label[T]) -> T | None:
        """The value of a field; None where it is not there."""
        # what is kept under a label's name came from its reader
        return cast("T | None", self._values.get(label.name))

    def need(self, label: Label[T]) -> T:
        """
        The value of a field.

        :raises ConfigError: where it is not there.
        """
        value = self.get(label)
        if value is None:
            raise self._line.error(f"there is no {label.name}", label.tag.example)
        return value

    def span(self, label: Label[object]) -> Span:
        """Where the value of a field is; the line where it is not there."""
        return self._spans.get(label.name, self._line)


def read_number(value: Span, least: int, most: int, name: str) -> int:
    """
    A number in decimal digits.

    :raises ConfigError: where it is none, or not in the range.
    """
    digits = value.text
    right = digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS
    if not right or not least <= int(digits) <= most:
        raise value.error(f"{name} cannot be {digits!r}", f"{least} to {most}")
    return int(digits)
