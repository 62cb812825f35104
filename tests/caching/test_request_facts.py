"""What a request says about caching."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import URL, ask
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import NotLookupable
from tsnode.semantics.cache_control import SILENT

HARMLESS = ("Host: a.example", "Accept: */*", "User-Agent: x", "Accept-Encoding: gzip", "Via: 1.1 x")
TELLING = (
    "Authorization: x", "Cache-Control: no-cache", "Cookie: x", "If-Match: x", "If-Modified-Since: x",
    "If-None-Match: x", "If-Range: x", "If-Unmodified-Since: x", "Pragma: x", "Range: bytes=0-1",
)  # fmt: skip


class Plain(SynchronousTestCase):
    @given(lists(sampled_from(HARMLESS)))
    def test_a_get_that_says_nothing_about_caching_is_plain(self, lines: list[str]) -> None:
        facts = ask(*lines).facts
        self.assertTrue(facts.plain)
        self.assertTrue(facts.lookupable and facts.permits_lookup and facts.permits_storing)
        self.assertFalse(facts.conditional or facts.has_authorization or facts.has_cookie or facts.only_if_cached)
        self.assertEqual((facts.said, facts.range, facts.if_range), (SILENT, None, None))

    @given(lists(sampled_from(HARMLESS)), sampled_from(TELLING))
    def test_one_field_that_says_something_makes_it_another(self, lines: list[str], telling: str) -> None:
        self.assertFalse(ask(*lines, telling).facts.plain)
        self.assertFalse(ask(telling.upper(), *lines).facts.plain)

    def test_no_other_method_is_plain(self) -> None:
        for method in ("HEAD", "POST", "OPTIONS"):
            self.assertFalse(ask(method=method).facts.plain, method)


class Key(SynchronousTestCase):
    def test_it_is_the_url_after_mapping_and_the_generation_if_one_is_set(self) -> None:
        facts = ask(url="http://A.example:80/x?y").facts
        self.assertEqual((facts.url, facts.key), (b"http://a.example/x?y", b"http://a.example/x?y"))
        self.assertEqual(ask(policy=CachingPolicy(generation=7)).facts.key, b"7 " + URL.encode())

    def test_every_method_has_the_same(self) -> None:
        self.assertEqual(ask(method="HEAD").facts.key, ask(method="DELETE").facts.key)


class Lookup(SynchronousTestCase):
    """Order of work for a request, step 6."""

    def test_caching_can_be_switched_off(self) -> None:
        self.assertIs(ask(policy=CachingPolicy(http=False)).facts.bypass, NotLookupable.CACHING_IS_OFF)

    def test_seven_methods_look_at_the_cache(self) -> None:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PURGE", "PUSH"):
            self.assertTrue(ask(method=method).facts.lookupable, method)
        for method in ("OPTIONS", "TRACE", "PATCH", "get", "BREW"):
            facts = ask(method=method).facts
            self.assertFalse(facts.lookupable, method)
            self.assertIs(facts.bypass, NotLookupable.METHOD, method)

    def test_what_looks_dynamic_is_looked_up_unless_the_switch_says_otherwise(self) -> None:
        """Case 22."""
        policy = CachingPolicy(cache_urls_that_look_dynamic=False)
        self.assertTrue(ask(url=URL + "?y").facts.lookupable)
        self.assertIs(ask(url=URL + "?y", policy=policy).facts.bypass, NotLookupable.DYNAMIC)
        self.assertTrue(ask(policy=policy).facts.lookupable)

    def test_max_forwards_of_0_asks_about_this_node(self) -> None:
        policy = CachingPolicy(cache_urls_that_look_dynamic=False)
        self.assertTrue(ask("Max-Forwards: 0", url=URL + "?y", policy=policy).facts.lookupable)
        self.assertFalse(ask("Max-Forwards: 1", url=URL + "?y", policy=policy).facts.lookupable)

    def test_ranges_can_be_kept_away(self) -> None:
        self.assertTrue(ask("Range: bytes=0-1").facts.lookupable)
        kept_away = ask("Range: bytes=0-1", policy=CachingPolicy(range_lookup=False))
        self.assertIs(kept_away.facts.bypass, NotLookupable.RANGE)
        self.assertTrue(ask(policy=CachingPolicy(range_lookup=False)).facts.lookupable)


class ByRules(SynchronousTestCase):
    """Traffic Server, cache.config."""

    def test_never_cache_passes_the_cache_by(self) -> None:
        self.assertIs(ask(policy=CachingPolicy(never_cache=True)).facts.bypass, NotLookupable.NEVER_CACHE)

    def test_ttl_in_cache_has_urls_that_look_dynamic_looked_up(self) -> None:
        policy = CachingPolicy(cache_urls_that_look_dynamic=False, ttl_in_cache=60)
        self.assertIsNone(ask(url=URL + "?y", policy=policy).facts.bypass)


class Directives(SynchronousTestCase):
    """RFC 9111 §5.2.1, and the switches on it."""

    def test_no_cache_and_its_old_form_ask_for_a_new_answer(self) -> None:
        for line in ("Cache-Control: no-cache", "Pragma: no-cache", "Cache-Control: max-age=5, NO-CACHE",
                     'Cache-Control: no-cache="x"'):
            facts = ask(line).facts
            self.assertFalse(facts.permits_lookup, line)
            self.assertTrue(facts.permits_storing, line)
        self.assertFalse(ask("Cache-Control: max-age=5", "Pragma: no-cache").facts.permits_lookup)
        self.assertTrue(ask("Pragma: x").facts.permits_lookup)

    def test_no_store_keeps_the_answer_out_but_not_the_look(self) -> None:
        facts = ask("Cache-Control: no-store").facts
        self.assertFalse(facts.permits_storing)
        self.assertTrue(facts.permits_lookup)

    def test_no_cache_and_no_store_are_ignored_together(self) -> None:
        policy = CachingPolicy(ignore_client_no_cache=True)
        facts = ask("Cache-Control: no-cache, no-store, max-age=5", "Pragma: no-cache", policy=policy).facts
        self.assertTrue(facts.permits_lookup and facts.permits_storing)
        self.assertEqual(facts.said.max_age, 5)

    def test_limits_are_taken_over(self) -> None:
        said = ask("Cache-Control: max-age=5, min-fresh=6, max-stale, only-if-cached").facts.said
        self.assertEqual((said.max_age, said.min_fresh, said.max_stale), (5, 6, inf))
        self.assertTrue(ask("Cache-Control: only-if-cached").facts.only_if_cached)

    def test_only_max_age_can_be_ignored_among_the_limits(self) -> None:
        """Case 10."""
        policy = CachingPolicy(ignore_client_cc_max_age=True)
        said = ask("Cache-Control: max-age=5, min-fresh=6, max-stale=7", policy=policy).facts.said
        self.assertEqual((said.max_age, said.min_fresh, said.max_stale), (None, 6, 7))


class Others(SynchronousTestCase):
    def test_credentials_cookies_ranges_and_conditions_are_noted(self) -> None:
        self.assertTrue(ask("Authorization: x").facts.has_authorization)
        self.assertTrue(ask("Cookie: x").facts.has_cookie)
        facts = ask("Range: bytes=0-1", 'If-Range: "a"').facts
        self.assertEqual((facts.range, facts.if_range, facts.conditional), (b"bytes=0-1", b'"a"', False))
        for name in ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"):
            self.assertTrue(ask(f"{name}: x").facts.conditional, name)

    def test_head_is_known(self) -> None:
        self.assertTrue(ask(method="HEAD").facts.is_head)
        self.assertFalse(ask().facts.is_head)

    def test_a_method_that_nobody_knows_is_unsafe(self) -> None:
        """RFC 9111 §4.4."""
        for method in ("POST", "PUT", "DELETE", "PATCH", "BREW", "get"):
            self.assertTrue(ask(method=method).facts.unsafe, method)
        for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "PURGE", "PUSH"):
            self.assertFalse(ask(method=method).facts.unsafe, method)
