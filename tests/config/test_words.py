"""Methods and ranges as they are written in rules."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.cursor import Span
from tsnode.config.words import nearest, read_method, read_range
from tsnode.model.errors import ConfigError, Place


def span(text: str) -> Span:
    return Span(text, Place("f", 1, 1, text))


class Words(SynchronousTestCase):
    def test_methods_are_meant_in_capitals(self) -> None:
        self.assertEqual(read_method(span("purge")), b"PURGE")

    def test_a_method_is_a_token(self) -> None:
        """RFC 9110 §9.1"""
        for text in ("", "GET,PUT", "G T", "é"):
            self.assertRaises(ConfigError, read_method, span(text))

    def test_a_range_is_read_or_refused(self) -> None:
        self.assertEqual(str(read_range(span("10.0.0.0/8"))), "10.0.0.0-10.255.255.255")
        fault = self.assertRaises(ConfigError, read_range, span("10/8"))
        self.assertEqual(str(fault), "f:1:1: '10/8' is no range of addresses\n  10/8\n  ^ expected a, a-b or a/bits")


class Misspellings(SynchronousTestCase):
    def test_the_nearest_known_word_is_named(self) -> None:
        self.assertEqual(nearest("parnet", ["parent", "port", "prefix"]), "parent")

    def test_nothing_is_named_where_nothing_is_like_it(self) -> None:
        for word in ("", "zzz", "parent" * 30, "p" * 1_000_000):
            self.assertEqual(nearest(word, ["parent", "p" * 200]), "")

    def test_what_all_begin_with_makes_no_words_alike(self) -> None:
        self.assertEqual(nearest("proxy.config.z", ["proxy.config.a", "proxy.config.b"], "proxy.config."), "")
        self.assertEqual(nearest("proxy.config.sise", ["proxy.config.size"], "proxy.config."), "proxy.config.size")
