"""Pairs of labels and values."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.cursor import Span
from tsnode.config.matcher_pairs import MOST_PAIRS, read_pairs
from tsnode.model.errors import ConfigError, Place
from tsnode.testing.config_rules import render_value


def pairs(text: str) -> list[tuple[str, str]]:
    return [(pair.label, pair.value) for pair in read_pairs(Span(text, Place("p", 1, 1, text)))]


class Pairs(SynchronousTestCase):
    def fault(self, text: str) -> tuple[int, str]:
        fault = self.assertRaises(ConfigError, pairs, text)
        assert isinstance(fault, ConfigError)
        return fault.place.column, fault.problem

    def test_blanks_and_tabs_stand_between_pairs_though_none_is_needed_behind_quotes(self) -> None:
        expected = [("a", "1"), ("b", "2 3"), ("c", "")]
        for text in ('a=1 b="2 3" c=""', 'a="1"b="2 3"c=""', 'a=1\t \tb="2 3"\tc=""'):
            self.assertEqual(pairs(text), expected)

    def test_a_backslash_in_front_is_dropped_and_others_stay(self) -> None:
        """Traffic Server, ``src/tscore/MatcherUtils.cc``."""
        for text, value in ((r"\s", "s"), (r"a\.b", r"a\.b"), (r"\\d", r"\d"), (r"\"x", '"x'), ('x"y', 'x"y')):
            self.assertEqual(pairs(f"a={text} b=1"), [("a", value), ("b", "1")])

    def test_a_backslash_in_quotes_makes_what_is_behind_it_ordinary(self) -> None:
        for text, value in ((r'"\\s"', r"\s"), (r'"a\"b"', 'a"b'), (r'"q2\.test"', "q2.test"), ('"é"', "é")):
            self.assertEqual(pairs(f"a={text}b=1"), [("a", value), ("b", "1")])

    def test_what_is_no_pair_is_marked(self) -> None:
        for text, fault in (
            ("a", (1, "'a' is no pair")), ("a=1 b", (5, "'b' is no pair")), ("a =1", (1, "'a' is no pair")),
            ("a= 1", (3, "a has no value")), ("a=", (3, "a has no value")), ("a=\\", (3, "a has no value")),
            ("=1", (1, "there is no label before =")), ('a="1', (3, "this quotation mark has no other")),
            ('a="1\\', (3, "this quotation mark has no other")), ("a=x\\1", (4, "a digit behind a backslash")),
            ("a=xé", (4, "'é' is not ASCII")), ("a=1 # b=2", (5, "a comment behind a rule is no comment")),
        ):  # fmt: skip
            self.assertEqual(self.fault(text), fault, text)

    def test_there_are_forty_pairs_at_most(self) -> None:
        self.assertEqual(len(pairs("a=1 " * (MOST_PAIRS - 1) + "a=1")), 40)
        self.assertEqual(self.fault("a=1 " * 41), (161, "there are more than 40 pairs"))

    def test_a_long_line_is_given_up_soon(self) -> None:
        self.assertEqual(self.fault("a=1 " * 300_000)[0], 161)
        self.assertEqual(len(pairs("a=" + "x" * 1_000_000)[0][1]), 1_000_000)
        self.assertEqual(self.fault('a="' + "x" * 1_000_000)[0], 3)

    def test_places_inside_of_a_value_count_the_backslashes(self) -> None:
        text = r'a="\\d\"(x"'
        line = Span(text, Place("p", 1, 1, text))
        (pair,) = read_pairs(line)
        value = pair.span(line)
        self.assertEqual(value.text, r'\d"(x')
        columns = [pair.shift(value.part(at).error("x"), value).place.column for at in range(5)]
        self.assertEqual([text[column - 1] for column in columns], ["\\", "d", '"', "(", "x"])

    @given(st.lists(st.text(st.characters(exclude_characters="\n"), max_size=8), min_size=1, max_size=5), st.booleans())
    def test_what_was_written_is_read(self, values: list[str], quoted: bool) -> None:
        text = " ".join(f"a={render_value(value, quoted=quoted)}" for value in values)
        self.assertEqual(pairs(text), [("a", value) for value in values])

    @given(st.text('ab= \t"\\1é#', max_size=30))
    def test_any_line_is_read_or_refused(self, text: str) -> None:
        with contextlib.suppress(ConfigError):
            pairs(text)
