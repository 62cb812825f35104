"""The rules of ip_allow at work."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import Address, AddressRange
from tsnode.routing.access import EVERYTHING, LOOPBACK_ONLY, NOTHING, AccessRule, AccessRules, Allowed, find_rule

GET_ONLY = Allowed(frozenset({b"GET"}), only=True)
NO_PURGE = Allowed(frozenset({b"PURGE"}), only=False)
SOME = (EVERYTHING, NOTHING, GET_ONLY, NO_PURGE)


def rule(first: int, last: int, allowed: Allowed) -> AccessRule:
    return AccessRule((AddressRange(4, first, last),), allowed)


class Methods(SynchronousTestCase):
    def test_only_the_named_methods_are_permitted(self) -> None:
        self.assertEqual([GET_ONLY.permits(method) for method in (b"GET", b"HEAD", b"get")], [True, False, False])
        self.assertEqual((GET_ONLY.all, GET_ONLY.none), (False, False))

    def test_all_but_the_named_methods_are_permitted(self) -> None:
        self.assertEqual([NO_PURGE.permits(method) for method in (b"GET", b"PURGE")], [True, False])
        self.assertEqual((NO_PURGE.all, NO_PURGE.none), (False, False))

    def test_everything_and_nothing(self) -> None:
        self.assertEqual((EVERYTHING.all, EVERYTHING.none, EVERYTHING.permits(b"BREW")), (True, False, True))
        self.assertEqual((NOTHING.all, NOTHING.none, NOTHING.permits(b"GET")), (False, True, False))


    @given(st.sampled_from(SOME), st.sampled_from(SOME))
    def test_what_is_withheld_is_not_permitted_and_the_rest_as_before(self, one: Allowed, other: Allowed) -> None:
        left = one.without(other)
        for method in (b"GET", b"PURGE", b"BREW"):
            self.assertEqual(left.permits(method), one.permits(method) and not other.permits(method), method)


class Rules(SynchronousTestCase):
    def test_the_first_range_that_holds_the_address_decides(self) -> None:
        rules = AccessRules(inbound=(rule(5, 9, GET_ONLY), rule(0, 255, NO_PURGE)))
        self.assertIs(rules.methods_for("0.0.0.7"), GET_ONLY)
        self.assertIs(rules.methods_for("0.0.0.10"), NO_PURGE)

    def test_the_rule_that_decides_can_be_told(self) -> None:
        rules = (rule(5, 9, GET_ONLY), rule(0, 255, NO_PURGE))
        self.assertIs(find_rule(rules, Address(4, 7)), rules[0])
        self.assertIs(find_rule(rules, Address(4, 10)), rules[1])
        self.assertIsNone(find_rule(rules, Address(4, 256)))
        self.assertIsNone(find_rule(rules, Address(6, 7)))

    def test_a_client_that_no_rule_names_may_do_nothing(self) -> None:
        self.assertIs(AccessRules(inbound=(rule(5, 9, GET_ONLY),)).methods_for("0.0.0.1"), NOTHING)
        self.assertIs(AccessRules().methods_for("127.0.0.1"), NOTHING)

    def test_a_destination_that_no_rule_names_may_be_sent_everything(self) -> None:
        rules = AccessRules(outbound=(rule(5, 9, GET_ONLY),))
        self.assertIs(rules.methods_to("0.0.0.1"), EVERYTHING)
        self.assertIs(rules.methods_to("0.0.0.5"), GET_ONLY)

    def test_an_address_that_nobody_can_read_is_allowed_nothing(self) -> None:
        self.assertIs(AccessRules(inbound=(rule(0, 2**32 - 1, EVERYTHING),)).methods_for("unix"), NOTHING)

    def test_what_is_withheld_is_so_from_clients_on_other_machines(self) -> None:
        """Traffic Server, ``proxy.config.http.quick_filter.mask``."""
        everyone = AccessRule((AddressRange(4, 0, 2**32 - 1), AddressRange(6, 0, 2**128 - 1)), EVERYTHING)
        rules = AccessRules(inbound=(everyone,), withheld=Allowed(frozenset({b"PUSH"}), only=True))
        for client, permitted in (
            ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("192.0.2.1", False), ("x", False),
        ):  # fmt: skip
            self.assertEqual(rules.methods_for(client).permits(b"PUSH"), permitted, client)
        self.assertTrue(rules.methods_for("192.0.2.1").permits(b"GET"))

    def test_a_mapped_address_counts_as_ipv4(self) -> None:
        self.assertIs(AccessRules(inbound=(rule(5, 9, GET_ONLY),)).methods_for("::ffff:0.0.0.7"), GET_ONLY)

    def test_without_a_file_only_this_machine_is_served(self) -> None:
        for client in ("127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"):
            self.assertTrue(LOOPBACK_ONLY.methods_for(client).all, client)
        for client in ("126.255.255.255", "128.0.0.0", "::", "::2", "10.0.0.1"):
            self.assertTrue(LOOPBACK_ONLY.methods_for(client).none, client)

    @given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted), max_size=6), st.integers(0, 20))
    def test_rules_behind_the_one_that_decides_do_not_matter(self, spans: list[list[int]], number: int) -> None:
        allowed = [Allowed(frozenset({b"M%d" % at}), only=True) for at in range(len(spans))]
        pairs = list(zip(spans, allowed, strict=True))
        rules = tuple(rule(first, last, which) for (first, last), which in pairs)
        expected = next((which for (first, last), which in pairs if first <= number <= last), NOTHING)
        self.assertEqual(AccessRules(inbound=rules).methods_for(f"0.0.0.{number}"), expected)
