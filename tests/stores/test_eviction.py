"""SIEVE."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, lists, tuples
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.target import CacheKey
from tsnode.stores.eviction import Sieve
from tsnode.stores.held import Held


def held(name: str) -> Held:
    return Held(CacheKey(name.encode()), (b"",), 1)


class Eviction(SynchronousTestCase):
    def setUp(self) -> None:
        self.sieve = Sieve()
        self.all = {name: held(name) for name in "abcdefg"}

    def add(self, names: str) -> None:
        for name in names:
            self.sieve.add(self.all[name])

    def use(self, names: str) -> None:
        for name in names:
            self.all[name].used = True

    def evict(self) -> str:
        victim = self.sieve.victim()
        assert victim is not None
        self.sieve.remove(victim)
        return victim.key.decode()

    def test_an_empty_one_has_no_victim(self) -> None:
        self.assertIsNone(self.sieve.victim())

    def test_unused_ones_go_in_the_order_of_their_coming(self) -> None:
        self.add("abc")
        self.assertEqual([self.evict() for _ in "abc"], ["a", "b", "c"])
        self.assertIsNone(self.sieve.victim())
        self.assertEqual(len(self.sieve), 0)

    def test_the_worked_example_of_the_paper(self) -> None:
        """Zhang et al., NSDI 2024, figure 1: A, B and G were used; the requests are H, A, D, I, B, J."""
        example = {name: held(name) for name in "GFEDCBAHIJ"}
        for name in "ABCDEFG":
            self.sieve.add(example[name])
        for name in "ABG":
            example[name].used = True

        def request(name: str) -> str:
            if example[name].resident:
                example[name].used = True
                return ""
            gone = self.evict()
            self.sieve.add(example[name])
            return gone

        self.assertEqual([request(name) for name in "HADIBJ"], ["C", "", "", "E", "", "F"])

    def test_one_that_was_used_is_spared_once(self) -> None:
        self.add("abc")
        self.use("a")
        self.assertEqual([self.evict() for _ in "abc"], ["b", "c", "a"])

    def test_when_all_were_used_the_oldest_goes(self) -> None:
        self.add("abc")
        self.use("abc")
        self.assertEqual(self.evict(), "a")

    def test_the_hand_goes_on_from_where_it_was(self) -> None:
        self.add("abcd")
        self.use("a")
        self.assertEqual(self.evict(), "b")
        self.add("e")
        self.assertEqual([self.evict() for _ in "cde"], ["c", "d", "e"])

    def test_removing_the_one_under_the_hand_moves_the_hand_on(self) -> None:
        self.add("abcd")
        self.use("a")
        victim = self.sieve.victim()
        self.assertIs(victim, self.all["b"])
        self.sieve.remove(self.all["b"])
        self.assertEqual(self.evict(), "c")

    @given(lists(tuples(integers(0, 6), integers(0, 3)), max_size=40))
    def test_whatever_happens_each_one_that_is_in_goes_exactly_once(self, steps: list[tuple[int, int]]) -> None:
        sieve, all_of_them = Sieve(), [held(str(number)) for number in range(7)]
        inside: set[Held] = set()
        for number, step in steps:
            one = all_of_them[number]
            if step == 0 and one not in inside:
                sieve.add(one)
                inside.add(one)
            elif step == 1 and one in inside:
                sieve.remove(one)
                inside.discard(one)
            elif step == 2:
                one.used = True
            elif step == 3 and (victim := sieve.victim()) is not None:
                self.assertIn(victim, inside)
                sieve.remove(victim)
                inside.discard(victim)
            self.assertEqual(len(sieve), len(inside))
            self.assertEqual({one for one in all_of_them if one.resident}, inside)
        while (victim := sieve.victim()) is not None:
            sieve.remove(victim)
            inside.remove(victim)
        self.assertEqual(inside, set())
