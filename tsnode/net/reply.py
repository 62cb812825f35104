"""The client's side of one transaction: what is sent to it, how it is framed, and what the log says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.model.errors import BadRequest, PeerError
from tsnode.model.messages import RequestHead, ResponseHead
from tsnode.net.send import unsent, when_drained
from tsnode.ports import Buffer, Flow, IContent, IReply, ITunnelEnd
from tsnode.routing.access import Allowed
from tsnode.semantics.hop_by_hop import end_to_end
from tsnode.transaction.log_line import render_rest
from tsnode.transaction.refusal import render_last_answer, render_refusal

if TYPE_CHECKING:
    from tsnode.net.downstream import Downstream

__all__ = ["Reply", "refuse_unread"]

_CONTENT_TYPE = re.compile(rb"\r\ncontent-type: ([^\r;]+)", re.IGNORECASE)

_BATCH = 262144
"""Octets gathered for one write to the kernel."""


@implementer(IReply)
class Reply:
    """Sends one answer over a :class:`Downstream` link, at the client's pace."""

    # what most answers leave as it is costs nothing here
    _source: IContent | None = None
    _first: Sequence[Buffer] = ()
    _chunked = False
    _length: int | None = None
    _on_gone: Callable[[], None] | None = None
    _code = "TCP_MISS"
    _hierarchy = "NONE"
    _server = b"-"
    _log_type = b"-"
    _status = 0
    begun = False
    gone = False
    octets = 0

    def __init__(self, link: Downstream, request: RequestHead, started: float) -> None:
        self._link = link
        self._request = request
        self._keep = request.persistent
        self.access: Allowed = link.access
        self.client: str = link.client
        self.port: int = link.port
        self.started = started
        self.url = request.target

    @property
    def connection(self) -> object:
        """See :class:`tsnode.ports.IReply`."""
        return self._link

    def when_gone(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IReply`."""
        self._on_gone = callback

    def mark(self, code: str, hierarchy: str, server: bytes) -> None:
        """See :class:`tsnode.ports.IReply`."""
        self._code = code
        self._hierarchy = hierarchy
        self._server = server

    def inform(self, head: ResponseHead) -> None:
        """See :class:`tsnode.ports.IReply`."""
        if self.gone or self.begun or self._request.version < 11:
            return
        self._link.counters.responses_1xx += 1
        self._send([b"HTTP/1.1 %d %b\r\n%b\r\n" % (head.status, head.reason, end_to_end(head.fields).render())])

    def close_after_answer(self) -> None:
        """See :class:`tsnode.ports.IReply`."""
        self._keep = False

    def respond(self, status: int, head: bytes, length: int | None, content: IContent | bytes | None) -> None:
        """See :class:`tsnode.ports.IReply`."""
        if self.gone:
            if content is not None and not isinstance(content, bytes):
                content.close()
            return
        if content is not None and self._request.method == b"HEAD":
            # whoever answers, with whatever: what follows a head would be taken for the next answer
            if not isinstance(content, bytes):
                content.close()
            content = None
        self.begun = True
        self._status = status
        if self._link.log is not None:
            named = _CONTENT_TYPE.search(head)
            if named is not None:
                self._log_type = named[1]
        self._length = length
        if self._link.owes_content or not self._link.may_persist:
            # what the client has yet to send would have to be read to find its next request
            self._keep = False
        framing = self._framing(length, content is not None)
        if content is None or isinstance(content, bytes):
            first: list[Buffer] = [head + framing]
            if content:
                first.append(content)
            self._send(first)
            self._finish()
            return
        self._source = content
        self._first = [head + framing]
        self._pump()

    def _framing(self, length: int | None, content: bool) -> bytes:
        persistent = self._request.version >= 11
        if content and length is None:
            if persistent:
                self._chunked = True
                return b"Transfer-Encoding: chunked\r\n" + (b"\r\n" if self._keep else b"Connection: close\r\n\r\n")
            self._keep = False
            return b"Connection: close\r\n\r\n"
        framing = b"" if length is None else b"Content-Length: %d\r\n" % length
        if not self._keep:
            return framing + b"Connection: close\r\n\r\n"
        return framing + (b"\r\n" if persistent else b"Connection: keep-alive\r\n\r\n")

    def _pump(self) -> None:
        """Bring what the source has to the client, until one of them has to wait."""
        if self.gone or self._source is None:
            return
        source = self._source
        link = self._link
        while True:
            buffers, self._first = [*self._first], ()
            size = 0
            while size < _BATCH:
                octets = source.take()
                if octets is None:
                    break
                size += len(octets)
                if self._chunked:
                    buffers += (b"%x\r\n" % len(octets), octets, b"\r\n")
                else:
                    buffers.append(octets)
            flow = source.flow
            if flow is Flow.ENDED and self._chunked:
                buffers.append(b"0\r\n%b\r\n" % source.trailers.render())
            if buffers:
                self._send(buffers)
                if link.owes_content:
                    # a client that takes its answer is not inactive, though it sends nothing meanwhile
                    link.await_client()
            if flow is Flow.ENDED:
                self._source = None
                self._finish()
                return
            if flow is Flow.FAILED:
                self._fail()
                return
            if unsent(link.transport):
                link.await_client()
                when_drained(link.transport, self._pump)
                return
            if size < _BATCH:
                source.notify(self._pump)
                return

    def _send(self, buffers: list[Buffer]) -> None:
        self.octets += sum(map(len, buffers))
        self._link.send_soon(buffers)

    def _fail(self) -> None:
        self._source = None
        self._code = "ERR_READ_ERROR"
        self._note()
        # an end without a length can be told from a failure only by a reset
        self._link.answer_failed(abort=self._length is None and not self._chunked)

    def _finish(self) -> None:
        counters = self._link.counters
        counters.completed_requests += 1
        self._note()
        self._link.answered(self._keep)

    def _note(self) -> None:
        status = self._status
        link = self._link
        counters = link.counters
        counters.user_agent_total_response_bytes += self.octets
        if status < 200:
            # nothing was begun, or the connection became a tunnel
            pass
        elif status < 300:
            counters.responses_2xx += 1
        elif status < 400:
            counters.responses_3xx += 1
        elif status < 500:
            counters.responses_4xx += 1
        else:
            counters.responses_5xx += 1
        if link.log is not None:
            rest = render_rest(
                self._code, status, self.octets, self._request.method, self.url, b"-",
                self._hierarchy, self._server, self._log_type,
            )  # fmt: skip
            link.log.note(link.now(), self.started, link.client_octets, rest)

    def broken(self, failure: Failure) -> None:
        """See :class:`tsnode.ports.IReply`."""
        if failure.check(CancelledError) is not None and self.gone:
            return
        self._link.broken(self, failure)
        self._close_source()
        self.abandon()

    def cut(self) -> None:
        """End the connection where the answer is: a defect of ours met it."""
        self._code = "ERR_UNKNOWN"
        self._note()
        self._link.answer_failed(abort=True)

    def tunnel(self, head: bytes) -> ITunnelEnd:
        """See :class:`tsnode.ports.IReply`."""
        self._status = int(head[9:12])
        self._send([head])
        self._note()
        return self._link.become_tunnel()

    def abandon(self) -> None:
        """It was answered in the transaction's place: whatever that still sends goes nowhere."""
        self.gone = True
        on_gone, self._on_gone = self._on_gone, None
        if on_gone is not None:
            on_gone()

    def time_out(self) -> None:
        """It took too long: answer so in the transaction's place."""
        reason = b"Maximum Transaction Time Exceeded"
        fault = PeerError("transaction took too long", status=504, reason=reason, kind=b"http_response_timeout")
        head, page = render_refusal(fault.status, fault.reason, str(fault), self._link.now())
        self.respond(fault.status, head, len(page), page)
        self.abandon()

    def leave(self) -> None:
        """The client is gone: note it, let go of the content, tell who asked to be told."""
        if self.gone:
            return
        self.gone = True
        self._code = "ERR_CLIENT_ABORT"
        self._note()
        self._close_source()
        self.abandon()

    def _close_source(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()


def refuse_unread(link: Downstream, fault: BadRequest) -> None:
    """Answer what could not be read, so that there is no request to reply to: say why, count it, and note it."""
    answer = render_last_answer(fault, link.now())
    link.send([answer])
    counters = link.counters
    counters.invalid_client_requests += 1
    counters.user_agent_total_response_bytes += len(answer)
    if fault.status < 500:
        counters.responses_4xx += 1
    else:
        counters.responses_5xx += 1
    if link.log is not None:
        now = link.now()
        rest = render_rest("ERR_INVALID_REQ", fault.status, len(answer), b"-", b"-", b"-", "NONE", b"-", b"text/html")
        link.log.note(now, now, link.client_octets, rest)
