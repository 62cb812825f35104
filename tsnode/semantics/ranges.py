"""Byte ranges (RFC 9110 §14)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tsnode.model.spans import Span
from tsnode.semantics.lists import split_list

__all__ = ["MOST_RANGES", "ByteRange", "are_in_order", "parse_content_range", "parse_ranges", "satisfiable_spans"]

MOST_RANGES = 16
"""A request for more ranges than this is answered as if it asked for none (RFC 9110 §17.15)."""

_UNIT = re.compile(rb"bytes[ \t]*=", re.IGNORECASE)
_CONTENT_RANGE = re.compile(rb"bytes[ \t]+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})\Z", re.IGNORECASE)
_RANGE = re.compile(rb"([0-9]{1,18})?[ \t]*-[ \t]*([0-9]{1,18})?\Z")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """
    One range as asked for, not yet held against a length.

    Both given: ``first`` to ``last``, both included. ``last`` None: from ``first`` to the end. ``first`` None: the
    last ``last`` octets.
    """

    first: int | None
    last: int | None


def parse_ranges(value: bytes) -> tuple[ByteRange, ...] | None:
    """
    The ranges that a Range field asks for; None where it is to be ignored.

    That is where the unit is another one, where any range is malformed or ends before it begins, and where they are
    too many.

    Source: RFC 9110 §14.1.1, §14.2.
    """
    unit = _UNIT.match(value)
    if unit is None:
        return None
    asked = split_list(value[unit.end() :])
    if not 0 < len(asked) <= MOST_RANGES:
        return None
    ranges = []
    for element in asked:
        found = _RANGE.match(element)
        if found is None:
            return None
        first = None if found[1] is None else int(found[1])
        last = None if found[2] is None else int(found[2])
        if first is None and last is None:
            return None
        if first is not None and last is not None and last < first:
            return None
        ranges.append(ByteRange(first, last))
    return tuple(ranges)


def satisfiable_spans(ranges: Sequence[ByteRange], length: int) -> tuple[Span, ...]:
    """What a content of ``length`` octets has of each of ``ranges``, in their order; nothing for those beyond it."""
    spans = []
    for asked in ranges:
        if asked.first is None:
            suffix = min(asked.last or 0, length)
            if suffix:
                spans.append(Span(length - suffix, length - 1))
        elif asked.first < length:
            last = length - 1 if asked.last is None else min(asked.last, length - 1)
            spans.append(Span(asked.first, last))
    return tuple(spans)


def are_in_order(spans: Sequence[Span]) -> bool:
    """Whether each span begins behind the end of the one before."""
    return all(before.last < after.first for before, after in pairwise(spans))


def parse_content_range(value: bytes | None) -> tuple[Span, int] | None:
    """
    Which part of a content a message has, and how long the whole is, by its Content-Range; None where nobody knows.

    That is where there is none, where it contradicts itself, and where the length of the whole is not known.

    Source: RFC 9110 §14.4.
    """
    found = None if value is None else _CONTENT_RANGE.match(value)
    if found is None:
        return None
    first, last, size = (int(number) for number in found.groups())
    return (Span(first, last), size) if first <= last < size else None
