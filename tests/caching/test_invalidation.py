"""Requests that change things, and what they make of what is stored."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import POLICY, answer, ask
from tsnode.caching.invalidation import keys_to_invalidate
from tsnode.caching.policy import CachingPolicy
from tsnode.model.target import parse_target

URL = "http://a.example/b/c?d"


def keys(*lines: str, method: str = "POST", status: int = 200, policy: CachingPolicy = POLICY) -> tuple[bytes, ...]:
    target = parse_target(b"GET", URL.encode(), b"")
    facts = ask(method=method, url=URL, policy=policy).facts
    return keys_to_invalidate(facts, target, answer(*lines, status=status), policy)


class Invalidation(SynchronousTestCase):
    """RFC 9111 §4.4; case 42."""

    def test_a_method_that_is_not_safe_or_not_known_invalidates_what_it_is_for(self) -> None:
        for method in ("POST", "PUT", "DELETE", "PATCH", "BREW"):
            for status in (200, 201, 204, 303, 399):
                self.assertEqual(keys(method=method, status=status), (URL.encode(),), (method, status))

    def test_a_safe_one_invalidates_nothing(self) -> None:
        for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND"):
            self.assertEqual(keys("Location: /z", method=method), (), method)

    def test_an_error_invalidates_nothing(self) -> None:
        for status in (101, 400, 404, 500, 503):
            self.assertEqual(keys("Location: /z", status=status), (), status)

    def test_what_the_answer_names_is_invalidated_too(self) -> None:
        named = keys("Location: e", "Content-Location: http://A.example:80/f/../g#h", status=201)
        self.assertEqual(named, (URL.encode(), b"http://a.example/b/e", b"http://a.example/g"))

    def test_what_is_named_twice_is_invalidated_once(self) -> None:
        self.assertEqual(keys("Location: c?d", "Content-Location: " + URL), (URL.encode(),))

    def test_what_belongs_to_others_is_left_alone(self) -> None:
        for line in (
            "Location: http://b.example/b/c", "Location: https://a.example/x", "Content-Location: //a.example:81/",
            "Location: mailto:x", "Location: http://[/",
        ):  # fmt: skip
            self.assertEqual(keys(line), (URL.encode(),), line)

    def test_keys_are_those_of_the_generation(self) -> None:
        policy = CachingPolicy(generation=3)
        self.assertEqual(keys("Location: /e", policy=policy), (b"3 " + URL.encode(), b"3 http://a.example/e"))
