"""The arithmetic of freshness, term by term."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, ask, fields, moment, stored
from tests.caching.test_lifetime import LINES
from tsnode.caching.freshness import Freshness, decide_freshness
from tsnode.caching.lifetime import LifetimeSource
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.reckoning import Reckoning, reckon


def work_out(*lines: str, after: float = 0, policy: CachingPolicy = POLICY) -> Reckoning:
    """The terms of an answer with these lines that arrived at NOW, and its age some time after that."""
    return reckon(fields(*lines), NOW, NOW, NOW + after, policy)


class Terms(SynchronousTestCase):
    def test_every_term_is_told(self) -> None:
        found = work_out(f"Date: {moment(-30)}", "Age: 40", "Cache-Control: max-age=100", after=5)
        self.assertEqual((found.date, found.date_stated, found.age_field), (NOW - 30, True, 40))
        self.assertEqual((found.initial_age, found.age), (40, 45))
        self.assertEqual((found.source, found.unbounded), (LifetimeSource.MAX_AGE, 100))
        self.assertEqual((found.lowest, found.highest), (0, POLICY.guaranteed_max_lifetime))
        self.assertEqual((found.terms.lifetime, found.fresh_until), (100, NOW + 60))

    def test_what_is_missing_or_unreadable_is_told_as_missing(self) -> None:
        for lines in ((), ("Date: then", "Age: old")):
            found = work_out(*lines)
            self.assertEqual((found.date_stated, found.age_field, found.date), (False, None, NOW), lines)

    def test_what_rules_say_moves_its_end(self) -> None:
        line = "Cache-Control: max-age=100"
        for policy, until in (
            (CachingPolicy(ttl_in_cache=30), NOW + 30), (CachingPolicy(revalidate_after=200.0), NOW + 170),
            (CachingPolicy(revalidate_after=0.0), None),
        ):  # fmt: skip
            self.assertEqual(work_out(f"Date: {moment(-30)}", line, policy=policy).fresh_until, until, policy)

    def test_what_has_no_lifetime_never_was_fresh(self) -> None:
        self.assertIsNone(work_out("Cache-Control: max-age=0").fresh_until)

    def test_bounds_are_applied(self) -> None:
        found = work_out("Cache-Control: max-age=10", policy=CachingPolicy(guaranteed_min_lifetime=60))
        self.assertEqual((found.unbounded, found.terms.lifetime), (10, 60))

    @given(lists(sampled_from(LINES), max_size=4, unique=True), integers(0, 100_000))
    def test_fresh_until_is_where_the_decision_turns(self, lines: list[str], after: int) -> None:
        found = work_out(*lines, "ETag: x", after=after)
        alternate = stored(*lines, "ETag: x")
        self.assertEqual(alternate.terms, found.terms)
        fresh = found.fresh_until is not None and NOW + after <= found.fresh_until
        decided = decide_freshness(alternate.terms, ask().facts, False, NOW + after, POLICY)
        self.assertIs(decided, Freshness.FRESH if fresh else Freshness.STALE)
