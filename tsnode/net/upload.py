"""The content of one request, from the connection's reader to whoever takes it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from tsnode.model.errors import BadRequest, PeerError
from tsnode.net.inflow import Inflow
from tsnode.semantics.reader import Content, End, RequestReader

__all__ = ["Upload"]


class _State(Enum):
    OWED = "the client has not sent all of it"
    WHOLE = "all of it is here, and the next request is behind it"
    BROKEN = "the rest will not be read, so that no other request can be found"


class Upload:
    """
    One request's content on its way in.

    ``content`` is what the transaction takes it from, with ``read_ahead``, ``pause`` and ``resume`` as
    :class:`tsnode.net.inflow.Inflow` has them. More than ``most`` octets are refused, 0 for no limit.
    """

    __slots__ = ("_left", "_reader", "_state", "content")

    def __init__(
        self,
        reader: RequestReader,
        most: int,
        read_ahead: int,
        pause: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._left: float = most or float("inf")
        self._state = _State.OWED
        self.content = Inflow(read_ahead, pause, resume)

    @property
    def owed(self) -> bool:
        """Whether the client still has to send some of it."""
        return self._state is _State.OWED

    @property
    def whole(self) -> bool:
        """Whether all of it came."""
        return self._state is _State.WHOLE

    def feed(self) -> None:
        """Bring what is here, as far as it is wanted now; may be called from within."""
        reader, content = self._reader, self.content
        while self._state is _State.OWED and not content.full:
            try:
                event = reader.next()
            except BadRequest as fault:
                self.fail(fault)
                return
            if event is None:
                return
            if isinstance(event, Content):
                self._left -= len(event.octets)
                if self._left < 0:
                    self.fail(PeerError("the content is too large", status=413, reason=b"Request Entity Too Large"))
                    return
                content.push(event.octets)
            else:
                assert isinstance(event, End), "a content ends before the next head"
                self._state = _State.WHOLE
                content.end(event.trailers)

    def fail(self, fault: PeerError) -> None:
        """The rest will not come; nothing happens where there is none."""
        if self._state is _State.OWED:
            self._state = _State.BROKEN
            self.content.fail(fault)
