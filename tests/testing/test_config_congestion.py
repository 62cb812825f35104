"""What rules of congestion.config are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import find
from twisted.trial.unittest import SynchronousTestCase

from tsnode.hierarchy.congestion import CongestionLimits, CongestionRule, CongestionScheme
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain
from tsnode.model.errors import Place
from tsnode.testing.config_congestion import congestion_limits, congestion_rules, render_congestion


class Rules(SynchronousTestCase):
    def test_limits_of_every_kind_are_drawn(self) -> None:
        find(congestion_limits(), lambda limits: limits.max_connection_failures == -1)
        find(congestion_limits(), lambda limits: limits.congestion_scheme is CongestionScheme.PER_HOST)
        self.assertEqual(find(congestion_rules(), lambda rules: True), ())

    def test_a_rule_is_one_line_without_its_defaults(self) -> None:
        limits = CongestionLimits(fail_window=1, congestion_scheme=CongestionScheme.PER_HOST)
        rule = CongestionRule(condition=Condition(Domain("h")), limits=limits, place=Place("c"))
        self.assertEqual(render_congestion([rule]), "dest_domain=h fail_window=1 congestion_scheme=per_host\n")
