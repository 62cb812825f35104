"""Lines of a rule file that never decide anything."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.parent import parse_parent
from tsnode.matching.condition import Condition
from tsnode.matching.index import RuleIndex
from tsnode.matching.request import RuleRequest
from tsnode.matching.unused import unused_rules
from tsnode.model.errors import Place
from tsnode.testing.config_rules import conditions, rule_requests


@dataclass(frozen=True)
class Line:
    condition: Condition
    number: int
    place: Place


def lines(conditions_of: list[Condition]) -> list[Line]:
    return [Line(condition, number, Place("r", number + 1)) for number, condition in enumerate(conditions_of)]


def unused(*written: str) -> list[tuple[int, int]]:
    """The lines of a parent.config that never decide, each with the one before it that does."""
    rules = parse_parent("p", "".join(f"{line} go_direct=true\n" for line in written)).value
    return [(rule.place.line, other.place.line) for rule, other in unused_rules(rules)]


class Unused(SynchronousTestCase):
    def test_behind_a_line_for_everything_nothing_is_used(self) -> None:
        found = unused("dest_host=a", "dest_domain=.", "dest_host=b", "url_regex=x", "dest_ip=10.0.0.1")
        self.assertEqual(found, [(3, 2), (4, 2), (5, 2)])

    def test_a_domain_takes_what_is_below_it(self) -> None:
        found = unused("dest_domain=b.c", "dest_host=a.b.c", "dest_domain=b.c", "dest_host=c")
        self.assertEqual(found, [(2, 1), (3, 1)])
        self.assertEqual(unused("dest_host=b.c", "dest_domain=b.c", "dest_host=b.c"), [(3, 1)])

    def test_what_asks_for_more_may_come_first(self) -> None:
        found = unused("dest_domain=. port=80", "dest_host=a", "dest_host=a port=80", "dest_host=b port=80 method=get")
        self.assertEqual(found, [(3, 2), (4, 1)])

    def test_the_same_expression_is_the_same(self) -> None:
        found = unused("url_regex=a+", "url_regex=a", "url_regex=a+", "host_regex=a+", "url=http://a/", "url=http://a/")
        self.assertEqual(found, [(3, 1), (6, 5)])

    def test_of_very_many_lines_for_one_destination_only_the_first_are_compared(self) -> None:
        written = [f"dest_host=a prefix={number}" for number in range(20)]
        self.assertEqual(unused(*written, written[0], written[19]), [(21, 1)])

    @given(st.lists(conditions(), max_size=8).map(lines), rule_requests())
    def test_a_line_that_is_told_of_is_never_the_first(self, rules: list[Line], request: RuleRequest) -> None:
        told = {rule.number for rule, _ in unused_rules(rules)}
        first = RuleIndex(rules).first(request).first
        self.assertTrue(first is None or first.number not in told)

    @given(st.lists(conditions(), max_size=8).map(lines))
    def test_the_line_before_it_stands_before_it(self, rules: list[Line]) -> None:
        for rule, other in unused_rules(rules):
            self.assertLess(other.number, rule.number)
