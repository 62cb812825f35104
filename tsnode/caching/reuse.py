"""May a stored answer be served, and if not, what then (RFC 9111 §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tsnode.caching.alternates import choose_alternate
from tsnode.caching.cookies import ANY_TYPE, do_cookies_allow
from tsnode.caching.directives import directives_of
from tsnode.caching.freshness import Freshness, current_age, decide_freshness
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.caching.warnings import Warn, render_warning
from tsnode.model.alternate import Alternate
from tsnode.model.messages import RequestHead

__all__ = [
    "Forward",
    "NotCached",
    "Reuse",
    "Revalidate",
    "Serve",
    "WhyForward",
    "WhyRevalidate",
    "decide_reuse",
    "stale_instead_of_error",
    "stale_on_error",
]


class WhyRevalidate(Enum):
    """What stands between a stored answer and its being served."""

    STALE = "it is older than it may be, or than the client takes"
    NO_CACHE = "its origin wants to be asked each time"
    CLIENT_NO_CACHE = "the client wants its origin to be asked"
    AUTHORIZATION = "the request has credentials, and the origin decides about these"
    COOKIES = "the request has cookies, and the policy does not serve this type with these"


class WhyForward(Enum):
    """Why a request goes on without a stored answer to fall back on."""

    BYPASS = "the cache is not looked at"
    METHOD = "the method is not served from what is stored"
    MISS = "nothing is stored"
    VARY = "what is stored is for other requests"
    CLIENT_NO_CACHE = "the client wants a new answer"
    AUTHORIZATION = "the request has credentials, and what is stored is not for these"


@dataclass(frozen=True, slots=True)
class Serve:
    """
    Send ``alternate``; ``age`` in seconds, ``warning`` the value of a Warning field that goes with it.

    ``refresh``: it is stale, and is to be revalidated once it is on its way.
    """

    alternate: Alternate
    age: float
    warning: bytes | None = None
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Revalidate:
    """Ask the next hop whether ``alternate`` still holds."""

    alternate: Alternate
    because: WhyRevalidate


@dataclass(frozen=True, slots=True)
class Forward:
    """Fetch; what comes takes the place of ``replaces`` if there is one."""

    because: WhyForward
    replaces: Alternate | None = None


@dataclass(frozen=True, slots=True)
class NotCached:
    """The client wants a stored answer or none, and there is none that it may have: 504 (RFC 9111 §5.2.1.7)."""


Reuse = Serve | Revalidate | Forward | NotCached

_NOT_CACHED = NotCached()
_BYPASS = Forward(WhyForward.BYPASS)
_METHOD = Forward(WhyForward.METHOD)
_MISS = Forward(WhyForward.MISS)
_VARY = Forward(WhyForward.VARY)


def decide_reuse(
    facts: RequestFacts,
    request: RequestHead,
    stored: Sequence[Alternate],
    now: float,
    policy: CachingPolicy,
    *,
    early: bool = False,
) -> Reuse:
    """
    What to do with a request, given everything ``stored`` under its key, the last stored first.

    ``early``: see :func:`tsnode.caching.freshness.decide_freshness`.

    Source: RFC 9111 §4; Traffic Server, "Ensuring Cached Object Freshness" and records.config.
    """
    decision = _decide(facts, request, stored, now, policy, early)
    if not facts.plain and facts.said.only_if_cached and not isinstance(decision, Serve):
        return _NOT_CACHED
    return decision


def _decide(
    facts: RequestFacts,
    request: RequestHead,
    stored: Sequence[Alternate],
    now: float,
    policy: CachingPolicy,
    early: bool,
) -> Serve | Revalidate | Forward:
    if facts.bypass is not None:
        return _BYPASS
    if not facts.plain and not _is_served(facts.method, policy):
        return _METHOD
    if not stored:
        return _MISS
    alternate = choose_alternate(stored, request, policy)
    if alternate is None:
        return _VARY
    if not facts.plain or alternate.method != b"GET":
        forbidden = _decide_by_request(facts, alternate, policy)
        if forbidden is not None:
            return forbidden
    terms = alternate.terms
    asks_if_modified = not facts.plain and b"if-modified-since" in request.fields
    if policy.ttl_in_cache:
        if now - alternate.response_time > policy.ttl_in_cache:
            return Revalidate(alternate, WhyRevalidate.STALE)
        return Serve(alternate, current_age(terms, now))
    freshness = decide_freshness(terms, facts, asks_if_modified, now, policy, early=early)
    if freshness is Freshness.STALE:
        return Revalidate(alternate, WhyRevalidate.STALE)
    if terms.no_cache and not policy.ignore_server_no_cache:
        return Revalidate(alternate, WhyRevalidate.NO_CACHE)
    if freshness is Freshness.ACCEPTED:
        return Serve(alternate, current_age(terms, now), render_warning(Warn.HEURISTIC_EXPIRATION, policy))
    if freshness is Freshness.MEANWHILE:
        warning = render_warning(Warn.STALE, policy)
        return Serve(alternate, current_age(terms, now), warning, refresh=not facts.only_if_cached)
    return Serve(alternate, max(0.0, now - terms.birth))


def _is_served(method: bytes, policy: CachingPolicy) -> bool:
    return method in (b"GET", b"HEAD") or (method == b"POST" and policy.post_method)


def _decide_by_request(facts: RequestFacts, alternate: Alternate, policy: CachingPolicy) -> Revalidate | Forward | None:
    """What the request itself forbids, however fresh ``alternate`` is; None where it forbids nothing."""
    if alternate.method != facts.method and not (facts.is_head and alternate.method == b"GET"):
        return Forward(WhyForward.METHOD, alternate)
    if facts.has_authorization and not policy.ignore_authentication:
        said = directives_of(alternate.fields, policy)
        if said.must_revalidate or said.proxy_revalidate:
            return Revalidate(alternate, WhyRevalidate.AUTHORIZATION)
        # RFC 9111 §3.5 lets s-maxage, too, give an answer to all
        if not said.public and said.s_maxage is None:
            return Forward(WhyForward.AUTHORIZATION, alternate)
    if not facts.permits_lookup:
        # RFC 9111 §4.3.5: an answer to HEAD never replaces the copy, but tells whether it holds
        if policy.ims_on_client_no_cache or facts.conditional or facts.is_head:
            return Revalidate(alternate, WhyRevalidate.CLIENT_NO_CACHE)
        return Forward(WhyForward.CLIENT_NO_CACHE, alternate)
    if _do_cookies_forbid(facts, alternate, policy):
        return Revalidate(alternate, WhyRevalidate.COOKIES)
    return None


def _do_cookies_forbid(facts: RequestFacts, alternate: Alternate, policy: CachingPolicy) -> bool:
    if not facts.has_cookie or policy.cache_responses_to_cookies == ANY_TYPE or policy.ttl_in_cache:
        return False
    return not do_cookies_allow(
        policy.cache_responses_to_cookies,
        alternate.fields.get(b"content-type"),
        sets_cookie=b"set-cookie" in alternate.fields,
        public=alternate.terms.public,
    )


def _may_be_served_stale(alternate: Alternate, facts: RequestFacts, policy: CachingPolicy) -> bool:
    terms = alternate.terms
    if not facts.permits_lookup or terms.stale_forbidden:
        return False
    if terms.no_cache and not policy.ignore_server_no_cache:
        return False
    if facts.has_authorization and not policy.ignore_authentication and not terms.public:
        return False
    return not _do_cookies_forbid(facts, alternate, policy)


def stale_on_error(alternate: Alternate, facts: RequestFacts, now: float, policy: CachingPolicy) -> bool:
    """
    Whether ``alternate`` may be served although it could not be revalidated, because the next hop cannot be reached.

    How old it may be is what its origin says about that, else the policy; the client may take it for longer.

    Source: RFC 9111 §4.2.4; RFC 5861 §4; Traffic Server, ``proxy.config.http.cache.max_stale_age``.
    """
    if not _may_be_served_stale(alternate, facts, policy):
        return False
    granted = alternate.terms.extensions.on_error is not None
    age = current_age(alternate.terms, now)
    return (not granted and age <= policy.max_stale_age) or age <= _age_on_error(alternate, facts)


def stale_instead_of_error(alternate: Alternate, facts: RequestFacts, now: float, policy: CachingPolicy) -> bool:
    """
    Whether ``alternate`` may be served in the place of an answer that tells of trouble: its origin or the client says
    so, with stale-if-error.

    Source: RFC 5861 §4.
    """
    if not _may_be_served_stale(alternate, facts, policy):
        return False
    return current_age(alternate.terms, now) <= _age_on_error(alternate, facts)


def _age_on_error(alternate: Alternate, facts: RequestFacts) -> float:
    """The oldest age, in seconds, up to which stale-if-error of the origin or of the client reaches; -1 for none."""
    said = [
        seconds for seconds in (alternate.terms.extensions.on_error, facts.said.stale_if_error) if seconds is not None
    ]
    return alternate.terms.lifetime + max(said) if said else -1.0
