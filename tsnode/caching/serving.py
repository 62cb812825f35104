"""What of a stored answer goes to a client: all of it, a part, or the news that the client has it already."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import assert_never

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.model.alternate import Alternate
from tsnode.model.fields import Fields, Line
from tsnode.model.messages import RequestHead
from tsnode.model.spans import Span
from tsnode.semantics.conditions import Outcome, evaluate_conditions, is_range_current
from tsnode.semantics.heads import render_head
from tsnode.semantics.ranges import are_in_order, parse_ranges, satisfiable_spans

__all__ = [
    "NotModified",
    "Part",
    "Parts",
    "Plan",
    "PreconditionFailed",
    "Unsatisfiable",
    "Whole",
    "content_range",
    "plan_answer",
]

_TOLD_WITH_304 = frozenset({b"cache-control", b"content-location", b"date", b"etag", b"expires", b"vary"})
_SEVERAL_AS_WHOLE = 0
_SEVERAL_REFUSED = 2


@dataclass(frozen=True, slots=True)
class Whole:
    """All of it, with the alternate's own head."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: no content. ``head`` is the status line and the field lines, to which Via is added as always, and no Age."""

    head: bytes


@dataclass(frozen=True, slots=True)
class PreconditionFailed:
    """412, without content and without fields of the alternate."""


@dataclass(frozen=True, slots=True)
class Part:
    """206: the octets of ``span`` behind ``head``."""

    head: bytes
    span: Span


@dataclass(frozen=True, slots=True)
class Parts:
    """
    206 with several parts: for each of ``parts`` first its octets, then those of its span, ``closing`` at the end.

    ``length`` is that of the content as a whole.
    """

    head: bytes
    parts: tuple[tuple[bytes, Span], ...]
    closing: bytes
    length: int


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """416: nothing of what was asked for is there; ``line`` is the Content-Range that tells how much is."""

    line: Line


Plan = Whole | NotModified | PreconditionFailed | Part | Parts | Unsatisfiable

_WHOLE = Whole()
_PRECONDITION_FAILED = PreconditionFailed()


def plan_answer(
    alternate: Alternate,
    request: RequestHead,
    facts: RequestFacts,
    length: int | None,
    now: float,
    policy: CachingPolicy,
) -> Plan:
    """
    How to answer ``request`` with ``alternate``, whose content is ``length`` octets (None: not known yet).

    Source: RFC 9110 §13.2, §14.2, §15.3.7; Traffic Server, ``proxy.config.http.allow_multi_range``.
    """
    if facts.plain:
        return _WHOLE
    if facts.conditional:
        match evaluate_conditions(request.fields, alternate, now):
            case Outcome.NOT_MODIFIED:
                told = [line for line in alternate.fields.lines if line[0].lower() in _TOLD_WITH_304]
                return NotModified(render_head(304, b"Not Modified", Fields(told)))
            case Outcome.PRECONDITION_FAILED:
                return _PRECONDITION_FAILED
            case Outcome.WHOLE:
                pass
            case impossible:
                assert_never(impossible)
    if facts.range is None or length is None or facts.method != b"GET":
        return _WHOLE
    if request.version < 11 or alternate.status != 200:
        return _WHOLE
    return _plan_ranges(alternate, facts.range, facts.if_range, length, now, policy)


def _plan_ranges(
    alternate: Alternate, wanted: bytes, if_range: bytes | None, length: int, now: float, policy: CachingPolicy
) -> Plan:
    ranges = parse_ranges(wanted)
    if ranges is None or not is_range_current(if_range, alternate, now):
        return _WHOLE
    several = len(ranges) > 1
    if several and policy.allow_multi_range == _SEVERAL_AS_WHOLE:
        return _WHOLE
    spans = satisfiable_spans(ranges, length)
    if not spans or (several and policy.allow_multi_range == _SEVERAL_REFUSED):
        return Unsatisfiable((b"Content-Range", b"bytes */%d" % length))
    if len(spans) == 1:
        fields = alternate.fields.plus((b"Content-Range", content_range(spans[0], length)))
        return Part(render_head(206, b"Partial Content", fields), spans[0])
    # RFC 9110 §14.2 lets a server ignore ranges that make it work for nothing
    return _plan_parts(alternate, spans, length) if are_in_order(spans) else _WHOLE


def content_range(span: Span, length: int) -> bytes:
    """The value of Content-Range for a part of a content of ``length`` octets (RFC 9110 §14.4)."""
    return b"bytes %d-%d/%d" % (span.first, span.last, length)


def _plan_parts(alternate: Alternate, spans: tuple[Span, ...], length: int) -> Parts:
    """
    The parts in a multipart/byteranges content (RFC 9110 §14.6).

    The boundary is made from what the content cannot know of, and is the same each time.
    """
    digest = sha256(b"%r %b" % (alternate.response_time, alternate.head)).hexdigest()
    boundary = b"RANGE_SEPARATOR_" + digest[:24].encode()
    content_type = alternate.fields.get(b"content-type")
    typed = b"" if content_type is None else b"Content-Type: %b\r\n" % content_type
    parts = []
    total = 0
    opening = b"--"
    for span in spans:
        before = b"%b%b\r\n%bContent-Range: %b\r\n\r\n" % (opening, boundary, typed, content_range(span, length))
        parts.append((before, span))
        total += len(before) + span.length
        opening = b"\r\n--"
    closing = b"\r\n--%b--\r\n" % boundary
    fields = alternate.fields.replaced(b"Content-Type", b"multipart/byteranges; boundary=" + boundary)
    return Parts(render_head(206, b"Partial Content", fields), tuple(parts), closing, total + len(closing))
