"""Content between the connection that pushes it and the reader that takes it."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, integers, lists, one_of
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tsnode.model.errors import BadGateway
from tsnode.model.fields import Fields
from tsnode.net.inflow import Inflow
from tsnode.ports import Flow, IContent


class Source:
    """A connection that notes what its inflow asks of it."""

    def __init__(self, high: int = 1000) -> None:
        self.asked: list[str] = []
        self.inflow = Inflow(high, self.pause, self.resume, self.closed)

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def closed(self) -> None:
        self.asked.append("closed")


def drain(inflow: Inflow) -> bytes:
    """All that is there now."""
    return b"".join(bytes(octets) for octets in iter(inflow.take, None))


class Taking(SynchronousTestCase):
    def test_it_is_a_content(self) -> None:
        self.assertTrue(verifyObject(IContent, Source().inflow))

    def test_nothing_is_there_before_anything_was_pushed(self) -> None:
        inflow = Source().inflow
        self.assertEqual((inflow.take(), inflow.flow), (None, Flow.OPEN))

    def test_octets_come_in_the_order_they_were_pushed(self) -> None:
        inflow = Source().inflow
        for octets in (b"a", b"b", b"c"):
            inflow.push(octets)
        self.assertEqual([inflow.take(), inflow.take(), inflow.take(), inflow.take()], [b"a", b"b", b"c", None])
        self.assertIs(inflow.flow, Flow.OPEN)

    def test_it_ends_only_once_all_was_taken(self) -> None:
        inflow = Source().inflow
        inflow.push(b"a")
        inflow.end(Fields([(b"Digest", b"x")]))
        self.assertIs(inflow.flow, Flow.OPEN)
        inflow.take()
        self.assertIs(inflow.flow, Flow.ENDED)
        self.assertEqual(inflow.trailers.get(b"digest"), b"x")

    def test_content_without_octets_ends_at_once(self) -> None:
        inflow = Source().inflow
        inflow.end()
        self.assertEqual((inflow.flow, inflow.take(), len(inflow.trailers)), (Flow.ENDED, None, 0))

    def test_a_failure_shows_after_what_came_before_it(self) -> None:
        inflow, failure = Source().inflow, BadGateway("cut short")
        inflow.push(b"a")
        inflow.fail(failure)
        self.assertEqual((inflow.flow, inflow.take()), (Flow.OPEN, b"a"))
        self.assertEqual((inflow.flow, inflow.failure), (Flow.FAILED, failure))


class Notifying(SynchronousTestCase):
    def setUp(self) -> None:
        self.inflow = Source().inflow
        self.calls = 0

    def count(self) -> None:
        self.calls += 1

    def test_a_callback_is_never_called_from_within_notify(self) -> None:
        self.inflow.push(b"a")
        self.inflow.notify(self.count)
        self.assertEqual(self.calls, 0)

    def test_a_push_calls_back_once(self) -> None:
        self.inflow.notify(self.count)
        self.inflow.push(b"a")
        self.inflow.push(b"b")
        self.assertEqual(self.calls, 1)

    def test_the_end_calls_back(self) -> None:
        self.inflow.notify(self.count)
        self.inflow.end()
        self.assertEqual(self.calls, 1)

    def test_a_failure_calls_back(self) -> None:
        self.inflow.notify(self.count)
        self.inflow.fail(BadGateway("cut short"))
        self.assertEqual(self.calls, 1)

    def test_a_new_callback_replaces_the_one_before(self) -> None:
        self.inflow.notify(lambda: self.fail("was replaced"))
        self.inflow.notify(self.count)
        self.inflow.push(b"a")
        self.assertEqual(self.calls, 1)

    def test_a_callback_may_ask_for_the_next(self) -> None:
        def again() -> None:
            self.count()
            self.inflow.notify(again)

        self.inflow.notify(again)
        self.inflow.push(b"a")
        self.inflow.push(b"b")
        self.assertEqual(self.calls, 2)

    def test_nobody_is_called_back_when_pausing_made_the_reader_close(self) -> None:
        def pause() -> None:
            inflow.close()

        inflow = Inflow(10, pause, self.count)
        inflow.notify(self.count)
        inflow.push(b"x" * 20)
        self.assertEqual((self.calls, inflow.take()), (0, None))


class Pressure(SynchronousTestCase):
    def test_the_connection_pauses_when_too_much_waits_and_resumes_at_half(self) -> None:
        source = Source(high=1000)
        for _ in range(3):
            source.inflow.push(b"x" * 400)
        self.assertEqual((source.asked, source.inflow.full), (["pause"], True))
        source.inflow.take()
        self.assertEqual((source.asked, source.inflow.full), (["pause"], False))
        source.inflow.take()
        self.assertEqual(source.asked, ["pause", "resume"])

    def test_many_small_pieces_are_too_much_as_well(self) -> None:
        source = Source(high=1000)
        for _ in range(20):
            source.inflow.push(b"x")
        self.assertEqual(source.asked, ["pause"])

    def test_resuming_may_push(self) -> None:
        inflow = Inflow(100, lambda: None, lambda: inflow.push(b"more"))
        inflow.push(b"x" * 101)
        self.assertEqual([inflow.take(), inflow.take(), inflow.take()], [b"x" * 101, b"more", None])

    def test_after_the_end_nothing_is_asked_of_the_connection(self) -> None:
        """It may be about another message by then."""
        source = Source(high=100)
        source.inflow.push(b"x" * 101)
        source.inflow.end()
        drain(source.inflow)
        source.inflow.close()
        self.assertEqual((source.asked, source.inflow.flow), (["pause"], Flow.ENDED))

    def test_after_a_failure_nothing_is_asked_of_the_connection(self) -> None:
        source = Source(high=100)
        source.inflow.push(b"x" * 101)
        source.inflow.fail(BadGateway("cut short"))
        source.inflow.close()
        self.assertEqual(source.asked, ["pause"])


class Closing(SynchronousTestCase):
    def test_the_connection_is_told_once(self) -> None:
        source = Source()
        source.inflow.close()
        source.inflow.close()
        self.assertEqual(source.asked, ["closed"])

    def test_what_is_held_and_what_comes_later_is_dropped(self) -> None:
        source = Source(high=100)
        source.inflow.push(b"abc")
        source.inflow.close()
        source.inflow.push(b"x" * 200)
        self.assertEqual((source.inflow.take(), source.asked, source.inflow.full), (None, ["closed"], False))

    def test_the_callback_is_dropped(self) -> None:
        inflow = Source().inflow
        inflow.notify(lambda: self.fail("closed"))
        inflow.close()
        inflow.push(b"a")
        inflow.end()
        self.assertIs(inflow.flow, Flow.ENDED)

    def test_a_connection_may_not_care(self) -> None:
        inflow = Inflow(10, lambda: None, lambda: None)
        inflow.close()
        self.assertIsNone(inflow.take())


class Laws(SynchronousTestCase):
    @given(lists(one_of(binary(min_size=1, max_size=200), integers(1, 5))), integers(1, 600))
    def test_what_is_taken_is_what_was_pushed_and_a_pause_never_outlasts_its_cause(
        self, steps: list[bytes | int], high: int
    ) -> None:
        """A step is octets to push or a number of times to take; a paused connection pushes nothing."""
        source = Source(high)
        pushed = taken = b""
        for step in steps:
            paused = source.asked[-1:] == ["pause"]
            if isinstance(step, bytes):
                if not paused:
                    source.inflow.push(step)
                    pushed += step
            else:
                for _ in range(step):
                    taken += bytes(source.inflow.take() or b"")
        source.inflow.end()
        self.assertEqual(source.asked, (["pause", "resume"] * len(source.asked))[: len(source.asked)])
        self.assertEqual(taken + drain(source.inflow), pushed)
        self.assertIs(source.inflow.flow, Flow.ENDED)

    @given(lists(binary(min_size=1, max_size=50), min_size=1), integers(0, 300))
    def test_a_reader_that_takes_whatever_it_is_told_of_is_never_left_behind(
        self, pieces: list[bytes], high: int
    ) -> None:
        source = Source(high)
        taken: list[bytes] = []

        def read() -> None:
            taken.append(drain(source.inflow))
            if source.inflow.flow is Flow.OPEN:
                source.inflow.notify(read)

        read()
        for piece in pieces:
            source.inflow.push(piece)
            self.assertNotEqual(source.asked[-1:], ["pause"])
        source.inflow.end()
        self.assertEqual(b"".join(taken), b"".join(pieces))
