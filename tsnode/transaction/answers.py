"""Answers to clients: stored ones, others' as they come, and those that the node makes itself."""

from __future__ import annotations

from typing import assert_never

from tsnode.caching.freshness import lifetime_under
from tsnode.caching.serving import (
    NotModified,
    Part,
    Parts,
    PreconditionFailed,
    Unsatisfiable,
    Whole,
    content_range,
    plan_answer,
)
from tsnode.model.alternate import Alternate
from tsnode.model.errors import PeerError
from tsnode.model.fields import Fields, Line
from tsnode.model.messages import EMPTY, ResponseHead, Sized
from tsnode.model.settings import ProxySettings
from tsnode.model.spans import Span
from tsnode.ports import Answer, IContent, IReply
from tsnode.semantics.dates import render_date
from tsnode.semantics.heads import render_head
from tsnode.semantics.hop_by_hop import end_to_end
from tsnode.transaction.joined import Cut, Joined
from tsnode.transaction.refusal import begin_head, render_refusal
from tsnode.transaction.services import Errand, Services
from tsnode.transaction.status import Forwarded, describe_error, describe_forwarded, describe_hit
from tsnode.transaction.via import Trace, error_via, response_via

__all__ = [
    "adjust",
    "follow_fill",
    "pass_on",
    "refuse",
    "respond_with",
    "serve_part",
    "serve_stored",
    "turn_away",
]

_REFERENCES = frozenset({b"location", b"content-location", b"uri", b"destination"})
_SERVER = frozenset({b"server"})
_NOT_PASSED = frozenset({b"content-length", b"age"})
_NO_LENGTH = frozenset({204, 304})
_STATUSES: dict[type, int] = {NotModified: 304, PreconditionFailed: 412}


def refuse(
    services: Services, reply: IReply, error: PeerError, *lines: Line, forwarded: Forwarded | None = None
) -> None:
    """Answer with the status that ``error`` carries; ``forwarded`` is why the request would have gone on, if at all."""
    told = describe_error(services.settings, error, forwarded)
    via = error_via(services.settings, error, forwarded, reply.client)
    if via:
        told = ((b"Via", via), *told)
    head, page = render_refusal(error.status, error.reason, str(error), services.now(), *told, *lines)
    reply.respond(error.status, head, len(page), page)


def turn_away(
    services: Services, reply: IReply, error: PeerError, server: bytes = b"-", forwarded: Forwarded | None = None
) -> None:
    """
    Answer with the status that ``error`` carries, counted and marked for the log.

    ``server`` is who was asked, ``forwarded`` why the request goes on, None where it would not.
    """
    status = error.status
    if status == 403:
        services.counters.access_denied += 1
        reply.mark("ERR_PROXY_DENIED", "NONE", b"-")
    elif status == 504:
        reply.mark("ERR_READ_TIMEOUT", "TIMEOUT_DIRECT", server)
    elif status == 500:
        reply.mark("ERR_DNS_FAIL", "NONE", b"-")
    elif status > 500 or status == 404:
        reply.mark("ERR_CONNECT_FAIL", "DIRECT", server)
    else:
        services.counters.invalid_client_requests += 1
        reply.mark(_fault(error), "NONE", b"-")
    refuse(services, reply, error, forwarded=forwarded)


def _fault(error: PeerError) -> str:
    """What the log calls a fault of a client's request."""
    if error.kind == b"proxy_loop_detected":
        return "ERR_LOOP_DETECTED"
    return "ERR_POST_ENTITY_TOO_LARGE" if error.status == 413 else "ERR_INVALID_REQ"


def adjust(services: Services, errand: Errand, head: ResponseHead) -> ResponseHead:
    """
    A response as this node presents it: Server by the operator's wish, references back through reverse_map.

    Source: Traffic Server, ``proxy.config.http.response_server_enabled``, remap.config ``reverse_map``.
    """
    settings = errand.settings
    memo = head.memo
    if memo.adjusted is not None and errand.mapped is None and memo.adjusted_for is settings:
        return memo.adjusted
    fields = head.fields
    mode = settings.server_mode
    if mode == 1 or (mode == 2 and b"server" not in fields):
        fields = Fields([*fields.without(_SERVER).lines, (b"Server", settings.server_text)])
    if errand.mapped is not None and not _REFERENCES.isdisjoint(fields.names()):
        reverse = services.remap.reverse_location
        lines = [(name, reverse(value) if name.lower() in _REFERENCES else value) for name, value in fields.lines]
        fields = Fields(lines)
    adjusted = head
    if fields is not head.fields:
        adjusted = ResponseHead(head.version, head.status, head.reason, fields, head.framing, head.persistent)
    if errand.mapped is None:
        memo.adjusted_for, memo.adjusted = settings, adjusted
    return adjusted


def _age_line(alternate: Alternate, now: float, settings: ProxySettings) -> bytes:
    if not settings.insert_age:
        return b""
    return b"Age: %d\r\n" % max(0, int(now - alternate.terms.birth))


def _describe_hit(errand: Errand, alternate: Alternate, now: float) -> bytes:
    age = max(0, int(now - alternate.terms.birth))
    return describe_hit(errand.settings, lifetime_under(alternate, errand.policy) - age)


def pass_on(
    services: Services,
    errand: Errand,
    head: ResponseHead,
    answer: Answer,
    *lines: Line,
    trace: Trace = Trace.FETCHED,
) -> None:
    """Send an answer to its client as it comes; ``head`` is its head after :func:`adjust`."""
    settings = errand.settings
    fields = end_to_end(head.fields).without(_NOT_PASSED)
    if b"date" not in fields:
        fields = fields.plus((b"Date", render_date(answer.response_time)))
    age = head.fields.get(b"age")
    if age is not None and settings.insert_age:
        fields = fields.plus((b"Age", age))
    octets = render_head(head.status, head.reason, fields.plus(*lines))
    octets += response_via(errand, head.version, trace, head.status)
    octets += describe_forwarded(settings, errand.forwarded, stored=trace is Trace.STORED)
    framing = head.framing
    length: int | None = framing.length if isinstance(framing, Sized) else None
    content: IContent | None = answer.content
    if framing == EMPTY:
        answer.content.close()
        content = None
        if errand.facts.is_head:
            # several are all the same, the reader saw to that
            told = head.fields.all(b"content-length")
            length = int(told[0]) if told else None
        elif head.status in _NO_LENGTH:
            length = None
    errand.reply.respond(head.status, octets, length, content)


def follow_fill(
    services: Services,
    errand: Errand,
    alternate: Alternate,
    content: IContent | bytes | None,
    *,
    trace: Trace,
    own: bytes = b"",
) -> None:
    """
    Answer from an alternate that is being stored, ``content`` following the writer.

    Unless the ``trace`` is that of a follower, this client's request brought it, so that an Age is only told where
    the answer came with one. ``own`` are lines for this client alone, each with its CRLF.
    """
    now = services.now()
    first_hand = trace is not Trace.FOLLOWED
    own += describe_forwarded(errand.settings, errand.forwarded, stored=first_hand, collapsed=not first_hand)
    head = alternate.head + own
    if alternate.status in _NO_LENGTH:
        _drop(content)
        content = None
    if errand.facts.plain and first_hand and now - alternate.terms.birth < 1.0 and not errand.settings.response_via:
        errand.reply.respond(alternate.status, head, _told_length(alternate), content)
        return
    if not first_hand or now - alternate.terms.birth >= 1.0:
        head += _age_line(alternate, now, errand.settings)
    plan = plan_answer(alternate, errand.request, errand.facts, None, now, errand.policy)
    match plan:
        case NotModified(told):
            _drop(content)
            errand.reply.respond(304, told + own + response_via(errand, 11, trace, 304), None, None)
        case PreconditionFailed():
            _drop(content)
            _refuse_precondition(errand.reply, own + response_via(errand, 11, trace, 412), now)
        case _:
            head += response_via(errand, 11, trace)
            errand.reply.respond(alternate.status, head, _told_length(alternate), content)


def _drop(content: IContent | bytes | None) -> None:
    if content is not None and not isinstance(content, bytes):
        content.close()


def _told_length(alternate: Alternate) -> int | None:
    return None if alternate.status in _NO_LENGTH else alternate.length


def _refuse_precondition(reply: IReply, told: bytes, now: float) -> None:
    reply.respond(412, begin_head(412, now, b"Precondition Failed") + told, 0, None)


def serve_stored(
    services: Services,
    errand: Errand,
    alternate: Alternate,
    *,
    trace: Trace,
    warning: bytes | None = None,
    own: bytes = b"",
    told: bytes | None = None,
) -> int:
    """
    Answer from a stored alternate; gives the status sent.

    ``own`` are lines for this client alone, with their CRLF. ``told`` is the line that says how it came to be stored;
    None is a hit.

    Source: RFC 9110 §13.2, §14.2; RFC 9111 §4, §5.1.
    """
    now = services.now()
    store = services.store
    reply = errand.reply
    if told is None:
        told = _describe_hit(errand, alternate, now)
    length = alternate.length or 0
    plan = plan_answer(alternate, errand.request, errand.facts, length, now, errand.policy)
    tail = own + told + response_via(errand, 11, trace, _STATUSES.get(type(plan), 0))
    if warning is not None:
        tail += b"Warning: %b\r\n" % warning
    aged = _age_line(alternate, now, errand.settings) + tail
    match plan:
        case Whole():
            size = None if alternate.status in _NO_LENGTH else length
            if errand.facts.is_head:
                reply.respond(alternate.status, alternate.head + aged, size, None)
            else:
                held = store.ready(alternate) or store.open(alternate, 0, length)
                reply.respond(alternate.status, alternate.head + aged, size, held if length else None)
            return alternate.status
        case NotModified(head):
            reply.respond(304, head + tail, None, None)
            return 304
        case PreconditionFailed():
            _refuse_precondition(reply, tail, now)
            return 412
        case Part(head, span):
            reply.respond(206, head + aged, span.length, store.open(alternate, span.first, span.length))
            return 206
        case Parts(head, parts, closing, total):
            pieces: list[bytes | IContent] = []
            for before, span in parts:
                pieces += (before, store.open(alternate, span.first, span.length))
            reply.respond(206, head + aged, total, Joined((*pieces, closing)))
            return 206
        case Unsatisfiable(line):
            _refuse_range(reply, line, tail, now)
            return 416
        case impossible:
            assert_never(impossible)


def respond_with(
    services: Services,
    errand: Errand,
    alternate: Alternate,
    span: Span | None,
    content: IContent,
    *,
    trace: Trace,
    size: int = 0,
    told: bytes | None = None,
) -> None:
    """
    Answer with the octets of ``span`` of an alternate, which ``content`` brings; with all of them where it is None.

    ``size`` is that of the whole, where the alternate does not know it itself, ``told`` as in :func:`serve_stored`.
    """
    now = services.now()
    size = size if alternate.parts is None else alternate.parts.size
    # RFC 9111 §4: what is served without asking tells its age, however young it is
    aged = told is None or now - alternate.terms.birth >= 1.0
    if told is None:
        told = _describe_hit(errand, alternate, now)
    tail = told + response_via(errand, 11, trace)
    if aged:
        tail = _age_line(alternate, now, errand.settings) + tail
    if span is None:
        errand.reply.respond(alternate.status, alternate.head + tail, size, content)
        return
    fields = alternate.fields.plus((b"Content-Range", content_range(span, size)))
    errand.reply.respond(206, render_head(206, b"Partial Content", fields) + tail, span.length, content)


def serve_part(
    services: Services, errand: Errand, alternate: Alternate, content: IContent, told: bytes, trace: Trace
) -> bool:
    """
    Answer with the part asked for of an alternate that ``content`` brings from its start; whether one was.

    ``told`` is the line that says where it comes from.
    """
    now = services.now()
    plan = plan_answer(alternate, errand.request, errand.facts, alternate.length, now, errand.policy)
    if not isinstance(plan, Part):
        return False
    head = plan.head + _age_line(alternate, now, errand.settings) + told + response_via(errand, 11, trace)
    errand.reply.respond(206, head, plan.span.length, Cut(content, plan.span))
    return True


def _refuse_range(reply: IReply, line: Line, told: bytes, now: float) -> None:
    """Answer that nothing of what is asked for is there, which ``line`` tells; that is no error of a proxy's."""
    problem = "none of the ranges asked for is there"
    head, page = render_refusal(416, b"Requested Range Not Satisfiable", problem, now, line)
    reply.respond(416, head + told, len(page), page)
