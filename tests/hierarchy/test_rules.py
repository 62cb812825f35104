"""The lines of parent.config as values."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.hierarchy.rules import ParentPlan, ParentRetry, ParentRule
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain
from tsnode.model.errors import Place


class Rules(SynchronousTestCase):
    def test_a_retry_is_on_one_kind_of_status_on_the_other_or_on_both(self) -> None:
        kinds = [(retry.simple, retry.unavailable) for retry in ParentRetry]
        self.assertEqual(kinds, [(False, False), (True, False), (False, True), (True, True)])

    def test_two_lines_that_say_the_same_are_equal_wherever_they_stand(self) -> None:
        condition = Condition(Domain(""))
        self.assertEqual(
            ParentRule(condition, ParentPlan(), Place("a", 1, 1)), ParentRule(condition, ParentPlan(), Place("b", 2, 2))
        )
