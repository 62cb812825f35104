"""Content that is held in memory, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from zope.interface import implementer

from tsnode.caching.plain_hit import Rendering
from tsnode.model.alternate import Alternate
from tsnode.model.errors import StoreError, TsnodeError
from tsnode.model.fields import Fields
from tsnode.model.target import CacheKey
from tsnode.ports import Buffer, Flow, IContent

__all__ = ["NO_TRAILERS", "WHOLE_MOST", "Excerpt", "Held", "gather", "overhead"]

NO_TRAILERS = Fields()
"""What is stored has its trailer fields dropped (RFC 9110 §6.5.2)."""

WHOLE_MOST = 1 << 20
"""Octets up to which what came in pieces is joined into one; a longer content stays in several."""

_LARGE_PIECE = 16384
"""Pieces of a long content from this size on are kept as they came; joining smaller ones saves more than it costs."""

_ALTERNATE_COST = 1500
_LINE_COST = 206


def overhead(key: CacheKey, alternate: Alternate, length: int) -> int:
    """
    Octets that an alternate takes in memory beside its content of ``length``, once it was served.

    The figures are from measurements with ``tracemalloc`` (CPython 3.11, 0 to 16 fields): 1.5 KB of objects for any
    alternate, 0.2 KB for a field line beside its octets, four copies of the head (serialized, as fields, in the
    memo's rendering twice), and two more of a content that is short enough to be rendered with its head.
    """
    asked = alternate.request_fields.lines
    lines = len(alternate.fields.lines) + len(asked)
    octets = len(key) + 4 * len(alternate.head) + sum([len(value) for _, value in asked])
    rendered = 2 * length if length <= Rendering.JOINED else 0
    return _ALTERNATE_COST + _LINE_COST * lines + octets + rendered


class Held:
    """
    The content of one stored alternate, and what eviction has to know about it.

    ``pieces`` has it in order; ``whole`` is all of it where that is one piece, else None. ``cost`` is what it counts
    for in the store, in octets. ``used`` is set by whoever reads it. ``newer``, ``older`` and ``resident`` belong to
    :class:`tsnode.stores.eviction.Sieve`.
    """

    __slots__ = ("cost", "key", "newer", "older", "pieces", "resident", "used", "whole")

    def __init__(self, key: CacheKey, pieces: tuple[bytes, ...], cost: int) -> None:
        self.key = key
        self.pieces = pieces
        self.whole: bytes | None = pieces[0] if len(pieces) == 1 else None
        self.cost = cost
        self.used = False
        self.resident = False
        self.newer: Held | None = None
        self.older: Held | None = None


def gather(octets: Iterable[Buffer], length: int) -> tuple[bytes, ...]:
    """The pieces to keep of a content that came as ``octets``, ``length`` in all; one, up to :data:`WHOLE_MOST`."""
    if length <= WHOLE_MOST:
        return (b"".join(octets),)
    pieces: list[bytes] = []
    small: list[Buffer] = []
    size = 0
    for piece in octets:
        if small and (len(piece) >= _LARGE_PIECE or size + len(piece) > WHOLE_MOST):
            pieces.append(b"".join(small))
            small, size = [], 0
        if len(piece) >= _LARGE_PIECE:
            # a view would keep all that it is a part of
            pieces.append(bytes(piece))
        else:
            small.append(piece)
            size += len(piece)
    if small:
        pieces.append(b"".join(small))
    return tuple(pieces)


@implementer(IContent)
class Excerpt:
    """``length`` octets of ``pieces`` from ``offset`` on; fails at once where there are not so many."""

    __slots__ = ("_left", "_next", "_pieces", "_skip", "failure", "flow")

    trailers = NO_TRAILERS

    def __init__(self, pieces: tuple[bytes, ...], offset: int, length: int) -> None:
        self.flow = Flow.OPEN
        self.failure: TsnodeError | None = None
        self._pieces = pieces
        self._left = length
        self._next = 0
        self._skip = offset
        if offset < 0 or length < 0 or offset + length > sum(map(len, pieces)):
            self.failure = StoreError(f"octets {offset} to {offset + length} are not in the content")
            self.flow = Flow.FAILED
            self._left = 0
        elif not length:
            self.flow = Flow.ENDED
        else:
            while self._skip >= len(pieces[self._next]):
                self._skip -= len(pieces[self._next])
                self._next += 1

    def take(self) -> Buffer | None:
        """See :class:`tsnode.ports.IContent`."""
        if not self._left:
            return None
        piece = self._pieces[self._next]
        octets: Buffer = piece
        if self._skip or self._left < len(piece):
            octets = memoryview(piece)[self._skip : self._skip + self._left]
        self._left -= len(octets)
        self._next += 1
        self._skip = 0
        if not self._left:
            self.flow = Flow.ENDED
            self._pieces = ()
        return octets

    def notify(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IContent`; ``take`` has everything from the start, so there is nothing to tell."""

    def close(self) -> None:
        """See :class:`tsnode.ports.IContent`."""
        self._left = 0
        self._pieces = ()
