"""A request's content that can be sent once more, as long as it is short."""

from __future__ import annotations

from collections.abc import Callable

from zope.interface import implementer

from tsnode.model.errors import TsnodeError
from tsnode.model.fields import Fields
from tsnode.ports import Buffer, Flow, IContent

__all__ = ["Copied"]


@implementer(IContent)
class Copied:
    """``content`` as it is taken, of which up to ``most`` octets are kept."""

    __slots__ = ("_content", "_kept", "_most")

    def __init__(self, content: IContent, most: int) -> None:
        self._content = content
        self._most = most
        # None once there is more than may be kept
        self._kept: bytearray | None = bytearray()

    @property
    def whole(self) -> bytes | None:
        """All of the content where it was taken to its end and kept, else None."""
        if self._kept is None or self._content.flow is not Flow.ENDED:
            return None
        return bytes(self._kept)

    @property
    def flow(self) -> Flow:
        """See :class:`tsnode.ports.IContent`."""
        return self._content.flow

    @property
    def failure(self) -> TsnodeError | None:
        """See :class:`tsnode.ports.IContent`."""
        return self._content.failure

    @property
    def trailers(self) -> Fields:
        """See :class:`tsnode.ports.IContent`."""
        return self._content.trailers

    def take(self) -> Buffer | None:
        """See :class:`tsnode.ports.IContent`."""
        octets = self._content.take()
        if octets is not None and self._kept is not None:
            if len(self._kept) + len(octets) > self._most:
                self._kept = None
            else:
                self._kept += octets
        return octets

    def notify(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IContent`."""
        self._content.notify(callback)

    def close(self) -> None:
        """See :class:`tsnode.ports.IContent`."""
        self._content.close()
