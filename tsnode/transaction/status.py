"""What answers say of their way here: Cache-Status (RFC 9211) and Proxy-Status (RFC 9209)."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from tsnode.caching.request_facts import NotLookupable
from tsnode.caching.reuse import WhyForward, WhyRevalidate
from tsnode.model.errors import PeerError
from tsnode.model.fields import Line
from tsnode.model.settings import ProxySettings
from tsnode.semantics.structured import render_name, render_string

__all__ = [
    "Forwarded",
    "describe_error",
    "describe_forwarded",
    "describe_hit",
    "describe_local",
    "hit_prefix",
    "why_forwarded",
]


class Forwarded(Enum):
    """Why a request went on to a next hop; the value is that of ``fwd`` (RFC 9211 §2.2)."""

    BYPASS = b"bypass"
    METHOD = b"method"
    URI_MISS = b"uri-miss"
    VARY_MISS = b"vary-miss"
    REQUEST = b"request"
    STALE = b"stale"
    PARTIAL = b"partial"

    # by identity: what lines are remembered by, one a request, is not worth hashing a name for
    __hash__ = object.__hash__


_FORWARDED = {
    WhyForward.BYPASS: Forwarded.BYPASS,
    WhyForward.METHOD: Forwarded.METHOD,
    WhyForward.MISS: Forwarded.URI_MISS,
    WhyForward.VARY: Forwarded.VARY_MISS,
    WhyForward.CLIENT_NO_CACHE: Forwarded.REQUEST,
    WhyForward.AUTHORIZATION: Forwarded.REQUEST,
    WhyRevalidate.STALE: Forwarded.STALE,
    WhyRevalidate.NO_CACHE: Forwarded.STALE,
    WhyRevalidate.CLIENT_NO_CACHE: Forwarded.REQUEST,
    WhyRevalidate.AUTHORIZATION: Forwarded.REQUEST,
    WhyRevalidate.COOKIES: Forwarded.REQUEST,
}


def why_forwarded(because: WhyForward | WhyRevalidate | NotLookupable | None) -> Forwarded:
    """What Cache-Status calls a reason to go on; None is a request for another protocol."""
    if because is None or isinstance(because, NotLookupable):
        return Forwarded.METHOD if because is NotLookupable.METHOD else Forwarded.BYPASS
    return _FORWARDED[because]


def hit_prefix(settings: ProxySettings) -> bytes:
    """What comes before the seconds for which a hit is still fresh; nothing where none of that is to be told."""
    return _hit_prefix(settings.via_name) if settings.cache_status else b""


@lru_cache(maxsize=64)
def _hit_prefix(name: bytes) -> bytes:
    return b"Cache-Status: %b; hit; ttl=" % render_name(name)


def describe_hit(settings: ProxySettings, ttl: float) -> bytes:
    """The line, with its CRLF, of an answer from what is stored, fresh for ``ttl`` more seconds (RFC 9211 §2.1)."""
    prefix = hit_prefix(settings)
    return b"%b%d\r\n" % (prefix, ttl // 1) if prefix else b""


def describe_forwarded(
    settings: ProxySettings,
    forwarded: Forwarded,
    *,
    stored: bool = False,
    collapsed: bool = False,
    status: int = 0,
    detail: bytes = b"",
) -> bytes:
    """
    The line, with its CRLF, of an answer that was asked for at a next hop.

    ``stored``: it is stored on its way; ``collapsed``: another request asked for it; ``status`` is that of the next
    hop's answer where the client gets another one; ``detail``, a token, says what else happened.
    """
    if not settings.cache_status:
        return b""
    return _forwarded_line(settings.via_name, forwarded, stored, collapsed, status, detail)


@lru_cache(maxsize=1024)
def _forwarded_line(
    name: bytes, forwarded: Forwarded, stored: bool, collapsed: bool, status: int, detail: bytes
) -> bytes:
    parts = [b"Cache-Status: %b; fwd=%b" % (render_name(name), forwarded.value)]
    if status:
        parts.append(b"; fwd-status=%d" % status)
    if stored:
        parts.append(b"; stored")
    if collapsed:
        parts.append(b"; collapsed")
    if detail:
        parts.append(b"; detail=" + detail)
    return b"".join(parts) + b"\r\n"


def describe_local(settings: ProxySettings) -> bytes:
    """The line, with its CRLF, of an answer that this node makes without anything stored or forwarded."""
    return b"Cache-Status: %b; detail=local\r\n" % render_name(settings.via_name) if settings.cache_status else b""


def describe_error(
    settings: ProxySettings, error: PeerError, forwarded: Forwarded | None = None
) -> tuple[Line, ...]:
    """
    The field lines of an answer that is made here because of ``error``.

    ``forwarded`` is why the request would have gone on, None where the cache had no part in it yet.
    """
    name = render_name(settings.via_name)
    proxy = b"%b; error=%b; details=%b" % (name, error.kind, render_string(str(error).encode()))
    lines: tuple[Line, ...] = ((b"Proxy-Status", proxy),)
    if not settings.cache_status:
        return lines
    cache = name if forwarded is None else b"%b; fwd=%b" % (name, forwarded.value)
    return (*lines, (b"Cache-Status", b"%b; detail=%b" % (cache, error.kind)))
