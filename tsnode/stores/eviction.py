"""What has to go when memory is full."""

from __future__ import annotations

from tsnode.stores.held import Held

__all__ = ["Sieve"]


class Sieve:
    """
    The order in which contents are given up: SIEVE, a queue with a hand that moves from the oldest to the newest.

    Whatever was used since the hand last passed is spared once. A use only sets a mark, so a hit moves nothing. In
    traces of web caches it misses about as little as S3-FIFO does, with one queue instead of two and a list of ghosts.

    Source: Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024, §3.
    """

    __slots__ = ("_count", "_hand", "_newest", "_oldest")

    def __init__(self) -> None:
        self._newest: Held | None = None
        self._oldest: Held | None = None
        self._hand: Held | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, held: Held) -> None:
        """Take a new one in."""
        held.older = self._newest
        if self._newest is None:
            self._oldest = held
        else:
            self._newest.newer = held
        self._newest = held
        held.resident = True
        self._count += 1

    def remove(self, held: Held) -> None:
        """Let go of one that is in here."""
        newer, older = held.newer, held.older
        if self._hand is held:
            self._hand = newer
        if newer is None:
            self._newest = older
        else:
            newer.older = older
        if older is None:
            self._oldest = newer
        else:
            older.newer = newer
        held.newer = held.older = None
        held.resident = False
        self._count -= 1

    def victim(self) -> Held | None:
        """The one to give up next, still in here; None where there is nothing."""
        hand = self._hand or self._oldest
        while hand is not None and hand.used:
            hand.used = False
            hand = hand.newer or self._oldest
        self._hand = hand
        return hand
