"""What Via tells of a request's way, to clients and to next hops, in the letters that Traffic Server has for it."""

from __future__ import annotations

from enum import Enum

from tsnode.caching.request_facts import NotLookupable, RequestFacts
from tsnode.model.errors import PeerError
from tsnode.model.settings import ProxySettings
from tsnode.transaction.services import Errand
from tsnode.transaction.status import Forwarded

__all__ = ["ERRORS", "STEPS", "TUNNELS", "Trace", "error_via", "plain_hit_via", "request_codes", "response_via"]

_NODE = 1
_BRIEF = 2
_FULL = 3
_PROTOCOLS = 4


class Trace(Enum):
    """Where an answer comes from, and what that does to the store."""

    HIT = "what is stored, on a medium that is not memory"
    MEMORY_HIT = "what is stored, from memory"
    FOLLOWED = "what another request is fetching, or has just fetched"
    FETCHED = "the next hop"
    STORED = "the next hop; it is stored"
    REPLACED = "the next hop; it is stored in the place of a copy"
    DISCARDED = "the next hop; the copy that was stored is dropped"
    CONFIRMED = "what is stored, which the next hop confirmed, and which is fresh again"
    UNCHANGED = "what is stored, which the next hop confirmed for this request only"
    LAST_USE = "what was stored; the next hop confirmed it and lets it be kept no longer"
    FAILED = "what is stored and stale, since the next hop did not help"
    MEANWHILE = "what is stored and stale, while another request is fetching"


STEPS = {
    Trace.HIT: (b" ", b" ", b" ", b" "),
    Trace.MEMORY_HIT: (b" ", b" ", b" ", b" "),
    Trace.FOLLOWED: (b" ", b" ", b" ", b" "),
    Trace.FETCHED: (b"S", b" ", b"S", b"S"),
    Trace.STORED: (b"S", b"W", b"S", b"S"),
    Trace.REPLACED: (b"S", b"U", b"S", b"S"),
    Trace.DISCARDED: (b"S", b"D", b"S", b"S"),
    Trace.CONFIRMED: (b"N", b"U", b"S", b"S"),
    Trace.UNCHANGED: (b"N", b" ", b"S", b"S"),
    Trace.LAST_USE: (b"N", b"D", b"S", b"S"),
    Trace.FAILED: (b"E", b" ", b" ", b"F"),
    Trace.MEANWHILE: (b" ", b" ", b" ", b" "),
}
"""What the next hop did, what became of what is stored, what this node did, whether there was a connection."""
_FROM_STORE = {Trace.HIT: b"H", Trace.MEMORY_HIT: b"R", Trace.FOLLOWED: b"W"}
# what the look-up found, and why that was no hit
_LOOKUPS = {
    Forwarded.BYPASS: (b" ", b" "),
    Forwarded.METHOD: (b"M", b"D"),
    Forwarded.URI_MISS: (b"M", b"M"),
    Forwarded.VARY_MISS: (b"M", b"M"),
    Forwarded.REQUEST: (b"A", b"U"),
    Forwarded.STALE: (b"S", b"S"),
    Forwarded.PARTIAL: (b"A", b"M"),
}
TUNNELS = {
    NotLookupable.CACHING_IS_OFF: b"O",
    NotLookupable.NEVER_CACHE: b"O",
    NotLookupable.METHOD: b"M",
    NotLookupable.DYNAMIC: b"U",
    NotLookupable.RANGE: b"F",
}
"""Why the cache was passed by."""
ERRORS = {
    b"connection_limit_reached": b"C",
    b"connection_refused": b"C",
    b"connection_terminated": b"C",
    b"connection_timeout": b"T",
    b"destination_ip_prohibited": b"F",
    b"dns_error": b"D",
    b"dns_timeout": b"T",
    b"http_request_denied": b"F",
    b"http_request_error": b"H",
    b"http_response_timeout": b"T",
    b"proxy_internal_response": b"T",
    b"proxy_loop_detected": b"L",
}
"""What went wrong, by its name in Proxy-Status; all else is ``S``."""
_PLAIN_HIT = b"uScRs f p eN:t cCHp s "


def _client_letter(facts: RequestFacts) -> bytes:
    if facts.plain:
        return b"S"
    if not facts.permits_lookup:
        return b"N"
    if facts.conditional:
        return b"I"
    return b"C" if facts.has_cookie else b"S"


def _looked_up(facts: RequestFacts, forwarded: Forwarded) -> tuple[bytes, bytes, bytes]:
    """What kind of store was looked at, what was found there, and why that was no hit."""
    if facts.bypass is not None and facts.bypass is not NotLookupable.BUSY:
        return b" ", b" ", b" "
    found, why = _LOOKUPS[forwarded]
    if forwarded is Forwarded.REQUEST and facts.permits_lookup and facts.has_cookie and not facts.has_authorization:
        why = b"K"
    return b" " if found == b" " else b"C", found, why


def _letters(errand: Errand, trace: Trace | None, status: int = 0) -> bytes:
    """
    The whole code of an answer of ``status``; without an ``trace``, that of a request on its way.

    Source: Traffic Server, ``ViaString_t`` of ``HttpTransact.h``.
    """
    facts = errand.facts
    server = fill = proxy = connected = b" "
    if trace is not None:
        server, fill, proxy, connected = STEPS[trace]
    if trace is not None and trace in _FROM_STORE:
        kind, found, why = b"C", _FROM_STORE[trace], {304: b"N", 412: b"I"}.get(status, b"H")
    else:
        kind, found, why = _looked_up(facts, errand.forwarded)
        if trace is Trace.FAILED or trace is Trace.MEANWHILE:
            why = b"H"
    if status == 304 and trace is Trace.FETCHED:
        server = b"N"
    tunnel = TUNNELS.get(facts.bypass, b" ") if facts.bypass is not None else b" "
    return b"u%bc%bs%bf%bp%beN:t%bc%b%bp s%b" % (
        _client_letter(facts), found, server, fill, proxy, tunnel, kind, why, connected
    )  # fmt: skip


def _stack(version: int, client: str) -> bytes:
    return b"http/1.%d tcp %b" % (version - 10, b"ipv6" if ":" in client else b"ipv4")


def _bracketed(level: int, brief: bytes, full: bytes, stack: bytes) -> bytes:
    """What ``level`` of Via adds to the product: a blank, and the codes in brackets."""
    if level <= _NODE:
        return b""
    told = b" [%b]" % (full if level >= _FULL else brief)
    return told + b" [%b]" % stack if level >= _PROTOCOLS else told


def _line(settings: ProxySettings, version: int, codes: bytes) -> bytes:
    return b"Via: http/1.%d %b (%b%b)\r\n" % (version - 10, settings.via_name, settings.response_via_text, codes)


def response_via(errand: Errand, version: int, trace: Trace, status: int = 0) -> bytes:
    """
    The Via line, with its CRLF, of an answer to a client; empty where none is asked for.

    ``version`` is the one in which the answer came, 10 or 11; ``status`` that of the answer where it matters: 304, 412.

    Source: Traffic Server, ``proxy.config.http.insert_response_via_str``.
    """
    settings = errand.settings
    level = settings.response_via
    if not level:
        return b""
    if level == _NODE:
        return _line(settings, version, b"")
    full = _letters(errand, trace, status)
    stack = _stack(errand.request.version, errand.reply.client)
    return _line(settings, version, _bracketed(level, full[2:8], full, stack))


def plain_hit_via(settings: ProxySettings) -> bytes | None:
    """The same for a plain GET that is answered from memory; None where it depends on the client."""
    level = settings.response_via
    if not level:
        return b""
    if level >= _PROTOCOLS:
        return None
    return _line(settings, 11, _bracketed(level, _PLAIN_HIT[2:8], _PLAIN_HIT, b""))


def error_via(settings: ProxySettings, error: PeerError, forwarded: Forwarded | None, client: str) -> bytes:
    """
    The value of the Via of an answer that is made here because of ``error``; empty where none is asked for.

    ``forwarded`` is why the request would have gone on, None where it would not.
    """
    level = settings.response_via
    if not level:
        return b""
    letter = ERRORS.get(error.kind, b"S")
    if forwarded is not None:
        found, why = _LOOKUPS[forwarded]
        kind = b" " if found == b" " else b"C"
        full = b"uSc%bsEf p e%b:t c%b%bp sF" % (found, letter, kind, why)
    elif error.kind == b"proxy_internal_response":
        full = b"uScMs f p e%b:t cCMp s " % letter
    else:
        full = b"uEc s f p e%b:t c  p s " % letter
    return _line(settings, 11, _bracketed(level, full[2:8], full, _stack(11, client)))[5:-2]


def request_codes(errand: Errand) -> bytes:
    """
    What Via tells the next hop behind the product, with a blank before it; empty where that is no more.

    Source: Traffic Server, ``proxy.config.http.insert_request_via_str``.
    """
    level = errand.settings.request_via
    if level < _BRIEF:
        return b""
    full = _letters(errand, None)
    return _bracketed(level, full[:4], full, _stack(errand.request.version, errand.reply.client))
