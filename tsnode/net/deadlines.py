"""One coarse timer for all connections: their deadlines move with every octet, so none may cost a timer call."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, inf
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

__all__ = ["NEVER", "Deadlines", "Timed"]

NEVER = inf
"""The deadline of what may take as long as it likes."""

_SLICE = 500
"""The most that is looked at in one turn of the reactor."""


class Timed(Protocol):
    """
    Something that must not last for ever.

    ``deadline`` is in the clock's seconds. Its owner may write a later one into it at any time; an earlier one goes
    through :meth:`Deadlines.hasten`.
    """

    deadline: float

    def deadline_passed(self, now: float) -> None:
        """Called once when the deadline passed; by then it is no longer registered."""


class Deadlines:
    """
    Tells many :class:`Timed` that their deadline passed, up to a second late and never early.

    They wait in buckets of a second. One whose deadline was moved later meanwhile is put into another bucket when the
    time of its own comes. ``now`` reads the clock.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self.now: Callable[[], float] = clock.seconds
        self._bucket_of: dict[Timed, float] = {}
        self._buckets: dict[float, dict[Timed, None]] = {}
        self._timer: IDelayedCall | None = None
        # the bucket the timer is set for, and below all of them while it is being dealt with
        self._next = inf

    def add(self, item: Timed) -> None:
        """Watch ``item``, which is not watched yet, from now on."""
        self._place(item, item.deadline)

    def hasten(self, item: Timed, deadline: float) -> None:
        """Give ``item`` a deadline that may be earlier than the one it has; watch it where it is not watched yet."""
        item.deadline = deadline
        second = self._bucket_of.get(item)
        if second is None:
            self._place(item, deadline)
        elif deadline <= second - 1:
            self.remove(item)
            self._place(item, deadline)

    def remove(self, item: Timed) -> None:
        """Watch ``item`` no more; nothing happens where it is not watched."""
        second = self._bucket_of.pop(item, inf)
        bucket = self._buckets.get(second)
        if bucket is None:
            return
        del bucket[item]
        if not bucket:
            del self._buckets[second]
            if not self._buckets and self._timer is not None:
                self._timer.cancel()
                self._timer = None
                self._next = inf

    def _place(self, item: Timed, deadline: float) -> None:
        if deadline == inf:
            self._bucket_of[item] = inf
            return
        second = ceil(deadline)
        self._bucket_of[item] = second
        bucket = self._buckets.get(second)
        if bucket is None:
            bucket = self._buckets[second] = {}
        bucket[item] = None
        if second < self._next:
            self._set_timer(second)

    def _set_timer(self, second: float) -> None:
        self._next = second
        delay = max(0.0, second - self.now())
        if self._timer is None:
            self._timer = self._clock.callLater(delay, self._wake)
        else:
            self._timer.reset(delay)

    def _wake(self) -> None:
        self._timer = None
        self._next = -inf
        now = self.now()
        left = _SLICE
        for second in sorted(second for second in self._buckets if second <= now):
            while left and (bucket := self._buckets.get(second)):
                left -= 1
                item, _ = bucket.popitem()
                del self._bucket_of[item]
                if not bucket:
                    del self._buckets[second]
                if item.deadline <= now:
                    item.deadline_passed(now)
                else:
                    self._place(item, item.deadline)
        self._next = inf
        if self._buckets:
            self._set_timer(min(self._buckets))
