"""One connection to a next hop: a request goes out, its answer comes in, and then the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, assert_never

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol, ITransport
from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.model.errors import BadGateway, GatewayTimeout, PeerError, TsnodeError, UpstreamFailed
from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, ResponseHead
from tsnode.net.deadlines import NEVER
from tsnode.net.inflow import Inflow
from tsnode.net.link_states import NEXT, Seen, State
from tsnode.net.link_terms import LinkTerms
from tsnode.net.outflow import Outflow
from tsnode.net.pool import ServerKey
from tsnode.net.send import sender_soon_of, unsent
from tsnode.net.tunnel import TunnelEnd
from tsnode.ports import Answer, Buffer, IAsker, IExchange, Order
from tsnode.semantics.reader import Content, End, ResponseReader
from tsnode.transaction.joined import Whole

__all__ = ["Home", "Link"]

_NO_TRAILERS = Fields()

_MOST_INTERIM = 100
"""How many interim answers a next hop may send before the final one."""


class Home(Protocol):
    """Who owns the links."""

    def link_idle(self, link: Link) -> None:
        """The link is free for another exchange, which may begin before this returns."""

    def idle_link_closed(self, link: Link) -> None:
        """The link, idle until now, must not be used any more."""

    def link_lost(self, link: Link) -> None:
        """The link's connection is gone, after :meth:`idle_link_closed` if it was idle."""


@implementer(IProtocol, IExchange)
class Link:
    """
    The protocol of one connection. It belongs to at most one exchange at a time.

    ``key`` is the next hop that it leads to; ``made`` is called once it is connected, and begins the first exchange.
    """

    __slots__ = ("_answer", "_asker", "_content", "_counters", "_deadlines", "_exchanges", "_home", "_interim",
                 "_made", "_now", "_order", "_outflow", "_paused", "_persistent", "_reader", "_requested", "_send",
                 "_state", "_terms", "_tunnel", "_until", "_written", "deadline", "key", "transport")  # fmt: skip

    transport: Any

    def __init__(self, home: Home, key: ServerKey, terms: LinkTerms, made: Callable[[Link], None]) -> None:
        self.key = key
        self.deadline = NEVER
        self._home = home
        self._made = made
        self._terms = terms
        self._counters = terms.counters
        self._deadlines = terms.deadlines
        self._now = terms.deadlines.now
        self._reader = ResponseReader(terms.limits, terms.known)
        self._state = State.CONNECTING
        self._exchanges = 0
        self._paused = False
        self._order: Order | None = None
        self._asker: IAsker | None = None
        self._answer: Answer | None = None
        self._content: Inflow | None = None
        self._outflow: Outflow | None = None
        self._tunnel: TunnelEnd | None = None
        self._persistent = False
        self._interim = 0
        self._requested = 0.0
        self._until = NEVER
        self._written = 0

    def makeConnection(self, transport: ITransport) -> None:
        """The connection is there."""
        self.transport = transport
        self._send: Callable[[Sequence[Buffer]], None] = sender_soon_of(transport)
        self._counters.current_server_connections += 1
        self._counters.total_server_connections += 1
        self.connectionMade()

    def connectionMade(self) -> None:
        """Tell whoever wanted it."""
        made = self._made
        # it knows the exchange that the link was made for, which is over long before the link is
        del self._made
        made(self)

    # the request

    def begin(self, order: Order, asker: IAsker, started: float) -> None:
        """Send a request over a link that nobody else uses; ``order.patience`` counts from ``started`` on."""
        self._order = order
        self._asker = asker
        asker.exchange = self
        self._requested = now = self._now()
        self._exchanges += 1
        self._interim = 0
        self._until = now + self._terms.active
        self._deadlines.hasten(self, min(started + (order.patience or NEVER), self._until))
        self._reader.expect(order.method)
        self._counters.outgoing_requests += 1
        head = order.head
        if order.content is None:
            self._state = NEXT[self._state, Seen.REQUEST_SENT]
            self._written = len(head)
            self._counters.origin_server_total_request_bytes += len(head)
            self._send((head,))
        else:
            self._state = NEXT[self._state, Seen.CLAIMED]
            self._written = 0
            self._outflow = Outflow(self, self.transport, self._send, order.content, order.framing)
            self._outflow.begin(head)

    def octets_sent(self, octets: int) -> None:
        """See :class:`tsnode.net.outflow.Sender`."""
        self._written += octets
        self._counters.origin_server_total_request_bytes += octets
        if self._state is State.EARLY:
            self._moved(self._now())

    def request_sent(self) -> None:
        """See :class:`tsnode.net.outflow.Sender`."""
        self._outflow = None
        self._state = NEXT[self._state, Seen.REQUEST_SENT]

    def request_failed(self, failure: TsnodeError) -> None:
        """See :class:`tsnode.net.outflow.Sender`."""
        self._outflow = None
        if isinstance(failure, PeerError):
            self._fail(failure)
        else:
            self._fail(BadGateway(str(failure)))

    def cancel(self, asker: IAsker) -> None:
        """See :class:`tsnode.ports.IExchange`."""
        if asker is self._asker:
            self._asker = None
            self._fail(BadGateway("the exchange was canceled"))

    # the answer

    def dataReceived(self, data: bytes) -> None:
        """Bring what there is of the answer to whoever takes it, all of it before the head is announced."""
        self._counters.origin_server_total_response_bytes += len(data)
        if self._order is None:
            # nothing was asked: whatever this is, it must not be taken for the answer to the next request
            self.close()
            return
        now = self._now()
        if self._state is State.AWAITING and self._order.keep and self._asker is not None:
            whole = self._reader.receive_whole(data)
            if whole is not None:
                self._take_whole(self._asker, *whole, now)
                return
        self._reader.receive(data)
        if not self._read():
            return
        asker, answer = self._asker, self._answer
        if asker is None:
            self._moved(now)
        elif answer is not None:
            self._asker = self._answer = None
            self._deadlines.hasten(self, min(now + self._terms.inactivity, self._until))
            asker.answered(answer)
        elif self._reader.buffered:
            # part of a head: the wait for the first octet is over
            self.deadline = max(self.deadline, min(now + self._terms.inactivity, self._until))

    def _read(self) -> bool:
        """Read everything that is here; whether this exchange goes on after that."""
        reader, order = self._reader, self._order
        while True:
            try:
                event = reader.next()
            except PeerError as fault:
                self._fail(fault)
                return False
            if event is None:
                return True
            if isinstance(event, Content):
                assert self._content is not None, "content comes after a head"
                self._content.push(event.octets)
            elif isinstance(event, End):
                self._end(event.trailers)
            else:
                self._take_head(event)
            if self._order is not order:
                return False

    def _take_head(self, head: ResponseHead) -> None:
        if head.status < 200:
            self._take_interim_head(head)
            return
        self._state = NEXT[self._state, Seen.HEAD]
        self._counters.incoming_responses += 1
        self._persistent = head.persistent
        whole = self._reader.take_whole()
        if whole is not None:
            self._answer = Answer(head, Whole(whole), self._requested, self._now(), whole)
            self._end(_NO_TRAILERS)
            return
        content = self._content = Inflow(self._terms.read_ahead, self._pause, self._resume, self._content_closed)
        self._answer = Answer(head=head, content=content, request_time=self._requested, response_time=self._now())
        if head.framing is EMPTY:
            self._end(_NO_TRAILERS)

    def _take_whole(self, asker: IAsker, head: ResponseHead, whole: Buffer, now: float) -> None:
        """The shortest way through :meth:`_take_head` and :meth:`_end`."""
        self._counters.incoming_responses += 1
        self._order = self._asker = None
        self._state = NEXT[NEXT[self._state, Seen.HEAD], Seen.END]
        self._deadlines.hasten(self, now + self._terms.keep_alive)
        self._home.link_idle(self)
        asker.answered(Answer(head, Whole(whole), self._requested, now, whole))

    def _take_interim_head(self, head: ResponseHead) -> None:
        order = self._order
        assert order is not None, "an answer belongs to an exchange"
        self._interim += 1
        if head.status == 101:
            if order.upgrade and self._state is State.AWAITING:
                self._switch(head)
            else:
                self._fail(BadGateway("another protocol than was asked for", reason=b"Bad Response"))
        elif self._interim > _MOST_INTERIM:
            self._fail(BadGateway("no end of interim answers", reason=b"Bad Response"))
        elif order.inform is not None:
            order.inform(head)

    def _switch(self, head: ResponseHead) -> None:
        """The connection is no longer about HTTP: give it away with the answer."""
        self._state = NEXT[self._state, Seen.SWITCHED]
        self._counters.incoming_responses += 1
        self._deadlines.remove(self)
        tunnel = self._tunnel = TunnelEnd(
            self.transport, self._reader.rest(), self._counters, self._deadlines, self._terms.inactivity
        )
        tunnel.on_end = self._lost
        content = Inflow(0, self._pause, self._resume)
        content.end()
        asker = self._asker
        assert asker is not None, "whoever still waits is told with the head"
        self._order = self._asker = None
        asker.answered(
            Answer(head=head, content=content, request_time=self._requested, response_time=self._now(), tunnel=tunnel)
        )

    def _end(self, trailers: Fields) -> None:
        """The answer is whole: free the link for the next exchange, then tell the reader of this one."""
        order, content, asker, answer = self._order, self._content, self._asker, self._answer
        assert order is not None, "an answer belongs to an exchange"
        self._order = self._content = self._asker = self._answer = None
        if self._paused:
            self._resume()
        if self._persistent and order.keep and self._state is State.RECEIVING and not self._reader.buffered:
            self._state = NEXT[self._state, Seen.END]
            self._deadlines.hasten(self, self._now() + self._terms.keep_alive)
            self._home.link_idle(self)
        else:
            self._give_up(Seen.LAST_END)
        if content is not None:
            content.end(trailers)
        if asker is not None:
            assert answer is not None, "whoever still waits is told with the head"
            asker.answered(answer)

    def _fail(self, failure: PeerError) -> None:
        """The exchange cannot be completed, nor can there be another on this link."""
        content, asker, answer = self._content, self._asker, self._answer
        self._order = self._content = self._asker = self._answer = None
        committed = self._written > unsent(self.transport)
        self._give_up(Seen.LOST)
        if content is not None:
            content.fail(failure)
        if asker is None:
            return
        if answer is not None:
            asker.answered(answer)
        else:
            asker.failed(
                UpstreamFailed(
                    str(failure),
                    committed=committed,
                    reused=self._exchanges > 1,
                    status=failure.status,
                    reason=failure.reason,
                    kind=failure.kind,
                )
            )

    def _give_up(self, seen: Seen) -> None:
        """Close the connection, at once where one side has not sent all that it owes."""
        whole = self._state is State.RECEIVING and seen is Seen.LAST_END
        self._state = NEXT[self._state, seen]
        outflow, self._outflow = self._outflow, None
        if outflow is not None:
            outflow.stop()
        if whole:
            self.transport.loseConnection()
        else:
            self.transport.abortConnection()

    # the connection

    def _pause(self) -> None:
        self._paused = True
        self.transport.pauseProducing()

    def _resume(self) -> None:
        self._paused = False
        self._moved(self._now())
        self.transport.resumeProducing()

    def _content_closed(self) -> None:
        self._fail(BadGateway("the rest of the answer is not wanted"))

    def _moved(self, now: float) -> None:
        self.deadline = min(now + self._terms.inactivity, self._until)

    def close(self) -> None:
        """Close the connection; an exchange under way fails."""
        match self._state:
            case State.IDLE:
                self._state = NEXT[self._state, Seen.LOST]
                self._home.idle_link_closed(self)
                self.transport.loseConnection()
            case State.SENDING | State.AWAITING | State.EARLY | State.RECEIVING:
                self._fail(BadGateway("the connection was closed on our side"))
            case State.CLOSED:
                if self._tunnel is not None:
                    self._tunnel.abort()
            case State.CONNECTING:
                raise AssertionError("only what is connected can be closed")
            case impossible:
                assert_never(impossible)

    def deadline_passed(self, now: float) -> None:
        """See :class:`tsnode.net.deadlines.Timed`."""
        match self._state:
            case State.IDLE:
                self.close()
            case State.SENDING | State.AWAITING | State.EARLY | State.RECEIVING:
                if self._paused and now < self._until:
                    # it is not the next hop that is slow
                    self._moved(now)
                    self._deadlines.add(self)
                    return
                self._counters.upstream_timeouts += 1
                self._fail(GatewayTimeout("the next hop fell silent"))
            case State.CLOSED:
                self.transport.abortConnection()
            case State.CONNECTING:
                raise AssertionError("connecting has a time limit of its own")
            case impossible:
                assert_never(impossible)

    def connectionLost(self, reason: Failure) -> None:
        """The next hop hung up, or we did."""
        self._deadlines.remove(self)
        if self._state is State.IDLE:
            self._state = NEXT[self._state, Seen.LOST]
            self._home.idle_link_closed(self)
        self._lost()
        if self._order is None:
            return
        content = self._content
        if content is not None and reason.check(ConnectionDone) is not None:
            # a connection that was reset ends no content (RFC 9112 §8)
            self._reader.close()
            self._read()
        if self._order is not None:
            self._fail(BadGateway("the next hop hung up", reason=b"Server Hangup", kind=b"connection_terminated"))
        if content is None or content.failure is not None:
            self._counters.broken_server_connections += 1

    def _lost(self) -> None:
        self._counters.current_server_connections -= 1
        self._home.link_lost(self)
