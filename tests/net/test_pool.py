"""The books of connections."""

from __future__ import annotations

from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from hypothesis.strategies import integers, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.net.pool import Pool, ServerKey

A: ServerKey = (b"a.example", 80)
B: ServerKey = (b"b.example", 80)


class Idle(SynchronousTestCase):
    def setUp(self) -> None:
        self.pool: Pool[str, str] = Pool(idle=2, links=0)

    def test_the_link_that_became_idle_last_is_claimed_first(self) -> None:
        """The others may then reach the end of their idle lifetime."""
        for link in ("old", "new"):
            self.pool.open(A)
            self.pool.keep(A, link)
        self.assertEqual([self.pool.claim(A), self.pool.claim(A), self.pool.claim(A)], ["new", "old", None])

    def test_links_of_one_next_hop_are_not_for_another(self) -> None:
        self.pool.open(A)
        self.pool.keep(A, "link")
        self.assertIsNone(self.pool.claim(B))
        self.assertIsNone(self.pool.claim((b"a.example", 8080)))

    def test_no_more_are_kept_than_allowed(self) -> None:
        kept = []
        for link in ("1", "2", "3"):
            self.pool.open(A)
            kept.append(self.pool.keep(A, link))
        self.assertEqual(kept, [True, True, False])

    def test_a_dropped_link_is_not_claimed(self) -> None:
        for link in ("1", "2"):
            self.pool.open(A)
            self.pool.keep(A, link)
        self.pool.drop(A, "2")
        self.pool.closed(A)
        self.assertEqual([self.pool.claim(A), self.pool.claim(A)], ["1", None])

    def test_dropping_what_is_not_idle_changes_nothing(self) -> None:
        self.pool.open(A)
        self.pool.keep(A, "1")
        self.pool.drop(A, "other")
        self.assertEqual(self.pool.claim(A), "1")

    def test_the_oldest_idle_link_stays_idle_until_it_is_dropped(self) -> None:
        self.assertIsNone(self.pool.oldest_idle(A))
        for link in ("old", "new"):
            self.pool.open(A)
            self.pool.keep(A, link)
        self.assertEqual([self.pool.oldest_idle(A), self.pool.oldest_idle(A)], ["old", "old"])
        self.pool.drop(A, "old")
        self.assertEqual(self.pool.oldest_idle(A), "new")


    def test_once_none_are_kept_the_idle_ones_are_handed_over_and_no_others_taken(self) -> None:
        for key, link in ((A, "1"), (A, "2"), (B, "3")):
            self.pool.open(key)
            self.pool.keep(key, link)
        self.pool.open(A)
        self.assertEqual(self.pool.keep_none(), ["1", "2", "3"])
        self.assertIsNone(self.pool.claim(A))
        self.assertFalse(self.pool.keep(A, "4"))
        for _ in range(3):
            self.pool.closed(A)
        self.assertIsNone(self.pool.oldest_idle(A))


class Bounds(SynchronousTestCase):
    def test_without_a_bound_links_are_made_as_wanted(self) -> None:
        pool: Pool[str, str] = Pool(idle=2, links=0)
        self.assertTrue(all(pool.open(A) for _ in range(1000)))

    def test_a_bound_counts_every_link_until_it_is_closed(self) -> None:
        pool: Pool[str, str] = Pool(idle=2, links=2)
        self.assertEqual([pool.open(A), pool.open(A), pool.open(A), pool.open(B)], [True, True, False, True])
        pool.keep(A, "idle")
        self.assertFalse(pool.open(A))
        pool.drop(A, "idle")
        pool.closed(A)
        self.assertEqual([pool.open(A), pool.open(A)], [True, False])

    def test_those_who_wait_are_served_in_their_order(self) -> None:
        pool: Pool[str, str] = Pool(idle=2, links=1)
        self.assertIsNone(pool.first_waiting(A))
        pool.open(A)
        for waiter in ("1", "2", "3"):
            pool.wait(A, waiter)
        pool.leave(A, "2")
        self.assertEqual([pool.first_waiting(A), pool.first_waiting(A)], ["1", "1"])
        pool.leave(A, "1")
        self.assertEqual(pool.first_waiting(A), "3")
        pool.leave(A, "3")
        self.assertIsNone(pool.first_waiting(A))

    def test_only_so_many_may_wait(self) -> None:
        pool: Pool[str, str] = Pool(idle=2, links=1, waiting=2)
        pool.open(A)
        self.assertEqual([pool.wait(A, waiter) for waiter in ("1", "2", "3")], [True, True, False])

    def test_waiters_outlast_the_last_link(self) -> None:
        pool: Pool[str, str] = Pool(idle=2, links=1)
        pool.open(A)
        pool.wait(A, "waiter")
        pool.closed(A)
        self.assertEqual((pool.first_waiting(A), pool.open(A)), ("waiter", True))


class Books(RuleBasedStateMachine):
    """Whatever is done in whatever order, the books agree with a plain list of links."""

    IDLE = 2
    LINKS = 3
    WAITING = 2

    def __init__(self) -> None:
        super().__init__()
        self.pool: Pool[int, int] = Pool(self.IDLE, self.LINKS, self.WAITING)
        self.number = 0
        self.busy: dict[ServerKey, list[int]] = {A: [], B: []}
        self.idle: dict[ServerKey, list[int]] = {A: [], B: []}
        self.waiting: dict[ServerKey, list[int]] = {A: [], B: []}

    def links(self, key: ServerKey) -> int:
        return len(self.busy[key]) + len(self.idle[key])

    @rule(key=sampled_from([A, B]))
    def open(self, key: ServerKey) -> None:
        may = self.links(key) < self.LINKS
        assert self.pool.open(key) is may
        if may:
            self.number += 1
            self.busy[key].append(self.number)

    @rule(key=sampled_from([A, B]))
    def claim(self, key: ServerKey) -> None:
        expected = self.idle[key].pop() if self.idle[key] else None
        assert self.pool.claim(key) == expected
        if expected is not None:
            self.busy[key].append(expected)

    @rule(key=sampled_from([A, B]))
    def oldest_idle(self, key: ServerKey) -> None:
        assert self.pool.oldest_idle(key) == (self.idle[key][0] if self.idle[key] else None)

    @rule(key=sampled_from([A, B]), at=integers(0, 2))
    def keep(self, key: ServerKey, at: int) -> None:
        if at < len(self.busy[key]):
            may = len(self.idle[key]) < self.IDLE
            link = self.busy[key][at]
            assert self.pool.keep(key, link) is may
            if may:
                self.idle[key].append(self.busy[key].pop(at))

    @rule(key=sampled_from([A, B]), at=integers(0, 1))
    def lose_idle(self, key: ServerKey, at: int) -> None:
        if at < len(self.idle[key]):
            self.pool.drop(key, self.idle[key].pop(at))
            self.pool.closed(key)

    @rule(key=sampled_from([A, B]))
    def lose_busy(self, key: ServerKey) -> None:
        if self.busy[key]:
            self.busy[key].pop()
            self.pool.closed(key)

    @rule(key=sampled_from([A, B]))
    def wait(self, key: ServerKey) -> None:
        if self.links(key) == self.LINKS:
            may = len(self.waiting[key]) < self.WAITING
            self.number += 1
            assert self.pool.wait(key, self.number) is may
            if may:
                self.waiting[key].append(self.number)

    @rule(key=sampled_from([A, B]))
    def first_waiting(self, key: ServerKey) -> None:
        assert self.pool.first_waiting(key) == (self.waiting[key][0] if self.waiting[key] else None)

    @rule(key=sampled_from([A, B]), at=integers(0, 1))
    def leave(self, key: ServerKey, at: int) -> None:
        if at < len(self.waiting[key]):
            self.pool.leave(key, self.waiting[key].pop(at))


class BooksHold(SynchronousTestCase):
    def test_the_books_agree_with_what_was_done(self) -> None:
        run_state_machine_as_test(Books)
