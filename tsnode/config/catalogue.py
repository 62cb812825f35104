"""What is known about a variable of records.config: one row holds all of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from tsnode.config.cursor import Span

__all__ = ["Decimal", "Domain", "Integer", "Row", "Text", "Topic", "Value", "catalogue", "flag", "record"]

Value = int | float | str | None
"""What a variable can be set to; None is the word ``NULL``."""

_INTEGER = re.compile(r"(-?[0-9]+)([KMGT]?)|0x([0-9A-Fa-f]+)")
_DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SHIFTS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Integer:
    """
    INT: from ``minimum`` to ``maximum``, both included, None being no bound. ``unit`` is for people.

    ``meanings`` has a word for each value where every value means something else.
    """

    word: ClassVar[str] = "INT"
    minimum: int | None = None
    maximum: int | None = None
    unit: str = ""
    meanings: tuple[str, ...] = ()

    def parse(self, value: Span) -> int:
        """
        Digits, a sign, a factor K, M, G or T of 1024; or hexadecimal digits after ``0x``.

        Traffic Server takes what it can and drops the rest, so that ``1h`` is 1 and ``abc`` is 0. Here these are
        errors, because a figure that is silently another one does harm.

        :raises ConfigError: where it is not that, or does not fit into 64 bits.

        Source: Traffic Server, ``lib/records/RecUtils.cc``.
        """
        found = _INTEGER.fullmatch(value.text)
        if found is None:
            raise value.error(f"{value.text!r} is not a whole number", "digits, with K, M, G or T where that helps")
        digits, suffix, hexadecimal = found.groups()
        # more digits than any 63-bit number has are not worth reading
        number = _LARGEST + 1
        if hexadecimal is not None:
            if len(hexadecimal) <= 64:
                number = int(hexadecimal, 16)
        elif len(digits) <= 64:
            number = int(digits) << _SHIFTS[suffix]
        if abs(number) > _LARGEST:
            raise value.error(f"{value.text!r} is too large", "a number of at most 63 bits")
        return number

    def admits(self, value: Value) -> bool:
        """Whether a value of the right type is in range."""
        assert isinstance(value, int)
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)

    @property
    def range(self) -> str:
        """The values that are right, in words; empty where all are."""
        if self.meanings:
            first = self.minimum or 0
            return ", ".join(f"{first + number} {meaning}" for number, meaning in enumerate(self.meanings))
        unit = f" {self.unit}" if self.unit else ""
        if self.maximum is not None:
            return f"{self.minimum} to {self.maximum}{unit}"
        return f"{self.minimum} or more{unit}" if self.minimum is not None else self.unit


@dataclass(frozen=True, slots=True)
class Decimal:
    """FLOAT: from ``minimum`` to ``maximum``, both included."""

    word: ClassVar[str] = "FLOAT"
    minimum: float
    maximum: float

    def parse(self, value: Span) -> float:
        """
        A decimal number.

        :raises ConfigError: where it is none, or too large to be told from infinity.
        """
        number = float(value.text) if _DECIMAL.fullmatch(value.text) else math.inf
        if not math.isfinite(number):
            raise value.error(f"{value.text!r} is not a decimal number", "digits and a point")
        return number

    def admits(self, value: Value) -> bool:
        """Whether a value of the right type is in range."""
        assert isinstance(value, float)
        return self.minimum <= value <= self.maximum

    @property
    def range(self) -> str:
        """The values that are right, in words."""
        return f"{self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True, slots=True)
class Text:
    """STRING: all of it has to match ``pattern``, which ``range`` describes. ``optional``: may be NULL."""

    word: ClassVar[str] = "STRING"
    pattern: str = r"[^\x00-\x08\x0a-\x1f\x7f]*"
    range: str = ""
    optional: bool = False

    def parse(self, value: Span) -> str | None:
        """The text as it stands; the word ``NULL`` is no text."""
        return None if value.text == "NULL" else value.text

    def admits(self, value: Value) -> bool:
        """Whether a value of the right type is of the right form."""
        if value is None:
            return self.optional
        assert isinstance(value, str)
        return re.fullmatch(self.pattern, value) is not None


Domain = Integer | Decimal | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One variable.

    ``effective``: setting it changes what the node does; else it is known, checked and without effect so far.
    ``overridable``: a rule may give it another value for its own requests.
    """

    name: str
    domain: Domain
    default: Value
    text: str
    effective: bool
    overridable: bool

    @property
    def environment_name(self) -> str:
        """What the environment variable is called that overrides it."""
        return self.name.upper().replace(".", "_")


@dataclass(frozen=True, slots=True)
class Topic:
    """Rows that belong together, under the heading that they have in the manual."""

    title: str
    rows: tuple[Row, ...]


def flag() -> Integer:
    """INT 0 or 1."""
    return Integer(0, 1, meanings=("off", "on"))


def record(
    name: str, domain: Domain, *, default: Value, text: str, effective: bool = True, overridable: bool = False
) -> Row:
    """The row of ``proxy.config.<name>``."""
    return Row(
        name=f"proxy.config.{name}",
        domain=domain,
        default=default,
        text=text,
        effective=effective,
        overridable=overridable,
    )


def catalogue(topics: Iterable[Topic]) -> Mapping[str, Row]:
    """All rows by their names."""
    return MappingProxyType({row.name: row for topic in topics for row in topic.rows})
