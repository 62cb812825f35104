"""What is pinned, and what loses its pin."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, lists, tuples
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.target import CacheKey
from tsnode.stores.held import Held
from tsnode.stores.pins import Pins


def held(cost: int) -> Held:
    return Held(CacheKey(b"k"), (b"",), cost)


class Pinning(SynchronousTestCase):
    def test_one_that_was_let_go_does_not_end_again(self) -> None:
        clock = Clock()
        pins = Pins(10, clock.seconds)
        one = held(5)
        self.assertEqual(pins.pin(one, 5.0), [])
        self.assertTrue(pins.unpin(one))
        self.assertFalse(pins.unpin(one))
        self.assertEqual(pins.pin(one, 9.0), [])
        clock.advance(6)
        self.assertEqual((pins.ended(), one in pins, len(pins)), ([], True, 1))
        clock.advance(3)
        self.assertEqual((pins.ended(), one in pins, len(pins)), ([one], False, 0))

    @given(lists(tuples(integers(1, 60), integers(1, 50)), max_size=12), integers(0, 50))
    def test_their_share_is_kept_and_nothing_stays_beyond_its_time(
        self, pinned: list[tuple[int, int]], later: int
    ) -> None:
        clock = Clock()
        pins = Pins(100, clock.seconds)
        untils: dict[Held, int] = {}
        for cost, until in pinned:
            one = held(cost)
            lost = pins.pin(one, until)
            assert lost is not None
            untils[one] = until
            for other in lost:
                self.assertEqual(untils[other], min(untils.values()))
                del untils[other]
            self.assertLessEqual(sum(each.cost for each in untils), 100)
        clock.advance(later)
        ended = pins.ended()
        self.assertEqual({untils[one] > later for one in untils if one not in ended} - {True}, set())
        self.assertTrue(all(untils[one] <= later for one in ended))
        self.assertEqual(len(pins), len(untils) - len(ended))
