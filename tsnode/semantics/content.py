"""Content as it comes off a connection, one piece after the other, when its end is known or is the connection's."""

from __future__ import annotations

from dataclasses import dataclass

from tsnode.model.fields import Fields
from tsnode.semantics.unread import Unread

__all__ = ["END", "Content", "End", "SizedContent", "UntilCloseContent"]


@dataclass(frozen=True, slots=True)
class Content:
    """Some octets of a message's content, never none."""

    octets: bytes | memoryview


@dataclass(frozen=True, slots=True)
class End:
    """A message's content is complete. ``trailers`` follow only the chunked transfer coding (RFC 9112 §7.1.2)."""

    trailers: Fields


END = End(Fields())
"""The end of a message without trailers."""


class SizedContent:
    """Content of a length that was announced, above 0."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = length

    def take_whole(self, unread: Unread) -> bytes | memoryview | None:
        """All of it, where it is here; None, and nothing taken, where it is not."""
        return unread.take(self._left) if self._left <= len(unread) else None

    def next(self, unread: Unread) -> Content | End | None:
        """What comes next; None while it is not there."""
        if self._left == 0:
            return END
        octets = unread.take(self._left)
        if octets is None:
            return None
        self._left -= len(octets)
        return Content(octets)


class UntilCloseContent:
    """Content that ends where the connection does."""

    __slots__ = ()

    def next(self, unread: Unread) -> Content | End | None:
        """What comes next; None while it is not there."""
        octets = unread.take(len(unread))
        if octets is not None:
            return Content(octets)
        return END if unread.closed else None
