"""What may be stored, and what is stored of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, URL, Ask, answer, ask, dated, fields, moment, settle, stored
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.storing import DoNotStore, NotStorable, Store, decide_storing, selecting_fields
from tsnode.model.messages import CHUNKED, ResponseHead

LIFETIME = "Cache-Control: max-age=60"


class Decision(SynchronousTestCase):
    """RFC 9111 §3."""

    def kept(
        self, *lines: str, request: Ask | None = None, status: int = 200, policy: CachingPolicy = POLICY
    ) -> NotStorable | None:
        """Why it is not stored; None where it is."""
        storing = settle(*dated(*lines), request=request, status=status, policy=policy)
        return storing.because if isinstance(storing, DoNotStore) else None

    def test_without_fields_the_policy_says_whether_a_200_is_stored(self) -> None:
        """Case 14."""
        last_modified = f"Last-Modified: {moment(-10)}"
        for required, lines, because in (
            (0, (), None),
            (1, (), NotStorable.NO_LIFETIME),
            (2, (), NotStorable.NO_LIFETIME),
            (0, (last_modified,), None),
            (1, (last_modified,), None),
            (2, (last_modified,), NotStorable.NO_LIFETIME),
            (2, (LIFETIME,), None),
            (2, ("Cache-Control: s-maxage=5",), None),
            (2, (f"Expires: {moment(5)}",), None),
            (2, ("Cache-Control: public",), NotStorable.NO_LIFETIME),
        ):
            policy = CachingPolicy(required_headers=required)
            self.assertIs(self.kept(*lines, policy=policy), because, (required, lines))
        self.assertIsNone(self.kept(status=301, policy=CachingPolicy(required_headers=2)))

    def test_without_a_lifetime_the_status_decides(self) -> None:
        """Case 15."""
        for status in (200, 203, 300, 301, 410):
            self.assertIsNone(self.kept(status=status), status)
        for status in (204, 302, 303, 307, 308, 400, 401, 403, 404, 405, 407, 414, 418, 500, 501, 503):
            self.assertIs(self.kept(status=status), NotStorable.STATUS, status)

    def test_with_a_lifetime_every_final_status_is_stored(self) -> None:
        """Case 15."""
        for status in (200, 201, 204, 302, 303, 307, 308, 400, 401, 404, 405, 500, 503):
            for line in (
                LIFETIME, f"Expires: {moment(9)}", "Cache-Control: public", "Cache-Control: s-maxage=5",
            ):  # fmt: skip
                self.assertIsNone(self.kept(line, status=status), (status, line))

    def test_to_be_revalidated_is_no_lifetime(self) -> None:
        """RFC 9111 §3, where Traffic Server stores any status with such a directive."""
        for directive in ("must-revalidate", "proxy-revalidate"):
            for status, because in ((200, None), (302, NotStorable.STATUS), (500, NotStorable.STATUS)):
                self.assertIs(self.kept(f"Cache-Control: {directive}", status=status), because, (directive, status))

    def test_what_can_be_cached_heuristically_is_with_last_modified(self) -> None:
        """RFC 9110 §15.1."""
        for status in (204, 308, 404, 405, 414, 501):
            self.assertIsNone(self.kept(f"Last-Modified: {moment(-9)}", status=status), status)
        for status in (302, 307, 403, 500):
            self.assertIs(self.kept(f"Last-Modified: {moment(-9)}", status=status), NotStorable.STATUS, status)

    def test_a_part_is_never_stored_as_a_whole(self) -> None:
        """Case 16."""
        for status in (206, 304, 416, 101):
            self.assertIs(self.kept(LIFETIME, status=status), NotStorable.PARTIAL, status)

    def test_the_origin_can_forbid_it(self) -> None:
        """Case 17."""
        for line in (
            "Cache-Control: no-store", "Cache-Control: private", 'Cache-Control: private="x y", max-age=9',
            "Cache-Control: max-age=9, NO-STORE", "Pragma: no-cache",
        ):  # fmt: skip
            self.assertIs(self.kept(line), NotStorable.FORBIDDEN, line)
        self.assertIsNone(self.kept("Pragma: x"))

    def test_fields_that_are_for_one_client_do_not_keep_the_rest_out(self) -> None:
        """RFC 9111 §5.2.2.4, §5.2.2.7."""
        for line in ('Cache-Control: private="x"', 'Cache-Control: no-cache="set-cookie"'):
            self.assertIsNone(self.kept(line), line)

    def test_must_understand_takes_the_place_of_no_store_where_the_status_is_understood(self) -> None:
        """RFC 9111 §5.2.2.3."""
        line = "Cache-Control: must-understand, no-store, max-age=60"
        for status in (200, 203, 302, 404, 503):
            self.assertIsNone(self.kept(line, status=status), status)
        for status in (207, 299, 499, 599):
            self.assertIs(self.kept(line, status=status), NotStorable.NOT_UNDERSTOOD, status)
            self.assertIs(self.kept("Cache-Control: must-understand, max-age=60", status=status),
                          NotStorable.NOT_UNDERSTOOD, status)
        self.assertIs(self.kept("Cache-Control: must-understand, private"), NotStorable.FORBIDDEN)

    def test_statuses_that_no_cache_may_store_are_not_stored_whatever_the_fields_say(self) -> None:
        """RFC 6585 §3 to §6."""
        for status in (412, 417, 428, 429, 431, 511):
            for line in (LIFETIME, "Cache-Control: public", "Cache-Control: must-understand, max-age=60"):
                self.assertIs(self.kept(line, status=status), NotStorable.FORBIDDEN_STATUS, (status, line))

    def test_what_is_aimed_at_this_cache_counts_and_nothing_else(self) -> None:
        """RFC 9213 §2.2."""
        aimed = "CDN-Cache-Control: max-age=60"
        for line in ("Cache-Control: no-store", "Cache-Control: private", "Pragma: no-cache", "Expires: 0"):
            self.assertIsNone(self.kept(line, aimed), line)
        self.assertIs(self.kept(LIFETIME, "CDN-Cache-Control: no-store"), NotStorable.FORBIDDEN)
        required = CachingPolicy(required_headers=2)
        self.assertIs(
            self.kept(LIFETIME, f"Expires: {moment(9)}", "CDN-Cache-Control: x", policy=required),
            NotStorable.NO_LIFETIME,
        )
        self.assertIs(self.kept(aimed, policy=CachingPolicy(targeted_fields=(), required_headers=2)),
                      NotStorable.NO_LIFETIME)
        terms = stored(*dated("Cache-Control: max-age=10, must-revalidate", "Pragma: no-cache", aimed)).terms
        self.assertEqual((terms.lifetime, terms.explicit, terms.stale_forbidden), (60, True, False))

    def test_what_is_aimed_at_this_cache_is_passed_on_with_the_rest(self) -> None:
        lines = ("Cache-Control: no-store", "CDN-Cache-Control: max-age=60", "Expires: 0")
        self.assertEqual(stored(*dated(*lines)).fields, fields(*dated(*lines)))

    def test_no_cache_is_stored_where_it_can_be_revalidated(self) -> None:
        """D-4."""
        self.assertIs(self.kept("Cache-Control: no-cache, max-age=9"), NotStorable.NO_CACHE)
        self.assertIsNone(self.kept("Cache-Control: no-cache", 'ETag: "a"'))
        self.assertIsNone(self.kept("Cache-Control: no-cache", f"Last-Modified: {moment(-9)}"))

    def test_ignoring_no_cache_of_origins_ignores_no_store_but_not_private(self) -> None:
        """D-4."""
        policy = CachingPolicy(ignore_server_no_cache=True)
        for line in ("Cache-Control: no-cache", "Cache-Control: no-store", "Pragma: no-cache"):
            self.assertIsNone(self.kept(line, policy=policy), line)
        self.assertIs(self.kept("Cache-Control: private", policy=policy), NotStorable.FORBIDDEN)

    def test_what_expired_before_it_came_is_stored_only_where_it_can_be_revalidated(self) -> None:
        """D-5."""
        for expires in ("Expires: 0", f"Expires: {moment(-9)}", "Expires: x"):
            self.assertIs(self.kept(expires), NotStorable.EXPIRED, expires)
            self.assertIsNone(self.kept(expires, 'ETag: "a"'), expires)
            self.assertIsNone(self.kept(expires, f"Last-Modified: {moment(-9)}"), expires)
            self.assertIsNone(self.kept(expires, LIFETIME), expires)
            self.assertIsNone(self.kept(expires, "Cache-Control: s-maxage=0"), expires)
            self.assertIsNone(self.kept(expires, policy=CachingPolicy(guaranteed_min_lifetime=5)), expires)
        self.assertIsNone(self.kept("Cache-Control: max-age=0"))
        self.assertIsNone(self.kept(policy=CachingPolicy(heuristic_min_lifetime=0)))

    def test_a_challenge_is_not_stored_unless_authentication_is_ignored(self) -> None:
        """Case 18."""
        self.assertIs(self.kept(LIFETIME, "WWW-Authenticate: Basic"), NotStorable.CHALLENGE)
        ignoring = CachingPolicy(ignore_authentication=True)
        alternate = stored(*dated(LIFETIME, "WWW-Authenticate: Basic"), policy=ignoring)
        self.assertNotIn(b"www-authenticate", alternate.fields)

    def test_credentials_keep_an_answer_private_unless_it_says_otherwise(self) -> None:
        """Case 19; RFC 9111 §3.5."""
        asked = ask("Authorization: Basic x")
        self.assertIs(self.kept(LIFETIME, request=asked), NotStorable.AUTHORIZATION)
        self.assertIs(self.kept("Cache-Control: proxy-revalidate", request=asked), NotStorable.AUTHORIZATION)
        for value in ("public", "must-revalidate", "s-maxage=9"):
            self.assertIsNone(self.kept(f"Cache-Control: {value}", request=asked), value)
        self.assertIsNone(self.kept(LIFETIME, request=asked, policy=CachingPolicy(ignore_authentication=True)))

    def test_the_client_can_forbid_it(self) -> None:
        """Case 21."""
        asked = ask("Cache-Control: no-store")
        self.assertIs(self.kept(LIFETIME, request=asked), NotStorable.CLIENT)
        ignoring = CachingPolicy(ignore_client_no_cache=True)
        self.assertIsNone(self.kept(LIFETIME, request=ask("Cache-Control: no-store", policy=ignoring), policy=ignoring))

    def test_an_answer_to_a_client_that_wanted_a_new_one_only_replaces(self) -> None:
        """D-15."""
        for line in ("Cache-Control: no-cache", "Pragma: no-cache"):
            asked = ask(line)
            self.assertIs(self.kept(LIFETIME, request=asked), NotStorable.CLIENT)
            self.assertIsInstance(settle(*dated(LIFETIME), request=asked, replaces=stored(*dated())), Store)

    def test_only_answers_to_get_are_stored_and_to_post_if_told_so(self) -> None:
        """Case 27."""
        for method in ("HEAD", "POST", "PUT", "DELETE"):
            self.assertIs(self.kept(LIFETIME, request=ask(method=method)), NotStorable.METHOD, method)
        policy = CachingPolicy(post_method=True)
        asked = ask(method="POST", policy=policy)
        self.assertIsNone(self.kept(LIFETIME, request=asked, policy=policy))
        self.assertIs(self.kept(request=asked, policy=policy), NotStorable.STATUS)
        self.assertIs(self.kept(LIFETIME, request=ask(method="PUT", policy=policy), policy=policy), NotStorable.METHOD)

    def test_what_was_not_looked_up_is_not_stored(self) -> None:
        policy = CachingPolicy(http=False)
        self.assertIs(self.kept(LIFETIME, request=ask(policy=policy), policy=policy), NotStorable.BYPASS)

    def test_a_request_for_a_part_stores_a_whole_only_if_told_so(self) -> None:
        """Case 29."""
        asked = ask("Range: bytes=0-1")
        self.assertIs(self.kept(LIFETIME, request=asked), NotStorable.RANGE)
        writing = CachingPolicy(range_write=True)
        self.assertIsNone(self.kept(LIFETIME, request=asked, policy=writing))
        self.assertIs(self.kept(LIFETIME, request=asked, status=404, policy=writing), NotStorable.RANGE)
        self.assertIs(self.kept(LIFETIME, request=asked, status=206, policy=writing), NotStorable.RANGE)

    def test_what_varies_on_everything_is_not_stored(self) -> None:
        """Case 23: it would never match."""
        self.assertIs(self.kept(LIFETIME, "Vary: X, *"), NotStorable.VARIES)

    def test_listed_statuses_are_cached_negatively_if_told_so(self) -> None:
        policy = CachingPolicy(negative_caching_enabled=True, negative_caching_lifetime=100)
        for status in (204, 305, 403, 404, 414, 500, 501, 502, 503, 504):
            alternate = stored(*dated(), status=status, policy=policy)
            self.assertEqual(alternate.fields.get(b"expires"), moment(100).encode(), status)
            self.assertEqual(alternate.terms.lifetime, 100, status)
        for status in (302, 303, 307, 400, 401, 405, 407):
            self.assertIs(self.kept(status=status, policy=policy), NotStorable.STATUS, status)
        listed = CachingPolicy(negative_caching_enabled=True, negative_caching_list=frozenset({302, 400}))
        self.assertIs(self.kept(status=302, policy=listed), NotStorable.STATUS)
        self.assertIsNone(self.kept(status=400, policy=listed))

    def test_negative_caching_leaves_alone_what_is_not_its_business(self) -> None:
        policy = CachingPolicy(negative_caching_enabled=True)
        for alternate in (
            stored(*dated(), policy=policy),
            stored(*dated("Cache-Control: max-age=60"), status=302, policy=policy),
            stored(*dated("Cache-Control: max-age=60"), status=404),
        ):
            self.assertNotIn(b"expires", alternate.fields, alternate.status)
        stated = stored(*dated(f"Expires: {moment(9)}"), status=404, policy=policy)
        self.assertEqual(stated.fields.all(b"expires"), (moment(9).encode(),))

    def test_negative_caching_adds_an_expires_that_max_age_still_beats(self) -> None:
        policy = CachingPolicy(negative_caching_enabled=True, negative_caching_lifetime=100)
        alternate = stored(*dated(LIFETIME), status=404, policy=policy)
        self.assertEqual(alternate.terms.lifetime, 60)
        self.assertIn(b"expires", alternate.fields)
        self.assertIs(self.kept("Cache-Control: no-store", status=404, policy=policy), NotStorable.FORBIDDEN)


class ByRules(SynchronousTestCase):
    """Traffic Server, cache.config ``ttl-in-cache``."""

    POLICY = CachingPolicy(ttl_in_cache=60, post_method=True, required_headers=2, cache_responses_to_cookies=0)

    def kept(self, *lines: str, request: Ask | None = None, status: int = 200) -> NotStorable | None:
        """Why it is not stored; None where it is."""
        storing = settle(*dated(*lines), request=request, status=status, policy=self.POLICY)
        return storing.because if isinstance(storing, DoNotStore) else None

    def test_it_stores_what_fields_and_cookies_would_keep_out(self) -> None:
        """Case 17, D-7."""
        for lines in (
            (), ("Cache-Control: no-store, private",), ("Pragma: no-cache",), ("Cache-Control: no-cache",),
            ("Set-Cookie: a=b", "Content-Type: text/html"), ("Expires: 0",),
        ):  # fmt: skip
            self.assertIsNone(self.kept(*lines), lines)
        self.assertIsNone(self.kept(request=ask(method="POST", policy=self.POLICY)))
        self.assertIsNone(self.kept(request=ask(method="POST", policy=self.POLICY), status=203))

    def test_it_leaves_other_reasons_standing(self) -> None:
        """Case 17, section 5 of Traffic Server's order of decisions."""
        for line, status, because in (
            ("X: y", 404, NotStorable.STATUS), ("X: y", 302, NotStorable.STATUS), ("X: y", 206, NotStorable.PARTIAL),
            ("WWW-Authenticate: Basic", 200, NotStorable.CHALLENGE), ("Vary: *", 200, NotStorable.VARIES),
        ):  # fmt: skip
            self.assertIs(self.kept(line, status=status), because, (line, status))
        unstored = ask("Cache-Control: no-store", policy=self.POLICY)
        self.assertIs(self.kept(request=unstored), NotStorable.CLIENT)


class PinnedOnes(SynchronousTestCase):
    """Traffic Server, cache.config ``pin-in-cache``."""

    def test_they_are_so_from_receipt_on(self) -> None:
        policy = CachingPolicy(permit_pinning=True, pin_in_cache=70)
        head = answer("Cache-Control: max-age=9", f"Date: {moment(0)}")
        asked = ask()
        for later in (0, 5):
            storing = decide_storing(asked.head, asked.facts, head, policy, NOW + later, NOW + later)
            assert isinstance(storing, Store)
            self.assertEqual(storing.alternate.pinned_until, NOW + later + 70)
        self.assertEqual(stored("Cache-Control: max-age=9").pinned_until, 0.0)


class Stored(SynchronousTestCase):
    """RFC 9111 §3.1."""

    def test_end_to_end_fields_are_kept_and_the_rest_is_not(self) -> None:
        alternate = stored(
            *dated(
                "X: 1", "Connection: close, Y", "Y: 2", "Keep-Alive: x", "Age: 5", "Content-Length: 10",
                "Set-Cookie: a=b", "x: 3", "Via: 1.1 p",
            )
        )  # fmt: skip
        self.assertEqual(alternate.fields, fields(*dated("X: 1", "x: 3", "Via: 1.1 p")))

    def test_what_is_for_one_client_is_not_kept_but_told_apart(self) -> None:
        """RFC 9111 §5.2.2.4, §5.2.2.7; case 20."""
        storing = settle(
            *dated('Cache-Control: private="x-a", no-cache="X-B"', "X-A: 1", "Set-Cookie: a=b", "X-B: 2", "X-C: 3")
        )
        assert isinstance(storing, Store)
        self.assertEqual(storing.own, b"X-A: 1\r\nSet-Cookie: a=b\r\nX-B: 2\r\n")
        self.assertEqual(
            storing.alternate.fields, fields(*dated('Cache-Control: private="x-a", no-cache="X-B"', "X-C: 3"))
        )
        self.assertFalse(storing.alternate.terms.no_cache)

    def test_a_challenge_that_does_not_matter_is_for_one_client(self) -> None:
        """Case 18."""
        storing = settle(*dated("WWW-Authenticate: Basic"), policy=CachingPolicy(ignore_authentication=True))
        assert isinstance(storing, Store)
        self.assertEqual(storing.own, b"WWW-Authenticate: Basic\r\n")
        self.assertNotIn(b"www-authenticate", storing.alternate.fields)

    def test_set_cookie_is_kept_if_told_so(self) -> None:
        """D-16."""
        alternate = stored(*dated("Set-Cookie: a=b"), policy=CachingPolicy(store_set_cookie=True))
        self.assertIn(b"set-cookie", alternate.fields)

    def test_a_date_that_is_missing_or_cannot_be_read_is_that_of_receipt(self) -> None:
        """Case 5."""
        for lines in ((), ("Date: yesterday",), ("Date: a", "Date: b")):
            alternate = stored(*lines, request_time=NOW + 0.5, response_time=NOW + 0.5)
            self.assertEqual(alternate.fields.all(b"date"), (moment(0).encode(),), lines)
            self.assertEqual(alternate.terms.birth, NOW + 0.5, lines)

    def test_the_head_is_ready_to_be_sent(self) -> None:
        alternate = stored(*dated("X: y", "Content-Length: 10"))
        self.assertEqual(alternate.head, f"HTTP/1.1 200 OK\r\nDate: {moment(0)}\r\nX: y\r\n".encode())

    def test_what_was_asked_when_and_how_much_came_is_noted(self) -> None:
        alternate = stored(*dated(), request_time=NOW - 1, response_time=NOW)
        self.assertEqual(
            (alternate.url, alternate.method, alternate.status, alternate.reason, alternate.length),
            (URL.encode(), b"GET", 200, b"OK", 10),
        )
        self.assertEqual((alternate.request_time, alternate.response_time), (NOW - 1, NOW))

    def test_a_length_that_is_not_told_is_not_known(self) -> None:
        asked = ask()
        chunked = ResponseHead(11, 200, b"OK", fields(*dated()), CHUNKED, True)
        storing = decide_storing(asked.head, asked.facts, chunked, POLICY, NOW, NOW)
        assert isinstance(storing, Store)
        self.assertIsNone(storing.alternate.length)

    def test_of_the_request_only_what_selects_and_what_it_accepts_is_kept(self) -> None:
        asked = ask("X-Foo: a", "Accept: b", "x-foo: c")
        alternate = stored(*dated("Vary: X-Foo"), request=asked)
        self.assertEqual(alternate.request_fields, fields("X-Foo: a", "Accept: b", "x-foo: c"))
        self.assertEqual(len(stored(*dated(), request=asked).request_fields), 0)
        self.assertEqual(len(selecting_fields(asked.head.fields, None, POLICY)), 0)

    @given(
        lists(
            sampled_from(
                ["Set-Cookie: a=b", "Connection: x-a", "X-A: 1", "Age: 9", "Transfer-Encoding: chunked", "X-B: 2",
                 "Content-Length: 10", "Trailer: x", "Cache-Control: max-age=5", "ETag: \"a\""]
            ),
            max_size=8,
        )
    )  # fmt: skip
    def test_the_head_never_frames_and_never_sets_a_cookie(self, lines: list[str]) -> None:
        alternate = stored(*dated(*lines))
        names = set(alternate.fields.names())
        self.assertEqual(
            names & {b"content-length", b"transfer-encoding", b"connection", b"trailer", b"age", b"set-cookie"}, set()
        )
        self.assertEqual(b"x-a" in names, "X-A: 1" in lines and "Connection: x-a" not in lines)
        self.assertTrue(alternate.head.endswith(b"\r\n") and b"\r\n\r\n" not in alternate.head)

    def test_no_content_is_a_content_of_no_octets(self) -> None:
        asked = ask()
        empty = decide_storing(asked.head, asked.facts, answer(*dated(), length=0), POLICY, NOW, NOW)
        assert isinstance(empty, Store)
        self.assertEqual(empty.alternate.length, 0)


class SameHeadAgain(SynchronousTestCase):
    """An origin sends the same head again and again; what was worked out from it once is used again."""

    @given(
        lists(
            sampled_from(
                (f"Date: {moment(0)}", "Date: no date", "Age: 7", "Age: x", LIFETIME, "Cache-Control: no-cache",
                 "Cache-Control: no-store", f"Expires: {moment(30)}", f"Last-Modified: {moment(-5000)}", 'ETag: "a"',
                 "Vary: X-Foo", "Set-Cookie: a=b", "Content-Type: image/gif", "Age: 7, 9",
                 'Cache-Control: private="x-a", stale-while-revalidate=5', "X-A: 1", "CDN-Cache-Control: max-age=5")
            ),
            max_size=5,
        ),
        integers(0, 100_000),
        integers(0, 9),
        sampled_from((
            (POLICY, POLICY), (POLICY, CachingPolicy(generation=7)), (CachingPolicy(when_to_revalidate=1),) * 2,
            (CachingPolicy(when_to_revalidate=3),) * 2, (CachingPolicy(negative_caching_enabled=True),) * 2,
            (POLICY, CachingPolicy(required_headers=2)),
        )),
        sampled_from((("X-Foo: 1",), ("Cookie: a=b",), ("Cache-Control: no-store",), ("X-Other: 1",), ())),
        sampled_from((200, 204, 302, 404)),
    )  # fmt: skip
    def test_it_is_decided_about_as_if_it_had_never_been_seen(
        self,
        lines: list[str],
        later: int,
        took: int,
        policies: tuple[CachingPolicy, CachingPolicy],
        asked: tuple[str, ...],
        status: int,
    ) -> None:
        before, after = policies
        first, again = ask(policy=before), ask(*asked, url="http://b.example/other", policy=after)
        head, unseen = answer(*lines, status=status), answer(*lines, status=status)
        decide_storing(first.head, first.facts, head, before, NOW, NOW)
        times = NOW + later, NOW + later + took
        self.assertEqual(
            decide_storing(again.head, again.facts, head, after, *times),
            decide_storing(again.head, again.facts, unseen, after, *times),
        )
