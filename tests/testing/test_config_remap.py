"""Mapping rules made up for tests."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.expressions import Expression
from tsnode.routing.rules import RemapRule
from tsnode.testing.config_remap import remap_rules, render_remap


class Made(SynchronousTestCase):
    @given(remap_rules())
    def test_a_rule_is_one_line_that_begins_with_its_type(self, rule: RemapRule) -> None:
        line = render_remap(rule)
        self.assertNotIn("\n", line)
        self.assertEqual(line.startswith("regex_"), isinstance(rule.source.host, Expression))
        self.assertEqual(line.split(" ")[0].removeprefix("regex_"), rule.kind.value)
