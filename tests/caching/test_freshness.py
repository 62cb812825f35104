"""Age, lifetime, and what they mean to a request."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import floats, integers, one_of, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, ask, dated, fields, moment, stored
from tsnode.caching.freshness import (
    Freshness,
    current_age,
    decide_freshness,
    initial_age,
    lifetime_under,
    make_terms,
    postpone,
    reborn,
)
from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Terms
from tsnode.semantics.cache_control import parse_cache_control

FRESH, ACCEPTED, STALE = Freshness.FRESH, Freshness.ACCEPTED, Freshness.STALE


def terms_of(
    *lines: str, age: bytes | None = None, policy: CachingPolicy = POLICY, request_time: float = NOW, at: float = NOW
) -> Terms:
    read = fields(*lines)
    return make_terms(read, parse_cache_control(read.get(b"cache-control")), age, request_time, at, policy)


def judge(
    terms: Terms, age: float, *lines: str, policy: CachingPolicy = POLICY, early: bool = False
) -> Freshness:
    """What ``terms`` mean to a request with these lines when they are ``age`` seconds old."""
    asked = ask(*lines, policy=policy)
    asks_if_modified = b"if-modified-since" in asked.head.fields
    return decide_freshness(terms, asked.facts, asks_if_modified, terms.birth + age, policy, early=early)


class Age(SynchronousTestCase):
    """RFC 9111 §4.2.3."""

    def test_it_is_counted_from_date(self) -> None:
        self.assertEqual(current_age(terms_of(f"Date: {moment(-30)}"), NOW + 5), 35)

    def test_it_is_what_the_age_field_says_if_that_is_more(self) -> None:
        self.assertEqual(current_age(terms_of(*dated(), age=b"200"), NOW), 200)
        self.assertEqual(current_age(terms_of(f"Date: {moment(-300)}", age=b"200"), NOW), 300)

    def test_the_time_that_the_answer_took_is_added_to_the_age_field(self) -> None:
        self.assertEqual(current_age(terms_of(*dated(), age=b"200", request_time=NOW - 5), NOW), 205)

    def test_a_date_ahead_of_our_clock_makes_no_negative_age(self) -> None:
        self.assertEqual(current_age(terms_of(f"Date: {moment(100)}"), NOW + 1), 1)

    def test_without_a_readable_date_it_is_counted_from_receipt(self) -> None:
        """Case 5."""
        self.assertEqual(current_age(terms_of(), NOW + 3), 3)
        self.assertEqual(current_age(terms_of("Date: yesterday"), NOW + 3), 3)

    def test_an_age_field_that_cannot_be_read_is_none(self) -> None:
        """RFC 9111 §5.1."""
        self.assertEqual(current_age(terms_of(*dated(), age=b"-5"), NOW), 0)
        self.assertEqual(current_age(terms_of(*dated(), age=b"x, 6"), NOW), 0)

    def test_of_several_age_fields_the_first_counts(self) -> None:
        """RFC 9111 §5.1."""
        self.assertEqual(current_age(terms_of(*dated(), age=b"5, 6"), NOW), 5)

    def test_a_fraction_of_a_second_is_no_apparent_age(self) -> None:
        self.assertEqual(current_age(terms_of(*dated(), at=NOW + 0.75, request_time=NOW + 0.75), NOW + 0.75), 0)

    def test_a_clock_that_was_set_back_makes_it_0(self) -> None:
        self.assertEqual(current_age(terms_of(*dated()), NOW - 100), 0)

    @given(integers(0, 10**9), integers(0, 10**9), floats(0, 1e9), floats(0, 1e6))
    def test_it_is_never_less_than_what_date_or_age_tell(
        self, date: int, age_field: int, sent: float, delay: float
    ) -> None:
        age = initial_age(date, age_field, sent, sent + delay)
        self.assertGreaterEqual(age, age_field)
        self.assertGreaterEqual(age, 0)
        self.assertGreater(age, sent + delay - date - 1)


class Lifetime(SynchronousTestCase):
    """RFC 9111 §4.2.1, §4.2.2; Traffic Server's bounds."""

    def lifetime(self, *lines: str, policy: CachingPolicy = POLICY) -> float:
        return terms_of(*dated(*lines), policy=policy).lifetime

    def test_s_maxage_beats_max_age_beats_expires(self) -> None:
        """Case 2."""
        expires = f"Expires: {moment(30)}"
        self.assertEqual(self.lifetime("Cache-Control: max-age=20, s-maxage=10", expires), 10)
        self.assertEqual(self.lifetime("Cache-Control: s-maxage=0, max-age=100"), 0)
        self.assertEqual(self.lifetime("Cache-Control: max-age=20", expires), 20)
        self.assertEqual(self.lifetime(expires), 30)

    def test_what_cannot_be_read_is_past(self) -> None:
        """Cases 2 and 6."""
        for line in (
            "Cache-Control: max-age=-5", "Cache-Control: max-age=abc", "Expires: 0", "Expires: soon",
            f"Expires: {moment(-1)}", f"Expires: {moment(0)}", "Expires:",
        ):  # fmt: skip
            self.assertEqual(self.lifetime(line), 0, line)

    def test_a_tenth_of_the_time_without_change_is_guessed(self) -> None:
        """Cases 3, 4 and 8."""
        for line, guessed in (
            ("X: y", 3600),
            (f"Last-Modified: {moment(-6500)}", 3600),
            (f"Last-Modified: {moment(-396300)}", 39630),
            (f"Last-Modified: {moment(-396305)}", 39630),
            (f"Last-Modified: {moment(-(10**8))}", 86400),
            (f"Last-Modified: {moment(100)}", 3600),
            ("Last-Modified: once", 3600),
        ):
            self.assertEqual(self.lifetime(line), guessed, line)
        doubled = CachingPolicy(heuristic_lm_factor=0.2)
        self.assertEqual(self.lifetime(f"Last-Modified: {moment(-396300)}", policy=doubled), 79260)

    def test_the_guaranteed_bounds_hold_for_all_lifetimes(self) -> None:
        """Case 7."""
        floor = CachingPolicy(guaranteed_min_lifetime=60)
        self.assertEqual(self.lifetime("Cache-Control: max-age=0", policy=floor), 60)
        self.assertEqual(self.lifetime("Expires: 0", policy=floor), 60)
        ceiling = CachingPolicy(guaranteed_max_lifetime=60)
        self.assertEqual(self.lifetime("Cache-Control: max-age=1000", policy=ceiling), 60)
        both = CachingPolicy(guaranteed_min_lifetime=90, guaranteed_max_lifetime=60)
        self.assertEqual(self.lifetime("Cache-Control: max-age=1000", policy=both), 90)

    def test_the_guessed_bounds_hold_for_guesses_only(self) -> None:
        policy = CachingPolicy(heuristic_min_lifetime=10, heuristic_max_lifetime=20)
        self.assertEqual(self.lifetime("X: y", policy=policy), 10)
        self.assertEqual(self.lifetime(f"Last-Modified: {moment(-1000)}", policy=policy), 20)
        self.assertEqual(self.lifetime("Cache-Control: max-age=5", policy=policy), 5)

    def test_it_is_noted_whether_the_origin_stated_it(self) -> None:
        for line, explicit in (("Cache-Control: max-age=0", True), ("Expires: 0", True), ("X: y", False)):
            self.assertIs(terms_of(*dated(line)).explicit, explicit, line)

    @given(
        integers(0, 10**6), integers(0, 10**6), integers(0, 10**6), integers(0, 10**6),
        sampled_from(["Cache-Control: max-age=500", "Expires: 0", "X: y", f"Last-Modified: {moment(-10**6)}"]),
    )  # fmt: skip
    def test_it_is_within_the_guaranteed_bounds(self, low: int, high: int, least: int, most: int, line: str) -> None:
        policy = CachingPolicy(
            guaranteed_min_lifetime=low,
            guaranteed_max_lifetime=high,
            heuristic_min_lifetime=least,
            heuristic_max_lifetime=most,
        )
        lifetime = self.lifetime(line, policy=policy)
        self.assertGreaterEqual(lifetime, low)
        self.assertLessEqual(lifetime, max(low, least, high))


class TermsRead(SynchronousTestCase):
    def test_directives_that_bind_us_are_noted(self) -> None:
        for value, no_cache, must_revalidate, stale_forbidden, public in (
            ("max-age=5", False, False, False, False),
            ("no-cache", True, False, False, False),
            ("must-revalidate", False, True, True, False),
            ("proxy-revalidate", False, True, True, False),
            ("s-maxage=5", False, True, True, False),
            ("public", False, False, False, True),
        ):
            terms = terms_of(*dated(f"Cache-Control: {value}"))
            self.assertEqual(
                (terms.no_cache, terms.must_revalidate, terms.stale_forbidden, terms.public),
                (no_cache, must_revalidate, stale_forbidden, public),
                value,
            )
        self.assertTrue(terms_of(*dated("Pragma: no-cache")).stale_forbidden)

    def test_validators_are_noted_as_they_are_written(self) -> None:
        terms = terms_of(*dated('ETag: W/"a"', "Last-Modified: once"))
        self.assertEqual((terms.etag, terms.last_modified), (b'W/"a"', b"once"))
        self.assertEqual((terms_of().etag, terms_of().last_modified), (None, None))


class Decision(SynchronousTestCase):
    """Traffic Server's order: the answer's lifetime, then the client's limits."""

    def test_an_age_equal_to_the_lifetime_is_still_fresh(self) -> None:
        """Case 1."""
        terms = terms_of(*dated("Cache-Control: max-age=100"))
        self.assertIs(judge(terms, 100), FRESH)
        self.assertIs(judge(terms, 101), STALE)

    def test_an_answer_can_arrive_stale(self) -> None:
        """Case 5."""
        terms = terms_of(*dated("Cache-Control: max-age=100"), age=b"200")
        asked = ask()
        self.assertIs(decide_freshness(terms, asked.facts, False, NOW, POLICY), STALE)

    def test_a_lifetime_of_0_is_never_fresh(self) -> None:
        self.assertIs(judge(terms_of(*dated("Cache-Control: max-age=0")), 0), STALE)

    def test_a_client_may_want_it_fresh_for_longer(self) -> None:
        """Case 9."""
        terms = terms_of(*dated("Cache-Control: max-age=100"))
        self.assertIs(judge(terms, 50, "Cache-Control: min-fresh=50"), FRESH)
        self.assertIs(judge(terms, 51, "Cache-Control: min-fresh=50"), STALE)
        self.assertIs(judge(terms, 0, "Cache-Control: min-fresh=100"), STALE)

    def test_a_client_may_take_it_stale_unless_the_origin_forbids_it(self) -> None:
        """Case 9."""
        terms = terms_of(*dated("Cache-Control: max-age=10"))
        self.assertIs(judge(terms, 30, "Cache-Control: max-stale=60"), ACCEPTED)
        self.assertIs(judge(terms, 5, "Cache-Control: max-stale=60"), FRESH)
        self.assertIs(judge(terms, 30, "Cache-Control: max-stale=5"), STALE)
        self.assertIs(judge(terms, 10**9, "Cache-Control: max-stale"), ACCEPTED)
        for forbidding in ("must-revalidate", "proxy-revalidate", "s-maxage=10"):
            strict = terms_of(*dated(f"Cache-Control: max-age=10, {forbidding}"))
            self.assertIs(judge(strict, 30, "Cache-Control: max-stale=60"), STALE, forbidding)

    def test_a_client_may_want_it_younger_unless_that_is_ignored(self) -> None:
        """Case 10."""
        terms = terms_of(*dated("Cache-Control: max-age=100"))
        self.assertIs(judge(terms, 0, "Cache-Control: max-age=0"), STALE)
        self.assertIs(judge(terms, 20, "Cache-Control: max-age=20"), FRESH)
        self.assertIs(judge(terms, 21, "Cache-Control: max-age=20"), STALE)
        ignoring = CachingPolicy(ignore_client_cc_max_age=True)
        self.assertIs(judge(terms, 21, "Cache-Control: max-age=0", policy=ignoring), FRESH)

    def test_when_to_revalidate_is_a_choice_of_five(self) -> None:
        """Case 11."""
        stated = terms_of(*dated("Cache-Control: max-age=100"))
        guessed = terms_of(*dated())
        since = f"If-Modified-Since: {moment(0)}"
        for mode, terms, age, lines, expected in (
            (0, stated, 50, (), FRESH), (0, stated, 101, (), STALE), (0, guessed, 50, (), FRESH),
            (0, guessed, 3601, (), STALE), (0, stated, 50, (since,), FRESH),
            (1, stated, 50, (), FRESH), (1, stated, 101, (), STALE), (1, guessed, 0, (), STALE),
            (2, stated, 0, (), STALE), (2, guessed, 0, (), STALE),
            (3, stated, 10**6, (), FRESH), (3, guessed, 10**6, (), FRESH),
            (4, stated, 50, (), FRESH), (4, stated, 101, (), STALE), (4, stated, 50, (since,), STALE),
            (4, guessed, 50, (), FRESH), (4, guessed, 50, (since,), STALE),
        ):  # fmt: skip
            policy = CachingPolicy(when_to_revalidate=mode)
            self.assertIs(judge(terms, age, *lines, policy=policy), expected, (mode, terms.explicit, age, lines))

    def test_a_rule_with_revalidate_takes_the_place_of_all_limits(self) -> None:
        """Case 12; Traffic Server, cache.config ``revalidate``."""
        stated = terms_of(*dated("Cache-Control: max-age=10"))
        strict = terms_of(*dated("Cache-Control: max-age=10, must-revalidate"))
        for terms, limit, age, lines, expected in (
            (stated, 1000.0, 100, (), ACCEPTED), (stated, 1000.0, 1001, (), STALE), (stated, 5.0, 6, (), STALE),
            (stated, 5.0, 5, (), FRESH), (stated, 0.0, 0, (), STALE), (strict, 1000.0, 100, (), STALE),
            (strict, 1000.0, 9, (), FRESH), (stated, 1000.0, 100, ("Cache-Control: max-age=1",), ACCEPTED),
            (stated, 1000.0, 5, ("Cache-Control: max-age=0",), STALE),
        ):  # fmt: skip
            policy = CachingPolicy(revalidate_after=limit)
            self.assertIs(judge(terms, age, *lines, policy=policy), expected, (limit, age, lines))

    @given(
        integers(0, 200), one_of(integers(0, 200), floats(0, 200)),
        sampled_from(["max-age=40", "min-fresh=40", "max-age=40, min-fresh=10", "max-age=0"]),
    )  # fmt: skip
    def test_without_max_stale_a_client_can_only_make_it_stricter(self, lifetime: int, age: float, limits: str) -> None:
        terms = terms_of(*dated(f"Cache-Control: max-age={lifetime}"))
        if judge(terms, age, f"Cache-Control: {limits}") is not STALE:
            self.assertIs(judge(terms, age), FRESH)


class Rebirth(SynchronousTestCase):
    """The same answer, received once more."""

    def test_its_lifetime_begins_again(self) -> None:
        before = terms_of("Cache-Control: max-age=60")
        after = reborn(before, NOW + 500)
        self.assertEqual((after.birth, after.lifetime), (NOW + 500, 60))
        self.assertEqual(reborn(after, before.birth), before)


class Postponing(SynchronousTestCase):
    def test_a_longer_lifetime_takes_the_place_of_a_shorter_one_and_the_age_goes_on(self) -> None:
        terms = stored(*dated("Cache-Control: max-age=10")).terms
        later = postpone(terms, 50)
        self.assertEqual((later.lifetime, later.birth), (50, terms.birth))
        self.assertIs(postpone(terms, 10), terms)


class Told(SynchronousTestCase):
    """RFC 9211 §2.3."""

    def test_how_long_an_answer_is_fresh_follows_ttl_in_cache(self) -> None:
        alternate = stored(*dated("Cache-Control: max-age=60", "Age: 20"))
        self.assertEqual(lifetime_under(alternate, POLICY), 60)
        self.assertEqual(lifetime_under(alternate, CachingPolicy(ttl_in_cache=5)), 25)


class CutShort(SynchronousTestCase):
    """Traffic Server 6.2, ``proxy.config.http.cache.fuzz.time``."""

    def fresh_until(self, lifetime: int, time: float, least: float, *lines: str) -> int:
        """The last whole second of age at which an answer is fresh for a request that chance has picked."""
        policy = CachingPolicy(fuzz_time=time, fuzz_min_time=least)
        terms = terms_of(*dated(f"Cache-Control: max-age={lifetime}"))
        fresh = [age for age in range(lifetime + 2) if judge(terms, age, *lines, policy=policy, early=True) is FRESH]
        return max(fresh, default=-1)

    def test_a_lifetime_ends_so_much_earlier(self) -> None:
        self.assertEqual(self.fresh_until(100, 30, 0), 70)
        self.assertEqual(self.fresh_until(100, 0, 0), 100)

    def test_a_short_one_has_no_time_left(self) -> None:
        self.assertEqual(self.fresh_until(20, 30, 0), -1)

    def test_between_two_bounds_it_ends_a_tenth_earlier(self) -> None:
        for lifetime, until in ((1000, 970), (200, 180), (50, 40), (8, -1)):
            self.assertEqual(self.fresh_until(lifetime, 30, 10), until, lifetime)

    def test_what_a_client_wants_is_cut_too(self) -> None:
        self.assertEqual(self.fresh_until(100, 30, 0, "Cache-Control: max-age=50"), 20)

    def test_those_that_chance_leaves_alone_have_all_of_it(self) -> None:
        policy = CachingPolicy(fuzz_time=30)
        self.assertIs(judge(terms_of(*dated("Cache-Control: max-age=100")), 100, policy=policy), FRESH)
