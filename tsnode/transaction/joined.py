"""Contents made of what is here already, and of several contents."""

from __future__ import annotations

from collections.abc import Callable

from zope.interface import implementer

from tsnode.model.errors import TsnodeError
from tsnode.model.fields import Fields
from tsnode.model.spans import Span
from tsnode.ports import Buffer, Flow, IContent

__all__ = ["Cut", "Joined", "Whole"]

_NO_TRAILERS = Fields()


@implementer(IContent)
class Whole:
    """A content that is here in one piece; ``octets`` are not none."""

    __slots__ = ("_octets", "flow")

    failure = None
    trailers = _NO_TRAILERS

    def __init__(self, octets: Buffer) -> None:
        self._octets: Buffer | None = octets
        self.flow = Flow.OPEN

    def take(self) -> Buffer | None:
        """See :class:`tsnode.ports.IContent`."""
        octets, self._octets = self._octets, None
        self.flow = Flow.ENDED
        return octets

    def notify(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IContent`; there is never anything to tell."""

    def close(self) -> None:
        """See :class:`tsnode.ports.IContent`."""
        self._octets = None


@implementer(IContent)
class Joined:
    """Octets and contents in their order; for answers of several parts. At least one piece, octets never empty."""

    __slots__ = ("_pieces", "failure", "flow", "trailers")

    def __init__(self, pieces: tuple[bytes | IContent, ...]) -> None:
        self._pieces = list(reversed(pieces))
        self.failure: TsnodeError | None = None
        self.flow = Flow.OPEN
        self.trailers = Fields()

    def take(self) -> Buffer | None:
        """See :class:`tsnode.ports.IContent`."""
        pieces = self._pieces
        octets: Buffer | None = None
        while pieces and octets is None:
            piece = pieces[-1]
            if isinstance(piece, bytes):
                octets = piece
                pieces.pop()
                continue
            octets = piece.take()
            if piece.flow is Flow.ENDED:
                pieces.pop()
            elif piece.flow is Flow.FAILED:
                self.failure = piece.failure
                self.flow = Flow.FAILED
                break
            elif octets is None:
                break
        if not pieces:
            self.flow = Flow.ENDED
        return octets

    def notify(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IContent`."""
        if self._pieces and not isinstance(self._pieces[-1], bytes):
            self._pieces[-1].notify(callback)

    def close(self) -> None:
        """See :class:`tsnode.ports.IContent`."""
        pieces, self._pieces = self._pieces, []
        for piece in pieces:
            if not isinstance(piece, bytes):
                piece.close()


@implementer(IContent)
class Cut:
    """Those octets of a content that ``span`` has; what is before it is passed over, what is behind it never taken."""

    __slots__ = ("_content", "_left", "_skip", "flow")

    trailers = _NO_TRAILERS

    def __init__(self, content: IContent, span: Span) -> None:
        self._content = content
        self._skip = span.first
        self._left = span.length
        self.flow = Flow.OPEN

    @property
    def failure(self) -> TsnodeError | None:
        """See :class:`tsnode.ports.IContent`."""
        return self._content.failure

    def take(self) -> Buffer | None:
        """See :class:`tsnode.ports.IContent`."""
        while self._left:
            octets = self._content.take()
            if octets is None:
                # shorter than it was said to be, or not there yet
                self.flow = Flow.OPEN if self._content.flow is Flow.OPEN else Flow.FAILED
                return None
            part = octets[self._skip : self._skip + self._left]
            self._skip = max(0, self._skip - len(octets))
            if len(part):
                self._left -= len(part)
                if not self._left:
                    self.flow = Flow.ENDED
                    self._content.close()
                return part
        return None

    def notify(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IContent`."""
        self._content.notify(callback)

    def close(self) -> None:
        """See :class:`tsnode.ports.IContent`."""
        self._left = 0
        self._content.close()
