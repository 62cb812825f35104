"""One connection to a next hop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IProtocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tests.net.askers import Asker
from tests.net.wires import Wire
from tsnode.model.counters import Counters
from tsnode.model.errors import BadGateway, BadRequest, GatewayTimeout, StoreError, TsnodeError, UpstreamFailed
from tsnode.model.fields import Fields
from tsnode.model.messages import CHUNKED, EMPTY, Framing, ResponseHead, Sized
from tsnode.model.neighbors import Hop
from tsnode.net.deadlines import NEVER, Deadlines
from tsnode.net.inflow import Inflow
from tsnode.net.link import Link
from tsnode.net.link_terms import LinkTerms
from tsnode.net.pool import ServerKey
from tsnode.ports import Answer, Flow, IContent, Order
from tsnode.semantics.reader import ReaderLimits

HOP = Hop(b"a.example", 80)
HEAD = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def drain(content: IContent) -> bytes:
    """All that can be taken now."""
    return b"".join(bytes(octets) for octets in iter(content.take, None))


class Exchange:
    """One request over a link, and what became of it."""

    def __init__(self, bench: Bench, order: Order) -> None:
        self.content: IContent | None = None
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        asker = Asker()
        self.answered = asker.outcome
        self.answered.addCallbacks(self._answer, self._fail)
        bench.link.begin(order, asker, bench.clock.seconds())

    def _answer(self, answer: Answer) -> None:
        assert self.answer is None
        self.answer = answer

    def _fail(self, failure: Any) -> None:
        assert self.error is None
        self.error = failure.value

    @property
    def head(self) -> ResponseHead:
        assert self.answer is not None, self.error
        return self.answer.head

    def body(self) -> bytes:
        assert self.answer is not None, self.error
        return drain(self.answer.content)

    @property
    def flow(self) -> Flow:
        assert self.answer is not None, self.error
        return self.answer.content.flow

    @property
    def content_failure(self) -> TsnodeError | None:
        """Why the content fails, told before its reader has taken what came before."""
        assert self.answer is not None, self.error
        return self.answer.content.failure

    @property
    def failed(self) -> UpstreamFailed:
        assert isinstance(self.error, UpstreamFailed), (self.error, self.answer)
        return self.error


class Bench:
    """A connected link whose owner notes what it is told; the test is the next hop."""

    def __init__(self, **terms: Any) -> None:
        self.clock = Clock()
        self.counters = Counters()
        self.deadlines = Deadlines(self.clock)
        self.told: list[str] = []
        self.on_idle: Callable[[], object] = lambda: None
        given: dict[str, Any] = {"read_ahead": 1000, "inactivity": 30.0, "active": NEVER, "keep_alive": 120.0} | terms
        self.terms = LinkTerms(
            counters=self.counters, deadlines=self.deadlines, limits=ReaderLimits(head=8192, line=8192), **given
        )
        key: ServerKey = (b"a.example", 80)
        self.link = Link(self, key, self.terms, lambda link: self.told.append("made"))
        self.wire = Wire(self.clock)
        self.wire.connect(self.link)
        self.informed: list[int] = []

    def link_idle(self, link: Link) -> None:
        self.told.append("idle")
        self.on_idle()

    def idle_link_closed(self, link: Link) -> None:
        self.told.append("not idle")

    def link_lost(self, link: Link) -> None:
        self.told.append("lost")

    def get(self, **more: Any) -> Exchange:
        return self.send(HEAD, EMPTY, None, b"GET", **more)

    def post(self, content: Inflow, framing: Framing, **more: Any) -> Exchange:
        return self.send(POST, framing, content, b"POST", **more)

    def send(self, head: bytes, framing: Framing, content: Inflow | None, method: bytes, **more: Any) -> Exchange:
        order: dict[str, Any] = {"patience": 10.0, "inform": lambda head: self.informed.append(head.status)} | more
        return Exchange(self, Order(hop=HOP, method=method, head=head, framing=framing, content=content, **order))


def inflow(*pieces: bytes, ended: bool = False) -> Inflow:
    """A request's content, of which ``pieces`` came already."""
    content = Inflow(1 << 20, lambda: None, lambda: None)
    for piece in pieces:
        content.push(piece)
    if ended:
        content.end()
    return content


class Answers(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.wire = self.bench.wire

    def test_it_is_a_protocol_and_tells_when_it_is_connected(self) -> None:
        self.assertTrue(verifyObject(IProtocol, self.bench.link))
        self.assertEqual(self.bench.told, ["made"])
        self.assertEqual(self.bench.counters.current_server_connections, 1)
        self.assertEqual(self.bench.counters.total_server_connections, 1)

    def test_a_request_is_written_as_it_is(self) -> None:
        self.bench.get()
        self.assertEqual(self.wire.sent(), HEAD)
        self.assertEqual(self.bench.counters.outgoing_requests, 1)
        self.assertEqual(self.bench.counters.origin_server_total_request_bytes, len(HEAD))

    def test_a_small_answer_is_whole_when_its_head_is_announced(self) -> None:
        exchange = self.bench.get()
        seen: list[tuple[bytes, Flow]] = []
        exchange.answered.addCallback(lambda _: seen.append((exchange.body(), exchange.flow)))
        self.wire.receive(OK)
        self.assertEqual(seen, [(b"hi", Flow.ENDED)])
        self.assertEqual((exchange.head.status, exchange.head.reason), (200, b"OK"))
        self.assertEqual(self.bench.counters.incoming_responses, 1)
        self.assertEqual(self.bench.counters.origin_server_total_response_bytes, len(OK))

    def test_a_link_is_free_before_its_answer_is_announced(self) -> None:
        order: list[str] = []
        exchange = self.bench.get()
        exchange.answered.addCallback(lambda _: order.append("answered"))
        self.bench.on_idle = lambda: order.append("idle")
        self.wire.receive(OK)
        self.assertEqual(order, ["idle", "answered"])

    def test_a_link_is_free_before_the_end_of_its_content_is_announced(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(OK[:-1])
        exchange.body()
        order: list[str] = []
        assert exchange.answer is not None
        exchange.answer.content.notify(lambda: order.append("told"))
        self.bench.on_idle = lambda: order.append("idle")
        self.wire.receive(OK[-1:])
        self.assertEqual(order, ["told", "idle"])
        self.assertEqual((exchange.body(), exchange.flow), (b"i", Flow.ENDED))

    def test_the_next_exchange_may_begin_while_this_one_is_being_announced(self) -> None:
        exchange = self.bench.get()
        following: list[Exchange] = []
        self.bench.on_idle = lambda: following.append(self.bench.get())
        self.wire.receive(OK)
        self.bench.on_idle = lambda: None
        self.assertEqual((exchange.body(), self.wire.sent()), (b"hi", HEAD + HEAD))
        self.wire.receive(OK.replace(b"hi", b"yo"))
        self.assertEqual(following[0].body(), b"yo")

    def test_a_long_answer_is_announced_with_what_is_there(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab")
        self.assertEqual((exchange.body(), exchange.flow), (b"ab", Flow.OPEN))
        self.wire.receive(b"cd")
        self.wire.receive(b"ef")
        self.assertEqual((exchange.body(), exchange.flow), (b"cdef", Flow.ENDED))

    def test_chunks_are_undone_and_trailers_kept(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nDigest: x\r\n\r\n")
        self.assertEqual((exchange.body(), exchange.flow), (b"abc", Flow.ENDED))
        assert exchange.answer is not None
        self.assertEqual(exchange.answer.content.trailers, Fields([(b"Digest", b"x")]))
        self.assertEqual(self.bench.told, ["made", "idle"])

    def test_an_answer_without_content_is_whole_with_its_head(self) -> None:
        cases = [
            (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
            (b"GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
            (b"GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
            (b"GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ]
        for method, octets in cases:
            exchange = self.bench.send(HEAD, EMPTY, None, method)
            self.wire.receive(octets)
            self.assertEqual((exchange.body(), exchange.flow), (b"", Flow.ENDED), octets)
        self.assertEqual(self.bench.told, ["made"] + ["idle"] * 4)

    def test_content_may_end_with_the_connection(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\n\r\nabc")
        self.assertIs(exchange.flow, Flow.OPEN)
        self.wire.finish()
        self.assertEqual((exchange.body(), exchange.flow), (b"abc", Flow.ENDED))
        self.assertEqual(self.bench.told, ["made", "lost"])
        self.assertEqual(self.bench.counters.broken_server_connections, 0)

    def test_times_are_those_of_the_request_and_of_the_head(self) -> None:
        self.bench.clock.advance(5.0)
        exchange = self.bench.get()
        self.bench.clock.advance(2.0)
        self.wire.receive(OK)
        assert exchange.answer is not None
        self.assertEqual((exchange.answer.request_time, exchange.answer.response_time), (5.0, 7.0))

    def test_interim_answers_are_passed_on_as_they_come(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        self.assertEqual((self.bench.informed, exchange.answer), ([103, 102], None))
        self.wire.receive(OK)
        self.assertEqual((exchange.head.status, self.bench.told), (200, ["made", "idle"]))

    def test_nobody_has_to_listen_to_interim_answers(self) -> None:
        exchange = self.bench.get(inform=None)
        self.wire.receive(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK)
        self.assertEqual(exchange.body(), b"hi")

    def test_whoever_is_told_of_an_interim_answer_may_give_up(self) -> None:
        exchange: list[Exchange] = []
        exchange.append(self.bench.get(inform=lambda _: exchange[0].answered.cancel()))
        self.wire.receive(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK)
        self.assertIsInstance(exchange[0].error, CancelledError)
        self.assertTrue(self.wire.aborted)


class Reuse(SynchronousTestCase):
    def told_after(self, octets: bytes, finish: bool = False, **more: Any) -> tuple[list[str], Wire]:
        bench = Bench()
        exchange = bench.get(**more)
        bench.wire.receive(octets)
        if finish:
            bench.wire.finish()
        exchange.body()
        self.assertIs(exchange.flow, Flow.ENDED)
        bench.clock.advance(0)
        return bench.told, bench.wire

    def test_a_link_is_kept_after_a_whole_exchange(self) -> None:
        self.assertEqual(self.told_after(OK)[0], ["made", "idle"])

    def test_a_link_is_not_kept_when_the_next_hop_or_the_order_says_so(self) -> None:
        """RFC 9112 §9.3."""
        for octets, more in (
            (OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), {}),
            (OK.replace(b"1.1", b"1.0"), {}),
            (OK, {"keep": False}),
        ):
            told, wire = self.told_after(octets, **more)
            self.assertEqual((told, wire.gone, wire.aborted), (["made", "lost"], True, False))

    def test_a_link_is_not_kept_when_more_came_than_the_answer(self) -> None:
        """It would be taken for the answer to another's request."""
        self.assertEqual(self.told_after(OK + b"HTTP/1.1 200 OK\r\n")[0], ["made", "lost"])

    def test_a_link_serves_many_exchanges(self) -> None:
        bench = Bench()
        for number in range(5):
            exchange = bench.get()
            bench.wire.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % number)
            self.assertEqual(exchange.body(), b"%d" % number)
        self.assertEqual(bench.told, ["made"] + ["idle"] * 5)
        self.assertEqual(bench.counters.outgoing_requests, 5)

    def test_octets_that_nobody_asked_for_close_the_link(self) -> None:
        bench = Bench()
        bench.get()
        bench.wire.receive(OK)
        bench.wire.receive(OK)
        bench.wire.receive(OK)
        bench.clock.advance(0)
        self.assertEqual(bench.told, ["made", "idle", "not idle", "lost"])

    def test_an_idle_link_that_the_next_hop_closes_is_idle_no_more(self) -> None:
        for end in (Wire.finish, Wire.reset):
            bench = Bench()
            bench.get()
            bench.wire.receive(OK)
            end(bench.wire)
            self.assertEqual(bench.told, ["made", "idle", "not idle", "lost"])
            self.assertEqual(bench.counters.current_server_connections, 0)
            self.assertEqual(bench.counters.broken_server_connections, 0)
            self.assertEqual(bench.clock.getDelayedCalls(), [])

    def test_an_idle_link_is_closed_at_the_end_of_its_lifetime(self) -> None:
        bench = Bench(keep_alive=120.0)
        bench.get()
        bench.wire.receive(OK)
        bench.clock.advance(119.0)
        self.assertFalse(bench.wire.disconnecting)
        bench.clock.advance(1.0)
        bench.clock.advance(0)
        self.assertEqual(bench.told, ["made", "idle", "not idle", "lost"])

    def test_an_idle_link_may_be_closed(self) -> None:
        bench = Bench()
        bench.get()
        bench.wire.receive(OK)
        bench.link.close()
        bench.link.close()
        bench.clock.advance(0)
        self.assertEqual((bench.told, bench.wire.aborted), (["made", "idle", "not idle", "lost"], False))


class Content(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.wire = self.bench.wire

    def test_content_goes_out_and_the_link_is_kept(self) -> None:
        exchange = self.bench.post(inflow(b"abc", ended=True), Sized(3))
        self.assertEqual(self.wire.sent(), POST + b"abc")
        self.wire.receive(OK)
        self.assertEqual((exchange.body(), self.bench.told), (b"hi", ["made", "idle"]))
        self.assertEqual(self.bench.counters.origin_server_total_request_bytes, len(POST) + 3)

    def test_content_goes_out_in_chunks(self) -> None:
        content = inflow(b"abc")
        self.bench.post(content, CHUNKED)
        content.end()
        self.assertEqual(self.wire.sent(), POST + b"3\r\nabc\r\n0\r\n\r\n")

    def test_an_interim_answer_leaves_the_content_going_out(self) -> None:
        content = inflow()
        exchange = self.bench.post(content, Sized(3))
        self.wire.receive(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.assertEqual(self.bench.informed, [100])
        content.push(b"abc")
        content.end()
        self.wire.receive(OK)
        self.assertEqual((exchange.body(), self.bench.told), (b"hi", ["made", "idle"]))

    def test_an_answer_that_overtakes_the_content_ends_it_and_the_link(self) -> None:
        """RFC 9112 §9.5, §9.3.2: half a request is still owed."""
        closed: list[str] = []
        content = Inflow(1000, lambda: None, lambda: None, lambda: closed.append("closed"))
        content.push(b"abc")
        exchange = self.bench.post(content, Sized(6))
        self.wire.receive(OK)
        self.assertEqual((exchange.body(), exchange.flow, closed), (b"hi", Flow.ENDED, ["closed"]))
        self.bench.clock.advance(0)
        self.assertEqual((self.bench.told, self.wire.aborted), (["made", "lost"], True))
        self.assertEqual(self.bench.counters.broken_server_connections, 0)

    def test_a_link_is_kept_when_content_and_early_answer_both_come_to_their_end(self) -> None:
        content = inflow(b"abc")
        exchange = self.bench.post(content, Sized(6))
        self.wire.receive(OK[:-1])
        self.assertEqual(exchange.head.status, 200)
        content.push(b"def")
        content.end()
        self.wire.receive(OK[-1:])
        self.assertEqual(
            (exchange.body(), self.bench.told, self.wire.sent()), (b"hi", ["made", "idle"], POST + b"abcdef")
        )

    def test_content_still_going_out_counts_as_activity(self) -> None:
        content = inflow(b"a")
        exchange = self.bench.post(content, CHUNKED)
        self.wire.receive(OK[:-1])
        for _ in range(5):
            self.bench.clock.advance(20.0)
            content.push(b"b")
        self.assertIsNone(exchange.content_failure)
        self.bench.clock.advance(30.0)
        exchange.body()
        self.assertIs(exchange.flow, Flow.FAILED)

    def test_content_that_fails_fails_the_exchange(self) -> None:
        content = inflow(b"abc")
        exchange = self.bench.post(content, Sized(6))
        content.fail(BadRequest("malformed chunk"))
        self.assertEqual((exchange.failed.status, exchange.failed.committed), (400, True))
        self.assertTrue(self.wire.aborted)

    def test_content_that_a_store_could_not_bring_fails_the_exchange(self) -> None:
        content = inflow(b"abc")
        exchange = self.bench.post(content, Sized(6))
        content.fail(StoreError("disk on fire"))
        self.assertEqual((exchange.failed.status, str(exchange.failed)), (502, "disk on fire"))

    def test_content_that_fails_after_an_early_head_fails_the_answer(self) -> None:
        content = inflow(b"abc")
        exchange = self.bench.post(content, Sized(6))
        self.wire.receive(OK[:-1])
        content.fail(BadRequest("malformed chunk"))
        self.assertEqual((exchange.body(), exchange.flow), (b"h", Flow.FAILED))


class Failures(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.wire = self.bench.wire

    def test_a_hang_up_without_an_answer_fails_the_exchange(self) -> None:
        for end in (Wire.finish, Wire.reset):
            bench = Bench()
            exchange = bench.get()
            end(bench.wire)
            failed = exchange.failed
            self.assertEqual((failed.status, failed.reason), (502, b"Server Hangup"))
            self.assertEqual((failed.committed, failed.reused), (True, False))
            self.assertEqual(bench.counters.broken_server_connections, 1)
            self.assertEqual((bench.told, bench.clock.getDelayedCalls()), (["made", "lost"], []))

    def test_a_hang_up_in_the_middle_of_a_head_is_no_answer_either(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\nContent-Le")
        self.wire.finish()
        self.assertEqual(exchange.failed.reason, b"Server Hangup")

    def test_a_failure_tells_whether_the_link_was_used_before(self) -> None:
        self.bench.get()
        self.wire.receive(OK)
        exchange = self.bench.get()
        self.wire.finish()
        self.assertEqual((exchange.failed.reused, exchange.failed.committed), (True, True))

    def test_a_request_of_which_nothing_left_us_is_not_committed(self) -> None:
        self.wire.room = 0
        exchange = self.bench.get()
        self.wire.reset()
        self.assertFalse(exchange.failed.committed)

    def test_an_answer_cut_short_fails_its_content(self) -> None:
        cases = [
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ]
        for octets in cases:
            for end in (Wire.finish, Wire.reset):
                bench = Bench()
                exchange = bench.get()
                bench.wire.receive(octets)
                end(bench.wire)
                self.assertEqual((exchange.body(), exchange.flow), (b"abc", Flow.FAILED))
                self.assertIsInstance(exchange.content_failure, BadGateway)
                self.assertEqual(bench.counters.broken_server_connections, 1)

    def test_a_reset_is_not_the_end_of_content(self) -> None:
        """RFC 9112 §8."""
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\n\r\nabc")
        self.wire.reset()
        self.assertEqual((exchange.body(), exchange.flow), (b"abc", Flow.FAILED))

    def test_an_unreadable_head_fails_the_exchange(self) -> None:
        for octets in (b"HELLO\r\n\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nBad Field: x\r\n\r\n"):
            bench = Bench()
            exchange = bench.get()
            bench.wire.receive(octets)
            self.assertEqual((exchange.failed.status, exchange.failed.committed), (502, True), octets)
            self.assertTrue(bench.wire.aborted)

    def test_unreadable_content_fails_it(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n")
        self.assertEqual((exchange.body(), exchange.flow), (b"abc", Flow.FAILED))
        self.assertTrue(self.wire.aborted)

    def test_switching_protocols_unasked_fails_the_exchange(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
        self.assertEqual((exchange.failed.status, exchange.failed.reason), (502, b"Bad Response"))

    def test_interim_answers_without_end_fail_the_exchange(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
        self.assertIsNone(exchange.error)
        self.wire.receive(b"HTTP/1.1 102 Processing\r\n\r\n")
        self.assertEqual(exchange.failed.reason, b"Bad Response")

    def test_cancelling_closes_the_link(self) -> None:
        exchange = self.bench.get()
        exchange.answered.cancel()
        self.assertIsInstance(exchange.error, CancelledError)
        self.bench.clock.advance(0)
        self.assertEqual((self.bench.told, self.wire.aborted), (["made", "lost"], True))

    def test_cancelling_another_exchange_changes_nothing(self) -> None:
        exchange = self.bench.get()
        self.bench.link.cancel(Asker())
        self.wire.receive(OK)
        self.assertEqual(exchange.body(), b"hi")

    def test_closing_the_content_early_closes_the_link(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(OK[:-1])
        assert exchange.answer is not None
        exchange.answer.content.close()
        self.wire.receive(OK[-1:])
        self.bench.clock.advance(0)
        self.assertEqual((self.bench.told, self.wire.aborted), (["made", "lost"], True))

    def test_closing_the_content_from_its_own_callback_closes_the_link(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(OK[:-2])
        assert exchange.answer is not None
        exchange.answer.content.notify(exchange.answer.content.close)
        self.wire.receive(OK[-2:])
        self.assertTrue(self.wire.aborted)

    def test_closing_content_that_is_whole_leaves_the_link_alone(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(OK)
        assert exchange.answer is not None
        exchange.answer.content.close()
        self.assertEqual((self.bench.told, self.wire.disconnecting), (["made", "idle"], False))

    def test_closing_the_link_fails_what_is_under_way(self) -> None:
        exchange = self.bench.get()
        self.bench.link.close()
        self.assertEqual(exchange.failed.status, 502)


class Time(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.wire = self.bench.wire

    def test_an_answer_that_does_not_begin_in_time_fails_the_exchange(self) -> None:
        exchange = self.bench.get(patience=10.0)
        self.bench.clock.advance(9.0)
        self.assertIsNone(exchange.error)
        self.bench.clock.advance(1.0)
        failed = exchange.failed
        self.assertEqual((failed.status, failed.reason, failed.committed), (504, b"Connection Timed Out", True))
        self.assertTrue(self.wire.aborted)
        self.assertEqual(self.bench.counters.upstream_timeouts, 1)

    def test_patience_without_an_end_waits_for_ever(self) -> None:
        exchange = self.bench.get(patience=0.0)
        self.bench.clock.advance(1e6)
        self.wire.receive(OK)
        self.assertEqual(exchange.body(), b"hi")

    def test_interim_answers_do_not_renew_the_patience(self) -> None:
        exchange = self.bench.get(patience=10.0)
        self.bench.clock.advance(9.0)
        self.wire.receive(b"HTTP/1.1 102 Processing\r\n\r\n")
        self.bench.clock.advance(1.0)
        self.assertEqual(exchange.failed.status, 504)

    def test_from_its_first_octet_on_an_answer_may_take_breaks(self) -> None:
        exchange = self.bench.get(patience=10.0)
        self.bench.clock.advance(9.0)
        for octet in OK[:10]:
            self.wire.receive(bytes([octet]))
            self.bench.clock.advance(29.0)
        self.wire.receive(OK[10:])
        self.assertEqual(exchange.body(), b"hi")

    def test_a_head_that_stops_coming_fails_the_exchange(self) -> None:
        exchange = self.bench.get(patience=10.0)
        self.wire.receive(OK[:10])
        self.bench.clock.advance(29.0)
        self.assertIsNone(exchange.error)
        self.bench.clock.advance(1.0)
        self.assertEqual(exchange.failed.status, 504)

    def test_content_that_stops_coming_fails(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na")
        self.bench.clock.advance(29.0)
        self.wire.receive(b"b")
        self.bench.clock.advance(29.0)
        self.assertIsNone(exchange.content_failure)
        self.bench.clock.advance(1.0)
        self.assertEqual((exchange.body(), exchange.flow), (b"ab", Flow.FAILED))
        self.assertIsInstance(exchange.content_failure, GatewayTimeout)

    def test_a_long_patience_gives_way_to_inactivity(self) -> None:
        exchange = self.bench.get(patience=1800.0)
        self.wire.receive(OK[:-1])
        self.bench.clock.advance(30.0)
        exchange.body()
        self.assertIs(exchange.flow, Flow.FAILED)

    def test_a_reader_that_takes_its_time_is_not_the_next_hop_s_fault(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 2001\r\n\r\n" + b"x" * 2000)
        self.assertEqual(self.wire.producerState, "paused")
        self.bench.clock.advance(40.0)
        self.bench.clock.advance(40.0)
        self.assertIsNone(exchange.content_failure)
        self.assertEqual(len(exchange.body()), 2000)
        self.assertEqual(self.wire.producerState, "producing")
        self.bench.clock.advance(29.0)
        self.wire.receive(b"y")
        self.assertEqual((exchange.body(), exchange.flow), (b"y", Flow.ENDED))

    def test_after_a_pause_the_next_hop_has_its_whole_time_again(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 2001\r\n\r\n" + b"x" * 2000)
        self.bench.clock.advance(29.0)
        exchange.body()
        self.bench.clock.advance(29.0)
        self.assertIs(exchange.flow, Flow.OPEN)
        self.bench.clock.advance(1.0)
        self.assertIs(exchange.flow, Flow.FAILED)

    def test_no_answer_may_take_longer_than_the_active_timeout(self) -> None:
        for size in (b"100", b"2100"):
            bench = Bench(active=60.0)
            exchange = bench.get()
            bench.wire.receive(b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n" % size + b"x" * (int(size) - 100))
            for _ in range(6):
                bench.wire.receive(b"y")
                bench.clock.advance(9.9)
            self.assertIsNone(exchange.content_failure)
            bench.clock.advance(0.6)
            exchange.body()
            self.assertIs(exchange.flow, Flow.FAILED)

    def test_a_paused_link_is_resumed_before_it_is_kept(self) -> None:
        exchange = self.bench.get()
        self.wire.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000)
        self.assertEqual((self.bench.told, self.wire.producerState), (["made", "idle"], "producing"))
        self.assertEqual(len(exchange.body()), 2000)

    def test_a_connection_that_does_not_close_is_cut(self) -> None:
        self.bench.get(keep=False)
        self.wire.stuck = True
        self.wire.receive(OK)
        self.bench.clock.advance(10.0)
        self.assertTrue(self.wire.aborted)


class Tunnels(SynchronousTestCase):
    SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

    def test_an_upgraded_connection_becomes_an_end_of_a_tunnel(self) -> None:
        bench, other = Bench(), Bench()
        exchange = bench.get(upgrade=True)
        bench.wire.receive(self.SWITCH + b"first words")
        self.assertEqual((exchange.head.status, exchange.flow), (101, Flow.ENDED))
        assert exchange.answer is not None and exchange.answer.tunnel is not None
        self.assertEqual(bench.told, ["made"])
        far = other.get(upgrade=True)
        other.wire.receive(self.SWITCH)
        other.wire.sent()
        assert far.answer is not None and far.answer.tunnel is not None
        exchange.answer.tunnel.splice(far.answer.tunnel)
        self.assertEqual(other.wire.sent(), b"first words")
        bench.clock.advance(0)
        bench.wire.receive(b" and more")
        self.assertEqual(other.wire.sent(), b" and more")

    def test_the_tunnel_outlives_the_patience_of_its_request(self) -> None:
        bench = Bench()
        exchange = bench.get(upgrade=True, patience=10.0)
        bench.wire.receive(self.SWITCH)
        bench.clock.advance(100.0)
        self.assertEqual((exchange.head.status, bench.wire.disconnecting), (101, False))

    def test_the_connection_counts_until_the_tunnel_ends(self) -> None:
        bench = Bench()
        exchange = bench.get(upgrade=True)
        bench.wire.receive(self.SWITCH)
        assert exchange.answer is not None and exchange.answer.tunnel is not None
        self.assertEqual(bench.counters.current_server_connections, 1)
        exchange.answer.tunnel.abandon()
        bench.clock.advance(0)
        self.assertEqual((bench.told, bench.counters.current_server_connections), (["made", "lost"], 0))

    def test_closing_the_link_cuts_the_tunnel(self) -> None:
        bench = Bench()
        bench.get(upgrade=True)
        bench.wire.receive(self.SWITCH)
        bench.link.close()
        bench.clock.advance(0)
        self.assertEqual((bench.told, bench.wire.aborted), (["made", "lost"], True))

    def test_a_refused_upgrade_is_an_answer_like_any_other(self) -> None:
        bench = Bench()
        exchange = bench.get(upgrade=True)
        bench.wire.receive(OK)
        assert exchange.answer is not None
        self.assertEqual((exchange.answer.tunnel, exchange.body(), bench.told), (None, b"hi", ["made", "idle"]))

    def test_a_switch_before_the_request_is_out_fails_the_exchange(self) -> None:
        bench = Bench()
        exchange = bench.post(inflow(b"abc"), Sized(6), upgrade=True)
        bench.wire.receive(self.SWITCH)
        self.assertEqual(exchange.failed.reason, b"Bad Response")


FRAMINGS = ("sized", "chunked", "until close")


@st.composite
def answers(draw: st.DrawFn) -> tuple[bytes, bytes, str]:
    """An answer on the wire, its content, and how its end is told."""
    pieces = draw(st.lists(st.binary(min_size=1, max_size=400), max_size=6))
    content = b"".join(pieces)
    framing = draw(st.sampled_from(FRAMINGS))
    interim = b"HTTP/1.1 103 Early Hints\r\n\r\n" * draw(st.integers(0, 2))
    if framing == "sized":
        octets = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    elif framing == "chunked":
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    else:
        octets = b"HTTP/1.1 200 OK\r\n\r\n" + content
    return interim + octets, content, framing


def cut(octets: bytes, cuts: list[int]) -> list[bytes]:
    """The same octets in pieces of the given sizes, and the rest."""
    pieces = []
    for size in cuts:
        if size < len(octets):
            pieces.append(octets[:size])
            octets = octets[size:]
    return [*pieces, octets]


class Laws(SynchronousTestCase):
    @given(answers(), st.lists(st.integers(1, 300), max_size=12), st.lists(st.booleans()), st.integers(0, 800))
    def test_the_reader_takes_what_the_next_hop_sent(
        self, answer: tuple[bytes, bytes, str], cuts: list[int], takes: list[bool], high: int
    ) -> None:
        octets, content, framing = answer
        bench = Bench(read_ahead=high)
        exchange = bench.get()
        taken = b""
        for number, piece in enumerate(cut(octets, cuts)):
            bench.wire.receive(piece)
            if exchange.answer is not None and takes[number : number + 1] == [True]:
                taken += exchange.body()
                bench.clock.advance(0)
        if framing == "until close":
            bench.wire.finish()
        for _ in range(len(octets) + 2):
            taken += exchange.body()
            bench.clock.advance(0)
        self.assertEqual((taken, exchange.flow), (content, Flow.ENDED))
        self.assertEqual(bench.told, ["made", "lost" if framing == "until close" else "idle"])

    @given(answers(), st.data(), st.booleans())
    def test_an_answer_cut_anywhere_is_never_taken_for_whole(
        self, answer: tuple[bytes, bytes, str], data: st.DataObject, reset: bool
    ) -> None:
        octets, content, framing = answer
        at = data.draw(st.integers(0, len(octets) - 1))
        bench = Bench()
        exchange = bench.get()
        bench.wire.receive(octets[:at]) if at else None
        bench.wire.reset() if reset else bench.wire.finish()
        for _ in range(len(octets) if exchange.answer is not None else 0):
            bench.clock.advance(0)
        self.assertEqual(bench.told[-1], "lost")
        if exchange.answer is None:
            self.assertEqual(exchange.failed.reason, b"Server Hangup")
            return
        taken = exchange.body()
        self.assertTrue(content.startswith(taken))
        whole = framing == "until close" and not reset
        self.assertIs(exchange.flow, Flow.ENDED if whole else Flow.FAILED)

    @given(
        answers(),
        st.lists(st.integers(1, 300), max_size=8),
        st.lists(st.binary(min_size=1, max_size=50), max_size=5),
        st.booleans(),
        st.lists(st.booleans(), max_size=20),
    )
    def test_requests_and_answers_may_interleave(
        self, answer: tuple[bytes, bytes, str], cuts: list[int], pieces: list[bytes], chunked: bool, turns: list[bool]
    ) -> None:
        """Whichever end comes first: the answer arrives whole, and a link is kept only if the request was, too."""
        octets, content, framing = answer
        bench = Bench(read_ahead=1 << 20)
        request = inflow()
        exchange = bench.post(request, CHUNKED if chunked else Sized(sum(map(len, pieces))))
        outgoing: list[bytes | None] = [*pieces, None]
        incoming = cut(octets, cuts)
        for request_first in [*turns, *[False] * len(incoming)]:
            if request_first and outgoing:
                piece = outgoing.pop(0)
                request.push(piece) if piece is not None else request.end()
            elif incoming:
                bench.wire.receive(incoming.pop(0))
        if framing == "until close":
            bench.wire.finish()
        self.assertEqual((exchange.body(), exchange.flow), (content, Flow.ENDED))
        bench.clock.advance(0)
        if framing == "until close" or outgoing:
            self.assertEqual(bench.told, ["made", "lost"])
        elif bench.told == ["made", "idle"]:
            self.assertFalse(bench.wire.disconnecting)
        else:
            self.assertEqual(bench.told, ["made", "lost"])
