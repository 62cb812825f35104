"""What rules of parent.config are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import find
from twisted.trial.unittest import SynchronousTestCase

from tsnode.hierarchy.rules import Parent, ParentPlan, ParentRule, RoundRobin
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain
from tsnode.model.errors import Place
from tsnode.testing.config_parent import parent_plans, parent_rules, render_parent


class Rules(SynchronousTestCase):
    def test_lines_with_parents_and_without_are_drawn(self) -> None:
        self.assertEqual(find(parent_plans(), lambda plan: not plan.parents), ParentPlan())
        for way in RoundRobin:
            find(parent_plans(), lambda plan, way=way: plan.round_robin is way and len(plan.parents) > 1)  # type: ignore[misc]
        self.assertEqual(find(parent_rules(), lambda rules: True), ())

    def test_a_rule_is_one_line(self) -> None:
        plan = ParentPlan(parents=(Parent("::1", 80, 2.0, "x"), Parent("a", 1)))
        text = render_parent([ParentRule(Condition(Domain("")), plan, Place("p"))])
        self.assertTrue(text.startswith("dest_domain=. parent=[::1]:80|2.0&x;a:1|1.0 go_direct=true "))
        self.assertEqual(text.count("\n"), 1)
