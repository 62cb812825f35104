"""Access rules made up for tests."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import AddressRange, parse_range
from tsnode.routing.access import AccessRules
from tsnode.testing.config_ip_allow import access_rules, address_ranges, render_ip_allow_lines


class Made(SynchronousTestCase):
    @given(address_ranges())
    def test_a_range_is_read_as_it_is_written(self, addresses: AddressRange) -> None:
        self.assertEqual(parse_range(str(addresses)), addresses)

    @given(access_rules(ranges=1))
    def test_there_is_a_line_for_each_rule(self, rules: AccessRules) -> None:
        self.assertEqual(render_ip_allow_lines(rules).count("\n"), len(rules.inbound) + len(rules.outbound))
