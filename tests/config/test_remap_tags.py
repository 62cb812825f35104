"""The tables of remap.config."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.remap import parse_remap
from tsnode.config.remap_tags import OPTIONS, TYPES
from tsnode.config.rows import RECORDS
from tsnode.routing.rules import RuleKind


class Tables(SynchronousTestCase):
    def test_every_kind_of_rule_is_told_with_and_without_an_expression(self) -> None:
        told = {tag.name for tag in TYPES}
        known = {kind.value for kind in RuleKind}
        regex = {f"regex_{name}" for name in known - {"reverse_map", "map_with_referer"}}
        self.assertEqual(told, known | regex)

    def test_the_example_of_a_kind_is_a_rule_of_that_kind(self) -> None:
        for tag in TYPES:
            (rule,) = parse_remap("r", tag.example, RECORDS).value
            self.assertEqual(rule.kind.value, tag.name.removeprefix("regex_"))

    def test_an_option_that_is_not_told_is_not_known(self) -> None:
        reading = parse_remap("r", "map http://a/ http://b/ @other=1", RECORDS)
        (fault,) = reading.errors
        self.assertEqual({f"@{name}" for name in fault.expected.replace(" or ", ", ").split(", ")},
                         {tag.name for tag in OPTIONS})  # fmt: skip
