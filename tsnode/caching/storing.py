"""May an answer be stored, and what is stored of it (RFC 9111 §3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from tsnode.caching.cookies import ANY_TYPE, do_cookies_allow
from tsnode.caching.directives import directives_of
from tsnode.caching.freshness import initial_age, make_terms, reborn
from tsnode.caching.kept import keep_fields
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.posting import stored_method
from tsnode.caching.request_facts import RequestFacts
from tsnode.caching.statuses import (
    FORBIDDEN,
    GUESSED,
    GUESSED_IF_DATED,
    NEVER_GUESSED,
    NEVER_WHOLE,
    UNDERSTOOD,
)
from tsnode.model.alternate import Alternate, Terms
from tsnode.model.fields import Fields
from tsnode.model.messages import RequestHead, ResponseHead, Sized
from tsnode.semantics.cache_control import CacheControl, parse_age, says_no_cache
from tsnode.semantics.dates import parse_date, render_date
from tsnode.semantics.heads import render_head

__all__ = [
    "DoNotStore",
    "NotStorable",
    "Store",
    "Storing",
    "decide_storing",
    "is_for_its_client",
    "pinned_until",
    "selecting_fields",
    "why_fields_forbid",
    "with_negative_expires",
]

_NO_FIELDS = Fields()
_ACCEPTING = (b"accept", b"accept-charset", b"accept-encoding", b"accept-language")


class NotStorable(Enum):
    """Why an answer is not stored."""

    BYPASS = "the cache was not looked at either"
    METHOD = "answers to this method are not stored"
    RANGE = "the request asked for a part"
    AUTHORIZATION = "the request had credentials, and the answer does not say that others may have it"
    COOKIES = "cookies are involved, and the policy does not store that with this type"
    CHALLENGE = "the answer asks for credentials"
    FORBIDDEN = "the answer says no-store or private"
    NO_CACHE = "the answer says no-cache, and could not be revalidated"
    CLIENT = "the client forbids it"
    FORBIDDEN_STATUS = "no answer of this status may be stored"
    NOT_UNDERSTOOD = "the answer says must-understand, and this node does not know the status"
    PARTIAL = "the status tells that this is not the whole answer"
    NO_LIFETIME = "the policy asks for a lifetime, or a Last-Modified, that the answer does not state"
    EXPIRED = "the answer is past its Expires, and could not be revalidated"
    STATUS = "the status is not stored without a stated lifetime"
    VARIES = "no other request would ever match"


# not frozen, as RequestHead is not
@dataclass(slots=True, unsafe_hash=True)
class Store:
    """
    The answer is stored as ``alternate``, once its content is whole.

    ``own`` are the lines, each with its CRLF, that only the client gets whose request brought it.
    """

    alternate: Final[Alternate]
    own: Final[bytes] = b""


@dataclass(frozen=True, slots=True)
class DoNotStore:
    """The answer goes to its client only."""

    because: NotStorable


Storing = Store | DoNotStore


def is_for_its_client(facts: RequestFacts, said: CacheControl, policy: CachingPolicy) -> bool:
    """Whether a request had credentials, and the answer, which ``said`` this, does not tell that others may have it."""
    if not facts.has_authorization or policy.ignore_authentication:
        return False
    return not (said.public or said.must_revalidate or said.s_maxage is not None)


def _why_request_forbids(
    facts: RequestFacts,
    status: int,
    fields: Fields,
    said: CacheControl,
    policy: CachingPolicy,
    replaces: Alternate | None,
) -> NotStorable | None:
    """What in a request that is not plain keeps its answer from being stored."""
    if stored_method(facts, status, fields, said, policy) is None:
        return NotStorable.METHOD
    if facts.range is not None and not (policy.range_write and status == 200):
        return NotStorable.RANGE
    if is_for_its_client(facts, said, policy):
        return NotStorable.AUTHORIZATION
    if not facts.permits_storing or not (facts.permits_lookup or replaces is not None):
        return NotStorable.CLIENT
    return None


def why_fields_forbid(
    facts: RequestFacts, status: int, fields: Fields, said: CacheControl, policy: CachingPolicy
) -> NotStorable | None:
    """
    What in an answer's fields keeps it from being stored; None where nothing does.

    The status counts only as far as ``said``, its directives, are about that. Of the request only the cookies count.
    """
    names = fields.names()
    forced = policy.ttl_in_cache > 0
    any_cookies = forced or policy.cache_responses_to_cookies == ANY_TYPE
    if not any_cookies and (facts.has_cookie or b"set-cookie" in names):
        allowed = do_cookies_allow(
            policy.cache_responses_to_cookies,
            fields.get(b"content-type"),
            sets_cookie=b"set-cookie" in names,
            public=said.public,
        )
        if not allowed:
            return NotStorable.COOKIES
    if b"www-authenticate" in names and not policy.ignore_authentication:
        return NotStorable.CHALLENGE
    if forced:
        return None
    if said.private:
        return NotStorable.FORBIDDEN
    if said.must_understand and status not in UNDERSTOOD:
        return NotStorable.NOT_UNDERSTOOD
    if not policy.ignore_server_no_cache:
        # RFC 9111 §5.2.2.3: with must-understand it is there for caches that do not know that directive
        if said.no_store and not said.must_understand:
            return NotStorable.FORBIDDEN
        if b"pragma" in names and not said.alone and says_no_cache(fields.get(b"pragma")):
            return NotStorable.FORBIDDEN
        if said.no_cache and b"etag" not in names and b"last-modified" not in names:
            return NotStorable.NO_CACHE
    return None


def _why_not(
    facts: RequestFacts,
    status: int,
    fields: Fields,
    said: CacheControl,
    policy: CachingPolicy,
    replaces: Alternate | None,
) -> NotStorable | None:
    """
    Why an answer of this status and with these fields may not be stored; None where it may.

    ``replaces`` is the stored answer whose place it would take: a client's no-cache keeps new answers out, and only
    these. Without a stated lifetime the status decides.

    Source: RFC 9111 §3, §3.5; Traffic Server, records.config and "HTTP Proxy Caching".
    """
    if facts.bypass is not None:
        return NotStorable.BYPASS
    because = None if facts.plain else _why_request_forbids(facts, status, fields, said, policy, replaces)
    if because is None:
        because = why_fields_forbid(facts, status, fields, said, policy)
    if because is not None:
        return because
    if status in NEVER_WHOLE or status < 200:
        return NotStorable.PARTIAL
    if status in FORBIDDEN:
        return NotStorable.FORBIDDEN_STATUS
    names = fields.names()
    dated = said.max_age is not None or said.s_maxage is not None or (b"expires" in names and not said.alone)
    changed = b"last-modified" in names
    if status == 200 and policy.ttl_in_cache:
        return None
    if status == 200 and policy.required_headers and not (dated or (changed and policy.required_headers == 1)):
        return NotStorable.NO_LIFETIME
    if dated or said.public:
        return None
    if facts.method == b"POST" and not policy.ttl_in_cache:
        return NotStorable.STATUS
    if status in GUESSED or (changed and status in GUESSED_IF_DATED):
        return None
    return None if policy.negative_caching_enabled and _is_listed(status, policy) else NotStorable.STATUS


def _is_listed(status: int, policy: CachingPolicy) -> bool:
    """Whether negative caching is for this status."""
    return status in policy.negative_caching_list and status not in NEVER_GUESSED


def with_negative_expires(fields: Fields, status: int, response_time: float, policy: CachingPolicy) -> Fields:
    """
    An answer's fields with the Expires that negative caching gives it, if it does; clients are shown that, too.

    Source: Traffic Server, ``proxy.config.http.negative_caching_enabled``.
    """
    if not policy.negative_caching_enabled or b"expires" in fields or not _is_listed(status, policy):
        return fields
    return fields.plus((b"Expires", render_date(response_time + policy.negative_caching_lifetime)))


def _is_useless(terms: Terms, said: CacheControl) -> bool:
    """Whether an answer without a lifetime got that from its Expires, and has nothing to be revalidated by."""
    if not terms.explicit or said.max_age is not None or said.s_maxage is not None:
        return False
    return terms.etag is None and terms.last_modified is None


def selecting_fields(fields: Fields, vary: tuple[bytes, ...] | None, policy: CachingPolicy) -> Fields:
    """Those lines of a request's fields that Vary names, and those about what it accepts where these are compared."""
    if not vary and not policy.variation.compares:
        return _NO_FIELDS
    names = (*(vary or ()), *_ACCEPTING)
    return Fields([line for line in fields.lines if line[0].lower() in names])


def decide_storing(
    request: RequestHead,
    facts: RequestFacts,
    response: ResponseHead,
    policy: CachingPolicy,
    request_time: float,
    response_time: float,
    *,
    replaces: Alternate | None = None,
) -> Storing:
    """
    Whether to store ``response``, and everything about it that can be known before its content.

    ``replaces`` is the stored answer whose place it would take. The times are seconds since the epoch by our clock.

    Source: RFC 9111 §3; Traffic Server, records.config.
    """
    if facts.plain and replaces is None:
        remembered = response.memo.storing
        if isinstance(remembered, _Remembered) and remembered.policy is policy:
            return remembered.again(facts, response, request_time, response_time)
    fields = response.fields
    said = directives_of(fields, policy)
    because = _why_not(facts, response.status, fields, said, policy, replaces)
    if because is not None:
        return DoNotStore(because)
    if policy.negative_caching_enabled:
        fields = with_negative_expires(fields, response.status, response_time, policy)
    terms = make_terms(fields, said, fields.get(b"age"), request_time, response_time, policy)
    if terms.vary is None:
        return DoNotStore(NotStorable.VARIES)
    if terms.lifetime <= 0 and not policy.ttl_in_cache and _is_useless(terms, said):
        return DoNotStore(NotStorable.EXPIRED)
    kept, lines = keep_fields(fields, said, response_time, policy)
    own = Fields(lines).render() if lines else b""
    head = render_head(response.status, response.reason, kept)
    if facts.plain and terms.vary == () and fields is response.fields and not policy.variation.compares:
        _remember(response, kept, own, head, terms, response_time, policy)
    framing = response.framing
    return Store(
        Alternate(
            url=facts.url,
            method=b"GET" if facts.plain else stored_method(facts, response.status, fields, said, policy) or b"GET",
            status=response.status,
            reason=response.reason,
            fields=kept,
            request_fields=selecting_fields(request.fields, terms.vary, policy),
            request_time=request_time,
            response_time=response_time,
            length=framing.length if isinstance(framing, Sized) else None,
            terms=terms,
            head=head,
            pinned_until=pinned_until(response_time, policy),
        ),
        own,
    )


def pinned_until(response_time: float, policy: CachingPolicy) -> float:
    """Until when what was received or confirmed then is pinned."""
    return response_time + policy.pin_in_cache if policy.pin_in_cache else 0.0


def _remember(
    response: ResponseHead,
    kept: Fields,
    own: bytes,
    head: bytes,
    terms: Terms,
    response_time: float,
    policy: CachingPolicy,
) -> None:
    """Keep what need not be worked out again for the next answer with the same head."""
    fields = response.fields
    stated = fields.get(b"date")
    date = parse_date(stated, response_time) if stated is not None else None
    if date is not None:
        age = parse_age(fields.get(b"age")) or 0.0
        response.memo.storing = _Remembered(policy, kept, own, head, terms, date, age)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """
    What was made of a head that answered a plain GET, under one policy: all of it but what time changes.

    ``date`` is the answer's own, ``age`` the Age that it came with, in seconds.
    """

    policy: CachingPolicy
    kept: Fields
    own: bytes
    head: bytes
    terms: Terms
    date: float
    age: float

    def again(self, facts: RequestFacts, response: ResponseHead, request_time: float, response_time: float) -> Store:
        """The decision about the same head, received at another time."""
        framing = response.framing
        terms = reborn(self.terms, response_time - initial_age(self.date, self.age, request_time, response_time))
        return Store(
            Alternate(
                url=facts.url,
                method=b"GET",
                status=response.status,
                reason=response.reason,
                fields=self.kept,
                request_fields=_NO_FIELDS,
                request_time=request_time,
                response_time=response_time,
                length=framing.length if isinstance(framing, Sized) else None,
                terms=terms,
                head=self.head,
                pinned_until=pinned_until(response_time, self.policy),
            ),
            self.own,
        )
