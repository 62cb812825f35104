"""Which line of congestion.config is for a request."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.hierarchy.congestion import CongestionLimits, CongestionRule, choose_congestion
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain
from tsnode.matching.specifiers import Method, Ports, Prefix, Specifier
from tsnode.model.errors import Place


def rule(line: int, *specifiers: Specifier) -> CongestionRule:
    return CongestionRule(
        condition=Condition(Domain(""), specifiers), limits=CongestionLimits(), place=Place("c", line, 1)
    )


class Choosing(SynchronousTestCase):
    def test_port_and_prefix_count_more_than_port_than_prefix_than_neither(self) -> None:
        """Traffic Server 7, ``proxy/congest/Congestion.cc``."""
        port, prefix = Ports(80, 80), Prefix("a")
        rules = [rule(1, Method(b"GET")), rule(2, prefix), rule(3, port), rule(4, port, prefix)]
        self.assertEqual([each.rank for each in rules], [0, 1, 2, 3])
        for count in range(1, 5):
            self.assertIs(choose_congestion(rules[:count]), rules[count - 1])
            self.assertIs(choose_congestion(rules[count - 1 :: -1]), rules[count - 1])

    def test_among_equals_the_first_one_counts(self) -> None:
        first, second = rule(1), rule(2)
        self.assertIs(choose_congestion([first, second]), first)

    def test_no_rule_is_no_control(self) -> None:
        self.assertIsNone(choose_congestion([]))
