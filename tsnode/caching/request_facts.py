"""What a request says about caching, read once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from tsnode.caching.dynamic import looks_dynamic
from tsnode.caching.policy import CachingPolicy
from tsnode.model.fields import Fields
from tsnode.model.messages import RequestHead
from tsnode.model.target import CacheKey, Target, cache_key
from tsnode.semantics.cache_control import SILENT, CacheControl, parse_cache_control, says_no_cache
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
    """Why a request is carried past the cache; the value is a letter for it."""

    CACHING_IS_OFF = "O"
    NEVER_CACHE = "C"
    BUSY = "L"
    METHOD = "M"
    DYNAMIC = "U"
    RANGE = "F"


# not frozen, as RequestHead is not
@dataclass(slots=True, unsafe_hash=True)
class RequestFacts:
    """
    One request as the cache sees it.

    ``url`` is the canonical URL asked for, after mapping; ``key`` is what its answers are stored under. ``plain``: a
    GET that says nothing about caching, so that the stored answer alone decides. ``bypass`` tells why the cache is not
    even looked at; None where it is. ``said`` are the client's directives as far as the policy heeds them, its Pragma
    among them. ``conditional``: it has one of the preconditions that a cache can answer. ``range`` and ``if_range``
    are these fields' values.
    """

    method: Final[bytes]
    url: Final[bytes]
    key: Final[CacheKey]
    plain: Final[bool]
    bypass: Final[NotLookupable | None]
    said: Final[CacheControl] = SILENT
    has_authorization: Final[bool] = False
    has_cookie: Final[bool] = False
    conditional: Final[bool] = False
    range: Final[bytes | None] = None
    if_range: Final[bytes | None] = None

    @property
    def is_head(self) -> bool:
        """Whether the answer goes without its content."""
        return self.method == b"HEAD"

    @property
    def lookupable(self) -> bool:
        """Whether the cache is looked at; without that nothing is stored either."""
        return self.bypass is None

    @property
    def permits_lookup(self) -> bool:
        """Whether the client takes a stored answer that nobody has confirmed for it."""
        return not self.said.no_cache

    @property
    def permits_storing(self) -> bool:
        """Whether the client lets the answer be stored."""
        return not self.said.no_store

    @property
    def only_if_cached(self) -> bool:
        """Whether the client wants a stored answer or none."""
        return self.said.only_if_cached

    @property
    def unsafe(self) -> bool:
        """Whether an answer that is no error invalidates what is stored (RFC 9111 §4.4)."""
        return self.method not in _CHANGES_NOTHING


def _why_not(method: bytes, fields: Fields, target: Target, policy: CachingPolicy) -> NotLookupable | None:
    """Why a request is carried past the cache; None where it is not."""
    if not policy.http:
        return NotLookupable.CACHING_IS_OFF
    if policy.never_cache:
        return NotLookupable.NEVER_CACHE
    if method not in _LOOKED_UP:
        return NotLookupable.METHOD
    if not policy.looks_up_dynamic and looks_dynamic(target.path) and fields.get(b"max-forwards") != b"0":
        return NotLookupable.DYNAMIC
    if not policy.range_lookup and b"range" in fields:
        return NotLookupable.RANGE
    return None


def _heeded(fields: Fields, policy: CachingPolicy) -> CacheControl:
    """The directives of a request, less those that the policy ignores."""
    said = parse_cache_control(fields.get(b"cache-control"))
    if said.no_cache_fields:
        # requests have no such form
        said = replace(said, no_cache=True, no_cache_fields=())
    if policy.ignore_client_no_cache:
        said = replace(said, no_cache=False, no_store=False)
    elif not said.no_cache and says_no_cache(fields.get(b"pragma")):
        said = replace(said, no_cache=True)
    return replace(said, max_age=None) if policy.ignore_client_cc_max_age else said


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
        return RequestFacts(method, target.url, key, method == b"GET", bypass)
    return RequestFacts(
        method=method,
        url=target.url,
        key=key,
        plain=False,
        bypass=bypass,
        said=_heeded(fields, policy),
        has_authorization=b"authorization" in fields,
        has_cookie=b"cookie" in fields,
        conditional=not PRECONDITIONS.isdisjoint(fields.names()),
        range=fields.get(b"range"),
        if_range=fields.get(b"if-range"),
    )
