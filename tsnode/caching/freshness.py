"""How old an answer is, and how old it may get (RFC 9111 §4.2)."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from math import floor

from tsnode.caching.lifetime import bounds_for, date_of, find_lifetime
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.caching.selection import selecting_names
from tsnode.model.alternate import NO_EXTENSIONS, Alternate, Extensions, Terms
from tsnode.model.fields import Fields
from tsnode.semantics.cache_control import CacheControl, parse_age, says_no_cache

__all__ = [
    "Freshness",
    "current_age",
    "decide_freshness",
    "initial_age",
    "lifetime_under",
    "make_terms",
    "postpone",
    "reborn",
]


class Freshness(Enum):
    """What a stored answer's age means to one request."""

    FRESH = "within its lifetime, and within what the client accepts"
    ACCEPTED = "past its lifetime, but the client said that it takes it so"
    MEANWHILE = "past its lifetime, but its origin lets it be served while it is being revalidated"
    STALE = "to be revalidated"


def initial_age(date: float, age_field: float, request_time: float, response_time: float) -> float:
    """
    The age of an answer when it arrived.

    ``date`` is whole seconds, so that its apparent age is counted in these too; a clock running ahead of the origin's
    by a fraction of a second costs nothing.

    Source: RFC 9111 §4.2.3.
    """
    return max(0.0, floor(response_time) - date, age_field + (response_time - request_time))


def current_age(terms: Terms, now: float) -> float:
    """Seconds since the origin produced or last confirmed an answer; a clock that was set back makes it 0 at least."""
    return max(0.0, now - terms.birth)


def make_terms(
    fields: Fields,
    said: CacheControl,
    age_field: bytes | None,
    request_time: float,
    response_time: float,
    policy: CachingPolicy,
) -> Terms:
    """
    What decides about the use of an answer with ``fields`` that was asked for and arrived at these times.

    ``said`` are the answer's directives, ``age_field`` the Age that it came with.
    An answer without a readable Date is as old as its receipt.

    Source: RFC 9111 §4.2, §5.2.2; Traffic Server's bounds on lifetimes.
    """
    get = fields.get
    date = date_of(fields, response_time)
    seconds, source = find_lifetime(said, fields, date, response_time, policy)
    explicit = source.stated
    lowest, highest = bounds_for(explicit, policy)
    lifetime = max(lowest, min(seconds, highest))
    birth = response_time - initial_age(date, parse_age(age_field) or 0.0, request_time, response_time)
    vary = selecting_names(fields, policy)
    # RFC 9111 §5.2.2.10: s-maxage says what proxy-revalidate says, too
    must_revalidate = said.must_revalidate or said.proxy_revalidate or said.s_maxage is not None
    return Terms(
        birth=birth,
        lifetime=lifetime,
        explicit=explicit,
        vary=vary,
        no_cache=said.no_cache,
        must_revalidate=must_revalidate,
        stale_forbidden=must_revalidate or (not said.alone and says_no_cache(get(b"pragma"))),
        public=said.public,
        etag=get(b"etag"),
        last_modified=get(b"last-modified"),
        extensions=_read_extensions(said),
    )


def _read_extensions(said: CacheControl) -> Extensions:
    if not said.immutable and said.stale_while_revalidate is None and said.stale_if_error is None:
        return NO_EXTENSIONS
    return Extensions(
        immutable=said.immutable,
        while_revalidated=said.stale_while_revalidate or 0.0,
        on_error=said.stale_if_error,
    )


def reborn(terms: Terms, birth: float) -> Terms:
    """The same terms for an answer whose age was 0 at ``birth``."""
    return Terms(
        birth=birth,
        lifetime=terms.lifetime,
        explicit=terms.explicit,
        vary=terms.vary,
        no_cache=terms.no_cache,
        must_revalidate=terms.must_revalidate,
        stale_forbidden=terms.stale_forbidden,
        public=terms.public,
        etag=terms.etag,
        last_modified=terms.last_modified,
        extensions=terms.extensions,
    )


def postpone(terms: Terms, lifetime: float) -> Terms:
    """The same terms with at least this ``lifetime``, so that nobody asks before; the age goes on as it was."""
    if lifetime <= terms.lifetime:
        return terms
    return replace(terms, lifetime=lifetime)


def _age_limit(terms: Terms, said: CacheControl, policy: CachingPolicy) -> float:
    """
    The oldest age, in seconds, at which a client that ``said`` this takes an answer of these terms.

    A rule of cache.config with revalidate says it for everyone, whatever answer and client say, but for max-age=0.
    """
    limit = terms.lifetime
    if said.max_stale is not None and not terms.must_revalidate:
        limit += said.max_stale
    if said.min_fresh is not None:
        limit = min(limit, terms.lifetime - said.min_fresh)
    if said.max_age is not None and not (terms.explicit and terms.extensions.immutable):
        limit = min(limit, said.max_age)
        if not said.max_age:
            return 0.0
    return limit if policy.revalidate_after is None else policy.revalidate_after


def _may_be_served_meanwhile(terms: Terms, facts: RequestFacts, age: float, policy: CachingPolicy) -> bool:
    """Whether an answer of ``age``, past its lifetime, may be served while it is being revalidated (RFC 5861 §3)."""
    if not terms.extensions.while_revalidated or age > terms.lifetime + terms.extensions.while_revalidated:
        return False
    forbidden = terms.stale_forbidden or (terms.no_cache and not policy.ignore_server_no_cache)
    if forbidden or policy.revalidate_after is not None or policy.when_to_revalidate:
        return False
    said = facts.said
    # what a client with credentials, or one that wants nothing stored, would bring back might not be for all
    return (
        said.max_age is None
        and said.min_fresh is None
        and not said.no_store
        and not (facts.has_authorization and not policy.ignore_authentication)
        and facts.method in (b"GET", b"HEAD")
    )


def lifetime_under(alternate: Alternate, policy: CachingPolicy) -> float:
    """The age in seconds up to which an alternate is fresh, ttl-in-cache of cache.config taken into account."""
    if policy.ttl_in_cache:
        return alternate.response_time + policy.ttl_in_cache - alternate.terms.birth
    return alternate.terms.lifetime


def _cut_short(limit: float, policy: CachingPolicy) -> float:
    """
    An age limit that ends earlier than it would, so that not all requests for something find it stale at once.

    It is cut by ``fuzz.time``, or with ``fuzz.min_time`` by a tenth of itself, but not by less than the one nor by more
    than the other.

    Source: Traffic Server 6.2, ``proxy.config.http.cache.fuzz.time``.
    """
    cut = policy.fuzz_time
    if policy.fuzz_min_time:
        cut = max(policy.fuzz_min_time, min(cut, limit / 10))
    return limit - cut


def decide_freshness(
    terms: Terms, facts: RequestFacts, asks_if_modified: bool, now: float, policy: CachingPolicy, *, early: bool = False
) -> Freshness:
    """
    What the age of a stored answer means to a request; ``asks_if_modified`` tells whether that has If-Modified-Since.

    ``early``: the request is one of those for which the answer's time is cut short at random.
    An age equal to the limit is still fresh, a limit of 0 never is.

    Source: RFC 9111 §4.2, §5.2.1; Traffic Server, ``proxy.config.http.cache.when_to_revalidate``.
    """
    match policy.when_to_revalidate:
        case 2:
            return Freshness.STALE
        case 3:
            return Freshness.FRESH
        case 1 if not terms.explicit:
            return Freshness.STALE
        case 4 if asks_if_modified:
            return Freshness.STALE
        case _:
            pass
    age = max(0.0, now - terms.birth)
    limit = terms.lifetime
    if not facts.plain or policy.revalidate_after is not None:
        limit = _age_limit(terms, facts.said, policy)
    if early and age > _cut_short(limit, policy):
        return Freshness.STALE
    if limit <= 0 or age > limit:
        return Freshness.MEANWHILE if _may_be_served_meanwhile(terms, facts, age, policy) else Freshness.STALE
    if age <= terms.lifetime:
        return Freshness.FRESH
    return Freshness.STALE if terms.must_revalidate else Freshness.ACCEPTED
