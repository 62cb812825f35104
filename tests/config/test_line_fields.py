"""Lines of fields."""

from __future__ import annotations

from tests.config.shape import Messages
from tsnode.config.cursor import Span
from tsnode.config.grammar import Label, Tag
from tsnode.config.line_fields import Fields, read_number
from tsnode.config.reading import Findings
from tsnode.model.errors import ConfigError, Place


def label(name: str, *, repeats: bool = False) -> Label[int]:
    tag = Tag(name, "", "", "", f"{name}=1")
    return Label(tag, lambda value: read_number(value, 1, 9, name), repeats=repeats)


ONE, TWO, MANY = label("one"), label("two"), label("many", repeats=True)


class Lines(Messages):
    def setUp(self) -> None:
        self.findings = Findings()

    def fields(self, text: str) -> Fields:
        line = Span(text, Place("f", 1, 1, text))
        fields = Fields(line, (ONE, TWO, MANY), self.findings)
        fields.read(line)
        return fields

    def fault(self, text: str) -> tuple[str, str, str]:
        fault = self.assertRaises(ConfigError, self.fields, text)
        assert isinstance(fault, ConfigError)
        self.assert_marked([fault], text)
        return str(fault.place), fault.problem, fault.expected

    def test_fields_come_in_any_order_case_and_with_or_without_quotes(self) -> None:
        for text in ("one=1 two=2", 'TWO="2" \t One=1'):
            fields = self.fields(text)
            self.assertEqual((fields.get(ONE), fields.need(TWO), fields.get(MANY)), (1, 2, None))

    def test_what_is_wrong_is_told_at_its_place(self) -> None:
        self.assertEqual(self.fault("one=1 tow=2"), ("f:1:7", "unknown field 'tow'", "two"))
        self.assertEqual(self.fault("one=1 one=2"), ("f:1:7", "one is there twice", "each field once"))
        self.assertEqual(self.fault("one=1 two=x"), ("f:1:11", "two cannot be 'x'", "1 to 9"))
        self.assertEqual(self.fault('one=""'), ("f:1:6", "one has no value", "one=1"))
        self.assertEqual(self.fault(r'one="\x"'), ("f:1:7", "one cannot be 'x'", "1 to 9"))

    def test_a_missing_field_is_told_at_the_line(self) -> None:
        fields = self.fields("one=1")
        fault = self.assertRaises(ConfigError, fields.need, TWO)
        assert isinstance(fault, ConfigError)
        self.assertEqual((str(fault.place), fault.problem, fault.expected), ("f:1:1", "there is no two", "two=1"))
        self.assertEqual((fields.span(ONE).place.column, fields.span(TWO).place.column), (5, 1))

    def test_where_a_field_may_be_repeated_the_last_one_counts(self) -> None:
        self.assertEqual(self.fields("many=1 many=2").get(MANY), 2)
        self.assert_found(self.findings.warnings, [("f:1:8", "many is there twice", "one; the last one counts")])


class Numbers(Messages):
    def test_only_decimal_digits_in_range_are_numbers(self) -> None:
        for text in ("0", "10", "-1", "+1", "", "\N{ARABIC-INDIC DIGIT ONE}", "\N{SUPERSCRIPT TWO}", "1" * 5000):
            self.assertRaises(ConfigError, read_number, Span(text, Place("f")), 1, 9, "it")
        self.assertEqual(read_number(Span("09", Place("f")), 1, 9, "it"), 9)
