"""A stored answer: what was received, and what was made of it when it was stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tsnode.model.fields import Fields
from tsnode.model.spans import Holding

__all__ = ["NO_EXTENSIONS", "Alternate", "Extensions", "Memo", "Terms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """
    What an answer says beyond RFC 9111 about its use.

    ``immutable``: it will not change while it is fresh. ``while_revalidated`` and ``on_error`` are seconds past the
    lifetime for which it may be served stale: while it is being revalidated, and where that fails; None where the
    origin leaves that to us.

    Source: RFC 8246 §2; RFC 5861 §3, §4.
    """

    immutable: bool = False
    while_revalidated: float = 0.0
    on_error: float | None = None


NO_EXTENSIONS = Extensions()
"""Those of most answers."""


# not frozen, as RequestHead is not
@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Terms:
    """
    What decides about an alternate's use, worked out once when it is stored or freshened.

    All times are seconds since the epoch by our clock, all durations seconds. ``birth`` is the moment at which its
    age was 0, so that its age is ``now - birth`` (RFC 9111 §4.2.3). It is fresh while ``now - birth <= lifetime``
    with a lifetime above 0. ``explicit``: the lifetime was stated by the origin, not guessed. ``vary``: lower-case
    names of the selecting fields, empty where there are none, None for ``Vary: *``.
    """

    birth: Final[float]
    lifetime: Final[float]
    explicit: Final[bool]
    vary: Final[tuple[bytes, ...] | None]
    no_cache: Final[bool]            # never served without revalidation
    must_revalidate: Final[bool]     # must-revalidate or proxy-revalidate (or what implies them, s-maxage)
    stale_forbidden: Final[bool]     # not even served stale when the origin cannot be reached
    public: Final[bool]
    etag: Final[bytes | None]
    last_modified: Final[bytes | None]
    extensions: Final[Extensions] = NO_EXTENSIONS


class Memo:
    """
    A place where whoever serves an alternate keeps what was rendered from it; goes away with it.

    Whatever is in it can be made again from the alternate alone, so it never takes part in a decision.
    """

    __slots__ = ("rendering",)

    def __init__(self) -> None:
        self.rendering: object = None


# not frozen, as RequestHead is not
@dataclass(slots=True, kw_only=True)
class Alternate:
    """
    One stored answer of a URL.

    ``fields`` are the answer's end-to-end fields with a Date, less Age (which is in ``terms``), Content-Length and
    Set-Cookie. ``request_fields`` are those of the request that brought it which may matter for selection.
    ``parts`` tells which octets of its content are stored where that is not all of them, and how long that is; there
    ``length`` is how many are stored. None means all of it.
    Stores do not give it up before ``pinned_until`` (epoch seconds; 0.0 is not pinned) if they can help it.
    ``length`` is the size of the content in octets; None while that is not known, during a fill. ``status_line`` to
    the last field line, each with its CRLF, is serialized in ``head``; Content-Length, Age, Via, Connection and the
    empty line are added when it is sent. ``content`` is the store's own handle and means nothing to anyone else. The
    store that keeps an alternate sets ``length`` and ``content``, once.
    """

    url: Final[bytes]
    method: Final[bytes]
    status: Final[int]
    reason: Final[bytes]
    fields: Final[Fields]
    request_fields: Final[Fields]
    request_time: Final[float]
    response_time: Final[float]
    length: int | None
    terms: Final[Terms]
    head: Final[bytes]
    pinned_until: Final[float] = 0.0
    parts: Final[Holding | None] = None
    content: object = None
    memo: Final[Memo] = field(init=False, repr=False, compare=False, default_factory=Memo)
