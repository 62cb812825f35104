"""The conditions of log filters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.cursor import Span
from tsnode.config.log_filter import Condition, parse_condition
from tsnode.config.reading import Reading
from tsnode.config.yaml_nodes import Scalar
from tsnode.model.errors import Place
from tsnode.model.log_formats import FilterOperator, LogField


def parse(text: str) -> Reading[Condition | None]:
    return parse_condition(Scalar(Span(text, Place("l", 1, 1, text)), text.split("\n"), 0))


class Conditions(Messages):
    def condition(self, text: str) -> Condition:
        reading = parse(text)
        self.assert_found(reading.errors + reading.warnings, [])
        assert reading.value is not None
        return reading.value

    def test_a_field_is_compared_with_values(self) -> None:
        expected = Condition(LogField(symbol="cqhm"), FilterOperator.MATCH, ("GET", "HEAD"))
        for text in ("cqhm MATCH GET,HEAD", "%<cqhm>  match   GET,HEAD", "cqhm Match GET,,HEAD,"):
            self.assertEqual(self.condition(text), expected)

    def test_values_may_have_blanks(self) -> None:
        self.assertEqual(self.condition("{User-Agent}cqh CONTAIN a b,c").values, ("a b", "c"))

    def test_numbers_may_be_known_by_their_words(self) -> None:
        self.assertEqual(self.condition("crc MATCH TCP_HIT,3").values, ("TCP_HIT", "3"))

    def test_addresses_may_be_ranges(self) -> None:
        self.assertEqual(self.condition("chi MATCH 10.0.0.0-10.255.255.255,::1").values[0], "10.0.0.0-10.255.255.255")


class Faults(Messages):
    def test_each_is_told_at_its_column_with_what_was_expected(self) -> None:
        for text, place, problem, expected in (
            ("", 1, "a field is missing", "a field, an operator and a value"),
            ("cqhm", 1, "an operator is missing", "a field, an operator and a value"),
            ("cqhm MATCH", 1, "a value is missing", "a field, an operator and a value"),
            ("cqhmm MATCH x", 1, "unknown field 'cqhmm'", "cqhm"),
            ("%<cqhmm> MATCH x", 3, "unknown field 'cqhmm'", "cqhm"),
            ("SUM(psql) MATCH 1", 1, "a condition is about one transaction", "psql"),
            ("cqhm MATHC x", 6, "unknown operator 'MATHC'", "MATCH"),
            ("cqhm = x", 6, "unknown operator '='", "MATCH, CASE_INSENSITIVE_MATCH, CONTAIN, CASE_INSENSITIVE_CONTAIN"),
            ("cqhm MATCH ,", 12, "a value is missing", "values with commas between them"),
            ("chi MATCH 10.0.0.0/8", 11, "'10.0.0.0/8' is no address", "an address, or first-last"),
            ("chi MATCH ::1,x", 15, "'x' is no address", "an address, or first-last"),
            ("crc MATCH TCP_HITT", 11, "crc is never 'TCP_HITT'", "TCP_HIT"),
            ("crc MATCH x", 11, "crc is never 'x'", "a code of that field"),
        ):
            reading = parse(text)
            self.assert_found(reading.errors, [(f"l:1:{place}", problem, expected)])
            self.assertIsNone(reading.value)

    def test_a_number_that_is_compared_with_a_word_is_told(self) -> None:
        """The example of Traffic Server's manual, which can never be true."""
        reading = parse("pssc MATCH REFRESH_HIT")
        self.assert_found(reading.errors, [])
        self.assert_found(reading.warnings, [("l:1:12", "pssc is a number and never 'REFRESH_HIT'", "digits")])
        self.assertEqual(len(parse("{TS_MILESTONE_SM_START}ms MATCH x").warnings), 1)

    @given(st.text("cqhm MATCHi,1-%<>{}", max_size=30))
    def test_any_text_is_read_and_every_fault_is_marked(self, text: str) -> None:
        self.assert_marked(parse(text).errors, text)
