"""A content on its way into memory, and those who read it meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Protocol

from zope.interface import implementer

from tsnode.model.alternate import Alternate
from tsnode.model.errors import StoreError, TsnodeError
from tsnode.model.target import CacheKey
from tsnode.ports import Buffer, Flow, IContent, IFill
from tsnode.stores.held import NO_TRAILERS, gather

__all__ = ["WINDOW", "FillReader", "IKeeper", "MemoryFill"]

WINDOW = 262144
"""Octets that readers may be behind the writer of a content that is not kept."""

_PIECE_COST = 160
"""Octets of memory that a piece takes beside its own: its header, a view, its place in the chain."""


class IKeeper(Protocol):
    """The store that a fill is for."""

    def charge(self, octets: int) -> bool:
        """Count ``octets`` more as held (fewer, where negative); False where no room could be made for them."""

    def keep(
        self, key: CacheKey, alternate: Alternate, replaced: Alternate | None, pieces: tuple[bytes, ...], length: int
    ) -> Alternate | None:
        """A content is whole; gives what is stored, if there was room."""

    def discard(self, key: CacheKey, alternate: Alternate) -> None:
        """See :class:`tsnode.ports.ICacheStore`."""


class _Phase(Enum):
    KEEPING = "all that was written is held"
    PASSING = "too much to keep: held until every reader took it"
    OVER = "committed or aborted"


class _Piece:
    """A link of the chain that readers follow; what all of them and the fill have left behind is freed."""

    __slots__ = ("after", "octets")

    def __init__(self, octets: Buffer) -> None:
        self.octets = octets
        self.after: _Piece | None = None


def _follow(start: _Piece) -> Iterator[Buffer]:
    """The octets of every piece behind ``start``."""
    piece = start.after
    while piece is not None:
        yield piece.octets
        piece = piece.after


def _chain(pieces: tuple[bytes, ...]) -> _Piece:
    """The start of a chain of ``pieces``, empty ones left out."""
    start = last = _Piece(b"")
    for octets in pieces:
        if octets:
            last.after = last = _Piece(octets)
    return start


@implementer(IContent)
class FillReader:
    """One reader of a fill, somewhere between its first piece and its last. ``taken`` is in the fill's own measure."""

    __slots__ = ("_at", "_callback", "_fill", "taken")

    trailers = NO_TRAILERS

    def __init__(self, fill: MemoryFill, start: _Piece) -> None:
        self._fill = fill
        self._at: _Piece | None = start
        self._callback: Callable[[], None] | None = None
        self.taken = 0

    @property
    def flow(self) -> Flow:
        """See :class:`tsnode.ports.IContent`."""
        if self._at is not None and self._at.after is not None:
            return Flow.OPEN
        return self._fill.flow

    @property
    def failure(self) -> TsnodeError | None:
        """See :class:`tsnode.ports.IContent`."""
        return self._fill.failure

    def take(self) -> Buffer | None:
        """See :class:`tsnode.ports.IContent`."""
        piece = self._at.after if self._at is not None else None
        if piece is None:
            return None
        self._at = piece
        octets = piece.octets
        cost = len(octets) + _PIECE_COST
        self.taken += cost
        self._fill.moved(self, cost)
        return octets

    def notify(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IContent`."""
        if self._at is not None:
            self._callback = callback
            self._fill.wake_later(self)

    def wake(self) -> None:
        """There may be news."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()

    def close(self) -> None:
        """See :class:`tsnode.ports.IContent`."""
        if self._at is not None:
            self._at = None
            self._callback = None
            self._fill.left(self)


@implementer(IFill)
class MemoryFill:
    """
    A content being stored in memory.

    It counts as held while it grows. Once it is longer than ``most``, or no room can be made for it, it will not be
    kept: from then on only what the readers it has by then have not taken is held, the writer waits for those who are
    more than :data:`WINDOW` behind, and nobody can join any more.
    """

    __slots__ = ("_alternate", "_charged", "_drained", "_first", "_keeper", "_key", "_laggards", "_last", "_length",
                 "_most", "_phase", "_readers", "_replaced", "_unread", "_waiting", "_written", "failure",
                 "flow")  # fmt: skip

    def __init__(
        self, keeper: IKeeper, key: CacheKey, alternate: Alternate, replaced: Alternate | None, most: int
    ) -> None:
        self._keeper = keeper
        self._key = key
        self._alternate = alternate
        self._replaced = replaced
        self._most = most
        self._phase = _Phase.KEEPING
        self._last = _Piece(b"")
        self._first: _Piece | None = self._last
        self._length = 0
        self._written = 0
        self._charged = 0
        self._readers: set[FillReader] = set()
        self._laggards = 0
        self._waiting: dict[FillReader, None] = {}
        self._drained: Callable[[], None] | None = None
        self._unread: Callable[[bool], None] | None = None
        self.flow = Flow.OPEN
        self.failure: TsnodeError | None = None

    def write(self, octets: Buffer) -> bool:
        """See :class:`tsnode.ports.IFill`."""
        size = len(octets)
        if not size or self._phase is _Phase.OVER:
            return not self._laggards
        self._last.after = self._last = _Piece(octets)
        self._length += size
        self._written += size + _PIECE_COST
        if self._phase is _Phase.PASSING:
            self._look_behind()
        elif not self._charge(size + _PIECE_COST) or self._length > self._most:
            self._phase = _Phase.PASSING
            self._first = None
            self._look_behind()
            self._tell_if_unread()
        if self._waiting:
            self._wake()
        return not self._laggards

    def _charge(self, octets: int) -> bool:
        """Count ``octets`` more as held; False where there is no room for them."""
        self._charged += octets
        return self._keeper.charge(octets)

    def _look_behind(self) -> None:
        """Find out who is how far behind."""
        behind = [self._written - reader.taken for reader in self._readers]
        self._laggards = sum(octets > WINDOW for octets in behind)
        self._charge(max(behind, default=0) - self._charged)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for reader in waiting:
            reader.wake()

    def when_drained(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IFill`."""
        self._drained = callback

    def when_unread(self, callback: Callable[[bool], None]) -> None:
        """See :class:`tsnode.ports.IFill`."""
        self._unread = callback

    def _tell_if_unread(self) -> None:
        if not self._readers and self._unread is not None:
            self._unread(self._phase is _Phase.KEEPING)

    def read(self) -> IContent:
        """
        See :class:`tsnode.ports.IFill`.

        :raises StoreError: where the first octets are not there any more, because there are too many to keep.
        """
        if self._first is None:
            raise StoreError("the content is too long to be read again from its start")
        reader = FillReader(self, self._first)
        if self._phase is _Phase.KEEPING:
            self._readers.add(reader)
        return reader

    def wake_later(self, reader: FillReader) -> None:
        """A reader wants to hear of the next event."""
        if self._phase is not _Phase.OVER:
            self._waiting[reader] = None

    def moved(self, reader: FillReader, octets: int) -> None:
        """A reader took ``octets`` more."""
        if self._laggards:
            behind = self._written - reader.taken
            if behind <= WINDOW < behind + octets:
                self._caught_up()

    def left(self, reader: FillReader) -> None:
        """A reader closed."""
        if self._phase is _Phase.OVER:
            return
        self._readers.discard(reader)
        self._waiting.pop(reader, None)
        if self._laggards and self._written - reader.taken > WINDOW:
            self._caught_up()
        self._tell_if_unread()

    def _caught_up(self) -> None:
        self._laggards -= 1
        if not self._laggards:
            self._look_behind()
            drained, self._drained = self._drained, None
            if drained is not None:
                drained()

    def commit(self) -> None:
        """See :class:`tsnode.ports.IFill`."""
        if self._is_whole():
            self._settle(Flow.ENDED)
            if self._first is not None:
                self._keep(self._first, self._alternate, self._replaced)
            elif self._replaced is not None:
                self._keeper.discard(self._key, self._replaced)
            self._wake()

    def finish(self) -> None:
        """See :class:`tsnode.ports.IFill`."""
        if self._is_whole():
            self._settle(Flow.ENDED)
            self._wake()

    def _is_whole(self) -> bool:
        """Whether all came that was to come; the fill is aborted where not."""
        if self._phase is _Phase.OVER:
            return False
        expected = self._alternate.length
        if expected is None or expected == self._length:
            return True
        self.abort(StoreError(f"{self._length} octets came of a content of {expected}"))
        return False

    def _keep(self, first: _Piece, alternate: Alternate, replaced: Alternate | None) -> None:
        if first.after is self._last:
            pieces: tuple[bytes, ...] = (bytes(self._last.octets),)
        else:
            pieces = gather(_follow(first), self._length)
            self._first = _chain(pieces)
        self._keeper.keep(self._key, alternate, replaced, pieces, self._length)

    def abort(self, reason: TsnodeError, part: Alternate | None = None) -> None:
        """See :class:`tsnode.ports.IFill`."""
        if self._phase is not _Phase.OVER:
            self.failure = reason
            self._settle(Flow.FAILED)
            if part is not None and self._first is not None and part.length == self._length:
                self._keep(self._first, part, None)
            self._wake()

    def _settle(self, flow: Flow) -> None:
        """Nothing more comes; what readers have not taken yet is theirs alone."""
        self._phase = _Phase.OVER
        self.flow = flow
        self._charge(-self._charged)
        self._laggards = 0
        self._drained = self._unread = None
        self._readers.clear()
