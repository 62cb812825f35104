"""Answers to POST."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, URL, answer, ask, dated, moment, settle
from tsnode.caching.directives import directives_of
from tsnode.caching.invalidation import keys_to_invalidate
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.posting import stored_method
from tsnode.caching.reuse import Serve, decide_reuse
from tsnode.caching.storing import DoNotStore, NotStorable, Store
from tsnode.model.target import parse_target

LIFETIME = "Cache-Control: max-age=60"
ITSELF = "Content-Location: /x"
DEFAULT = CachingPolicy()


def method(
    *lines: str, asked: str = "POST", url: str = URL, status: int = 200, policy: CachingPolicy = DEFAULT
) -> bytes | None:
    """The method that an answer with these lines is stored for."""
    facts = ask(method=asked, url=url, policy=policy).facts
    fields = answer(*lines).fields
    return stored_method(facts, status, fields, directives_of(fields, policy), policy)


class Posting(SynchronousTestCase):
    """RFC 9110 §9.3.3."""

    def test_one_that_is_what_is_at_the_url_is_stored_as_an_answer_to_get(self) -> None:
        for location in ("/x", URL, "x", "//a.example/x", "HTTP://A.example:80/x#part", "../y/../x"):
            self.assertEqual(method(LIFETIME, f"Content-Location: {location}"), b"GET", location)
        for line in (f"Expires: {moment(9)}", "Cache-Control: s-maxage=5", "CDN-Cache-Control: max-age=5"):
            self.assertEqual(method(line, ITSELF), b"GET", line)
        self.assertEqual(method(LIFETIME, "Content-Location: ?a=1", url=f"{URL}?a=1"), b"GET")

    def test_one_that_is_about_something_else_is_not(self) -> None:
        for location in ("/y", "/x?a", "http://b.example/x", "https://a.example/x", "http://a.example:8080/x", "a:b"):
            self.assertIsNone(method(LIFETIME, f"Content-Location: {location}"), location)
        self.assertIsNone(method(LIFETIME, ITSELF, "Content-Location: /y"))
        self.assertIsNone(method(LIFETIME))

    def test_one_without_a_stated_lifetime_is_not(self) -> None:
        for line in ("X: y", "Cache-Control: public", f"Last-Modified: {moment(-9)}"):
            self.assertIsNone(method(line, ITSELF), line)
        self.assertIsNone(method(f"Expires: {moment(9)}", "CDN-Cache-Control: x", ITSELF))

    def test_one_of_another_status_is_not(self) -> None:
        for status in (201, 204, 303, 404, 500):
            self.assertIsNone(method(LIFETIME, ITSELF, status=status), status)

    def test_where_answers_to_post_are_stored_for_post_this_one_is_too(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.post_method``."""
        policy = CachingPolicy(post_method=True)
        for lines in ((), (LIFETIME,), (LIFETIME, ITSELF)):
            self.assertEqual(method(*lines, policy=policy), b"POST", lines)

    def test_other_methods_have_no_such_answer(self) -> None:
        self.assertEqual(method(asked="GET"), b"GET")
        for other in ("HEAD", "PUT", "DELETE", "PATCH"):
            self.assertIsNone(method(LIFETIME, ITSELF, asked=other), other)

    def test_whoever_gets_it_then_is_served_it(self) -> None:
        storing = settle(*dated(LIFETIME, ITSELF), request=ask(method="POST"))
        assert isinstance(storing, Store)
        for again in ("GET", "HEAD"):
            asked = ask(method=again)
            reuse = decide_reuse(asked.facts, asked.head, [storing.alternate], NOW + 5, DEFAULT)
            self.assertEqual(reuse, Serve(storing.alternate, 5), again)

    def test_what_keeps_others_out_keeps_it_out(self) -> None:
        for lines, request, because in (
            (("Cache-Control: private, max-age=9", ITSELF), (), NotStorable.FORBIDDEN),
            ((LIFETIME, ITSELF), ("Cache-Control: no-store",), NotStorable.CLIENT),
            ((LIFETIME, ITSELF), ("Authorization: x",), NotStorable.AUTHORIZATION),
            ((LIFETIME,), (), NotStorable.METHOD),
        ):
            storing = settle(*dated(*lines), request=ask(*request, method="POST"))
            self.assertEqual(storing, DoNotStore(because), (lines, request))

    def test_it_changes_what_is_stored_like_any_other_answer_to_post(self) -> None:
        asked = ask(method="POST")
        target = parse_target(b"POST", URL.encode(), b"")
        self.assertEqual(
            keys_to_invalidate(asked.facts, target, answer(LIFETIME, ITSELF), DEFAULT), (asked.facts.key,)
        )
