"""Ranges of addresses, of which later ones are painted over earlier ones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from heapq import heappop, heappush

from tsnode.model.addresses import Address, AddressRange

__all__ = ["PaintedRanges"]


class PaintedRanges:
    """
    Which of many ranges an address belongs to: the last one that holds it, alone.

    Each range comes with a number; numbers rise.

    Source: Traffic Server, ``src/tscore/IpMap.cc``.
    """

    def __init__(self, ranges: Iterable[tuple[int, AddressRange]]) -> None:
        ranges = tuple(ranges)
        self.first = min((number for number, _ in ranges), default=None)
        self._spans = {version: _paint(version, ranges) for version in {each.version for _, each in ranges}}

    def owner(self, address: Address) -> int | None:
        """The number of the range that ``address`` belongs to."""
        starts, owners = self._spans.get(address.version, ((), ()))
        at = bisect_right(starts, address.number)
        return owners[at - 1] if at else None


def _paint(version: int, ranges: Iterable[tuple[int, AddressRange]]) -> tuple[tuple[int, ...], tuple[int | None, ...]]:
    """Where the owner changes, in order, and who owns what begins there."""
    begins: dict[int, list[tuple[int, int]]] = {}
    for number, each in ranges:
        if each.version == version:
            begins.setdefault(each.first, []).append((-number, each.last))
            begins.setdefault(each.last + 1, [])
    starts = sorted(begins)
    owners: list[int | None] = []
    # the ranges that began, the last painted in front; those that ended go when they get there
    open_ranges: list[tuple[int, int]] = []
    for start in starts:
        for begun in begins[start]:
            heappush(open_ranges, begun)
        while open_ranges and open_ranges[0][1] < start:
            heappop(open_ranges)
        owners.append(-open_ranges[0][0] if open_ranges else None)
    return tuple(starts), tuple(owners)
