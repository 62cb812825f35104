"""Asking whether a stored answer still holds, and what the reply does to it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, Ask, answer, ask, dated, fields, moment, stored
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.reuse import Revalidate, Serve, decide_reuse
from tsnode.caching.revalidation import (
    Conditions,
    Discard,
    Freshened,
    LastUse,
    Passed,
    Replace,
    Revalidated,
    ServeInstead,
    ServeStale,
    Unchanged,
    conditional_fields,
    decide_revalidated,
)
from tsnode.model.alternate import Alternate
from tsnode.semantics.conditions import PRECONDITIONS

THEN = moment(-1000)
TAGGED = stored(*dated('ETag: "a"', f"Last-Modified: {THEN}", "Cache-Control: max-age=10", "Content-Type: text/css"))
BARE = stored(*dated("Cache-Control: max-age=10"))
LATER = NOW + 100
DATE = f"Date: {moment(100)}"
UNEXPECTED = Passed(b'199 tsnode "Miscellaneous Warning"')


def reply(
    *lines: str,
    status: int = 304,
    asked: Ask | None = None,
    copy: Alternate = TAGGED,
    policy: CachingPolicy = POLICY,
) -> Revalidated:
    """What a reply with these lines does to a copy."""
    request = asked or ask(policy=policy)
    return decide_revalidated(
        copy, request.head, request.facts, answer(*lines, status=status), LATER - 1, LATER, policy
    )


class Asking(SynchronousTestCase):
    """RFC 9111 §4.3.1."""

    def sent(
        self, *lines: str, copy: Alternate | None = TAGGED, policy: CachingPolicy = POLICY, method: str = "GET"
    ) -> Conditions:
        return conditional_fields(copy, ask(*lines, policy=policy, method=method).facts, policy)

    def test_both_validators_are_sent(self) -> None:
        """Case 31."""
        lines = ((b"If-Modified-Since", THEN.encode()), (b"If-None-Match", b'"a"'))
        self.assertEqual(self.sent(), Conditions(lines, PRECONDITIONS))
        self.assertEqual(self.sent(method="HEAD"), Conditions(lines, PRECONDITIONS))

    def test_a_weak_tag_loses_its_mark(self) -> None:
        """Case 31."""
        weak = stored(*dated('ETag: W/"a"'))
        self.assertEqual(self.sent(copy=weak).lines, ((b"If-None-Match", b'"a"'),))

    def test_without_a_validator_or_a_200_the_request_goes_as_it_is(self) -> None:
        gone = stored(*dated('ETag: "a"'), status=410)
        for copy in (BARE, gone, None):
            self.assertEqual(self.sent(copy=copy), Conditions((), frozenset()))

    def test_what_post_brought_is_not_asked_about(self) -> None:
        policy = CachingPolicy(post_method=True)
        post = ask(method="POST", policy=policy)
        brought = stored(*dated("Cache-Control: public", 'ETag: "a"'), request=post, policy=policy)
        self.assertEqual(self.sent(copy=brought, policy=policy, method="POST").lines, ())

    def test_the_clients_own_conditions_give_way(self) -> None:
        sent = self.sent('If-None-Match: "z"', "If-Match: *")
        self.assertEqual(sent.drop, PRECONDITIONS)
        self.assertEqual(len(sent.lines), 2)

    def test_on_a_miss_they_give_way_so_that_the_whole_answer_can_be_stored(self) -> None:
        for copy in (None, BARE):
            self.assertEqual(self.sent('If-None-Match: "z"', copy=copy), Conditions((), PRECONDITIONS))

    def test_they_stay_where_the_answer_will_hardly_be_stored(self) -> None:
        for lines, method in (
            (("Authorization: x",), "GET"),
            (("Range: bytes=0-1",), "GET"),
            (("Cache-Control: no-store",), "GET"),
            ((), "HEAD"),
            ((), "PATCH"),
        ):
            sent = self.sent('If-None-Match: "z"', *lines, copy=None, method=method)
            self.assertEqual(sent, Conditions((), frozenset()), (lines, method))
        off = CachingPolicy(http=False)
        self.assertEqual(self.sent('If-None-Match: "z"', copy=None, policy=off).drop, frozenset())

    def test_switches_make_it_likelier_to_be_stored(self) -> None:
        for policy, line in (
            (CachingPolicy(ignore_authentication=True), "Authorization: x"),
            (CachingPolicy(range_write=True), "Range: bytes=0-1"),
        ):
            sent = self.sent('If-None-Match: "z"', line, copy=None, policy=policy)
            self.assertEqual(sent.drop, PRECONDITIONS, line)

    def test_conditions_can_be_left_to_the_clients(self) -> None:
        policy = CachingPolicy(when_to_revalidate=4)
        for lines in ((), (f"If-Modified-Since: {THEN}",)):
            self.assertEqual(self.sent(*lines, policy=policy), Conditions((), frozenset()), lines)

    def test_a_client_that_wants_news_gets_them_unconditionally_if_told_so(self) -> None:
        """Case 36."""
        policy = CachingPolicy(ims_on_client_no_cache=False)
        self.assertEqual(self.sent("Cache-Control: no-cache", policy=policy).lines, ())
        self.assertEqual(len(self.sent("Cache-Control: no-cache").lines), 2)
        self.assertEqual(len(self.sent(policy=policy).lines), 2)
        both = ("Cache-Control: no-cache", 'If-None-Match: "z"')
        self.assertEqual(len(self.sent(*both, policy=policy).lines), 2)


class Confirmed(SynchronousTestCase):
    """RFC 9111 §4.3.4; case 32."""

    def freshened(self, *lines: str, copy: Alternate = TAGGED) -> Alternate:
        outcome = reply(*lines, copy=copy)
        assert isinstance(outcome, Freshened), outcome
        return outcome.alternate

    def test_a_confirmed_copy_is_fresh_again(self) -> None:
        asked = ask()
        self.assertIsInstance(decide_reuse(asked.facts, asked.head, [TAGGED], LATER, POLICY), Revalidate)
        alternate = self.freshened(DATE)
        self.assertIsInstance(decide_reuse(asked.facts, asked.head, [alternate], LATER + 5, POLICY), Serve)
        self.assertEqual((alternate.request_time, alternate.response_time), (LATER - 1, LATER))

    def test_what_the_reply_brings_takes_the_place_of_what_was_there(self) -> None:
        alternate = self.freshened(DATE, "Cache-Control: max-age=50", "X: new", "cache-control: public")
        self.assertEqual(alternate.fields.all(b"cache-control"), (b"max-age=50", b"public"))
        self.assertEqual(alternate.fields.get(b"x"), b"new")
        self.assertEqual(alternate.terms.lifetime, 50)
        self.assertTrue(alternate.terms.public)

    def test_what_it_does_not_carry_stays(self) -> None:
        """RFC 9111 §3.2."""
        copy = stored(*dated('ETag: "a"', f"Expires: {moment(500)}", "X: old"))
        alternate = self.freshened(DATE, copy=copy)
        for name in (b"etag", b"expires", b"x"):
            self.assertEqual(alternate.fields.get(name), copy.fields.get(name), name)
        self.assertEqual(alternate.terms.lifetime, 400)

    def test_what_belongs_to_the_content_or_to_a_connection_is_not_taken_over(self) -> None:
        alternate = self.freshened(
            DATE, "Content-Type: x/y", "Content-Length: 0", "Content-Encoding: gzip", "Content-Range: x",
            "Set-Cookie: a=b", "Connection: X-A", "X-A: b", "Transfer-Encoding: chunked", "Age: 3",
        )  # fmt: skip
        self.assertEqual(alternate.fields.replaced(b"Date", b""), TAGGED.fields.replaced(b"Date", b""))
        self.assertEqual(alternate.length, TAGGED.length)

    def test_what_is_for_one_client_goes_to_that_and_is_not_taken_over(self) -> None:
        """RFC 9111 §5.2.2.4, §5.2.2.7."""
        copy = stored(*dated('ETag: "a"', 'Cache-Control: no-cache="x-a", max-age=10', "X-A: old", "X-B: old"))
        outcome = reply(DATE, "X-A: new", "Set-Cookie: a=b", "X-B: new", copy=copy)
        assert isinstance(outcome, Freshened), outcome
        self.assertEqual(outcome.own, b"X-A: new\r\nSet-Cookie: a=b\r\n")
        self.assertEqual(outcome.alternate.fields.get(b"x-b"), b"new")
        self.assertNotIn(b"x-a", outcome.alternate.fields)

    def test_a_field_that_becomes_one_clients_is_not_kept_any_longer(self) -> None:
        copy = stored(*dated('ETag: "a"', "Cache-Control: max-age=10", "X-A: old"))
        outcome = reply(DATE, 'Cache-Control: private="x-a", max-age=10', "X-A: new", copy=copy)
        assert isinstance(outcome, Freshened), outcome
        self.assertEqual(outcome.own, b"X-A: new\r\n")
        self.assertNotIn(b"x-a", outcome.alternate.fields)

    def test_what_is_aimed_at_this_cache_counts_in_a_confirmation_too(self) -> None:
        """RFC 9213 §2.2."""
        alternate = self.freshened(DATE, "CDN-Cache-Control: max-age=500", "Cache-Control: no-store")
        self.assertEqual(alternate.terms.lifetime, 500)

    def test_the_head_and_the_age_are_those_of_the_merged_answer(self) -> None:
        alternate = self.freshened(f"Date: {moment(90)}", "X: new", "Age: 20")
        self.assertIn(b"X: new\r\n", alternate.head)
        self.assertTrue(alternate.head.startswith(b"HTTP/1.1 200 OK\r\n"))
        self.assertEqual(alternate.terms.birth, LATER - 21)

    def test_without_a_readable_date_it_is_the_time_of_asking(self) -> None:
        for lines in ((), ("Date: now",)):
            self.assertEqual(self.freshened(*lines).fields.all(b"date"), (moment(99).encode(),), lines)

    def test_passing_warnings_end_and_lasting_ones_stay(self) -> None:
        copy = stored(*dated('ETag: "a"', 'Warning: 110 x "stale", 214 x "changed"', 'Warning: 112 x "off"'))
        alternate = self.freshened('Warning: 199 x "new"', copy=copy)
        self.assertEqual(alternate.fields.all(b"warning"), (b'214 x "changed"',))

    def test_what_selects_follows_a_change_of_vary(self) -> None:
        asked = ask("X-Foo: a", "X-Bar: b")
        copy = stored(*dated('ETag: "a"', "Vary: X-Foo"), request=asked)
        same = reply("Vary: x-foo", asked=ask("x-foo: A"), copy=copy)
        assert isinstance(same, Freshened)
        self.assertEqual(same.alternate.request_fields, fields("X-Foo: a"))
        changed = reply("Vary: X-Bar", asked=asked, copy=copy)
        assert isinstance(changed, Freshened)
        self.assertEqual(changed.alternate.request_fields, fields("X-Bar: b"))

    def test_a_rendering_of_the_old_copy_is_not_shown_again(self) -> None:
        TAGGED.memo.rendering = object()
        self.assertIsNone(self.freshened().memo.rendering)

    @given(
        lists(
            sampled_from(
                ["X: 1", "X: 2", "Cache-Control: max-age=50", "Cache-Control: no-cache", "Vary: Y", "Expires: 0",
                 "Content-Type: x/y", DATE, 'Warning: 199 x "y"', "Connection: x"]
            ),
            max_size=6,
        )
    )  # fmt: skip
    def test_to_freshen_twice_with_one_reply_changes_nothing_more(self, lines: list[str]) -> None:
        once = self.freshened(*lines)
        self.assertEqual(self.freshened(*lines, copy=once), once)


class NotQuiteConfirmed(SynchronousTestCase):
    def test_a_copy_that_may_no_longer_be_kept_serves_once_more(self) -> None:
        for line in ("Cache-Control: no-store", "Cache-Control: private", "WWW-Authenticate: x", "Vary: *"):
            outcome = reply(line)
            assert isinstance(outcome, LastUse), line
            self.assertEqual(outcome.alternate.length, TAGGED.length)

    def test_a_reply_that_names_another_representation_does_not_freshen(self) -> None:
        """RFC 9111 §4.3.4."""
        self.assertEqual(reply('ETag: "b"'), LastUse(TAGGED))
        self.assertIsInstance(reply('ETag: W/"a"'), Freshened)
        untagged = stored(*dated(f"Last-Modified: {THEN}"))
        self.assertIsInstance(reply('ETag: "b"', copy=untagged), Freshened)

    def test_what_is_stored_stays_as_it_is_for_a_client_that_lets_nothing_be_stored(self) -> None:
        self.assertIsInstance(reply("X: y", asked=ask("Cache-Control: no-store, max-age=0")), Unchanged)

    def test_what_is_told_to_a_client_with_credentials_is_not_for_others(self) -> None:
        """RFC 9111 §3.5."""
        lent = ask("Authorization: Basic eA==")
        for directive, kind in (
            ("proxy-revalidate", Unchanged), ("must-revalidate", Freshened), ("public", Freshened),
            ("s-maxage=9", Freshened),
        ):  # fmt: skip
            told = reply(f"Cache-Control: {directive}, max-age=10", "X: y", asked=lent)
            self.assertIsInstance(told, kind, directive)
        open_to_all = CachingPolicy(ignore_authentication=True)
        told = reply("Cache-Control: max-age=10", asked=ask("Authorization: Basic eA==", policy=open_to_all),
                     policy=open_to_all)  # fmt: skip
        self.assertIsInstance(told, Freshened)

    def test_what_is_stored_stays_as_it_is_where_cookies_are_involved(self) -> None:
        text = stored(*dated('ETag: "a"', "Content-Type: text/html"))
        self.assertIsInstance(reply("X: y", asked=ask("Cookie: a=b"), copy=text), Unchanged)

    def test_a_reply_to_conditions_that_nobody_set_is_passed_on_with_a_warning(self) -> None:
        self.assertEqual(reply(copy=BARE), UNEXPECTED)
        self.assertEqual(reply(copy=BARE, asked=ask('If-None-Match: "z"')), UNEXPECTED)

    def test_a_reply_to_the_clients_own_conditions_is_passed_on(self) -> None:
        policy = CachingPolicy(when_to_revalidate=4)
        asked = ask(f"If-Modified-Since: {THEN}", policy=policy)
        self.assertEqual(reply(asked=asked, policy=policy), Passed())
        self.assertEqual(reply(policy=policy), UNEXPECTED)


class Answered(SynchronousTestCase):
    """RFC 9111 §4.3.3; Traffic Server, outcomes of revalidation."""

    def test_a_new_answer_takes_the_place_of_the_copy(self) -> None:
        """Cases 33 and 37."""
        for status in (200, 301, 410):
            outcome = reply(*dated('ETag: "b"'), status=status)
            assert isinstance(outcome, Replace), status
            self.assertEqual(outcome.store.alternate.status, status)
        self.assertIsInstance(reply(*dated("Cache-Control: max-age=5"), status=404), Replace)
        self.assertIsInstance(reply(*dated("Cache-Control: max-age=5"), status=503), Replace)

    def test_a_client_that_wanted_news_makes_them_replace_the_copy(self) -> None:
        """Case 21, D-15."""
        self.assertIsInstance(reply(*dated(), status=200, asked=ask("Cache-Control: no-cache")), Replace)

    def test_one_that_may_not_be_stored_ends_the_copy(self) -> None:
        """Case 33."""
        self.assertEqual(reply(*dated("Cache-Control: no-store", 'ETag: "a"'), status=200), Discard())
        for status in (302, 403, 404, 416):
            self.assertEqual(reply(*dated(), status=status), Discard(), status)

    def test_one_that_is_for_this_client_only_says_nothing_about_the_copy(self) -> None:
        text = stored(*dated('ETag: "a"', "Content-Type: text/html"))
        html = dated("Content-Type: text/html", 'ETag: "b"')
        self.assertEqual(reply(*html, status=200, asked=ask("Cookie: a=b"), copy=text), Passed())
        self.assertEqual(reply(*dated(), status=200, asked=ask("Authorization: x"), copy=text), Passed())

    def test_an_error_of_the_origin_leaves_the_copy_alone(self) -> None:
        """Case 35, D-13."""
        for status in (500, 501, 502, 503, 504):
            self.assertEqual(reply(*dated(), status=status), Passed(), status)

    def test_a_part_ends_the_copy_unless_it_is_part_of_it(self) -> None:
        asked = ask("Range: bytes=0-1")
        self.assertEqual(reply(*dated('ETag: "a"'), status=206, asked=asked), Passed())
        self.assertEqual(reply(*dated('ETag: "b"'), status=206, asked=asked), Discard())
        self.assertEqual(reply(*dated(), status=206, asked=asked), Discard())
        weak = stored(*dated('ETag: W/"a"'))
        self.assertEqual(reply(*dated('ETag: W/"a"'), status=206, asked=asked, copy=weak), Discard())
        self.assertEqual(reply(*dated('ETag: "a"'), status=206, asked=asked, copy=BARE), Discard())


class NegativeRevalidating(SynchronousTestCase):
    """Case 35."""

    POLICY = CachingPolicy(negative_revalidating_enabled=True, negative_revalidating_lifetime=50)

    def test_an_error_of_the_origin_gives_the_copy_a_while_more(self) -> None:
        for status in (500, 502, 503, 504):
            outcome = reply(*dated(), status=status, policy=self.POLICY)
            assert isinstance(outcome, ServeStale), status
            asked = ask(policy=self.POLICY)
            for later, serve in ((0, True), (50, True), (51, False)):
                reuse = decide_reuse(asked.facts, asked.head, [outcome.alternate], LATER + later, self.POLICY)
                self.assertEqual(isinstance(reuse, Serve), serve, later)
            self.assertEqual(outcome.alternate.terms.birth, TAGGED.terms.birth)

    def test_not_beyond_the_oldest_age_allowed(self) -> None:
        policy = CachingPolicy(negative_revalidating_enabled=True, max_stale_age=120)
        outcome = reply(status=503, policy=policy)
        assert isinstance(outcome, ServeStale)
        self.assertEqual(outcome.alternate.terms.lifetime, 120)

    def test_not_for_other_errors_nor_where_stale_is_forbidden_nor_for_a_stored_error(self) -> None:
        self.assertEqual(reply(status=501, policy=self.POLICY), Passed())
        strict = stored(*dated('ETag: "a"', "Cache-Control: must-revalidate, max-age=10"))
        self.assertEqual(reply(status=503, policy=self.POLICY, copy=strict), Passed())
        failed = stored(*dated("Cache-Control: max-age=10"), status=503)
        self.assertEqual(reply(status=500, policy=self.POLICY, copy=failed), Passed())


class InTheErrorsPlace(SynchronousTestCase):
    """RFC 5861 §4."""

    GRANTED = stored(*dated('ETag: "a"', "Cache-Control: max-age=10, stale-if-error=90"))

    def test_the_copy_is_served_instead_of_an_error_as_long_as_its_origin_lets_it(self) -> None:
        for status in (500, 502, 503, 504):
            outcome = reply(*dated(), status=status, copy=self.GRANTED)
            self.assertEqual(outcome, ServeInstead(b'111 tsnode "Revalidation Failed"', for_all=True), status)
        late = stored(*dated('ETag: "a"', "Cache-Control: max-age=10, stale-if-error=89"))
        self.assertEqual(reply(*dated(), status=503, copy=late), Passed())

    def test_so_it_is_for_a_client_that_takes_it_so(self) -> None:
        for seconds, outcome in (
            (90, ServeInstead(b'111 tsnode "Revalidation Failed"', for_all=False)), (89, Passed())
        ):  # fmt: skip
            asked = ask(f"Cache-Control: stale-if-error={seconds}")
            self.assertEqual(reply(*dated(), status=503, asked=asked), outcome)

    def test_not_for_other_errors_nor_where_stale_is_forbidden_nor_for_a_stored_error(self) -> None:
        self.assertEqual(reply(*dated(), status=501, copy=self.GRANTED), Passed())
        self.assertEqual(reply(*dated(), status=404, copy=self.GRANTED), Discard())
        for directive in ("must-revalidate", "proxy-revalidate", "s-maxage=10", "no-cache"):
            strict = stored(*dated('ETag: "a"', f"Cache-Control: max-age=10, stale-if-error=90, {directive}"))
            self.assertEqual(reply(*dated(), status=503, copy=strict), Passed(), directive)
        failed = stored(*dated("Cache-Control: max-age=10, stale-if-error=90"), status=503)
        self.assertEqual(reply(*dated(), status=500, copy=failed), Passed())

    def test_an_operator_who_lets_it_live_longer_decides_before(self) -> None:
        policy = CachingPolicy(negative_revalidating_enabled=True)
        self.assertIsInstance(reply(*dated(), status=503, copy=self.GRANTED, policy=policy), ServeStale)


class ByHead(SynchronousTestCase):
    """RFC 9111 §4.3.5."""

    def by_head(self, *lines: str, status: int = 200, copy: Alternate = TAGGED) -> Revalidated:
        return reply(*lines, status=status, asked=ask(method="HEAD"), copy=copy)

    def test_a_head_that_agrees_freshens(self) -> None:
        for lines in (
            ('ETag: "a"', f"Last-Modified: {THEN}", "Content-Length: 10"),
            ('ETag: "a"',),
            ("Content-Length: 010",),
            (),
        ):
            outcome = self.by_head("X: new", *lines)
            assert isinstance(outcome, Freshened), lines
            self.assertEqual(outcome.alternate.fields.get(b"x"), b"new")
            self.assertEqual(outcome.alternate.length, 10)

    def test_a_confirmation_freshens_too(self) -> None:
        self.assertIsInstance(self.by_head(status=304), Freshened)

    def test_a_head_that_contradicts_ends_the_copy(self) -> None:
        for line in ('ETag: "b"', f"Last-Modified: {moment(-1)}", "Content-Length: 11", "Content-Length: x"):
            self.assertEqual(self.by_head(line), Discard(), line)
        self.assertEqual(self.by_head('ETag: "a"', copy=BARE), Discard())

    def test_another_status_does_what_it_does_for_get(self) -> None:
        self.assertEqual(self.by_head(status=404), Discard())
        self.assertEqual(self.by_head(status=503), Passed())

    def test_a_copy_of_unknown_length_is_not_contradicted_by_one(self) -> None:
        self.assertIsInstance(self.by_head("Content-Length: 11", copy=replace(TAGGED, length=None)), Freshened)
