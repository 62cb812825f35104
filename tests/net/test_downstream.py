"""One client connection: what it reads, when it waits, how it ends. Whole stories are in tests/journeys."""

from __future__ import annotations

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tests.net.fronts import GET, Front, PromptWire
from tsnode.model.settings import Limits, Timeouts
from tsnode.net.inflow import Inflow
from tsnode.ports import Flow, IReply

OK = b"HTTP/1.1 200 OK\r\n"
POST = b"POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\n"


def endless() -> Inflow:
    """A content that a test brings."""
    return Inflow(1 << 20, lambda: None, lambda: None)


class Requests(SynchronousTestCase):
    def test_it_can_close_by_halves(self) -> None:
        self.assertTrue(verifyObject(IHalfCloseableProtocol, Front().connect().protocol))

    def test_a_head_begins_a_transaction_wherever_it_was_cut(self) -> None:
        front = Front()
        wire = front.connect()
        for at in range(len(GET)):
            self.assertEqual(front.asked, [])
            wire.receive(GET[at : at + 1])
        transaction = front.asked[0]
        self.assertTrue(verifyObject(IReply, transaction.reply))
        self.assertEqual(transaction.head.target, b"http://a.example/")
        self.assertIsNone(transaction.content)
        self.assertEqual((transaction.reply.client, transaction.reply.port), ("127.0.0.1", 8080))
        self.assertEqual(front.counters.incoming_requests, 1)
        self.assertEqual(front.counters.current_client_transactions, 1)
        self.assertEqual(front.counters.user_agent_total_request_bytes, len(GET))

    def test_the_next_request_waits_for_the_answer_to_this_one(self) -> None:
        front = Front()
        wire, first = front.begin(GET + GET)
        self.assertEqual(len(front.asked), 1)
        first.reply.respond(200, OK, 0, None)
        self.assertEqual(len(front.asked), 2)
        self.assertEqual(wire.sent(), OK + b"Content-Length: 0\r\n\r\n")

    def test_content_reaches_the_transaction_and_the_connection_stays_open_when_it_is_whole(self) -> None:
        front = Front()
        wire, transaction = front.begin(POST + b"01")
        assert transaction.content is not None
        wire.receive(b"23" + GET)
        self.assertEqual(transaction.content.take(), b"01")
        self.assertEqual(transaction.content.take(), b"23")
        self.assertIs(transaction.content.flow, Flow.ENDED)
        transaction.reply.respond(200, OK, 0, None)
        self.assertEqual(len(front.asked), 2)

    def test_an_answer_before_the_end_of_the_content_is_the_last(self) -> None:
        front = Front()
        wire, transaction = front.begin(POST + b"01")
        transaction.reply.respond(403, b"HTTP/1.1 403 No\r\n", 0, None)
        self.assertTrue(wire.sent().endswith(b"Connection: close\r\n\r\n"))
        self.assertTrue(wire.half_closed)
        wire.receive(b"23" + GET)
        self.assertEqual(len(front.asked), 1)

    def test_a_connection_that_was_read_too_far_ahead_is_paused_until_its_turn(self) -> None:
        front = Front(limits=Limits(pipeline=100))
        wire, transaction = front.begin(GET * 5)
        self.assertEqual(wire.producerState, "producing")
        wire.receive(GET)
        self.assertEqual(wire.producerState, "paused")
        self.assertEqual(front.counters.pipeline_pauses, 1)
        for number in range(6):
            front.asked[number].reply.respond(200, OK, 0, None)
        self.assertEqual(wire.producerState, "producing")
        self.assertTrue(transaction.reply.gone is False)

    def test_no_answer_is_begun_while_too_much_of_others_waits_for_the_client(self) -> None:
        front = Front(limits=Limits(read_ahead=100))
        wire, first = front.begin(GET + GET, room=0)
        first.reply.respond(200, OK, 200, bytes(200))
        self.assertEqual(len(front.asked), 1)
        self.assertEqual(wire.producerState, "paused")
        wire.drain(1000)
        self.assertEqual(len(front.asked), 2)

    def test_what_cannot_be_read_is_answered_noted_and_ends_the_connection(self) -> None:
        front = Front()
        wire = front.connect()
        wire.receive(b"GET / HTTP/3.0\r\n\r\n")
        self.assertTrue(wire.sent().startswith(b"HTTP/1.1 505 "))
        self.assertTrue(wire.half_closed)
        self.assertEqual(front.counters.responses_5xx, 1)
        self.assertIn(b"ERR_INVALID_REQ/505", front.log.lines[0].rest)


class Endings(SynchronousTestCase):
    def test_a_client_that_leaves_takes_its_transaction_with_it(self) -> None:
        front = Front()
        wire, transaction = front.begin(POST)
        assert transaction.content is not None
        told: list[str] = []
        transaction.reply.when_gone(lambda: told.append("gone"))
        wire.reset()
        self.assertEqual(told, ["gone"])
        self.assertTrue(transaction.reply.gone)
        self.assertIs(transaction.content.flow, Flow.FAILED)
        self.assertEqual(front.counters.current_client_transactions, 0)
        self.assertIn(b"ERR_CLIENT_ABORT/000", front.log.lines[0].rest)

    def test_a_client_that_sends_no_more_is_closed_behind_its_answer(self) -> None:
        front = Front()
        wire, transaction = front.begin()
        wire.finish()
        self.assertFalse(wire.disconnecting)
        transaction.reply.respond(200, OK, 0, None)
        self.assertTrue(wire.disconnecting)

    def test_a_client_that_sends_no_more_while_nothing_is_under_way_is_closed(self) -> None:
        front = Front()
        wire = front.connect()
        wire.receive(GET[:10])
        wire.finish()
        self.assertTrue(wire.disconnecting)

    def test_a_client_that_stops_in_the_middle_of_its_content_fails_it(self) -> None:
        front = Front()
        wire, transaction = front.begin(POST + b"01")
        wire.finish()
        assert transaction.content is not None
        self.assertEqual(transaction.content.take(), b"01")
        self.assertIs(transaction.content.flow, Flow.FAILED)
        transaction.reply.respond(400, b"HTTP/1.1 400 No\r\n", 0, None)
        self.assertIn(b"Connection: close", wire.sent())

    def test_our_half_is_closed_first_and_the_rest_when_the_client_does_or_time_is_up(self) -> None:
        for client_closes in (True, False):
            front = Front()
            wire = front.connect()
            wire.receive(b"nonsense\r\n\r\n")
            wire.receive(GET)
            self.assertEqual((wire.half_closed, wire.disconnecting), (True, False))
            if client_closes:
                wire.finish()
            front.clock.pump([1.0] * 4)
            self.assertTrue(wire.gone)
            self.assertEqual(wire.aborted, not client_closes)
            self.assertEqual(front.asked, [])

    def test_a_closing_client_that_still_takes_its_answer_is_given_time(self) -> None:
        front = Front()
        wire, transaction = front.begin(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), room=0)
        transaction.reply.respond(200, OK, 1000, bytes(1000))
        for _ in range(3):
            wire.drain(100)
            front.clock.pump([1.0] * 25)
            self.assertFalse(wire.gone)
        front.clock.pump([1.0] * 40)
        self.assertTrue(wire.aborted)

    def test_a_tunnel_takes_the_connection_with_what_was_not_used(self) -> None:
        front = Front()
        wire, transaction = front.begin(GET + b"early")
        end = transaction.reply.tunnel(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        self.assertIs(wire.protocol, end)
        far = Front().connect()
        other = Front()
        far, second = other.begin()
        end.splice(second.reply.tunnel(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"))
        self.assertTrue(far.sent().endswith(b"\r\n\r\nearly"))
        self.assertEqual(front.counters.current_client_connections, 1)
        wire.reset()
        self.assertEqual(front.counters.current_client_connections, 0)
        self.assertEqual(front.counters.responses_2xx, 0)
        self.assertIn(b"/101 ", front.log.lines[0].rest)


class Time(SynchronousTestCase):
    times = Timeouts(accept=100.0, keep_alive_in=10.0, inactivity_in=20.0, active_in=50.0)

    def pass_time(self, front: Front, seconds: int) -> None:
        """A second at a time."""
        front.clock.pump([1.0] * seconds)

    def assert_waits(self, front: Front, wire: PromptWire, seconds: int) -> None:
        """The connection is kept for so long and, give or take a second or two, no longer."""
        self.pass_time(front, seconds - 1)
        self.assertFalse(wire.half_closed or wire.aborted)
        self.pass_time(front, 3)
        self.assertTrue(wire.half_closed or wire.aborted)
        self.assertEqual(front.counters.client_timeouts, 1)

    def test_a_new_connection_has_its_own_time(self) -> None:
        front = Front(self.times)
        self.assert_waits(front, front.connect(), 100)

    def test_a_head_that_has_begun_has_less(self) -> None:
        front = Front(self.times)
        wire = front.connect()
        self.pass_time(front, 50)
        wire.receive(GET[:10])
        self.assert_waits(front, wire, 20)
        self.assertTrue(wire.sent().startswith(b"HTTP/1.1 408 "))

    def test_a_connection_that_was_used_has_its_own_time(self) -> None:
        front = Front(self.times)
        wire, transaction = front.begin()
        transaction.reply.respond(200, OK, 0, None)
        self.assert_waits(front, wire, 10)

    def test_an_answer_that_is_not_taken_is_given_up(self) -> None:
        front = Front(self.times)
        wire, transaction = front.begin(room=10)
        transaction.reply.respond(200, OK, 1000, bytes(1000))
        self.pass_time(front, 15)
        wire.drain(100)
        self.pass_time(front, 15)
        self.assertFalse(wire.aborted)
        self.pass_time(front, 30)
        self.assertTrue(wire.aborted)

    def test_a_content_that_does_not_come_is_given_up(self) -> None:
        front = Front(self.times)
        wire, transaction = front.begin(POST + b"01")
        self.pass_time(front, 15)
        wire.receive(b"2")
        self.pass_time(front, 15)
        self.assertFalse(wire.half_closed)
        self.pass_time(front, 8)
        self.assertTrue(wire.sent().startswith(b"HTTP/1.1 504 "))
        self.assertTrue(transaction.reply.gone)

    def test_a_client_that_takes_an_early_answer_need_not_send_meanwhile(self) -> None:
        front = Front(self.times)
        wire, transaction = front.begin(POST + b"01")
        content = endless()
        transaction.reply.respond(200, OK, None, content)
        for _ in range(9):
            content.push(b"x")
            self.pass_time(front, 5)
        self.assertFalse(wire.aborted)
        content.end()
        self.assertTrue(wire.sent().endswith(b"0\r\n\r\n"))
        self.assertTrue(wire.half_closed)

    def test_a_client_is_cut_off_when_neither_its_content_nor_its_answer_moves(self) -> None:
        front = Front(self.times)
        wire, transaction = front.begin(POST + b"01")
        content = endless()
        transaction.reply.respond(200, OK, None, content)
        content.push(b"x")
        self.pass_time(front, 19)
        self.assertFalse(wire.aborted)
        self.pass_time(front, 3)
        self.assertTrue(wire.aborted)
        self.assertEqual(front.counters.client_timeouts, 1)

    def test_a_transaction_has_an_end_of_its_own(self) -> None:
        front = Front(self.times)
        wire, transaction = front.begin()
        told: list[str] = []
        transaction.reply.when_gone(lambda: told.append("gone"))
        self.pass_time(front, 49)
        self.assertEqual((wire.sent(), told), (b"", []))
        self.pass_time(front, 3)
        self.assertTrue(wire.sent().startswith(b"HTTP/1.1 504 "))
        self.assertEqual(told, ["gone"])
        wire.receive(GET)
        self.assertEqual(len(front.asked), 2)

    def test_an_answer_that_has_begun_is_cut_at_the_end_of_its_transaction(self) -> None:
        front = Front(self.times)
        wire, transaction = front.begin()
        content = endless()
        transaction.reply.respond(200, OK, None, content)
        for _ in range(12):
            content.push(b"x")
            self.pass_time(front, 5)
        self.assertTrue(wire.aborted)

    def test_a_connection_given_away_has_no_time_limit_of_ours(self) -> None:
        front = Front(self.times)
        wire, transaction = front.begin()
        transaction.reply.tunnel(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        self.pass_time(front, 200)
        self.assertFalse(wire.aborted)
        wire.protocol.connectionLost()
        self.assertEqual(front.counters.client_timeouts, 0)

    def test_none_of_the_times_need_be_limited(self) -> None:
        front = Front(Timeouts(accept=0.0, keep_alive_in=0.0, inactivity_in=0.0, active_in=0.0))
        wire = front.connect()
        for octets in (GET[:10], GET[10:]):
            self.pass_time(front, 300)
            wire.receive(octets)
        self.pass_time(front, 300)
        front.asked[0].reply.respond(200, OK, 0, None)
        self.pass_time(front, 300)
        wire.receive(GET)
        self.assertEqual(len(front.asked), 2)
        self.assertEqual(front.counters.client_timeouts, 0)
