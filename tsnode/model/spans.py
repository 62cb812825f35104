"""Stretches of a content, and what is held of one that is not all there."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MOST_SPANS", "Holding", "Span"]

MOST_SPANS = 16
"""A content of which more separate spans would be held is held less: the shortest ones are given up."""


@dataclass(frozen=True, slots=True)
class Span:
    """Octets ``first`` to ``last`` of a content, both included and both there."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many octets."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Holding:
    """
    What is held of a content of ``size`` octets: its ``spans``, ascending, with something missing between any two.

    The octets of all of them, one behind the other, are what is stored.
    """

    size: int
    spans: tuple[Span, ...]

    @property
    def length(self) -> int:
        """How many octets are held."""
        return sum([span.length for span in self.spans])

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.length == self.size

    def offset(self, wanted: Span) -> int | None:
        """Where the octets of ``wanted`` begin among those that are held; None where some are missing."""
        before = 0
        for span in self.spans:
            if span.first <= wanted.first and wanted.last <= span.last:
                return before + wanted.first - span.first
            before += span.length
        return None

    def missing(self, wanted: Span) -> Span | None:
        """The span from the first octet of ``wanted`` that is missing to the last one; None where none is."""
        first, last = wanted.first, wanted.last
        for span in self.spans:
            if span.first <= first <= span.last:
                first = span.last + 1
        for span in reversed(self.spans):
            if span.first <= last <= span.last:
                last = span.first - 1
        return Span(first, last) if first <= last else None

    def plus(self, more: Span) -> Holding:
        """What is held with the octets of ``more``; spans that touch become one, and no more than MOST_SPANS stay."""
        first, last = more.first, more.last
        apart = []
        for span in self.spans:
            if span.last + 1 < first or last + 1 < span.first:
                apart.append(span)
            else:
                first, last = min(first, span.first), max(last, span.last)
        joined = Span(first, last)
        # the new one stays, whatever it is: somebody waits for it
        kept = [joined, *sorted(apart, key=lambda span: -span.length)[: MOST_SPANS - 1]]
        return Holding(self.size, tuple(sorted(kept, key=lambda span: span.first)))
