"""Answers of which parts are stored: how they are joined, and what they are good for (RFC 9111 §3.3, §3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tsnode.caching.directives import directives_of
from tsnode.caching.freshness import make_terms
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.caching.reuse import Serve, decide_reuse
from tsnode.caching.storing import DoNotStore, decide_storing
from tsnode.caching.variation import selects
from tsnode.model.alternate import Alternate
from tsnode.model.fields import Fields, Line
from tsnode.model.messages import UNTIL_CLOSE, RequestHead, ResponseHead, Sized
from tsnode.model.spans import Holding, Span
from tsnode.semantics.conditions import PRECONDITIONS, is_range_current
from tsnode.semantics.dates import parse_date
from tsnode.semantics.heads import render_head
from tsnode.semantics.hop_by_hop import end_to_end
from tsnode.semantics.ranges import parse_content_range, parse_ranges, satisfiable_spans
from tsnode.semantics.validators import is_strong, strongly_equal

__all__ = [
    "NOT_ASKED_FOR",
    "Completion",
    "Held",
    "StorePart",
    "asking_for",
    "decide_completed",
    "decide_part_reuse",
    "decide_storing_part",
    "is_outdone",
    "rest_of_broken",
    "strong_validator",
]

NOT_ASKED_FOR = frozenset({*PRECONDITIONS, b"if-range", b"range"})
"""Fields of a client's request that do not go along when it is asked for what is missing."""

_OF_THE_PART = frozenset({b"content-range", b"content-length"})
_MADE_ANEW = _OF_THE_PART | {b"age"}
_STRONG_AFTER = 1
"""Seconds by which Date has to be later than Last-Modified for that to be a strong validator."""


@dataclass(frozen=True, slots=True)
class Held:
    """All that is wanted is stored: ``wanted`` is at ``offset`` of what is held of ``alternate``."""

    alternate: Alternate
    wanted: Span
    offset: int


@dataclass(frozen=True, slots=True)
class Completion:
    """Of ``wanted``, ``missing`` is to be asked for; the rest is held of ``alternate``. ``whole``: no range was."""

    alternate: Alternate
    wanted: Span
    missing: Span
    whole: bool


@dataclass(frozen=True, slots=True)
class StorePart:
    """
    Store ``alternate``, whose parts are those that ``joined`` has (None: it has none) and ``span`` of the answer.

    Where nothing is missing any more it is an answer like any other, with no parts. Without ``kept`` it is for the
    client alone that asked, and nothing stays stored.
    """

    alternate: Alternate
    span: Span
    holding: Holding
    joined: Alternate | None
    kept: bool = True


def strong_validator(fields: Fields) -> bytes | None:
    """
    What tells for sure that two parts are of the same content, as If-Range takes it; None where nothing does.

    Source: RFC 9110 §8.8.1, §8.8.2.2, §13.1.5.
    """
    etag = fields.get(b"etag")
    if etag is not None:
        return etag if is_strong(etag) and etag[:1] == b'"' else None
    last_modified, date = fields.get(b"last-modified"), fields.get(b"date")
    if last_modified is None or date is None:
        return None
    sent = parse_date(date, 0.0)
    changed = parse_date(last_modified, 0.0)
    if sent is None or changed is None or sent - changed < _STRONG_AFTER:
        return None
    return last_modified


def _is_same_content(alternate: Alternate, fields: Fields) -> bool:
    """Whether an answer with ``fields`` is surely of the same content as ``alternate`` (RFC 9110 §15.3.7.3)."""
    mine, other = strong_validator(alternate.fields), strong_validator(fields)
    if mine is None or other is None or mine != other:
        return False
    etag = fields.get(b"etag")
    return etag is None or (alternate.terms.etag is not None and strongly_equal(etag, alternate.terms.etag))


def is_outdone(alternate: Alternate, request: RequestHead, stored: Sequence[Alternate]) -> bool:
    """
    Whether something that was stored while the content of ``alternate`` came makes it needless.

    A later answer does, the most recent one being the one to use; but no part makes the whole that it is of needless.
    That whole makes its parts needless, whenever it came.

    Source: RFC 9111 §3.3, §4.
    """
    for other in stored:
        if not selects(other, request):
            continue
        later = other.response_time > alternate.response_time
        if not _is_same_content(other, alternate.fields):
            if later:
                return True
        elif other.parts is None and (later or alternate.parts is not None):
            return True
    return False


def _part_of(response: ResponseHead) -> tuple[Span, int] | None:
    """The span that a 206 brings, and the size of the whole; None where it says so in no way that can be trusted."""
    if response.status != 206:
        return None
    told = parse_content_range(response.fields.get(b"content-range"))
    if told is None:
        return None
    if isinstance(response.framing, Sized) and response.framing.length != told[0].length:
        return None
    return told


def decide_storing_part(
    request: RequestHead,
    facts: RequestFacts,
    response: ResponseHead,
    stored: Sequence[Alternate],
    policy: CachingPolicy,
    request_time: float,
    response_time: float,
) -> StorePart | None:
    """
    What to store of a 206 that answers a request for a range; None where nothing is.

    It is stored where the whole would be, and a strong validator says which whole that is. Parts of the same one in
    ``stored`` are joined with it. The whole itself, where it is stored, makes its parts needless.

    Source: RFC 9111 §3.3, §3.4; RFC 9110 §15.3.7.3.
    """
    if not policy.store_parts or facts.range is None or facts.method != b"GET":
        return None
    part = _part_of(response)
    if part is None or strong_validator(response.fields) is None:
        return None
    span, size = part
    whole = replace(facts, range=None, if_range=None)
    storing = decide_storing(request, whole, _as_whole(response), policy, request_time, response_time)
    if isinstance(storing, DoNotStore):
        return None
    selected = [alternate for alternate in stored if selects(alternate, request)]
    joined = None
    for alternate in selected:
        if _is_same_content(alternate, response.fields):
            if alternate.parts is None:
                return None
            if alternate.parts.size == size:
                joined = alternate
    return _store_part(storing.alternate, span, size, joined)


def _store_part(alternate: Alternate, span: Span, size: int, joined: Alternate | None) -> StorePart:
    before = Holding(size, ()) if joined is None or joined.parts is None else joined.parts
    holding = before.plus(span)
    kept = replace(alternate, length=holding.length, parts=None if holding.complete else holding)
    return StorePart(kept, span, holding, joined)


def _as_whole(response: ResponseHead) -> ResponseHead:
    """The head that the whole answer would have had."""
    fields = response.fields.without(_OF_THE_PART)
    return ResponseHead(response.version, 200, b"OK", fields, UNTIL_CLOSE, response.persistent)


def decide_part_reuse(
    facts: RequestFacts, request: RequestHead, stored: Sequence[Alternate], now: float, policy: CachingPolicy
) -> Held | Completion | None:
    """
    What stored parts are good for, where nothing is stored that answers the request by itself; None for nothing.

    They are where the whole, stored in their place, would be served without a warning. Requests with preconditions,
    for several ranges, or for a range that is not there, go to the origin as they are.

    Source: RFC 9111 §3.3, §4.
    """
    if facts.method != b"GET" or facts.conditional or facts.bypass is not None:
        return None
    chosen: Alternate | None = None
    for alternate in stored:
        if alternate.parts is None or not selects(alternate, request):
            continue
        if chosen is None or alternate.terms.birth > chosen.terms.birth:
            chosen = alternate
    if chosen is None or chosen.parts is None:
        return None
    reuse = decide_reuse(facts, request, (replace(chosen, parts=None),), now, policy)
    if not isinstance(reuse, Serve) or reuse.warning is not None:
        return None
    size = chosen.parts.size
    wanted: Span | None = Span(0, size - 1)
    whole = facts.range is None or not is_range_current(facts.if_range, chosen, now)
    if facts.range is not None and not whole:
        wanted = _one_span(facts.range, size)
    if wanted is None:
        return None
    offset = chosen.parts.offset(wanted)
    if offset is not None:
        return Held(chosen, wanted, offset)
    missing = chosen.parts.missing(wanted)
    assert missing is not None, "what has no offset is not all there"
    if missing == wanted and not whole:
        # nothing of it is held: asked for as it is, it is a part even of something new
        return None
    return Completion(chosen, wanted, missing, whole)


def _one_span(value: bytes, size: int) -> Span | None:
    ranges = parse_ranges(value)
    if ranges is None or len(ranges) != 1:
        return None
    spans = satisfiable_spans(ranges, size)
    return spans[0] if spans else None


def asking_for(completion: Completion) -> tuple[Line, ...]:
    """The field lines that ask for what is missing, and for the whole if it is of something else (RFC 9110 §13.1.5)."""
    validator = strong_validator(completion.alternate.fields)
    assert validator is not None, "parts are stored with a strong validator only"
    missing = completion.missing
    return (b"Range", b"bytes=%d-%d" % (missing.first, missing.last)), (b"If-Range", validator)


def decide_completed(
    completion: Completion,
    request: RequestHead,
    facts: RequestFacts,
    response: ResponseHead,
    policy: CachingPolicy,
    request_time: float,
    response_time: float,
) -> StorePart | None:
    """
    What a 206 that was asked for with :func:`asking_for` makes of the parts; None where it does not fit.

    It fits where it is just what was missing, of the very same content. Its fields take the place of the stored ones;
    it is joined with them even where it may not be stored itself.

    Source: RFC 9110 §15.3.7.3; RFC 9111 §3.4.
    """
    held = completion.alternate
    part = _part_of(response)
    if part is None or held.parts is None:
        return None
    if part != (completion.missing, held.parts.size) or not _is_same_content(held, response.fields):
        return None
    whole = replace(facts, range=None, if_range=None)
    storing = decide_storing(request, whole, _as_whole(response), policy, request_time, response_time)
    if isinstance(storing, DoNotStore):
        told = _for_one(held, response, request_time, response_time, policy)
        return replace(_store_part(told, completion.missing, held.parts.size, held), kept=False)
    return _store_part(storing.alternate, completion.missing, held.parts.size, held)


def _for_one(
    held: Alternate, response: ResponseHead, request_time: float, response_time: float, policy: CachingPolicy
) -> Alternate:
    """What is held, as the answer that brought the rest of it presents the whole to the client that it is for."""
    fields = end_to_end(response.fields).without(_MADE_ANEW)
    said = directives_of(fields, policy)
    return replace(
        held,
        fields=fields,
        request_time=request_time,
        response_time=response_time,
        terms=make_terms(fields, said, response.fields.get(b"age"), request_time, response_time, policy),
        head=render_head(held.status, held.reason, fields),
    )


def rest_of_broken(alternate: Alternate, came: int) -> Alternate | None:
    """
    The part of an answer to a GET of which only the first ``came`` octets arrived; None where that cannot be kept.

    Source: RFC 9111 §3.3.
    """
    if alternate.status != 200 or alternate.method != b"GET" or alternate.parts is not None or not alternate.length:
        return None
    if not 0 < came < alternate.length or strong_validator(alternate.fields) is None:
        return None
    return replace(alternate, length=came, parts=Holding(alternate.length, (Span(0, came - 1),)))
