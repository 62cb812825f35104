"""Two connections that became one."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, booleans, integers, lists, one_of, tuples
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tests.net.wires import Wire
from tsnode.model.counters import Counters
from tsnode.net.deadlines import Deadlines
from tsnode.net.tunnel import TunnelEnd
from tsnode.ports import ITunnelEnd


class Pair:
    """A client's and a next hop's connection with their ends of a tunnel, not spliced yet."""

    def __init__(self, inactivity: tuple[float, float] = (30.0, 60.0), first: tuple[bytes, bytes] = (b"", b"")) -> None:
        self.clock = Clock()
        self.counters = Counters()
        self.deadlines = Deadlines(self.clock)
        self.client = Wire(self.clock)
        self.server = Wire(self.clock)
        self.near = TunnelEnd(self.client, first[0], self.counters, self.deadlines, inactivity[0])
        self.far = TunnelEnd(self.server, first[1], self.counters, self.deadlines, inactivity[1])
        self.ended: list[str] = []
        self.near.on_end = lambda: self.ended.append("near")
        self.far.on_end = lambda: self.ended.append("far")

    def spliced(self) -> Pair:
        self.far.splice(self.near)
        self.clock.advance(0)
        return self


class Held(SynchronousTestCase):
    def test_it_is_an_end_of_a_tunnel_and_can_close_by_halves(self) -> None:
        end = Pair().near
        self.assertTrue(verifyObject(ITunnelEnd, end))
        self.assertTrue(verifyObject(IHalfCloseableProtocol, end))

    def test_nothing_is_read_before_there_is_another_side(self) -> None:
        pair = Pair()
        pair.client.receive(b"hello")
        self.assertEqual(pair.client.producerState, "paused")
        pair.spliced()
        self.assertEqual(pair.server.sent(), b"hello")

    def test_what_came_all_the_same_is_kept(self) -> None:
        pair = Pair(first=(b"one ", b""))
        pair.near.dataReceived(b"two")
        pair.spliced()
        self.assertEqual(pair.server.sent(), b"one two")

    def test_an_abandoned_end_closes_its_connection(self) -> None:
        pair = Pair()
        pair.near.abandon()
        pair.near.abandon()
        pair.clock.advance(0)
        self.assertEqual((pair.client.gone, pair.ended), (True, ["near"]))

    def test_an_end_that_is_lost_before_it_is_spliced_takes_the_other_with_it(self) -> None:
        for far_first in (True, False):
            pair = Pair()
            pair.client.reset()
            first, second = (pair.far, pair.near) if far_first else (pair.near, pair.far)
            first.splice(second)
            pair.clock.advance(0)
            self.assertEqual((pair.server.gone, pair.ended), (True, ["near", "far"]))

    def test_a_half_close_before_it_is_spliced_is_no_matter(self) -> None:
        pair = Pair()
        pair.near.readConnectionLost()
        self.assertFalse(pair.client.disconnecting)

    def test_a_spliced_end_is_not_abandoned(self) -> None:
        pair = Pair().spliced()
        pair.near.abandon()
        self.assertFalse(pair.client.disconnecting)


class Carrying(SynchronousTestCase):
    def test_octets_go_both_ways_and_are_counted(self) -> None:
        pair = Pair().spliced()
        pair.client.receive(b"ping")
        pair.server.receive(b"pong!")
        self.assertEqual((pair.server.sent(), pair.client.sent()), (b"ping", b"pong!"))
        self.assertEqual(pair.counters.tunnel_octets, 9)

    def test_octets_received_before_go_first(self) -> None:
        pair = Pair(first=(b"client first ", b"server first "))
        pair.client.receive(b"client later")
        pair.server.receive(b"server later")
        pair.spliced()
        self.assertEqual(pair.server.sent(), b"client first client later")
        self.assertEqual(pair.client.sent(), b"server first server later")

    def test_a_slow_side_pauses_the_other(self) -> None:
        pair = Pair()
        pair.client.room = 10
        pair.spliced()
        pair.server.receive(b"x" * 20)
        self.assertEqual((pair.server.producerState, pair.client.producerState), ("paused", "producing"))
        pair.server.receive(b"more")
        self.assertEqual(len(pair.client.sent()), 20)
        pair.client.drain(20)
        pair.clock.advance(0)
        self.assertEqual((pair.server.producerState, pair.client.sent()), ("producing", b"more"))


class Ending(SynchronousTestCase):
    def test_a_half_close_is_passed_on_and_the_other_direction_goes_on(self) -> None:
        pair = Pair().spliced()
        pair.client.receive(b"last words")
        pair.client.finish()
        self.assertEqual((pair.server.sent(), pair.server.half_closed), (b"last words", True))
        pair.server.receive(b"answer")
        self.assertEqual(pair.client.sent(), b"answer")
        self.assertEqual((pair.client.disconnecting, pair.server.disconnecting), (False, False))

    def test_both_connections_close_once_both_sides_have_sent_everything(self) -> None:
        pair = Pair().spliced()
        pair.client.finish()
        pair.server.finish()
        self.assertEqual((pair.client.aborted, pair.server.aborted), (False, False))
        pair.clock.advance(0)
        self.assertEqual((pair.client.gone, pair.server.gone), (True, True))
        self.assertEqual(sorted(pair.ended), ["far", "near"])
        self.assertEqual(pair.clock.getDelayedCalls(), [])

    def test_a_lost_connection_closes_the_other_after_what_was_brought(self) -> None:
        for broken, other in (("client", "server"), ("server", "client")):
            pair = Pair().spliced()
            getattr(pair, broken).receive(b"last words")
            getattr(pair, broken).reset()
            wire: Wire = getattr(pair, other)
            self.assertEqual((wire.sent(), wire.disconnecting, wire.aborted), (b"last words", True, False))
            pair.clock.advance(0)
            self.assertEqual((sorted(pair.ended), pair.clock.getDelayedCalls()), (["far", "near"], []))

    def test_a_connection_may_be_lost_after_it_was_half_closed(self) -> None:
        pair = Pair().spliced()
        pair.client.finish()
        pair.client.reset()
        pair.clock.advance(0)
        self.assertEqual((pair.server.gone, sorted(pair.ended)), (True, ["far", "near"]))

    def test_the_other_may_be_lost_after_a_half_close(self) -> None:
        pair = Pair().spliced()
        pair.client.finish()
        pair.server.reset()
        pair.clock.advance(0)
        self.assertEqual((pair.client.gone, sorted(pair.ended)), (True, ["far", "near"]))

    def test_a_second_end_of_input_changes_nothing(self) -> None:
        pair = Pair().spliced()
        pair.client.finish()
        pair.near.readConnectionLost()
        self.assertFalse(pair.server.disconnecting)

    def test_the_end_of_output_is_no_news(self) -> None:
        pair = Pair().spliced()
        pair.near.writeConnectionLost()
        self.assertFalse(pair.client.disconnecting)

    def test_an_aborted_end_takes_the_other_with_it(self) -> None:
        pair = Pair().spliced()
        pair.near.abort()
        pair.clock.advance(0)
        self.assertEqual((pair.client.aborted, pair.server.gone), (True, True))

    def test_nobody_needs_to_be_told(self) -> None:
        pair = Pair().spliced()
        pair.near.on_end = None
        pair.client.reset()
        pair.clock.advance(0)
        self.assertEqual(pair.ended, ["far"])


class Silence(SynchronousTestCase):
    def test_both_are_cut_when_nothing_moved_for_the_shorter_time(self) -> None:
        pair = Pair(inactivity=(30.0, 60.0)).spliced()
        pair.clock.advance(29.0)
        self.assertFalse(pair.client.disconnecting)
        pair.clock.advance(1.0)
        self.assertEqual((pair.client.aborted, pair.server.aborted), (True, True))

    def test_octets_of_either_side_keep_both_open(self) -> None:
        pair = Pair(inactivity=(30.0, 30.0)).spliced()
        for wire in (pair.client, pair.server, pair.client):
            pair.clock.advance(20.0)
            wire.receive(b"x")
        pair.clock.advance(29.0)
        self.assertFalse(pair.client.disconnecting)
        pair.clock.advance(1.0)
        self.assertTrue(pair.client.aborted)

    def test_without_a_limit_they_stay_open(self) -> None:
        pair = Pair(inactivity=(0.0, 0.0)).spliced()
        self.assertEqual(pair.clock.getDelayedCalls(), [])
        pair.client.receive(b"x")
        self.assertEqual(pair.server.sent(), b"x")

    def test_a_slow_side_that_takes_something_is_not_silent(self) -> None:
        pair = Pair(inactivity=(30.0, 30.0))
        pair.client.room = 0
        pair.spliced()
        pair.server.receive(b"x" * 100)
        for _ in range(3):
            pair.clock.advance(30.0)
            self.assertFalse(pair.client.disconnecting)
            pair.client.room += 10
        pair.clock.advance(30.0)
        pair.clock.advance(30.0)
        self.assertTrue(pair.client.aborted)


class Laws(SynchronousTestCase):
    @given(
        binary(max_size=20),
        binary(max_size=20),
        lists(tuples(booleans(), one_of(binary(min_size=1, max_size=60), integers(1, 100)))),
        integers(0, 50),
    )
    def test_each_side_gets_what_the_other_sent(
        self, near_first: bytes, far_first: bytes, steps: list[tuple[bool, bytes | int]], room: int
    ) -> None:
        """A step is one side sending some octets, or taking some of those that wait for it."""
        pair = Pair(first=(near_first, far_first))
        pair.client.room = pair.server.room = room
        pair.spliced()
        sent = {True: near_first, False: far_first}
        for from_client, step in steps:
            wire = pair.client if from_client else pair.server
            if isinstance(step, bytes):
                wire.receive(step)
                sent[from_client] += step
            else:
                wire.drain(step)
            pair.clock.advance(0)
        for wire in (pair.client, pair.server):
            wire.drain(1 << 20)
            wire.finish()
        pair.clock.advance(0)
        self.assertEqual((pair.server.sent(), pair.client.sent()), (sent[True], sent[False]))
        self.assertEqual((pair.client.gone, pair.server.gone), (True, True))
        self.assertEqual(pair.counters.tunnel_octets, len(sent[True]) + len(sent[False]))
