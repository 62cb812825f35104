"""The content of one message on its way from the connection that receives it to its one reader."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from zope.interface import implementer

from tsnode.model.errors import TsnodeError
from tsnode.model.fields import Fields
from tsnode.ports import Buffer, Flow, IContent

__all__ = ["Inflow"]

_NO_TRAILERS = Fields()

_PIECE = 64
"""Octets of memory that a piece costs beside its own: many small pieces fill an inflow, too."""


@implementer(IContent)
class Inflow:
    """
    Octets pushed by a connection and taken by a reader.

    ``pause`` is called when more than ``high`` octets wait, ``resume`` when at most half of that does; it may push.
    ``on_close`` is called when the reader closes before the end was pushed. None of them is called after the end:
    whether the connection goes on reading is its own business then. ``trailers`` are there once ``flow`` is ENDED.
    """

    __slots__ = ("_callback", "_closed", "_held", "_high", "_last", "_more", "_next", "_on_close", "_pause", "_paused",
                 "_resume", "failure", "flow", "trailers")  # fmt: skip

    def __init__(
        self,
        high: int,
        pause: Callable[[], None],
        resume: Callable[[], None],
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._high = high
        self._pause = pause
        self._resume = resume
        self._on_close = on_close
        self._held = 0
        self._next: Buffer | None = None
        self._more: deque[Buffer] | None = None
        self._last = Flow.OPEN
        self._paused = False
        self._closed = False
        self._callback: Callable[[], None] | None = None
        self.flow = Flow.OPEN
        self.failure: TsnodeError | None = None
        self.trailers = _NO_TRAILERS

    @property
    def full(self) -> bool:
        """Whether more than ``high`` octets wait, so that whoever has the choice brings no more."""
        return self._held > self._high

    def push(self, octets: Buffer) -> None:
        """Bring the next octets (never none). They are dropped once the reader closed."""
        if self._closed:
            return
        if self._next is None:
            self._next = octets
        elif self._more is None:
            self._more = deque((octets,))
        else:
            self._more.append(octets)
        self._held += len(octets) + _PIECE
        if self._held > self._high and not self._paused:
            self._paused = True
            self._pause()
        if self._callback is not None:
            self._call_back()

    def end(self, trailers: Fields = _NO_TRAILERS) -> None:
        """Nothing more will be pushed: the content is whole."""
        self.trailers = trailers
        self._finish(Flow.ENDED)

    def fail(self, failure: TsnodeError) -> None:
        """Nothing more will be pushed: the content is not whole, as the reader learns once it took what is here."""
        self.failure = failure
        self._finish(Flow.FAILED)

    def _finish(self, last: Flow) -> None:
        self._last = last
        self._paused = False
        if self._next is None:
            self.flow = last
        if self._callback is not None:
            self._call_back()

    def _call_back(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()

    def take(self) -> Buffer | None:
        """See :class:`tsnode.ports.IContent`."""
        octets = self._next
        if octets is None:
            return None
        if self._more:
            self._next = self._more.popleft()
        else:
            self._next = None
            self.flow = self._last
        self._held -= len(octets) + _PIECE
        if self._paused and self._held * 2 <= self._high:
            self._paused = False
            self._resume()
        return octets

    def notify(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IContent`."""
        self._callback = callback

    def close(self) -> None:
        """See :class:`tsnode.ports.IContent`."""
        if self._closed:
            return
        self._closed = True
        self._callback = None
        self._next = self._more = None
        self._held = 0
        if self._last is Flow.OPEN and self._on_close is not None:
            self._on_close()
