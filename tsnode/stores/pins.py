"""Contents that are not given up before their time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from tsnode.stores.held import Held

__all__ = ["Pins"]


class Pins:
    """
    Which contents are pinned, up to ``most`` octets of them; beyond that those whose pins end first lose these.

    ``now`` gives the time in seconds since the epoch. What loses its pin is handed back by whoever it was asked of, to
    be given up like any other.

    Source: Traffic Server, cache.config ``pin-in-cache``, ``proxy.config.cache.permit.pinning``.
    """

    __slots__ = ("_heap", "_most", "_now", "_number", "_octets", "_until")

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self._most = most
        self._now = now
        # what was unpinned meanwhile stays in the heap until it gets to its top
        self._heap: list[tuple[float, int, Held]] = []
        self._until: dict[Held, tuple[float, int]] = {}
        self._octets = 0
        self._number = 0

    def __len__(self) -> int:
        return len(self._until)

    def __contains__(self, held: Held) -> bool:
        return held in self._until

    def pin(self, held: Held, until: float) -> list[Held] | None:
        """
        Pin one that is not pinned; gives those that lose their pins by that, itself perhaps among them.

        None where it is not to be pinned: its time is over, or it is too large for that.
        """
        if until <= self._now() or held.cost > self._most:
            return None
        self._number += 1
        self._until[held] = (until, self._number)
        self._octets += held.cost
        heappush(self._heap, (until, self._number, held))
        lost = []
        while self._octets > self._most:
            first = self._pop()
            assert first is not None, "octets are those of what is pinned"
            lost.append(first)
        return lost

    def unpin(self, held: Held) -> bool:
        """Let go of one; whether it was pinned."""
        if self._until.pop(held, None) is None:
            return False
        self._octets -= held.cost
        return True

    def ended(self) -> list[Held]:
        """Let go of those whose time is over."""
        now = self._now()
        ended = []
        while self._heap and self._heap[0][0] <= now:
            held = self._pop(now)
            if held is not None:
                ended.append(held)
        return ended

    def _pop(self, before: float | None = None) -> Held | None:
        """The one whose pin ends first; with ``before`` only where that is not later."""
        while self._heap and (before is None or self._heap[0][0] <= before):
            until, number, held = heappop(self._heap)
            if self._until.get(held) == (until, number):
                self.unpin(held)
                return held
        return None
