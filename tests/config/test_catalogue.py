"""What a row says about values."""

from __future__ import annotations

import contextlib
import math

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.catalogue import Decimal, Integer, Text, Topic, catalogue, flag, record
from tsnode.config.cursor import Span
from tsnode.model.errors import ConfigError, Place


def span(text: str) -> Span:
    return Span(text, Place("f", 1, 1, text))


class Integers(SynchronousTestCase):
    def test_digits_factors_and_hexadecimals_are_read(self) -> None:
        """Traffic Server, RecUtils.cc."""
        for text, number in (
            ("0", 0), ("-1", -1), ("64K", 65536), ("2M", 2 << 20), ("3G", 3 << 30), ("1T", 1 << 40), ("-2K", -2048),
            ("0x482", 1154), ("0xfF", 255), ("007", 7), ("9223372036854775807", 2**63 - 1),
        ):  # fmt: skip
            self.assertEqual(Integer().parse(span(text)), number, text)

    def test_what_is_no_whole_number_is_an_error(self) -> None:
        """Traffic Server takes 1h for 1 and abc for 0, which nobody means."""
        for text in ("abc", "1h", "1.5", "1k", "0x", "0x1K", "-0x1", "+1", "- 1", "1 K", "٣", "NULL", "0xg"):
            self.assertRaises(ConfigError, Integer().parse, span(text))

    def test_what_does_not_fit_into_64_bits_is_an_error(self) -> None:
        for text in ("9223372036854775808", "9" * 5000, "9999999999T", "0x" + "f" * 16, "0x" + "f" * 5000):
            fault = self.assertRaises(ConfigError, Integer().parse, span(text))
            self.assertIn("too large", str(fault))

    @given(st.integers(1 - 2**53, 2**53 - 1), st.sampled_from(["", "K"]))
    def test_a_number_is_itself_whatever_its_factor(self, number: int, factor: str) -> None:
        self.assertEqual(Integer().parse(span(f"{number}{factor}")), number * (1024 if factor else 1))

    @given(st.text("0123456789-+xKMGTabcdef. ", max_size=12))
    def test_any_text_is_a_number_or_refused(self, text: str) -> None:
        with contextlib.suppress(ConfigError):
            self.assertIsInstance(Integer().parse(span(text)), int)

    def test_both_ends_of_a_range_belong_to_it(self) -> None:
        self.assertEqual([number for number in range(-9, 9) if Integer(-2, 3).admits(number)], [-2, -1, 0, 1, 2, 3])
        self.assertTrue(Integer().admits(-(10**9)) and Integer(0).admits(10**9))

    def test_a_range_is_told_in_words(self) -> None:
        for domain, words in (
            (Integer(), ""), (Integer(unit="s"), "s"), (Integer(0), "0 or more"), (Integer(0, unit="s"), "0 or more s"),
            (Integer(1, 9, "octets"), "1 to 9 octets"), (flag(), "0 off, 1 on"),
            (Integer(2, 3, meanings=("b", "c")), "2 b, 3 c"),
        ):  # fmt: skip
            self.assertEqual(domain.range, words)


class Decimals(SynchronousTestCase):
    def test_decimal_numbers_are_read(self) -> None:
        for text, number in (("0.1", 0.1), ("1", 1.0), ("-2.", -2.0), (".5", 0.5), ("1e-2", 0.01)):
            self.assertEqual(Decimal(0, 1).parse(span(text)), number)

    def test_everything_else_is_an_error(self) -> None:
        for text in ("", ".", "x", "1,5", "nan", "inf", "1e999", "0x1", "1_0", "1 "):
            self.assertRaises(ConfigError, Decimal(0, 1).parse, span(text))

    def test_the_range_has_both_ends(self) -> None:
        self.assertEqual([Decimal(0, 1).admits(value) for value in (-0.1, 0.0, 1.0, 1.1)], [False, True, True, False])
        self.assertEqual(Decimal(0, 1).range, "0 to 1")

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_a_written_number_reads_as_itself(self, number: float) -> None:
        self.assertEqual(Decimal(-math.inf, math.inf).parse(span(repr(number))), number)


class Texts(SynchronousTestCase):
    def test_a_text_is_kept_as_it_stands(self) -> None:
        self.assertEqual(Text().parse(span('a "b"  c')), 'a "b"  c')

    def test_null_is_no_text(self) -> None:
        self.assertIsNone(Text().parse(span("NULL")))
        self.assertEqual(Text().parse(span("null")), "null")
        self.assertEqual([Text().admits(None), Text(optional=True).admits(None)], [False, True])

    def test_all_of_it_has_the_form_that_is_wanted(self) -> None:
        self.assertEqual([Text("a+").admits(text) for text in ("a", "aa", "ab", "")], [True, True, False, False])

    def test_control_characters_are_not_for_variables(self) -> None:
        self.assertEqual([Text().admits(text) for text in ("a\tb", "a\x1bb", "ä")], [True, False, True])


class Rows(SynchronousTestCase):
    def test_a_row_knows_its_variable(self) -> None:
        row = record("http.x-y", flag(), default=1, text="A thing.")
        self.assertEqual((row.name, row.environment_name), ("proxy.config.http.x-y", "PROXY_CONFIG_HTTP_X-Y"))
        self.assertEqual((row.effective, row.overridable), (True, False))

    def test_a_catalogue_has_the_rows_of_all_topics(self) -> None:
        first, second = (record(name, flag(), default=0, text="A thing.") for name in ("a", "b"))
        known = catalogue([Topic("One", (first,)), Topic("Two", (second,))])
        self.assertEqual(dict(known), {"proxy.config.a": first, "proxy.config.b": second})
