"""What rules of cache.config are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import find
from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.overrides import CacheRule, Revalidate
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain, Host
from tsnode.model.errors import Place
from tsnode.testing.config_cache import cache_rules, render_cache


class Rules(SynchronousTestCase):
    def test_several_directives_are_drawn_and_no_host_alone(self) -> None:
        find(cache_rules(), lambda rules: len({type(rule.directive) for rule in rules}) > 2)
        find(cache_rules(), lambda rules: any(rule.cookies == 4 for rule in rules))
        self.assertEqual(find(cache_rules(), lambda rules: True), ())

    def test_a_rule_is_one_line_whose_times_have_units(self) -> None:
        condition = Condition(Domain("h"))
        rules = [
            CacheRule(condition=condition, directive=Revalidate(seconds), cookies=1, place=Place("c"))
            for seconds in (5, 90)
        ]
        self.assertEqual(
            render_cache(rules),
            "dest_domain=h revalidate=5 cache-responses-to-cookies=1\n"
            "dest_domain=h revalidate=1m30 cache-responses-to-cookies=1\n",
        )
        self.assertNotIsInstance(condition.destination, Host)
