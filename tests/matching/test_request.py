"""A request as rules see it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.matching.request import RuleRequest, decode_url, path_component, see_request
from tsnode.model.addresses import Address
from tsnode.model.target import Target, make_target


def see(target: Target, url: bytes = b"") -> RuleRequest:
    return see_request(target, method=b"get", client="192.0.2.1", url=url)


class Seeing(SynchronousTestCase):
    def test_a_path_is_taken_up_to_its_parameters_and_without_leading_slashes(self) -> None:
        """Traffic Server, ``proxy/hdrs/URL.cc``."""
        for path, component in (("/a/b.gif", "a/b.gif"), ("//a;v=1/c?x", "a"), ("/?x", ""), ("/a#b", "a"), ("", "")):
            self.assertEqual(path_component(path), component)

    def test_urls_are_decoded_once_and_a_plus_is_a_blank(self) -> None:
        """Traffic Server, ``src/tscore/MatcherUtils.cc``."""
        for url, decoded in (
            (b"http://h/a%20b+c", "http://h/a b c"), (b"http://h/%2541", "http://h/%41"), (b"http://h/%zz", "http://h/%zz"),
            (b"http://h/%C3%A9", "http://h/é"), (b"http://h/", "http://h/"),
        ):  # fmt: skip
            self.assertEqual(decode_url(url), decoded)

    def test_expressions_see_the_url_as_it_is_written(self) -> None:
        seen = see(make_target(b"http", b"rx.test", 80, b"/a"), b"http://RX.test:80/a")
        self.assertEqual((seen.url, seen.host), ("http://RX.test:80/a", "RX.test"))

    def test_without_it_they_see_the_canonical_one(self) -> None:
        seen = see(make_target(b"http", b"rx.test", 80, b"/a"))
        self.assertEqual((seen.url, seen.host, seen.method), ("http://rx.test/a", "rx.test", b"GET"))

    def test_a_url_for_another_host_says_nothing_about_this_one(self) -> None:
        self.assertEqual(see(make_target(b"http", b"rx.test", 80, b"/a"), b"http://OTHER/").host, "rx.test")

    def test_a_literal_is_its_own_address_and_a_name_has_none_that_nobody_looks_up(self) -> None:
        self.assertEqual(see(make_target(b"http", b"[::1]", 80, b"/")).lookup(), Address(6, 1))
        self.assertEqual(see(make_target(b"http", b"[::1]", 80, b"/")).host, "::1")
        self.assertIsNone(see(make_target(b"http", b"a", 80, b"/")).lookup())

    @given(st.binary(max_size=20))
    def test_any_octets_can_be_seen(self, octets: bytes) -> None:
        self.assertIsInstance(see(make_target(b"http", b"h", 80, b"/" + octets)).path, str)
