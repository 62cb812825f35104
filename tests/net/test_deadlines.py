"""Many deadlines, one timer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import ceil

from hypothesis import given
from hypothesis.strategies import floats, integers, lists, tuples
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tsnode.net.deadlines import NEVER, Deadlines


class Waiting:
    """Notes when its deadline passed."""

    def __init__(self, deadline: float, then: Callable[[], object] | None = None) -> None:
        self.deadline = deadline
        self.passed: list[float] = []
        self.then = then

    def deadline_passed(self, now: float) -> None:
        self.passed.append(now)
        if self.then is not None:
            self.then()


class DeadlinesPass(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.deadlines = Deadlines(self.clock)

    def watch(self, deadline: float) -> Waiting:
        item = Waiting(deadline)
        self.deadlines.add(item)
        return item

    def advance_to(self, now: float) -> None:
        self.clock.advance(now - self.clock.seconds())

    def test_a_deadline_passes_once_and_not_before_its_time(self) -> None:
        item = self.watch(3.0)
        self.advance_to(2.9)
        self.assertEqual(item.passed, [])
        self.advance_to(3.0)
        self.advance_to(90.0)
        self.assertEqual(item.passed, [3.0])

    def test_a_deadline_within_a_second_passes_at_the_end_of_that(self) -> None:
        item = self.watch(3.4)
        self.advance_to(3.5)
        self.assertEqual(item.passed, [])
        self.advance_to(4.0)
        self.assertEqual(item.passed, [4.0])

    def test_a_deadline_already_gone_passes_in_the_next_turn(self) -> None:
        self.clock.advance(10.0)
        item = self.watch(5.0)
        self.assertEqual(item.passed, [])
        self.clock.advance(0)
        self.assertEqual(item.passed, [10.0])

    def test_a_later_deadline_is_only_written_down(self) -> None:
        item = self.watch(3.0)
        item.deadline = 7.0
        self.advance_to(6.9)
        self.assertEqual(item.passed, [])
        self.advance_to(7.0)
        self.assertEqual(item.passed, [7.0])

    def test_an_earlier_deadline_is_hastened(self) -> None:
        item = self.watch(100.0)
        self.deadlines.hasten(item, 2.0)
        self.advance_to(2.0)
        self.assertEqual(item.passed, [2.0])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_hastening_may_also_postpone(self) -> None:
        item = self.watch(2.0)
        self.deadlines.hasten(item, 5.0)
        self.advance_to(4.9)
        self.assertEqual(item.passed, [])
        self.advance_to(5.0)
        self.assertEqual(item.passed, [5.0])

    def test_what_is_not_watched_is_once_it_is_hastened(self) -> None:
        item = Waiting(NEVER)
        self.deadlines.hasten(item, 1.0)
        self.advance_to(1.0)
        self.assertEqual(item.passed, [1.0])

    def test_a_removed_item_is_left_alone(self) -> None:
        item = self.watch(1.0)
        self.deadlines.remove(item)
        self.deadlines.remove(item)
        self.advance_to(5.0)
        self.assertEqual(item.passed, [])

    def test_what_may_last_for_ever_needs_no_timer(self) -> None:
        item = self.watch(NEVER)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.deadlines.hasten(item, 3.0)
        item.deadline = NEVER
        self.advance_to(50.0)
        self.assertEqual((item.passed, self.clock.getDelayedCalls()), ([], []))
        self.deadlines.hasten(item, 60.0)
        self.advance_to(60.0)
        self.assertEqual(item.passed, [60.0])

    def test_removing_what_may_last_for_ever_is_no_matter(self) -> None:
        item = self.watch(NEVER)
        self.deadlines.remove(item)
        self.assertEqual(item.passed, [])

    def test_there_is_one_timer_however_many_wait_and_none_for_nobody(self) -> None:
        items = [self.watch(float(second)) for second in (9, 4, 6, 4, 120)]
        self.assertEqual([call.getTime() for call in self.clock.getDelayedCalls()], [4.0])
        for item in items:
            self.deadlines.remove(item)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_timer_for_somebody_removed_does_no_harm(self) -> None:
        gone, stays = self.watch(2.0), self.watch(8.0)
        self.deadlines.remove(gone)
        self.advance_to(8.0)
        self.assertEqual((gone.passed, stays.passed), ([], [8.0]))

    def test_one_may_remove_another_of_the_same_second(self) -> None:
        first, second = Waiting(2.0), Waiting(2.0)
        first.then = lambda: self.deadlines.remove(second)
        second.then = lambda: self.deadlines.remove(first)
        self.deadlines.add(first)
        self.deadlines.add(second)
        self.advance_to(5.0)
        self.assertEqual(len(first.passed) + len(second.passed), 1)

    def test_one_may_remove_itself_and_be_watched_again(self) -> None:
        item = Waiting(2.0)

        def again() -> None:
            self.deadlines.remove(item)
            item.deadline += 3.0
            if item.deadline < 10.0:
                self.deadlines.add(item)

        item.then = again
        self.deadlines.add(item)
        for second in range(20):
            self.advance_to(float(second))
        self.assertEqual(item.passed, [2.0, 5.0, 8.0])

    def test_others_have_their_turn_while_a_crowd_is_told(self) -> None:
        items = [self.watch(1.0) for _ in range(10_000)]
        told_before_others: list[int] = []

        def another() -> None:
            told_before_others.append(sum(len(item.passed) for item in items))
            if told_before_others[-1] < len(items):
                self.clock.callLater(0, another)

        self.clock.callLater(1.0, another)
        self.advance_to(1.0)
        self.assertTrue(all(item.passed == [1.0] for item in items))
        steps = [after - before for before, after in pairwise(told_before_others)]
        self.assertTrue(max(steps) <= 1000, steps)


class Laws(SynchronousTestCase):
    @given(lists(tuples(floats(0, 50), floats(0, 50), integers(0, 2))))
    def test_every_deadline_passes_once_within_its_second(self, plans: list[tuple[float, float, int]]) -> None:
        """Each item is added for one time, and at 0 moved to another: by hand where later, hastened, or removed."""
        clock = Clock()
        deadlines = Deadlines(clock)
        expected: list[tuple[Waiting, list[float]]] = []
        for first, then, how in plans:
            item = Waiting(first)
            deadlines.add(item)
            if how == 2:
                deadlines.remove(item)
                expected.append((item, []))
                continue
            if how == 1 or then < first:
                deadlines.hasten(item, then)
            else:
                item.deadline = then
            expected.append((item, [float(ceil(then))]))
        clock.advance(0)
        for _ in range(60):
            clock.advance(1.0)
        for item, passed in expected:
            self.assertEqual(item.passed, passed)
        self.assertEqual(clock.getDelayedCalls(), [])
