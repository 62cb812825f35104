"""Where a lifetime comes from, and what bounds it."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, dated, fields, moment
from tsnode.caching.freshness import make_terms
from tsnode.caching.lifetime import LifetimeSource, bounds_for, date_of, find_lifetime
from tsnode.caching.policy import CachingPolicy
from tsnode.semantics.cache_control import CacheControl, parse_cache_control

LINES = (
    "Cache-Control: s-maxage=5", "Cache-Control: max-age=70", "Cache-Control: max-age=x", f"Expires: {moment(30)}",
    "Expires: 0", f"Last-Modified: {moment(-1_000_000)}", "Last-Modified: once", f"Date: {moment(-10)}", "Date: then",
)  # fmt: skip


def find(*lines: str, policy: CachingPolicy = POLICY) -> tuple[float, LifetimeSource]:
    """The lifetime of an answer with these lines that arrived at NOW, before bounds."""
    read = fields(*lines)
    said = parse_cache_control(read.get(b"cache-control"))
    return find_lifetime(said, read, date_of(read, NOW), NOW, policy)


class Sources(SynchronousTestCase):
    """RFC 9111 §4.2.1: the first of these counts."""

    def test_each_beats_those_behind_it(self) -> None:
        lines = [f"Last-Modified: {moment(-100)}", f"Expires: {moment(30)}", "Cache-Control: max-age=20",
                 "Cache-Control: s-maxage=10"]  # fmt: skip
        found = [find(*dated(*lines[:count])) for count in range(5)]
        self.assertEqual(
            found,
            [
                (POLICY.heuristic_min_lifetime, LifetimeSource.NOTHING),
                (10, LifetimeSource.LAST_MODIFIED),
                (30, LifetimeSource.EXPIRES),
                (20, LifetimeSource.MAX_AGE),
                (10, LifetimeSource.S_MAXAGE),
            ],
        )

    def test_an_expires_that_cannot_be_read_is_in_the_past(self) -> None:
        self.assertEqual(find("Expires: 0"), (0, LifetimeSource.EXPIRES))

    def test_an_expires_counts_in_each_form_of_a_date(self) -> None:
        """RFC 9110 §5.6.7; NOW is 14 November 2023, 22:13:20."""
        for expires in ("Tue, 14 Nov 2023 22:14:20 GMT", "Tuesday, 14-Nov-23 22:14:20 GMT", "Tue Nov 14 22:14:20 2023"):
            self.assertEqual(find(*dated(f"Expires: {expires}")), (60, LifetimeSource.EXPIRES), expires)

    def test_of_two_that_differ_none_counts(self) -> None:
        """RFC 9111 §4.2.1."""
        twice = dated(f"Expires: {moment(30)}", f"Expires: {moment(30)}")
        self.assertEqual(find(*twice), (30, LifetimeSource.EXPIRES))
        for other in (moment(60), "0"):
            differing = dated(f"Expires: {moment(30)}", f"Expires: {other}")
            self.assertEqual(find(*differing), (0, LifetimeSource.EXPIRES), other)

    def test_it_says_nothing_beside_what_is_aimed_at_this_cache(self) -> None:
        """RFC 9213 §2.2."""
        found = find_lifetime(CacheControl(alone=True), fields(*dated("Expires: 0")), NOW, NOW, POLICY)
        self.assertEqual(found, (3600, LifetimeSource.NOTHING))

    def test_only_what_the_origin_states_is_no_guess(self) -> None:
        stated = {source for source in LifetimeSource if source.stated}
        self.assertEqual(stated, {LifetimeSource.S_MAXAGE, LifetimeSource.MAX_AGE, LifetimeSource.EXPIRES})

    def test_without_a_readable_date_ages_count_from_receipt(self) -> None:
        self.assertEqual(date_of(fields("Date: then"), NOW + 0.75), NOW)
        self.assertEqual(date_of(fields(f"Date: {moment(-3)}"), NOW), NOW - 3)


class Bounds(SynchronousTestCase):
    """Traffic Server's bounds."""

    POLICY = CachingPolicy(
        guaranteed_min_lifetime=5, guaranteed_max_lifetime=100, heuristic_min_lifetime=10, heuristic_max_lifetime=50
    )

    def test_a_stated_lifetime_has_the_guaranteed_ones(self) -> None:
        self.assertEqual(bounds_for(True, self.POLICY), (5, 100))

    def test_a_guess_has_those_of_guesses_besides(self) -> None:
        self.assertEqual(bounds_for(False, self.POLICY), (10, 50))

    @given(
        lists(sampled_from(LINES), max_size=4, unique=True),
        sampled_from((POLICY, CachingPolicy(guaranteed_min_lifetime=60))),
    )
    def test_the_terms_of_an_answer_come_from_them(self, lines: list[str], policy: CachingPolicy) -> None:
        read = fields(*lines)
        seconds, source = find(*lines, policy=policy)
        lowest, highest = bounds_for(source.stated, policy)
        terms = make_terms(read, parse_cache_control(read.get(b"cache-control")), None, NOW, NOW, policy)
        self.assertEqual((terms.lifetime, terms.explicit), (max(lowest, min(seconds, highest)), source.stated))
