"""The shortcut agrees with the full decision, and its octets with the alternate."""

from __future__ import annotations

from math import inf

from hypothesis import assume, given, settings
from hypothesis.strategies import SearchStrategy, booleans, builds, floats, lists, one_of, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, Ask, ask, dated, moment, settle, stored
from tsnode.caching.plain_hit import Rendering, plain_until
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import read_facts
from tsnode.caching.reuse import Serve, decide_reuse
from tsnode.caching.storing import Store
from tsnode.model.alternate import Alternate
from tsnode.model.messages import RequestHead
from tsnode.model.target import parse_target
from tsnode.semantics.plain_get import read_plain_get
from tsnode.semantics.reader import ReaderLimits, RequestReader

LINES = (
    "Cache-Control: max-age=100", "Cache-Control: max-age=0", "Cache-Control: s-maxage=7", "Cache-Control: no-cache",
    'Cache-Control: private="x", max-age=8', "Cache-Control: max-age=4, stale-while-revalidate=30, immutable",
    "CDN-Cache-Control: max-age=9", "CDN-Cache-Control: no-cache",
    "Cache-Control: no-cache, max-age=90", "Cache-Control: must-revalidate", "Cache-Control: public",
    f"Expires: {moment(50)}", "Expires: 0", "Age: 30", f"Last-Modified: {moment(-(10**6))}", 'ETag: "a"',
    "Vary: Accept", "Vary: Cookie", "Set-Cookie: a=b", "Content-Type: text/html", f"Date: {moment(-20)}",
    f"Date: {moment(20)}", "WWW-Authenticate: Basic",
)  # fmt: skip
SAID = (
    "Authorization: x", "Cache-Control: no-cache", "Cookie: x", "If-Match: x", "If-Modified-Since: x",
    "If-None-Match: x", "If-Range: x", "If-Unmodified-Since: x", "Pragma: x", "Range: bytes=0-1",
)  # fmt: skip
HARMLESS = ("Accept: text/html", "Accept-Encoding: gzip", "User-Agent: x", "Accept-Language: en", "X: y")
TIMES = one_of(
    floats(NOW - 20, NOW + 20),
    floats(NOW - 200, NOW + 200000),
    sampled_from([NOW + step + fraction for step in (7, 30, 50, 70, 100, 3600) for fraction in (-1e-6, 0.0, 1e-6)]),
)


def policies() -> SearchStrategy[CachingPolicy]:
    return builds(
        CachingPolicy,
        when_to_revalidate=sampled_from([0, 1, 2, 3, 4]),
        cache_responses_to_cookies=sampled_from([0, 1, 3, 4]),
        ignore_server_no_cache=booleans(),
        ignore_authentication=booleans(),
        guaranteed_min_lifetime=sampled_from([0.0, 60.0]),
        guaranteed_max_lifetime=sampled_from([31536000.0, 60.0]),
        store_set_cookie=booleans(),
        never_cache=sampled_from([False, False, False, True]),
        fuzz_probability=sampled_from([0.0, 0.0, 0.5]),
        ttl_in_cache=sampled_from([0.0, 0.0, 30.0]),
        revalidate_after=sampled_from([None, None, 0.0, 10.0, 1000.0]),
    )


class Law(SynchronousTestCase):
    """House rule: a shortcut may be narrow, it may never disagree."""

    @settings(max_examples=6 * settings().max_examples)
    @given(
        lists(sampled_from(LINES), max_size=4),
        lists(sampled_from((*HARMLESS, "Cookie: a=b", "Authorization: x")), max_size=2),
        lists(sampled_from(HARMLESS), max_size=3),
        floats(0, 5), sampled_from([200, 301, 404]), policies(), policies(), TIMES,
    )  # fmt: skip
    def test_a_plain_hit_is_one_that_the_full_decision_would_serve_whatever_the_policy_was_before(
        self,
        lines: list[str],
        bringing: list[str],
        asking: list[str],
        delay: float,
        status: int,
        before: CachingPolicy,
        policy: CachingPolicy,
        now: float,
    ) -> None:
        """``before`` held when the answer was stored; a reload may have brought another one since."""
        storing = settle(
            *lines,
            request=ask(*bringing, policy=before),
            status=status,
            policy=before,
            response_time=NOW + delay,
        )
        assume(isinstance(storing, Store))
        assert isinstance(storing, Store)
        alternate = storing.alternate
        assume(now < plain_until(alternate, policy))
        asked = ask(*asking, policy=policy)
        self.assertTrue(asked.facts.plain)
        reuse = decide_reuse(asked.facts, asked.head, [alternate], now, policy)
        self.assertEqual(reuse, Serve(alternate, max(0.0, now - alternate.terms.birth)))


class Lane(SynchronousTestCase):
    """What the lane's reader takes for a plain GET is one whose facts are plain."""

    @settings(max_examples=4 * settings().max_examples)
    @given(lists(sampled_from((*HARMLESS, *SAID)), max_size=2), booleans())
    def test_what_is_read_as_a_plain_get_says_nothing_about_caching(self, lines: list[str], shouted: bool) -> None:
        written = "".join(f"{line.upper() if shouted else line}\r\n" for line in ("Host: a.example", *lines))
        octets = f"GET /x HTTP/1.1\r\n{written}\r\n".encode()
        plain = read_plain_get(octets)
        self.assertEqual(plain is not None, not set(lines) & set(SAID))
        if plain is not None:
            reader = RequestReader(ReaderLimits(head=1000, line=1000))
            reader.receive(octets)
            head = reader.next()
            assert isinstance(head, RequestHead)
            target = parse_target(head.method, head.target, head.host)
            self.assertTrue(read_facts(head, target, POLICY).plain)


class PlainUntil(SynchronousTestCase):
    def until(self, *lines: str, policy: CachingPolicy = POLICY, request: Ask | None = None) -> float:
        return plain_until(stored(*dated(*lines), policy=policy, request=request), policy)

    def test_what_is_fresh_for_everyone_is_served_plainly_until_its_lifetime_ends(self) -> None:
        self.assertEqual(self.until("Cache-Control: max-age=100"), NOW + 100)
        self.assertEqual(self.until("Cache-Control: max-age=100", "Age: 30"), NOW + 70)
        self.assertEqual(self.until(), NOW + 3600)
        self.assertEqual(self.until("Content-Type: text/html", request=ask("Accept: x")), NOW + 3600)

    def test_nothing_is_where_chance_decides_or_the_host_is_looked_up_first(self) -> None:
        for policy in (CachingPolicy(fuzz_probability=0.1), CachingPolicy(doc_in_cache_skip_dns=False)):
            self.assertEqual(self.until("Cache-Control: max-age=100", policy=policy), 0.0)

    def test_what_varies_or_has_to_be_confirmed_or_is_stale_never_is(self) -> None:
        for line in ("Vary: Accept", "Cache-Control: no-cache", "Cache-Control: max-age=0"):
            self.assertEqual(self.until(line, 'ETag: "a"'), 0.0, line)
        policy = CachingPolicy(post_method=True)
        post = ask(method="POST", policy=policy)
        self.assertEqual(self.until("Cache-Control: public", policy=policy, request=post), 0.0)

    def test_no_cache_that_is_ignored_counts_for_nothing(self) -> None:
        policy = CachingPolicy(ignore_server_no_cache=True)
        self.assertEqual(self.until("Cache-Control: no-cache, max-age=9", policy=policy), NOW + 9)

    def test_rules_of_cache_config_set_its_end_or_forbid_it(self) -> None:
        line = "Cache-Control: max-age=100, no-cache"
        forced = CachingPolicy(ttl_in_cache=30)
        self.assertEqual(self.until(line, "Age: 50", policy=forced), NOW + 30)
        kept = stored(*dated("Cache-Control: max-age=100"))
        for policy, until in (
            (CachingPolicy(never_cache=True), 0.0), (CachingPolicy(revalidate_after=10.0), NOW + 10),
            (CachingPolicy(revalidate_after=1000.0), NOW + 100), (CachingPolicy(revalidate_after=0.0), 0.0),
        ):  # fmt: skip
            self.assertEqual(plain_until(kept, policy), until, policy)

    def test_without_a_cache_nothing_is_served_whenever_it_was_stored(self) -> None:
        self.assertEqual(plain_until(stored(*dated("Cache-Control: max-age=9")), CachingPolicy(http=False)), 0.0)

    def test_when_to_revalidate_may_forbid_it_or_make_it_endless(self) -> None:
        for mode, stated, guessed in (
            (0, NOW + 100, NOW + 3600),
            (1, NOW + 100, 0.0),
            (2, 0.0, 0.0),
            (3, inf, inf),
            (4, NOW + 100, NOW + 3600),
        ):
            policy = CachingPolicy(when_to_revalidate=mode)
            self.assertEqual(self.until("Cache-Control: max-age=100", policy=policy), stated, mode)
            self.assertEqual(self.until(policy=policy), guessed, mode)


def expected(alternate: Alternate, now: float, content: bytes) -> bytes:
    age = max(0, int(now - alternate.terms.birth))
    return b"%bContent-Length: %d\r\nVia: x\r\nAge: %d\r\n\r\n%b" % (alternate.head, len(content), age, content)


class Octets(SynchronousTestCase):
    def test_they_are_the_head_the_framing_via_age_and_the_content(self) -> None:
        rendering = Rendering(stored(*dated("X: y")), b"hello", b"Via: x\r\n", True)
        self.assertEqual(
            rendering.octets_at(NOW + 7.9),
            f"HTTP/1.1 200 OK\r\nDate: {moment(0)}\r\nX: y\r\n"
            "Content-Length: 5\r\nVia: x\r\nAge: 7\r\n\r\nhello".encode(),
        )

    def test_within_a_second_of_age_they_are_not_made_anew(self) -> None:
        rendering = Rendering(stored(*dated()), b"hello", b"", True)
        self.assertIs(rendering.octets_at(NOW + 7.1), rendering.octets_at(NOW + 7.9))
        self.assertNotEqual(rendering.octets_at(NOW + 7.9), rendering.octets_at(NOW + 8))

    def test_without_age_they_never_change(self) -> None:
        rendering = Rendering(stored(*dated()), b"", b"", False)
        octets = rendering.octets_at(NOW)
        self.assertNotIn(b"Age", octets)
        self.assertIs(rendering.octets_at(NOW + 10**6), octets)

    def test_how_long_it_is_fresh_counts_down_as_its_age_counts_up(self) -> None:
        for insert_age, age in ((True, b"Age: 7\r\n"), (False, b"")):
            rendering = Rendering(stored(*dated()), b"", b"", insert_age, b"Cache-Status: x; hit; ttl=", 60.0)
            for now, ttl in ((7.0, 53), (7.9, 53)):
                octets = rendering.octets_at(NOW + now)
                self.assertTrue(octets.endswith(b"%bCache-Status: x; hit; ttl=%d\r\n\r\n" % (age, ttl)), octets)
            self.assertIn(b"ttl=-1\r\n", rendering.octets_at(NOW + 61))

    def test_content_that_goes_by_itself_is_only_announced(self) -> None:
        octets = Rendering(stored(*dated()), None, b"", False).octets_at(NOW)
        self.assertTrue(octets.endswith(b"Content-Length: 10\r\n\r\n"))

    def test_a_status_without_content_has_no_length(self) -> None:
        """RFC 9110 §8.6."""
        alternate = stored(*dated("Cache-Control: max-age=9"), status=204)
        self.assertNotIn(b"Content-Length", Rendering(alternate, b"", b"", True).octets_at(NOW))

    @given(lists(floats(NOW - 10, NOW + 100), min_size=1, max_size=8), sampled_from(["Age: 0", "Age: 30"]))
    def test_whatever_was_rendered_before_they_are_right_for_now(self, times: list[float], age: str) -> None:
        alternate = stored(*dated(age), request_time=NOW + 0.25, response_time=NOW + 0.5)
        rendering = Rendering(alternate, b"hello", b"Via: x\r\n", True)
        for now in times:
            self.assertEqual(rendering.octets_at(now), expected(alternate, now, b"hello"))
