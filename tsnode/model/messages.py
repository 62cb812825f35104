"""Request and response heads, and how a message says where its content ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tsnode.model.fields import Fields

__all__ = [
    "CHUNKED",
    "EMPTY",
    "UNTIL_CLOSE",
    "Chunked",
    "Framing",
    "HeadMemo",
    "RequestHead",
    "ResponseHead",
    "Sized",
    "UntilClose",
]


@dataclass(frozen=True, slots=True)
class Sized:
    """Content of exactly ``length`` octets; also of messages that have none (length 0)."""

    length: int


@dataclass(frozen=True, slots=True)
class Chunked:
    """Content in the chunked transfer coding, with trailers after it (RFC 9112 §7.1)."""


@dataclass(frozen=True, slots=True)
class UntilClose:
    """Content that ends where the connection does; answers only (RFC 9112 §6.3)."""


Framing = Sized | Chunked | UntilClose

EMPTY = Sized(0)
CHUNKED = Chunked()
UNTIL_CLOSE = UntilClose()


# not frozen: making a frozen value of seven attributes takes four times as long, and there is one for every message
@dataclass(slots=True)
class RequestHead:
    """
    A request without its content, as it was received.

    ``version`` is 10 or 11. ``target`` is the request target as written. ``host`` is the authority that the request
    is for, from the target in absolute-form and else from the Host field; empty where an HTTP/1.0 request has neither.
    ``persistent`` tells whether the client lets the connection stay open after this request.
    """

    method: Final[bytes]
    target: Final[bytes]
    version: Final[int]
    fields: Final[Fields]
    framing: Final[Framing]
    host: Final[bytes]
    persistent: Final[bool]


class HeadMemo:
    """
    A place where others keep what they worked out from a response head; goes away with it.

    Origins send the same head again and again, and whoever remembers it remembers this too. ``adjusted`` is the head
    as the node presents it under the settings ``adjusted_for``, ``storing`` what was decided about storing it. Both
    can be worked out again, so they never take part in a decision.
    """

    __slots__ = ("adjusted", "adjusted_for", "storing")

    def __init__(self) -> None:
        self.adjusted_for: object = None
        self.adjusted: ResponseHead | None = None
        self.storing: object = None


@dataclass(slots=True)
class ResponseHead:
    """
    A response without its content, as it was received.

    ``framing`` tells how much content follows on the wire (none for HEAD, 1xx, 204 and 304 whatever the fields say).
    ``persistent`` tells whether the connection may carry another exchange afterwards.
    """

    version: Final[int]
    status: Final[int]
    reason: Final[bytes]
    fields: Final[Fields]
    framing: Final[Framing]
    persistent: Final[bool]
    memo: Final[HeadMemo] = field(init=False, repr=False, compare=False, default_factory=HeadMemo)
