"""Who may connect, and how connections are ended together."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.net.fronts import GET, Front
from tsnode.model.settings import Limits, Timeouts
from tsnode.routing.access import AccessRules


class Accepting(SynchronousTestCase):
    def test_an_address_that_may_do_nothing_is_turned_away_and_counted(self) -> None:
        front = Front()
        self.assertIsNone(front.accept("10.0.0.1"))
        self.assertIsNotNone(front.accept("127.0.0.1"))
        self.assertEqual(front.counters.access_denied, 1)
        self.assertEqual(front.counters.total_client_connections, 1)

    def test_no_more_connections_than_the_limit_are_taken(self) -> None:
        front = Front(limits=Limits(connections_in=2))
        first = front.connect()
        front.connect()
        self.assertIsNone(front.accept())
        self.assertEqual(front.counters.connections_throttled_in, 1)
        first.reset()
        self.assertIsNotNone(front.accept())

    def test_no_more_connections_of_one_client_than_the_limit_are_taken(self) -> None:
        front = Front(limits=Limits(connections_per_client=2))
        first, second = front.connect(), front.connect()
        self.assertIsNone(front.accept())
        self.assertIsNotNone(front.accept("127.0.0.2"))
        self.assertEqual(front.counters.per_client_throttled_in, 1)
        first.reset()
        second.reset()
        self.assertIsNotNone(front.accept())

    def test_a_connection_is_forgotten_once_however_often_it_is_said_to_be_gone(self) -> None:
        front = Front()
        wire = front.connect()
        front.connect()
        wire.reset()
        front.listener.closed(wire.protocol)
        self.assertEqual(front.counters.current_client_connections, 1)


class Renewal(SynchronousTestCase):
    """Another configuration, after a reload."""

    def test_connections_that_are_there_are_held_to_it_with_their_next_request(self) -> None:
        front = Front()
        wire, present = front.begin()
        front.renew(AccessRules())
        self.assertTrue(present.reply.access.permits(b"GET"))
        present.reply.respond(200, b"HTTP/1.1 200 OK\r\n", 0, None)
        wire.receive(GET)
        self.assertFalse(front.asked[-1].reply.access.permits(b"GET"))

    def test_new_connections_are_at_once(self) -> None:
        front = Front()
        front.renew(AccessRules())
        self.assertIsNone(front.accept())
        front.renew(limits=Limits(connections_in=1))
        self.assertIsNotNone(front.accept())
        self.assertIsNone(front.accept())

    def test_idle_time_is_that_of_the_new_settings_once_a_request_is_answered(self) -> None:
        front = Front(timeouts=Timeouts(keep_alive_in=100.0))
        wire, present = front.begin()
        front.renew(timeouts=Timeouts(keep_alive_in=5.0))
        present.reply.respond(200, b"HTTP/1.1 200 OK\r\n", 0, None)
        front.clock.pump([1.0] * 7)
        self.assertTrue(wire.half_closed)


class Ending(SynchronousTestCase):
    def test_a_listener_without_connections_is_drained_at_once(self) -> None:
        self.successResultOf(Front().listener.drain())

    def test_whoever_asks_for_the_end_is_told_of_it(self) -> None:
        front = Front()
        wire = front.connect()
        drained = [front.listener.drain(), front.listener.drain()]
        wire.finish()
        front.clock.advance(0)
        for each in drained:
            self.successResultOf(each)

    def test_idle_connections_close_and_the_others_finish(self) -> None:
        front = Front()
        idle = front.connect()
        busy, transaction = front.begin()
        drained = front.listener.drain()
        self.assertTrue(idle.half_closed)
        self.assertFalse(busy.half_closed)
        transaction.reply.respond(200, b"HTTP/1.1 200 OK\r\n", 2, b"ok")
        self.assertEqual(busy.sent(), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        self.assertTrue(busy.half_closed)
        for wire in (idle, busy):
            self.assertNoResult(drained)
            wire.finish()
            front.clock.advance(0)
        self.successResultOf(drained)

    def test_a_head_that_has_begun_is_waited_for(self) -> None:
        front = Front()
        wire = front.connect()
        wire.receive(GET[:10])
        front.listener.drain()
        self.assertFalse(wire.half_closed)
        wire.receive(GET[10:])
        self.assertEqual(len(front.asked), 1)

    def test_what_is_left_can_be_cut(self) -> None:
        front = Front()
        wires = [front.connect(), front.begin()[0]]
        drained = front.listener.drain()
        front.listener.abort()
        front.clock.advance(0)
        self.assertEqual([wire.aborted for wire in wires], [True, True])
        self.successResultOf(drained)
        self.assertEqual(front.counters.current_client_connections, 0)

    def test_a_defect_is_logged_and_costs_one_connection(self) -> None:
        front = Front()

        def fail(*_: object) -> None:
            raise AssertionError("a defect")

        front.listener.carry = fail
        broken = front.connect()
        broken.receive(GET)
        self.assertTrue(broken.aborted)
        self.assertEqual(len(self.flushLoggedErrors(AssertionError)), 1)
        front.clock.advance(0)
        self.assertEqual(front.counters.current_client_transactions, 0)
        self.assertEqual(front.counters.current_client_connections, 0)
