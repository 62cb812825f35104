"""What conditions and requests are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import find, given
from hypothesis.strategies import tuples
from twisted.trial.unittest import SynchronousTestCase

from tsnode.matching.condition import Condition, reaches
from tsnode.matching.request import RuleRequest
from tsnode.testing.config_rules import (
    conditions,
    destinations,
    render_condition,
    render_value,
    rule_requests,
    specifiers,
)


class Drawing(SynchronousTestCase):
    def test_every_kind_of_destination_and_specifier_is_drawn(self) -> None:
        for label in ("dest_domain", "dest_host", "dest_ip", "url_regex", "host_regex", "url"):
            find(destinations(), lambda drawn, label=label: drawn.label == label)  # type: ignore[misc]
        for label in ("port", "scheme", "prefix", "suffix", "method", "time", "src_ip", "internal", "iport", "tag"):
            find(specifiers(), lambda drawn, label=label: drawn.label == label)  # type: ignore[misc]

    @given(conditions())
    def test_kinds_of_specifiers_repeat_only_where_wanted(self, condition: Condition) -> None:
        labels = [specifier.label for specifier in condition.specifiers]
        self.assertEqual(len(labels), len(set(labels)))

    def test_they_repeat_where_wanted(self) -> None:
        def repeats(condition: Condition) -> bool:
            return len({each.label for each in condition.specifiers}) < len(condition.specifiers)

        find(conditions(repeated=True), repeats)

    def test_requests_are_drawn_that_conditions_are_about(self) -> None:
        def meets(pair: tuple[Condition, RuleRequest]) -> bool:
            condition, request = pair
            holds = bool(condition.specifiers) and condition.missing(request) is None
            return holds and reaches(condition.destination, request)

        find(tuples(conditions(), rule_requests()), meets)


class Writing(SynchronousTestCase):
    def test_quotes_stand_where_they_have_to_or_where_wanted(self) -> None:
        for value, written in (
            ("a", "a"), ("", '""'), ("a b", '"a b"'), (r"a\.b", r"a\.b"), (r"\s", r'"\\s"'), ('a"b', 'a"b'),
            ('"a', r'"\"a"'), (r"a\1", r'"a\\1"'), ("é", '"é"'),
        ):  # fmt: skip
            self.assertEqual(render_value(value), written)
        self.assertEqual(render_value("a", quoted=True), '"a"')

    @given(conditions())
    def test_the_destination_stands_first(self, condition: Condition) -> None:
        pairs = render_condition(condition)
        self.assertTrue(pairs[0].startswith(f"{condition.destination.label}="))
        self.assertEqual(len(pairs), 1 + len(condition.specifiers))
