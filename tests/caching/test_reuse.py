"""May a stored answer be served, and if not, what then."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, URL, Ask, ask, dated, moment, stored
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.reuse import (
    Forward,
    NotCached,
    Reuse,
    Revalidate,
    Serve,
    WhyForward,
    WhyRevalidate,
    decide_reuse,
    stale_instead_of_error,
    stale_on_error,
)
from tsnode.model.alternate import Alternate

TAGGED = 'ETag: "a"'


def decide(asked: Ask, *stored_: Alternate, age: float = 5, policy: CachingPolicy = POLICY) -> Reuse:
    return decide_reuse(asked.facts, asked.head, stored_, NOW + age, policy)


def lasting(seconds: int, *more: str, lines: Sequence[str] = ()) -> Alternate:
    return stored(*dated(f"Cache-Control: {', '.join((f'max-age={seconds}', *more))}", *lines))


class Serving(SynchronousTestCase):
    """RFC 9111 §4."""

    def test_a_fresh_answer_is_served_with_its_age(self) -> None:
        """Case 1."""
        alternate = lasting(100)
        self.assertEqual(decide(ask(), alternate, age=100), Serve(alternate, 100))
        self.assertEqual(decide(ask(method="HEAD"), alternate, age=0), Serve(alternate, 0))

    def test_a_stale_answer_is_revalidated(self) -> None:
        alternate = lasting(100)
        self.assertEqual(decide(ask(), alternate, age=101), Revalidate(alternate, WhyRevalidate.STALE))

    def test_one_served_stale_because_the_client_takes_it_carries_a_warning(self) -> None:
        """Case 9."""
        alternate = lasting(10)
        self.assertEqual(
            decide(ask("Cache-Control: max-stale=60"), alternate, age=30),
            Serve(alternate, 30, b'113 tsnode "Heuristic Expiration"'),
        )

    def test_a_client_that_lets_nothing_be_stored_is_still_served(self) -> None:
        """Case 21."""
        alternate = lasting(100)
        self.assertEqual(decide(ask("Cache-Control: no-store"), alternate), Serve(alternate, 5))

    def test_ttl_in_cache_counts_from_receipt_whatever_the_answer_says(self) -> None:
        """Case 13; Traffic Server, cache.config ``ttl-in-cache``."""
        policy = CachingPolicy(ttl_in_cache=30)
        alternate = stored(*dated("Cache-Control: no-cache, max-age=1", "Age: 500"), policy=policy)
        self.assertEqual(decide(ask(policy=policy), alternate, age=30, policy=policy), Serve(alternate, 530))
        expired = decide(ask(policy=policy), alternate, age=31, policy=policy)
        self.assertEqual(expired, Revalidate(alternate, WhyRevalidate.STALE))

    def test_conditions_and_ranges_are_for_later(self) -> None:
        alternate = lasting(100)
        for line in ('If-None-Match: "b"', "Range: bytes=0-1", 'If-Match: "b"'):
            self.assertEqual(decide(ask(line), alternate), Serve(alternate, 5), line)

    def test_no_cache_of_the_origin_is_observed_unless_ignored(self) -> None:
        """D-4."""
        alternate = lasting(100, "no-cache", lines=[TAGGED])
        self.assertEqual(decide(ask(), alternate), Revalidate(alternate, WhyRevalidate.NO_CACHE))
        ignoring = CachingPolicy(ignore_server_no_cache=True)
        self.assertEqual(decide(ask(policy=ignoring), alternate, policy=ignoring), Serve(alternate, 5))

    def test_never_revalidating_serves_stale_answers_without_a_warning(self) -> None:
        """Case 11."""
        policy = CachingPolicy(when_to_revalidate=3)
        alternate = lasting(10)
        self.assertEqual(decide(ask(policy=policy), alternate, age=1000, policy=policy), Serve(alternate, 1000))

    def test_asking_for_changes_is_passed_on_if_told_so(self) -> None:
        """Case 11."""
        policy = CachingPolicy(when_to_revalidate=4)
        asked = ask(f"If-Modified-Since: {moment(0)}", policy=policy)
        alternate = lasting(100)
        self.assertEqual(decide(asked, alternate, policy=policy), Revalidate(alternate, WhyRevalidate.STALE))
        other = ask('If-None-Match: "b"', policy=policy)
        self.assertEqual(decide(other, alternate, policy=policy), Serve(alternate, 5))


class Meanwhile(SynchronousTestCase):
    """RFC 5861 §3."""

    WARNING = b'110 tsnode "Response is Stale"'

    def served(self, alternate: Alternate, *lines: str, method: str = "GET", policy: CachingPolicy = POLICY,
               age: float = 60) -> bool:
        reuse = decide(ask(*lines, method=method, policy=policy), alternate, age=age, policy=policy)
        if isinstance(reuse, Serve):
            self.assertEqual(reuse, Serve(alternate, age, self.WARNING, refresh=True))
            return True
        self.assertEqual(reuse, Revalidate(alternate, WhyRevalidate.STALE))
        return False

    def test_a_stale_answer_is_served_while_it_is_revalidated_as_long_as_its_origin_lets_it(self) -> None:
        alternate = lasting(10, "stale-while-revalidate=50")
        self.assertEqual(decide(ask(), alternate, age=10), Serve(alternate, 10))
        for method in ("GET", "HEAD"):
            self.assertTrue(self.served(alternate, method=method, age=11))
            self.assertTrue(self.served(alternate, method=method, age=60))
            self.assertFalse(self.served(alternate, method=method, age=61))
        self.assertTrue(self.served(lasting(0, "stale-while-revalidate=60")))
        self.assertTrue(self.served(alternate, "If-None-Match: x", "Range: bytes=0-1", "Cookie: a=b"))

    def test_not_where_its_origin_wants_to_be_asked_first(self) -> None:
        for directive in ("must-revalidate", "proxy-revalidate", "s-maxage=10"):
            self.assertFalse(self.served(lasting(10, "stale-while-revalidate=50", directive)), directive)
        self.assertFalse(self.served(lasting(10, "stale-while-revalidate=50", "no-cache", lines=[TAGGED])))
        self.assertFalse(self.served(lasting(10, "stale-while-revalidate=0"), age=11))
        ignoring = CachingPolicy(ignore_server_no_cache=True)
        alternate = lasting(10, "stale-while-revalidate=50", "no-cache", lines=[TAGGED])
        self.assertTrue(self.served(alternate, policy=ignoring))

    def test_not_where_the_client_says_how_old_it_may_be_or_that_nothing_may_be_stored(self) -> None:
        alternate = lasting(10, "stale-while-revalidate=50")
        for said in ("max-age=1000", "min-fresh=0", "min-fresh=5", "no-store", "max-age=0"):
            self.assertFalse(self.served(alternate, f"Cache-Control: {said}"), said)
        self.assertEqual(
            decide(ask("Cache-Control: no-cache"), alternate, age=60),
            Revalidate(alternate, WhyRevalidate.CLIENT_NO_CACHE),
        )

    def test_not_for_a_client_with_credentials_unless_these_are_ignored(self) -> None:
        alternate = lasting(10, "stale-while-revalidate=50", "public")
        self.assertFalse(self.served(alternate, "Authorization: x"))
        self.assertTrue(self.served(alternate, "Authorization: x", policy=CachingPolicy(ignore_authentication=True)))

    def test_not_where_the_operator_says_when_to_revalidate(self) -> None:
        alternate = lasting(10, "stale-while-revalidate=50")
        for policy in (
            CachingPolicy(when_to_revalidate=1), CachingPolicy(when_to_revalidate=2),
            CachingPolicy(when_to_revalidate=4), CachingPolicy(revalidate_after=20),
        ):  # fmt: skip
            self.assertFalse(self.served(alternate, policy=policy), policy)

    def test_what_post_brought_is_revalidated_first(self) -> None:
        policy = CachingPolicy(post_method=True)
        asked = ask(method="POST", policy=policy)
        alternate = stored(*dated("Cache-Control: max-age=10, stale-while-revalidate=50"), request=asked, policy=policy)
        self.assertFalse(self.served(alternate, method="POST", policy=policy))

    def test_a_client_that_wants_no_fetch_makes_none(self) -> None:
        """RFC 9111 §5.2.1.7."""
        alternate = lasting(10, "stale-while-revalidate=50")
        reuse = decide(ask("Cache-Control: only-if-cached"), alternate, age=60)
        self.assertEqual(reuse, Serve(alternate, 60, self.WARNING, refresh=False))


class Immutable(SynchronousTestCase):
    """RFC 8246 §2."""

    def test_a_reload_makes_no_answer_be_asked_for_that_will_not_change(self) -> None:
        alternate = lasting(100, "immutable")
        for said in ("max-age=0", "max-age=3"):
            self.assertEqual(decide(ask(f"Cache-Control: {said}"), alternate), Serve(alternate, 5), said)

    def test_a_client_that_wants_its_origin_asked_gets_that(self) -> None:
        alternate = lasting(100, "immutable")
        for line in ("Cache-Control: no-cache", "Pragma: no-cache", "Cache-Control: max-age=0, no-cache"):
            self.assertEqual(
                decide(ask(line), alternate), Revalidate(alternate, WhyRevalidate.CLIENT_NO_CACHE), line
            )

    def test_once_stale_it_is_like_any_other(self) -> None:
        alternate = lasting(100, "immutable")
        for line in ("X: y", "Cache-Control: max-age=0"):
            self.assertIsInstance(decide(ask(line), alternate, age=101), Revalidate, line)
        self.assertIsInstance(decide(ask("Cache-Control: min-fresh=96"), alternate), Revalidate)

    def test_it_says_nothing_about_a_lifetime_that_was_guessed(self) -> None:
        alternate = stored(*dated("Cache-Control: immutable"))
        self.assertIsInstance(decide(ask("Cache-Control: max-age=0"), alternate), Revalidate)

    def test_the_operator_still_says_when_to_revalidate(self) -> None:
        alternate = lasting(100, "immutable")
        self.assertIsInstance(decide(ask(), alternate, policy=CachingPolicy(when_to_revalidate=2)), Revalidate)


class Forwarding(SynchronousTestCase):
    def test_nothing_stored_is_a_miss(self) -> None:
        self.assertEqual(decide(ask()), Forward(WhyForward.MISS))

    def test_what_is_for_others_is_one_too(self) -> None:
        alternate = stored(*dated("Vary: X"), request=ask("X: a"))
        self.assertEqual(decide(ask("X: b"), alternate), Forward(WhyForward.VARY))

    def test_what_is_not_looked_up_goes_past_the_cache(self) -> None:
        self.assertEqual(decide(ask(method="PATCH"), lasting(100)), Forward(WhyForward.BYPASS))
        policy = CachingPolicy(http=False)
        self.assertEqual(decide(ask(policy=policy), lasting(100), policy=policy), Forward(WhyForward.BYPASS))

    def test_methods_that_change_things_are_not_served(self) -> None:
        for method in ("PUT", "DELETE", "POST"):
            self.assertEqual(decide(ask(method=method), lasting(100)), Forward(WhyForward.METHOD), method)

    def test_post_is_served_what_post_brought_if_told_so(self) -> None:
        policy = CachingPolicy(post_method=True)
        post = ask(method="POST", policy=policy)
        brought = stored(*dated("Cache-Control: max-age=100"), request=post, policy=policy)
        self.assertEqual(decide(post, brought, policy=policy), Serve(brought, 5))
        self.assertEqual(decide(ask(), brought, policy=policy), Forward(WhyForward.METHOD, brought))
        self.assertEqual(decide(ask(method="HEAD"), brought, policy=policy), Forward(WhyForward.METHOD, brought))
        got = lasting(100)
        self.assertEqual(decide(post, got, policy=policy), Forward(WhyForward.METHOD, got))
        put = ask(method="PUT", policy=policy)
        self.assertEqual(decide(put, brought, policy=policy), Forward(WhyForward.METHOD))


class ClientWantsNews(SynchronousTestCase):
    """Case 36; RFC 9111 §5.2.1.4."""

    def test_a_stored_answer_is_revalidated_for_it(self) -> None:
        alternate = lasting(100)
        for line in ("Cache-Control: no-cache", "Pragma: no-cache"):
            self.assertEqual(decide(ask(line), alternate), Revalidate(alternate, WhyRevalidate.CLIENT_NO_CACHE))

    def test_it_is_fetched_anew_if_told_so_unless_the_client_asks_conditionally(self) -> None:
        policy = CachingPolicy(ims_on_client_no_cache=False)
        alternate = lasting(100)
        asked = ask("Cache-Control: no-cache", policy=policy)
        self.assertEqual(decide(asked, alternate, policy=policy), Forward(WhyForward.CLIENT_NO_CACHE, alternate))
        asked = ask("Cache-Control: no-cache", 'If-None-Match: "a"', policy=policy)
        self.assertEqual(
            decide(asked, alternate, policy=policy), Revalidate(alternate, WhyRevalidate.CLIENT_NO_CACHE)
        )

    def test_head_says_whether_the_copy_holds_even_if_get_is_fetched_anew(self) -> None:
        """RFC 9111 §4.3.5."""
        policy = CachingPolicy(ims_on_client_no_cache=False)
        alternate = lasting(100)
        asked = ask("Cache-Control: no-cache", method="HEAD", policy=policy)
        self.assertEqual(
            decide(asked, alternate, policy=policy), Revalidate(alternate, WhyRevalidate.CLIENT_NO_CACHE)
        )

    def test_it_is_served_what_is_stored_if_told_so(self) -> None:
        policy = CachingPolicy(ignore_client_no_cache=True)
        alternate = lasting(100)
        self.assertEqual(decide(ask("Pragma: no-cache", policy=policy), alternate, policy=policy), Serve(alternate, 5))


class Credentials(SynchronousTestCase):
    """RFC 9111 §3.5; case 19."""

    def test_who_brings_them_gets_only_what_is_for_all(self) -> None:
        asked = ask("Authorization: Basic x")
        for value in ("public, max-age=100", "s-maxage=100"):
            alternate = stored(*dated(f"Cache-Control: {value}"))
            self.assertEqual(decide(asked, alternate), Serve(alternate, 5), value)
        alternate = lasting(100)
        self.assertEqual(decide(asked, alternate), Forward(WhyForward.AUTHORIZATION, alternate))

    def test_the_origin_is_asked_where_it_wants_to_be(self) -> None:
        asked = ask("Authorization: Basic x")
        for directive in ("must-revalidate", "proxy-revalidate"):
            alternate = lasting(100, directive, "public")
            self.assertEqual(decide(asked, alternate), Revalidate(alternate, WhyRevalidate.AUTHORIZATION), directive)

    def test_they_can_be_ignored(self) -> None:
        policy = CachingPolicy(ignore_authentication=True)
        alternate = lasting(100)
        asked = ask("Authorization: Basic x", policy=policy)
        self.assertEqual(decide(asked, alternate, policy=policy), Serve(alternate, 5))


class Cookies(SynchronousTestCase):
    """Case 20."""

    def test_who_brings_one_gets_no_text_from_the_cache(self) -> None:
        text, image = lasting(100, lines=["Content-Type: text/html"]), lasting(100, lines=["Content-Type: image/png"])
        asked = ask("Cookie: a=b")
        self.assertEqual(decide(asked, text), Revalidate(text, WhyRevalidate.COOKIES))
        self.assertEqual(decide(asked, image), Serve(image, 5))
        self.assertEqual(decide(ask(), text), Serve(text, 5))
        self.assertEqual(decide(ask('If-None-Match: "a"'), text), Serve(text, 5))

    def test_the_mode_decides_about_others(self) -> None:
        text = lasting(100, lines=["Content-Type: text/html"])
        for mode, served in ((0, False), (1, True), (2, False), (3, False), (4, True)):
            policy = CachingPolicy(cache_responses_to_cookies=mode)
            reuse = decide(ask("Cookie: a=b", policy=policy), text, policy=policy)
            self.assertEqual(isinstance(reuse, Serve), served, mode)


class OnlyIfCached(SynchronousTestCase):
    """RFC 9111 §5.2.1.7; case 30, D-11."""

    def test_there_is_a_stored_answer_or_none(self) -> None:
        asked = ask("Cache-Control: only-if-cached")
        alternate = lasting(100)
        self.assertEqual(decide(asked, alternate), Serve(alternate, 5))
        self.assertEqual(decide(asked), NotCached())
        self.assertEqual(decide(asked, alternate, age=101), NotCached())
        self.assertEqual(decide(ask("Cache-Control: only-if-cached, no-cache"), alternate), NotCached())
        self.assertEqual(decide(ask("Cache-Control: only-if-cached", method="PATCH"), alternate), NotCached())

    def test_one_that_the_client_takes_stale_is_one(self) -> None:
        reuse = decide(ask("Cache-Control: only-if-cached, max-stale"), lasting(10), age=100)
        self.assertIsInstance(reuse, Serve)


class StaleOnError(SynchronousTestCase):
    """RFC 9111 §4.2.4; case 34."""

    def allowed(self, alternate: Alternate, *lines: str, age: float = 1000, policy: CachingPolicy = POLICY) -> bool:
        return stale_on_error(alternate, ask(*lines, url=URL, policy=policy).facts, NOW + age, policy)

    def test_a_stale_answer_is_better_than_none(self) -> None:
        self.assertTrue(self.allowed(lasting(10)))
        self.assertTrue(self.allowed(stored(*dated())))

    def test_not_where_its_origin_forbids_it(self) -> None:
        for directive in ("must-revalidate", "proxy-revalidate", "s-maxage=10", "no-cache"):
            self.assertFalse(self.allowed(lasting(10, directive, lines=[TAGGED])), directive)

    def test_no_cache_that_is_ignored_forbids_nothing(self) -> None:
        policy = CachingPolicy(ignore_server_no_cache=True)
        self.assertTrue(self.allowed(lasting(10, "no-cache", lines=[TAGGED]), policy=policy))

    def test_not_where_it_is_too_old(self) -> None:
        policy = CachingPolicy(max_stale_age=500)
        self.assertTrue(self.allowed(lasting(10), age=500, policy=policy))
        self.assertFalse(self.allowed(lasting(10), age=501, policy=policy))

    def test_stale_if_error_of_its_origin_takes_the_place_of_the_oldest_age(self) -> None:
        """RFC 5861 §4."""
        policy = CachingPolicy(max_stale_age=50)
        self.assertTrue(self.allowed(lasting(10, "stale-if-error=990"), age=1000, policy=policy))
        self.assertFalse(self.allowed(lasting(10, "stale-if-error=990"), age=1001, policy=policy))
        self.assertFalse(self.allowed(lasting(10, "stale-if-error=0"), age=11))
        for directive in ("must-revalidate", "proxy-revalidate", "s-maxage=10", "no-cache"):
            strict = lasting(10, "stale-if-error=990", directive, lines=[TAGGED])
            self.assertFalse(self.allowed(strict), directive)

    def test_a_client_may_take_it_for_longer(self) -> None:
        """RFC 5861 §4."""
        policy = CachingPolicy(max_stale_age=50)
        for alternate in (lasting(10), lasting(10, "stale-if-error=5")):
            self.assertTrue(self.allowed(alternate, "Cache-Control: stale-if-error=990", policy=policy))
            self.assertFalse(self.allowed(alternate, "Cache-Control: stale-if-error=989", policy=policy))
        self.assertFalse(self.allowed(lasting(10, "must-revalidate"), "Cache-Control: stale-if-error=9000"))

    def test_in_the_place_of_an_error_it_is_better_only_where_somebody_says_so(self) -> None:
        for alternate, lines, better in (
            (lasting(10), (), False),
            (lasting(10, "stale-if-error=990"), (), True),
            (lasting(10, "stale-if-error=989"), (), False),
            (lasting(10), ("Cache-Control: stale-if-error=990",), True),
            (lasting(10, "stale-if-error=990"), ("Authorization: x",), False),
            (lasting(10, "stale-if-error=990"), ("Cache-Control: no-cache",), False),
        ):
            facts = ask(*lines).facts
            self.assertIs(stale_instead_of_error(alternate, facts, NOW + 1000, POLICY), better, (alternate, lines))

    def test_not_where_the_client_wants_a_new_one(self) -> None:
        self.assertFalse(self.allowed(lasting(10), "Cache-Control: no-cache"))

    def test_not_where_the_client_could_not_have_it_fresh_either(self) -> None:
        self.assertFalse(self.allowed(lasting(10), "Authorization: x"))
        self.assertTrue(self.allowed(lasting(10, "public"), "Authorization: x"))
        ignoring = CachingPolicy(ignore_authentication=True)
        self.assertTrue(self.allowed(lasting(10), "Authorization: x", policy=ignoring))
        self.assertFalse(self.allowed(lasting(10, lines=["Content-Type: text/html"]), "Cookie: a"))
