"""One client connection: its requests in their order, and the limits of what it may use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.model.errors import BadRequest
from tsnode.model.messages import EMPTY, RequestHead
from tsnode.net.deadlines import NEVER
from tsnode.net.downstream_states import Phase
from tsnode.net.lane import Lane
from tsnode.net.reply import Reply, refuse_unread
from tsnode.net.send import sender_of, sender_soon_of, unsent, when_drained
from tsnode.net.tunnel import TunnelEnd
from tsnode.net.upload import Upload
from tsnode.ports import Buffer, IContent, ITunnelEnd
from tsnode.routing.access import Allowed
from tsnode.semantics.field_lines import LastLines
from tsnode.semantics.reader import RequestReader
from tsnode.transaction.services import Asked

if TYPE_CHECKING:
    from tsnode.net.listener import Listener

__all__ = ["Downstream"]

_LINGER = 2.0
"""Seconds a refused client has to read why, before its connection goes."""


@implementer(IHalfCloseableProtocol)
class Downstream(Protocol):
    """One client connection."""

    transport: Any

    def __init__(self, front: Listener, client: str, access: Allowed) -> None:
        self._front = front
        self.client = client
        self.client_octets = client.encode("ascii")
        self.counters = front.counters
        self.now = front.now
        self.port = front.port
        self._phase = Phase.READING
        self._quiet = False            # reading, and nothing of a next request is here: the lane may look
        self.renew(access)
        self._reader: RequestReader | None = None
        self._reply: Reply | None = None
        self._upload: Upload | None = None
        self._advancing = False
        self._paused = False
        self._half_closed = False
        self._unsent_before = 0
        self._last_lines = LastLines()
        self._until = NEVER            # when the present transaction has to be over
        self.deadline = 0.0

    def renew(self, access: Allowed) -> None:
        """Serve the requests to come as the listener is configured now; this client may use ``access``."""
        self.access = access
        self.log = self._front.log
        self._lane = self._front.lane if access.permits(b"GET") else None
        self._quiet = self._quiet and self._lane is not None

    def connectionMade(self) -> None:
        """Start waiting for the first request."""
        self.send: Callable[[Sequence[Buffer]], None] = sender_of(self.transport)
        self.send_soon: Callable[[Sequence[Buffer]], None] = sender_soon_of(self.transport)
        self._quiet = self._lane is not None
        self.deadline = self.now() + self._front.accept
        self._front.opened(self)

    def dataReceived(self, data: bytes) -> None:
        """Serve what the lane can serve, and read the rest."""
        if self._quiet:
            now = self.now()
            found = cast(Lane, self._lane).find(data, now)
            if isinstance(found, Asked):
                self._begin_plain(found, data)
                return
            if found is not None:
                answer, buffers = found
                self.send(buffers)
                counters = self.counters
                counters.plain_hits += 1
                counters.plain_hit_octets += answer.size
                counters.user_agent_total_request_bytes += len(data)
                until = now + self._front.keep_alive
                if until >= self.deadline:
                    self.deadline = until
                else:
                    self._front.deadlines.hasten(self, until)
                log = self.log
                if log is not None:
                    log.note(now, now, self.client_octets, answer.rest)
                if unsent(self.transport):
                    self._await_drain()
                return
        self._receive(data)

    def readConnectionLost(self) -> None:
        """The client sends no more; what it asked for is still answered."""
        self._half_closed = True
        if self._upload is not None:
            self._upload.fail(BadRequest("the client stopped in the middle of its content"))
        if self._phase is not Phase.ANSWERING:
            self._close()

    def writeConnectionLost(self) -> None:
        """Our half is closed: the client has everything."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Let go of everything."""
        gave_away = self._phase is Phase.GONE
        self._phase = Phase.GONE
        self._quiet = False
        self._front.closed(self)
        if gave_away:
            return
        reply, self._reply = self._reply, None
        if reply is not None:
            self.counters.current_client_transactions -= 1
            reply.leave()
        if self._upload is not None:
            self._upload.fail(BadRequest("the client left"))

    def _receive(self, data: bytes) -> None:
        self._quiet = False
        if self._phase is not Phase.READING and self._phase is not Phase.ANSWERING:
            return
        reader = self._reader
        if reader is None:
            reader = self._reader = RequestReader(self._front.reader_limits)
        self.counters.user_agent_total_request_bytes += len(data)
        if self._phase is Phase.READING and not reader.buffered:
            # from its first octet on, a head has a bounded time to be complete
            self._front.deadlines.hasten(self, self.now() + self._front.inactivity)
        reader.receive(data)
        if self._phase is Phase.READING:
            self._advance()
        else:
            self._feed()

    def _advance(self) -> None:
        """Begin the requests that are here, one after the other, until one has to wait."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._phase is Phase.READING and self._reader is not None:
                if unsent(self.transport) > self._front.settings.limits.read_ahead:
                    self._pause()
                    self._await_drain()
                    return
                event = self._reader.next()
                if event is None:
                    break
                if isinstance(event, RequestHead):
                    self._begin(event)
        except BadRequest as fault:
            self._refuse(fault)
        finally:
            self._advancing = False
        if self._phase is Phase.READING:
            self._settle()

    def _settle(self) -> None:
        """Nothing more can be begun: wait for the client."""
        if self._half_closed or self._front.draining:
            self._close()
            return
        self._resume()
        if unsent(self.transport):
            self._await_drain()
        elif self._reader is None or not self._reader.buffered:
            self._quiet = self._lane is not None

    def _await_drain(self) -> None:
        """The client has yet to take what was sent: until then it has less time, and the lane sends it no more."""
        self._quiet = False
        self.await_client()
        when_drained(self.transport, self._drained)

    def _drained(self) -> None:
        if self._phase is Phase.READING:
            self._await_request()
            self._advance()

    def _await_request(self) -> None:
        """A request has so much time to begin; one that has begun, to have a head."""
        front = self._front
        begun = self._reader is not None and self._reader.buffered
        front.deadlines.hasten(self, self.now() + (front.inactivity if begun else front.keep_alive))

    def _begin_plain(self, asked: Asked, octets: bytes) -> None:
        """Begin a request that the lane has read, but has no answer to."""
        self._quiet = False
        self.counters.user_agent_total_request_bytes += len(octets)
        lines = self._last_lines.split(octets[octets.index(b"\r\n") + 2 : -2])
        head = RequestHead(b"GET", asked.target.path, 11, lines, EMPTY, asked.host, True)
        reply = self._open(head)
        self._upload = None
        self._advancing = True
        self._front.start(self._front.carry_plain, head, asked, reply)
        self._advancing = False
        if self._phase is Phase.READING:
            self._settle()

    def _open(self, head: RequestHead) -> Reply:
        """A transaction begins."""
        self._phase = Phase.ANSWERING
        counters = self.counters
        counters.incoming_requests += 1
        counters.current_client_transactions += 1
        now = self.now()
        self._until = now + self._front.active
        self._front.deadlines.hasten(self, min(now + self._front.inactivity, self._until))
        self._reply = reply = Reply(self, head, now)
        return reply

    def _begin(self, head: RequestHead) -> None:
        reply = self._open(head)
        content: IContent | None = None
        if head.framing is EMPTY:
            self._upload = None
        else:
            limits = self._front.settings.limits
            reader = cast(RequestReader, self._reader)
            upload = Upload(reader, limits.request_content, limits.read_ahead, self._pause, self._resume_upload)
            self._upload, content = upload, upload.content
        self._front.start(self._front.carry, head, content, reply)
        if content is not None and self._phase is Phase.ANSWERING:
            self._feed()

    def _feed(self) -> None:
        """Bring request content to whoever takes it; octets behind it wait for their turn."""
        reader = cast(RequestReader, self._reader)
        upload = self._upload
        if upload is not None and upload.owed:
            upload.feed()
            if self._phase is not Phase.ANSWERING:
                return
            if not upload.content.full:
                self._resume()
        self.deadline = min(self.now() + self._front.inactivity, self._until)
        if (upload is None or not upload.owed) and reader.buffered > self._front.settings.limits.pipeline:
            self.counters.pipeline_pauses += 1
            self._pause()

    @property
    def owes_content(self) -> bool:
        """Whether some of the present request's content has not come yet, so that no other request can be found."""
        return self._upload is not None and not self._upload.whole

    @property
    def may_persist(self) -> bool:
        """Whether the connection may stay open after the present answer."""
        return self._front.settings.keep_alive_in and not self._front.draining

    def _pause(self) -> None:
        if not self._paused and self._phase is not Phase.GONE:
            self._paused = True
            self.transport.pauseProducing()

    def _resume(self) -> None:
        if self._paused and self._phase is not Phase.GONE:
            self._paused = False
            self.transport.resumeProducing()

    def _resume_upload(self) -> None:
        self._resume()
        if self._phase is Phase.ANSWERING:
            self._feed()

    def answered(self, keep: bool) -> None:
        """The answer is out; go on with the next request, or close."""
        if self._phase is not Phase.ANSWERING:
            return
        self._reply = None
        self.counters.current_client_transactions -= 1
        if not keep:
            self._close()
            return
        self._phase = Phase.READING
        self._until = NEVER
        self._await_request()
        if self._reader is not None and self._reader.buffered:
            self._advance()
        elif not self._advancing:
            self._settle()

    def answer_failed(self, abort: bool) -> None:
        """The answer cannot be finished: cut the connection, so that nobody takes it for whole."""
        self._reply = None
        self.counters.current_client_transactions -= 1
        if self._upload is not None:
            self._upload.fail(BadRequest("the answer was cut short"))
        if abort:
            self._phase = Phase.LINGERING
            self.transport.abortConnection()
        else:
            self._close()

    def _refuse(self, fault: BadRequest) -> None:
        """What the client sends cannot be read: say so, and close."""
        refuse_unread(self, fault)
        self._linger()

    def broken(self, reply: Reply, failure: Failure) -> None:
        """A defect of ours met this request; the connection cannot be trusted any more."""
        self._front.failed(failure)
        if self._reply is reply and self._phase is Phase.ANSWERING:
            reply.cut()

    def _close(self) -> None:
        if self._phase is Phase.GONE:
            return
        if self._half_closed:
            self._phase = Phase.LINGERING
            self.transport.loseConnection()
        else:
            self._linger()

    def _linger(self) -> None:
        """Close our half first: closing at once would take the answer back if the client is still sending."""
        self._phase = Phase.LINGERING
        self._quiet = False
        self._resume()
        self.transport.loseWriteConnection()
        self._front.deadlines.hasten(self, self.now() + _LINGER)

    def become_tunnel(self) -> ITunnelEnd:
        """Give the connection away, with what was read of it and not used."""
        self._phase = Phase.GONE
        self._reply = None
        self.counters.current_client_transactions -= 1
        rest = self._reader.rest() if self._reader is not None else b""
        front = self._front
        front.deadlines.remove(self)
        end = TunnelEnd(self.transport, rest, self.counters, front.deadlines, front.settings.timeouts.inactivity_in)
        end.on_end = partial(front.closed, self)
        return end

    def await_client(self) -> None:
        """Octets are on their way to the client: it has to take some of them before its time is up."""
        self._unsent_before = unsent(self.transport)
        self._front.deadlines.hasten(self, min(self.now() + self._front.inactivity, self._until))

    def deadline_passed(self, now: float) -> None:
        """The time for what this connection was doing is over."""
        waiting = unsent(self.transport)
        match self._phase:
            case Phase.READING:
                if waiting and waiting != self._unsent_before:
                    self.await_client()
                    return
                self.counters.client_timeouts += 1
                if waiting:
                    self.transport.abortConnection()
                elif self._reader is not None and self._reader.buffered:
                    self._refuse(BadRequest("no complete request in time", status=408, reason=b"Request Timeout"))
                else:
                    self._close()
            case Phase.ANSWERING:
                # between the client and an origin that takes its time only the active timeout counts
                idle = (self._upload is None or not self._upload.owed) and not waiting
                if now < self._until and (idle or self._paused or (waiting and waiting != self._unsent_before)):
                    self._unsent_before = waiting
                    self.deadline = min(now + self._front.inactivity, self._until)
                    self._front.deadlines.add(self)
                    return
                self.counters.client_timeouts += 1
                self._give_up()
            case Phase.LINGERING if waiting and waiting != self._unsent_before:
                self.await_client()
            case Phase.LINGERING:
                self.transport.abortConnection()
            case Phase.GONE:
                pass

    def _give_up(self) -> None:
        reply = self._reply
        if self._upload is not None:
            self._upload.fail(BadRequest("the content stopped coming", status=408, reason=b"Request Timeout"))
        if reply is not None and self._reply is reply and not reply.begun:
            reply.time_out()
        elif self._phase is Phase.ANSWERING:
            self.transport.abortConnection()

    def drain(self) -> None:
        """Close as soon as nothing is under way any more."""
        if self._phase is Phase.READING and not (self._reader and self._reader.buffered):
            self._close()
