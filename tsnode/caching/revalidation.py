"""Asking whether a stored answer still holds, and what the reply does to it (RFC 9111 §4.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from tsnode.caching.directives import directives_of
from tsnode.caching.freshness import current_age, make_terms, postpone
from tsnode.caching.kept import names_for_one
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.caching.reuse import stale_instead_of_error, stale_on_error
from tsnode.caching.statuses import FAILURES
from tsnode.caching.storing import (
    DoNotStore,
    NotStorable,
    Store,
    decide_storing,
    is_for_its_client,
    pinned_until,
    selecting_fields,
    why_fields_forbid,
)
from tsnode.caching.warnings import Warn, keep_lasting, render_warning
from tsnode.model.alternate import Alternate
from tsnode.model.fields import Fields, Line
from tsnode.model.messages import RequestHead, ResponseHead
from tsnode.semantics.conditions import PRECONDITIONS
from tsnode.semantics.dates import parse_date, render_date
from tsnode.semantics.heads import render_head
from tsnode.semantics.hop_by_hop import end_to_end
from tsnode.semantics.validators import opaque_tag, strongly_equal, weakly_equal

__all__ = [
    "Conditions",
    "Discard",
    "Freshened",
    "LastUse",
    "Passed",
    "Replace",
    "Revalidated",
    "ServeInstead",
    "ServeStale",
    "Unchanged",
    "conditional_fields",
    "decide_revalidated",
]

_ALL = frozenset(PRECONDITIONS)
_NONE: frozenset[bytes] = frozenset()
_ABOUT_THIS_CLIENT = frozenset({NotStorable.AUTHORIZATION, NotStorable.COOKIES})
# what belongs to the stored content, or to one client, or has a rule of its own (RFC 9111 §3.2)
_NEVER_MERGED = frozenset(
    {b"age", b"content-encoding", b"content-length", b"content-range", b"content-type", b"set-cookie", b"warning"}
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Field lines to add to a request for the next hop, and names (lower case) of the client's to leave out."""

    lines: tuple[Line, ...]
    drop: frozenset[bytes]


_AS_IT_IS = Conditions((), _NONE)


@dataclass(frozen=True, slots=True)
class Freshened:
    """
    The copy holds: put ``alternate`` in its place, and answer with that.

    ``own`` are the lines, each with its CRLF, that this client gets besides, and nobody else.
    """

    alternate: Alternate
    own: bytes = b""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The copy holds for this client: answer with ``alternate`` and ``own``, and leave what is stored as it is."""

    alternate: Alternate
    own: bytes = b""


@dataclass(frozen=True, slots=True)
class LastUse:
    """The copy holds, but may not be kept: answer with ``alternate`` and ``own``, and discard what is stored."""

    alternate: Alternate
    own: bytes = b""


@dataclass(frozen=True, slots=True)
class ServeStale:
    """The origin is in trouble: put ``alternate`` in the copy's place and answer with that, not with the reply."""

    alternate: Alternate


@dataclass(frozen=True, slots=True)
class ServeInstead:
    """
    The origin is in trouble, and a stale answer is the better one: answer with the copy, and leave it as it is.

    ``warning`` is the value of the Warning field that goes with it. ``for_all``: it is the origin that permits this,
    and not the client alone.

    Source: RFC 5861 §4.
    """

    warning: bytes
    for_all: bool


@dataclass(frozen=True, slots=True)
class Replace:
    """The reply is the new answer: pass it on, and store it in the copy's place."""

    store: Store


@dataclass(frozen=True, slots=True)
class Discard:
    """The reply shows that the copy is outdated, and may not be stored itself: pass it on, discard the copy."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The reply says nothing about the copy: pass it on, with a Warning field of this value if there is one."""

    warning: bytes | None = None


Revalidated = Freshened | Unchanged | LastUse | ServeStale | ServeInstead | Replace | Discard | Passed

_DISCARD = Discard()
_PASSED = Passed()


def _validators(alternate: Alternate, facts: RequestFacts, policy: CachingPolicy) -> tuple[Line, ...]:
    if alternate.status != 200 or alternate.method != b"GET":
        return ()
    if not (facts.permits_lookup or policy.ims_on_client_no_cache or facts.conditional):
        return ()
    lines = []
    if alternate.terms.last_modified is not None:
        lines.append((b"If-Modified-Since", alternate.terms.last_modified))
    if alternate.terms.etag is not None:
        # the comparison is a weak one, and not every origin knows its own mark of weakness again
        lines.append((b"If-None-Match", opaque_tag(alternate.terms.etag)))
    return tuple(lines)


def _is_likely_stored(facts: RequestFacts, policy: CachingPolicy) -> bool:
    return (
        facts.method == b"GET"
        and facts.bypass is None
        and facts.permits_storing
        and (not facts.has_authorization or policy.ignore_authentication)
        and (facts.range is None or policy.range_write)
    )


def conditional_fields(alternate: Alternate | None, facts: RequestFacts, policy: CachingPolicy) -> Conditions:
    """
    What makes a request for the next hop conditional on the copy ``alternate``, if there is one.

    The client's own preconditions are left out where ours take their place, and where the whole answer is wanted for
    the cache: they are then held against what is stored.

    Source: RFC 9111 §4.3.1; Traffic Server, "Revalidating" and ``when_to_revalidate``.
    """
    if alternate is None and not facts.conditional:
        return _AS_IT_IS
    if policy.when_to_revalidate == 4:
        return _AS_IT_IS
    lines = () if alternate is None else _validators(alternate, facts, policy)
    if lines or (facts.conditional and _is_likely_stored(facts, policy)):
        return Conditions(lines, _ALL)
    return _AS_IT_IS


def _merge(
    alternate: Alternate,
    request: RequestHead,
    response: ResponseHead,
    request_time: float,
    response_time: float,
    policy: CachingPolicy,
) -> tuple[Alternate, bytes]:
    """
    The copy with the fields of a reply that confirms it, as of now; and the lines that are for this client alone.

    Source: RFC 9111 §3.2, §4.3.4.
    """
    sent = end_to_end(response.fields)
    brought = sent.without(_NEVER_MERGED)
    date = brought.get(b"date")
    if date is None or parse_date(date, response_time) is None:
        brought = brought.replaced(b"Date", render_date(request_time))
    names = brought.names()
    kept: list[Line] = []
    for name, value in alternate.fields.lines:
        lower = name.lower()
        if lower == b"warning":
            value = keep_lasting(value)
            if not value:
                continue
        if lower not in names:
            kept.append((name, value))
    fields = Fields((*kept, *brought.lines))
    said = directives_of(fields, policy)
    for_one = names_for_one(said, policy)
    own = Fields([line for line in sent.lines if line[0].lower() in for_one]).render()
    fields = fields.without(for_one)
    terms = make_terms(fields, said, response.fields.get(b"age"), request_time, response_time, policy)
    selecting = alternate.request_fields
    if terms.vary != alternate.terms.vary:
        selecting = selecting_fields(request.fields, terms.vary, policy)
    merged = replace(
        alternate,
        fields=fields,
        request_fields=selecting,
        request_time=request_time,
        response_time=response_time,
        terms=terms,
        head=render_head(alternate.status, alternate.reason, fields),
        pinned_until=pinned_until(response_time, policy),
    )
    return merged, own


def _decide_confirmed(
    merged: Alternate, own: bytes, facts: RequestFacts, policy: CachingPolicy
) -> Freshened | Unchanged | LastUse:
    """What to do with a copy that was confirmed, given what it has become by that."""
    said = directives_of(merged.fields, policy)
    because = why_fields_forbid(facts, merged.status, merged.fields, said, policy)
    if not facts.permits_storing or because in _ABOUT_THIS_CLIENT or is_for_its_client(facts, said, policy):
        return Unchanged(merged, own)
    if because is not None or merged.terms.vary is None:
        return LastUse(merged, own)
    return Freshened(merged, own)


def _does_head_contradict(alternate: Alternate, response: ResponseHead) -> bool:
    """Whether an answer to HEAD shows that the stored answer to GET is outdated (RFC 9111 §4.3.5)."""
    etag = response.fields.get(b"etag")
    if etag is not None and (alternate.terms.etag is None or not weakly_equal(etag, alternate.terms.etag)):
        return True
    last_modified = response.fields.get(b"last-modified")
    if last_modified is not None and last_modified != alternate.terms.last_modified:
        return True
    length = response.fields.get(b"content-length")
    if length is None or alternate.length is None:
        return False
    return length.rjust(20, b"0") != b"%020d" % alternate.length


def _why_not_confirmed(
    alternate: Alternate, facts: RequestFacts, response: ResponseHead, policy: CachingPolicy
) -> LastUse | Discard | Passed | None:
    """What becomes of a reply that looks like a confirmation of the copy and is none; None where it is one."""
    if response.status != 304:
        return _DISCARD if _does_head_contradict(alternate, response) else None
    sent = conditional_fields(alternate, facts, policy)
    if not sent.lines:
        asked = facts.conditional and not sent.drop
        return _PASSED if asked else Passed(render_warning(Warn.MISCELLANEOUS, policy))
    etag, stored_etag = response.fields.get(b"etag"), alternate.terms.etag
    if etag is not None and stored_etag is not None and not weakly_equal(etag, stored_etag):
        # RFC 9111 §4.3.4: it must not freshen a copy that it does not name
        return LastUse(alternate)
    return None


def _is_part_of(alternate: Alternate, response: ResponseHead) -> bool:
    """Whether a 206 is surely a part of the copy's content."""
    etag = response.fields.get(b"etag")
    return etag is not None and alternate.terms.etag is not None and strongly_equal(etag, alternate.terms.etag)


def decide_revalidated(
    alternate: Alternate,
    request: RequestHead,
    facts: RequestFacts,
    response: ResponseHead,
    request_time: float,
    response_time: float,
    policy: CachingPolicy,
) -> Revalidated:
    """
    What the reply to a request that was sent with :func:`conditional_fields` does to the copy ``alternate``.

    An answer made from the copy is still to be held against the client's own conditions.

    Source: RFC 9111 §4.3.3 to §4.3.5; Traffic Server, records.config, ``negative_revalidating_enabled``.
    """
    status = response.status
    if status == 304 or (facts.is_head and status == alternate.status):
        doubted = _why_not_confirmed(alternate, facts, response, policy)
        if doubted is not None:
            return doubted
        merged, own = _merge(alternate, request, response, request_time, response_time, policy)
        return _decide_confirmed(merged, own, facts, policy)
    if status in FAILURES and alternate.status not in FAILURES:
        rather = _decide_failed(alternate, facts, response_time, policy)
        if rather is not None:
            return rather
    storing = decide_storing(request, facts, response, policy, request_time, response_time, replaces=alternate)
    match storing:
        case Store():
            return Replace(storing)
        case DoNotStore(because):
            if status >= 500 or because in _ABOUT_THIS_CLIENT or (status == 206 and _is_part_of(alternate, response)):
                return _PASSED
            return _DISCARD
        case impossible:
            assert_never(impossible)


def _decide_failed(
    alternate: Alternate, facts: RequestFacts, now: float, policy: CachingPolicy
) -> ServeStale | ServeInstead | None:
    """How the copy is served in the place of an answer that tells of trouble; None where it is not."""
    if policy.negative_revalidating_enabled and stale_on_error(alternate, facts, now, policy):
        return ServeStale(_postponed(alternate, now, policy))
    if stale_instead_of_error(alternate, facts, now, policy):
        for_all = alternate.terms.extensions.on_error is not None
        return ServeInstead(render_warning(Warn.REVALIDATION_FAILED, policy), for_all)
    return None


def _postponed(alternate: Alternate, now: float, policy: CachingPolicy) -> Alternate:
    """The copy, with no reason to ask for it again within ``negative_revalidating_lifetime``."""
    lifetime = min(current_age(alternate.terms, now) + policy.negative_revalidating_lifetime, policy.max_stale_age)
    return replace(alternate, terms=postpone(alternate.terms, lifetime))
