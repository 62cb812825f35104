"""What a request says about caching, read once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tsnode.caching.dynamic import looks_dynamic
from tsnode.caching.policy import CachingPolicy
from tsnode.model.fields import Fields
from tsnode.model.messages import RequestHead
from tsnode.model.target import CacheKey, Target, cache_key
from tsnode.semantics.cache_control import parse_cache_control, says_no_cache
from tsnode.semantics.conditions import PRECONDITIONS

__all__ = ["NotLookupable", "RequestFacts", "read_facts"]

_LOOKED_UP = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PURGE", b"PUSH"})
# those of the IANA registry that are safe and may be met with; and those that we answer ourselves, or carry blindly
_CHANGES_NOTHING = frozenset(
    {b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PROPFIND", b"REPORT", b"SEARCH", b"QUERY", b"CONNECT", b"PURGE", b"PUSH"}
)
_TELLING = PRECONDITIONS | {
    b"authorization",
    b"cache-control",
    b"cookie",
    b"if-range",
    b"pragma",
    b"range",
}


class NotLookupable(Enum):
    """Why a request is carried past the cache; the value is the tunnel code that Traffic Server's Via has for it."""

    CACHING_IS_OFF = "O"
    METHOD = "M"
    DYNAMIC = "U"
    RANGE = "F"


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """
    One request as the cache sees it, the switches on client directives applied.

    ``url`` is the canonical URL asked for, after mapping; ``key`` is what its answers are stored under.
    ``bypass`` tells why the cache is not even looked at; None where it is. ``permits_lookup`` is False where the
    client wants no stored answer, ``permits_storing`` where it wants none stored. ``max_age``, ``max_stale`` (may be
    infinite) and ``min_fresh`` are seconds, None where the client sets no such limit. ``conditional``: it has one of
    the preconditions that a cache can answer. ``unsafe``: an answer that is no error invalidates what is stored.
    ``plain``: a GET that says nothing of all this, so that only the stored answer decides.
    """

    method: bytes
    url: bytes
    key: CacheKey
    plain: bool
    bypass: NotLookupable | None
    unsafe: bool = False
    permits_lookup: bool = True
    permits_storing: bool = True
    only_if_cached: bool = False
    max_age: float | None = None
    max_stale: float | None = None
    min_fresh: float | None = None
    has_authorization: bool = False
    has_cookie: bool = False
    conditional: bool = False
    range: bytes | None = None
    if_range: bytes | None = None

    @property
    def is_head(self) -> bool:
        """Whether the answer goes without its content."""
        return self.method == b"HEAD"

    @property
    def lookupable(self) -> bool:
        """Whether the cache is looked at; without that nothing is stored either."""
        return self.bypass is None


def _why_not(method: bytes, fields: Fields, target: Target, policy: CachingPolicy) -> NotLookupable | None:
    """Why a request is carried past the cache; None where it is not."""
    if not policy.http:
        return NotLookupable.CACHING_IS_OFF
    if method not in _LOOKED_UP:
        return NotLookupable.METHOD
    if not policy.cache_urls_that_look_dynamic and looks_dynamic(target.path) and fields.get(b"max-forwards") != b"0":
        return NotLookupable.DYNAMIC
    if not policy.range_lookup and b"range" in fields:
        return NotLookupable.RANGE
    return None


def read_facts(request: RequestHead, target: Target, policy: CachingPolicy) -> RequestFacts:
    """
    What ``request`` for ``target``, after mapping, says about caching.

    Source: Traffic Server, order of work for a request; RFC 9111 §5.2.1, §5.4.
    """
    method = request.method
    fields = request.fields
    key = cache_key(target.url, policy.generation)
    bypass = _why_not(method, fields, target, policy)
    if _TELLING.isdisjoint(fields.names()):
        return RequestFacts(method, target.url, key, method == b"GET", bypass, method not in _CHANGES_NOTHING)
    said = parse_cache_control(fields.get(b"cache-control"))
    heeded = not policy.ignore_client_no_cache
    return RequestFacts(
        method=method,
        url=target.url,
        key=key,
        plain=False,
        bypass=bypass,
        unsafe=method not in _CHANGES_NOTHING,
        permits_lookup=not (heeded and (said.no_cache or says_no_cache(fields.get(b"pragma")))),
        permits_storing=not (heeded and said.no_store),
        only_if_cached=said.only_if_cached,
        max_age=None if policy.ignore_client_cc_max_age else said.max_age,
        max_stale=said.max_stale,
        min_fresh=said.min_fresh,
        has_authorization=b"authorization" in fields,
        has_cookie=b"cookie" in fields,
        conditional=not PRECONDITIONS.isdisjoint(fields.names()),
        range=fields.get(b"range"),
        if_range=fields.get(b"if-range"),
    )
