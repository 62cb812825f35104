"""What is sent to a client, how it is framed, and what the log says of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import booleans, sampled_from
from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from tests.net.fronts import GET, Front, PromptWire
from tsnode.model.errors import BadGateway
from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, ResponseHead
from tsnode.net.inflow import Inflow
from tsnode.semantics.reader import Content, End, ReaderLimits, ResponseReader
from tsnode.testing.strategies import Cuts, bodies, cuts

OK = b"HTTP/1.1 200 OK\r\n"
OLD = GET.replace(b"HTTP/1.1", b"HTTP/1.0")
OLD_KEPT = OLD.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n")
LAST = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


class Source(Inflow):
    """A content that a test brings."""

    def __init__(self, *pieces: bytes) -> None:
        self.closed = False
        super().__init__(1 << 20, lambda: None, lambda: None, self._note)
        for piece in pieces:
            self.push(piece)

    def _note(self) -> None:
        self.closed = True

    def whole(self, trailers: Fields | None = None) -> Source:
        self.end(trailers or Fields())
        return self


class Framing(SynchronousTestCase):
    def respond(self, request: bytes, length: int | None, content: bytes | Source | None) -> tuple[bytes, PromptWire]:
        """What a client gets for an answer, and its connection."""
        wire, transaction = Front().begin(request)
        transaction.reply.respond(200, OK, length, content)
        return wire.sent(), wire

    def test_the_framing_fits_the_client_and_what_is_known_of_the_length(self) -> None:
        cases = (
            (GET, 2, b"ok", b"Content-Length: 2\r\n\r\nok", True),
            (GET, 0, None, b"Content-Length: 0\r\n\r\n", True),
            (GET, 7, None, b"Content-Length: 7\r\n\r\n", True),
            (GET, None, None, b"\r\n", True),
            (LAST, 2, b"ok", b"Content-Length: 2\r\nConnection: close\r\n\r\nok", False),
            (OLD, 2, b"ok", b"Content-Length: 2\r\nConnection: close\r\n\r\nok", False),
            (OLD_KEPT, 2, b"ok", b"Content-Length: 2\r\nConnection: keep-alive\r\n\r\nok", True),
            (GET, 2, Source(b"o", b"k").whole(), b"Content-Length: 2\r\n\r\nok", True),
            (GET, None, Source(b"o", b"k").whole(),
             b"Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n", True),
            (LAST, None, Source().whole(), b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", False),
            (OLD_KEPT, None, Source(b"ok").whole(), b"Connection: close\r\n\r\nok", False),
        )  # fmt: skip
        for request, length, content, expected, stays in cases:
            sent, wire = self.respond(request, length, content)
            self.assertEqual((sent, not wire.half_closed), (OK + expected, stays))

    def test_the_answer_to_head_goes_without_its_content_whoever_gives_one(self) -> None:
        for content in (b"ok", Source(b"ok")):
            sent, wire = self.respond(GET.replace(b"GET", b"HEAD"), 2, content)
            self.assertEqual(sent, OK + b"Content-Length: 2\r\n\r\n")
            self.assertFalse(wire.half_closed)
            if isinstance(content, Source):
                self.assertTrue(content.closed)

    def test_trailers_follow_a_chunked_content(self) -> None:
        sent, _ = self.respond(GET, None, Source(b"x").whole(Fields(((b"X-Check", b"1"),))))
        self.assertTrue(sent.endswith(b"1\r\nx\r\n0\r\nX-Check: 1\r\n\r\n"))

    def test_an_answer_can_be_made_the_last(self) -> None:
        wire, transaction = Front().begin()
        transaction.reply.close_after_answer()
        transaction.reply.respond(403, b"HTTP/1.1 403 No\r\n", 0, None)
        self.assertIn(b"Connection: close", wire.sent())
        self.assertTrue(wire.half_closed)

    @given(bodies(), cuts(), booleans(), sampled_from((GET, LAST, OLD, OLD_KEPT)))
    def test_any_client_reads_the_octets_that_were_given(
        self, body: bytes, where: Cuts, told: bool, request: bytes
    ) -> None:
        wire, transaction = Front().begin(request)
        source = Source()
        transaction.reply.respond(200, OK, len(body) if told else None, source)
        for piece in where.apply(body):
            source.push(piece)
        source.end()
        reader = ResponseReader(ReaderLimits(head=10_000, line=1000))
        reader.expect(b"GET")
        reader.receive(wire.sent())
        if wire.half_closed:
            reader.close()
        head = reader.next()
        assert isinstance(head, ResponseHead)
        read = b""
        while head.framing != EMPTY and not isinstance(event := reader.next(), End):
            assert isinstance(event, Content)
            read += event.octets
        self.assertEqual((read, reader.buffered), (body, 0))


class Pace(SynchronousTestCase):
    def test_content_is_taken_no_faster_than_the_client_takes_it(self) -> None:
        wire, transaction = Front().begin(room=10)
        source = Source(*[bytes(100_000)] * 6)
        transaction.reply.respond(200, OK, 600_000, source)
        self.assertEqual(len(wire.sent().partition(b"\r\n\r\n")[2]), 300_000)
        wire.drain(200_000)
        self.assertEqual(wire.sent(), b"")
        wire.drain(200_000)
        self.assertEqual(len(wire.sent()), 300_000)

    def test_an_answer_of_many_large_pieces_is_sent_in_several_writes(self) -> None:
        wire, transaction = Front().begin()
        transaction.reply.respond(200, OK, 1_000_000, Source(*[bytes(100_000)] * 10).whole())
        self.assertEqual(len(wire.sent().partition(b"\r\n\r\n")[2]), 1_000_000)

    def test_a_content_that_fails_is_never_taken_for_whole(self) -> None:
        for request, length, expected_end in (
            (GET, 10, b"\r\n\r\n01234"), (GET, None, b"5\r\n01234\r\n"), (OLD, None, b"\r\n\r\n01234")
        ):  # fmt: skip
            front = Front()
            wire, transaction = front.begin(request)
            source = Source(b"01234")
            transaction.reply.respond(200, OK, length, source)
            source.fail(BadGateway("the origin hung up"))
            self.assertTrue(wire.sent().endswith(expected_end))
            # with neither a length nor chunks an end in order would be taken for the content's
            self.assertEqual(wire.aborted, request is OLD)
            self.assertTrue(wire.half_closed or wire.aborted)
            self.assertIn(b"ERR_READ_ERROR/200", front.log.lines[0].rest)
            self.assertEqual(front.counters.completed_requests, 0)


class Interim(SynchronousTestCase):
    hint = ResponseHead(11, 103, b"Early Hints", Fields(((b"Link", b"</a>"), (b"Connection", b"x"))), EMPTY, True)

    def test_it_goes_before_the_answer_and_not_behind(self) -> None:
        front = Front()
        wire, transaction = front.begin()
        transaction.reply.inform(self.hint)
        self.assertEqual(wire.sent(), b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        transaction.reply.respond(200, OK, None, Source())
        wire.sent()
        transaction.reply.inform(self.hint)
        self.assertEqual(wire.sent(), b"")
        self.assertEqual(front.counters.responses_1xx, 1)

    def test_old_clients_and_those_that_left_get_none(self) -> None:
        wire, transaction = Front().begin(OLD)
        transaction.reply.inform(self.hint)
        gone, left = Front().begin()
        gone.reset()
        left.reply.inform(self.hint)
        self.assertEqual((wire.sent(), gone.sent()), (b"", b""))


class Leaving(SynchronousTestCase):
    def test_an_answer_to_nobody_is_closed(self) -> None:
        wire, transaction = Front().begin()
        wire.reset()
        source = Source(b"late")
        transaction.reply.respond(200, OK, 4, source)
        self.assertTrue(source.closed)
        transaction.reply.respond(200, OK, 4, b"late")
        self.assertEqual(wire.sent(), b"")

    def test_a_client_that_leaves_in_the_middle_closes_the_content(self) -> None:
        front = Front()
        wire, transaction = front.begin()
        source = Source(b"01234")
        transaction.reply.respond(200, OK, 10, source)
        wire.reset()
        self.assertTrue(source.closed)
        self.assertIn(b"ERR_CLIENT_ABORT/200", front.log.lines[0].rest)
        self.assertEqual(len(front.log.lines), 1)

    def test_a_defect_cuts_the_connection_and_lets_go_of_everything(self) -> None:
        front = Front()
        wire, transaction = front.begin()
        told: list[str] = []
        source = Source(b"01234")
        transaction.reply.when_gone(lambda: told.append("gone"))
        transaction.reply.respond(200, OK, 10, source)
        transaction.reply.broken(Failure(AssertionError("a defect")))
        self.assertEqual(len(self.flushLoggedErrors(AssertionError)), 1)
        self.assertTrue(wire.aborted)
        self.assertTrue(source.closed)
        self.assertEqual(told, ["gone"])
        self.assertEqual(front.counters.current_client_transactions, 0)
        front.clock.advance(0)
        (line,) = front.log.lines
        size = len(wire.sent())
        self.assertEqual(line.rest, b"ERR_UNKNOWN/200 %d GET http://a.example/ - NONE/- -" % size)
        self.assertEqual(front.counters.user_agent_total_response_bytes, size)

    def test_a_defect_behind_the_answer_costs_the_connection_nothing(self) -> None:
        front = Front()
        wire, transaction = front.begin()
        transaction.reply.respond(200, OK, 2, b"ok")
        transaction.reply.broken(Failure(AssertionError("a late defect")))
        self.assertEqual(len(self.flushLoggedErrors(AssertionError)), 1)
        self.assertFalse(wire.aborted)
        self.assertEqual(len(front.log.lines), 1)

    def test_a_wait_that_was_given_up_because_the_client_left_is_no_defect(self) -> None:
        wire, transaction = Front().begin()
        wire.reset()
        transaction.reply.broken(Failure(CancelledError()))
        self.assertEqual(self.flushLoggedErrors(), [])


class Noting(SynchronousTestCase):
    def test_the_log_has_code_status_octets_method_url_and_type(self) -> None:
        front = Front()
        wire, transaction = front.begin()
        front.clock.advance(2)
        transaction.reply.mark("TCP_MISS", "DIRECT", b"a.example")
        transaction.reply.respond(200, OK + b"content-type: text/html; charset=x\r\n", 2, b"ok")
        (line,) = front.log.lines
        size = len(wire.sent())
        self.assertEqual((line.started, line.now, line.client), (0.0, 2.0, b"127.0.0.1"))
        self.assertEqual(
            line.rest, b"TCP_MISS/200 %d GET http://a.example/ - DIRECT/a.example text/html" % size
        )
        self.assertEqual(front.counters.user_agent_total_response_bytes, size)

    def test_answers_are_counted_by_their_status(self) -> None:
        front = Front()
        wire = front.connect()
        for status in (200, 206, 304, 404, 503):
            wire.receive(GET)
            front.asked[-1].reply.respond(status, b"HTTP/1.1 %d X\r\n" % status, None, None)
        counters = front.counters
        self.assertEqual(
            [counters.responses_2xx, counters.responses_3xx, counters.responses_4xx, counters.responses_5xx],
            [2, 1, 1, 1],
        )
        self.assertEqual(counters.completed_requests, 5)
