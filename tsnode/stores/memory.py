"""Alternates in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from tsnode.model.alternate import Alternate
from tsnode.model.target import CacheKey
from tsnode.ports import Buffer, ICacheStore, IContent, IFill, StoreUsage
from tsnode.stores.eviction import Sieve
from tsnode.stores.fill import MemoryFill
from tsnode.stores.held import Excerpt, Held, overhead
from tsnode.stores.pins import Pins

__all__ = ["MemoryStore"]


def _copied(alternate: Alternate, length: int, held: Held | None = None) -> Alternate:
    """An alternate of one's own, with the length and the content that it has."""
    return Alternate(
        url=alternate.url,
        method=alternate.method,
        status=alternate.status,
        reason=alternate.reason,
        fields=alternate.fields,
        request_fields=alternate.request_fields,
        request_time=alternate.request_time,
        response_time=alternate.response_time,
        length=length,
        terms=alternate.terms,
        head=alternate.head,
        pinned_until=alternate.pinned_until,
        parts=alternate.parts,
        content=held,
    )


@implementer(ICacheStore)
class MemoryStore:
    """
    Keeps alternates in memory, up to ``limit`` octets; what was not used lately goes first.

    A content longer than the larger of ``cutoff`` and a sixteenth of ``limit``, or than ``longest`` where that is not
    0, is not kept. ``most_alternates`` is how many there may be under one key, the oldest giving way; 0 is any number.
    ``pins`` has those that are not given up before their time; without it there are none. An alternate is known by its
    content: one that was freshened meanwhile is still the one a caller means.

    The limit holds for all that is stored and being stored. Two things come on top: what readers still hold of
    contents that have gone, and, for each content being passed on without being kept, what its readers have yet to
    take, :data:`tsnode.stores.fill.WINDOW` and one piece at most once the limit is reached.
    """

    knows_all = True

    def __init__(
        self, limit: int, cutoff: int, most_alternates: int, *, longest: int = 0, pins: Pins | None = None
    ) -> None:
        self._limit = limit
        self._largest = min(limit, max(cutoff, limit // 16), longest or limit)
        self._pins = pins
        self._most_alternates = most_alternates
        self._stored: dict[CacheKey, tuple[Alternate, ...]] = {}
        self._sieve = Sieve()
        self._octets = 0

    def peek(self, key: CacheKey) -> Sequence[Alternate]:
        """See :class:`tsnode.ports.ICacheStore`."""
        return self._stored.get(key, ())

    def find(self, key: CacheKey) -> Deferred[Sequence[Alternate]]:
        """See :class:`tsnode.ports.ICacheStore`."""
        return succeed(self._stored.get(key, ()))

    def ready(self, alternate: Alternate) -> bytes | None:
        """See :class:`tsnode.ports.ICacheStore`."""
        held = alternate.content
        if isinstance(held, Held):
            held.used = True
            return held.whole
        return None

    def open(self, alternate: Alternate, offset: int, length: int) -> IContent:
        """See :class:`tsnode.ports.ICacheStore`."""
        held = alternate.content
        if not isinstance(held, Held):
            return Excerpt((), offset, length)
        held.used = True
        return Excerpt(held.pieces, offset, length)

    def begin(self, key: CacheKey, alternate: Alternate, replaced: Alternate | None) -> IFill | None:
        """See :class:`tsnode.ports.ICacheStore`."""
        if (alternate.length or 0) > self._largest or not self._limit:
            return None
        return MemoryFill(self, key, alternate, replaced, self._largest)

    def put(
        self, key: CacheKey, alternate: Alternate, content: Buffer, replaced: Alternate | None
    ) -> Alternate | None:
        """See :class:`tsnode.ports.ICacheStore`."""
        length = len(content)
        if length > self._largest or not self._limit or alternate.length not in (None, length):
            return None
        if alternate.content is None:
            # it was made for this, so that a copy would be for nothing
            alternate.length = length
        else:
            alternate = _copied(alternate, length)
        return self._keep(key, alternate, replaced, (bytes(content),), length)

    def charge(self, octets: int) -> bool:
        """See :class:`tsnode.stores.fill.IKeeper`."""
        self._octets += octets
        if self._octets > self._limit and self._pins is not None:
            for ended in self._pins.ended():
                self._sieve.add(ended)
        while self._octets > self._limit:
            held = self._sieve.victim()
            if held is None:
                return octets <= 0
            self._drop(held)
        return True

    def keep(
        self, key: CacheKey, alternate: Alternate, replaced: Alternate | None, pieces: tuple[bytes, ...], length: int
    ) -> Alternate | None:
        """See :class:`tsnode.stores.fill.IKeeper`."""
        return self._keep(key, _copied(alternate, length), replaced, pieces, length)

    def _keep(
        self, key: CacheKey, kept: Alternate, replaced: Alternate | None, pieces: tuple[bytes, ...], length: int
    ) -> Alternate | None:
        """Take ``kept`` in, which is nobody else's and has no content yet; None where there is no room."""
        if replaced is not None:
            self.discard(key, replaced)
        cost = overhead(key, kept, length) + length
        if not self.charge(cost):
            self._octets -= cost
            return None
        held = Held(key, pieces, cost)
        others = self._stored.get(key, ())
        kept.content = held
        self._stored[key] = (kept, *others)
        if not kept.pinned_until or not self._pin(held, kept.pinned_until):
            self._sieve.add(held)
        most = self._most_alternates
        if most and len(others) >= most:
            self.discard(key, others[-1])
        return kept

    def _pin(self, held: Held, until: float) -> bool:
        """Keep a content from being given up until then; whether that could be done."""
        lost = None if self._pins is None else self._pins.pin(held, until)
        if lost is None:
            return False
        held.resident = True
        for other in lost:
            self._sieve.add(other)
        return True

    def freshen(self, key: CacheKey, alternate: Alternate, freshened: Alternate) -> None:
        """See :class:`tsnode.ports.ICacheStore`."""
        held = alternate.content
        if not isinstance(held, Held) or not held.resident:
            return
        length = sum(map(len, held.pieces))
        if freshened.content is not held or freshened.length != length:
            freshened = _copied(freshened, length, held)
        self._stored[key] = tuple([freshened if other.content is held else other for other in self._stored[key]])
        cost = overhead(key, freshened, length) + length
        if freshened.pinned_until and self._pins is not None:
            # its time begins again
            if not self._pins.unpin(held):
                self._sieve.remove(held)
            more, held.cost = cost - held.cost, cost
            if not self._pin(held, freshened.pinned_until):
                self._sieve.add(held)
        else:
            more, held.cost = cost - held.cost, cost
        self.charge(more)

    def discard(self, key: CacheKey, alternate: Alternate) -> None:
        """See :class:`tsnode.ports.ICacheStore`."""
        held = alternate.content
        if isinstance(held, Held) and held.resident:
            self._drop(held)

    def _drop(self, held: Held) -> None:
        if self._pins is not None and self._pins.unpin(held):
            held.resident = False
        else:
            self._sieve.remove(held)
        self._octets -= held.cost
        others = tuple([other for other in self._stored[held.key] if other.content is not held])
        if others:
            self._stored[held.key] = others
        else:
            del self._stored[held.key]

    def remove(self, key: CacheKey) -> Deferred[int]:
        """See :class:`tsnode.ports.ICacheStore`."""
        stored = self.peek(key)
        for alternate in stored:
            self.discard(key, alternate)
        return succeed(len(stored))

    def keys(self) -> Iterator[CacheKey]:
        """See :class:`tsnode.ports.ICacheStore`."""
        return iter(tuple(self._stored))

    def usage(self) -> StoreUsage:
        """See :class:`tsnode.ports.ICacheStore`; what is being stored counts too."""
        return StoreUsage(self._octets, self._limit, len(self._sieve) + len(self._pins or ()))

    def close(self) -> Deferred[None]:
        """See :class:`tsnode.ports.ICacheStore`."""
        for key in self.keys():
            self.remove(key)
        return succeed(None)
