"""How rules, verdicts and decisions are told."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary
from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.overrides import CacheRule, fold_rules
from tsnode.caching.request_facts import NotLookupable
from tsnode.cli.wording import (
    tell_allowed,
    tell_bypass,
    tell_directive,
    tell_effect,
    tell_moment,
    tell_octets,
    tell_parents,
    tell_part,
    tell_place,
    tell_seconds,
    tell_verdict,
)
from tsnode.config.cache import parse_cache
from tsnode.hierarchy.rules import Parent
from tsnode.matching.condition import Condition, Covered, Failed, GivenUp, Matched
from tsnode.matching.destinations import Addresses, Domain
from tsnode.matching.specifiers import Ports, Suffix
from tsnode.model.addresses import AddressRange
from tsnode.model.errors import Place
from tsnode.model.expressions import ExpressionTimeout
from tsnode.routing.access import EVERYTHING, NOTHING, Allowed
from tsnode.testing.config_cache import cache_rules
from tsnode.testing.config_rules import conditions

ACTIONS = (
    "action=never-cache", "action=standard-cache", "action=cluster-cache-local", "action=ignore-no-cache",
    "action=ignore-client-no-cache", "action=ignore-server-no-cache", "revalidate=60s", "ttl-in-cache=60s",
    "pin-in-cache=60s", "action=never-cache cache-responses-to-cookies=2",
)  # fmt: skip


class Values(SynchronousTestCase):
    def test_moments_are_told_in_utc(self) -> None:
        self.assertEqual(tell_moment(1795712400.9), "2026-11-26T17:00:00Z")
        self.assertEqual(tell_moment(1e15), "1000000000000000 seconds since 1970")

    def test_a_fraction_of_a_second_is_told_only_where_there_is_one(self) -> None:
        self.assertEqual([tell_seconds(60), tell_seconds(0.5)], ["60 s", "0.500 s"])

    @given(binary())
    def test_octets_are_told_in_visible_ascii(self, octets: bytes) -> None:
        told = tell_octets(octets)
        self.assertTrue(told.isascii() and (told == "" or told.isprintable()))

    def test_a_place_is_a_file_and_a_line(self) -> None:
        self.assertEqual([tell_place(Place("a")), tell_place(Place("a", 3, 5))], ["a", "a:3"])

    def test_methods_are_told_as_what_is_permitted(self) -> None:
        two = frozenset({b"PUT", b"GET"})
        told = [tell_allowed(each) for each in (EVERYTHING, NOTHING, Allowed(two, only=True), Allowed(two, only=False))]
        self.assertEqual(told, ["every method", "no method", "GET, PUT", "every method but GET, PUT"])

    def test_every_reason_to_pass_the_cache_by_has_its_words(self) -> None:
        self.assertEqual(len({tell_bypass(bypass) for bypass in NotLookupable}), len(NotLookupable))

    def test_parents_are_told_as_they_are_written(self) -> None:
        self.assertEqual(tell_parents((Parent("p1", 80), Parent("2001:db8::1", 81))), "p1:80;[2001:db8::1]:81")


class Rules(SynchronousTestCase):
    def test_parts_are_told_as_they_are_written(self) -> None:
        parts = (Domain(""), Ports(80, 80), Ports(80, 90), Suffix(("",)), Suffix(("a", "b")))
        told = ["dest_domain=.", "port=80", "port=80-90", "suffix=*", "suffix=a,b"]
        self.assertEqual([tell_part(part) for part in parts], told)

    def test_directives_are_told_as_they_are_written(self) -> None:
        text = "".join(f"dest_domain=. {action}\n" for action in ACTIONS)
        self.assertEqual(tuple(map(tell_directive, parse_cache("c", text).value)), ACTIONS)

    @given(conditions(), cache_rules())
    def test_every_part_and_every_rule_can_be_told(self, condition: Condition, rules: tuple[CacheRule, ...]) -> None:
        for part in (condition.destination, *condition.specifiers):
            self.assertTrue(tell_part(part).startswith(f"{part.label}="))
        for rule in rules:
            self.assertIn("=", tell_directive(rule))

    def test_verdicts_are_told(self) -> None:
        addresses = Failed(Addresses(AddressRange(4, 0, 1)))
        self.assertEqual(tell_verdict(Matched(), address_known=True), "matches")
        self.assertEqual(tell_verdict(Failed(Domain("a")), address_known=False), "dest_domain=a does not hold")
        self.assertEqual(tell_verdict(addresses, address_known=True), "dest_ip=0.0.0.0-0.0.0.1 does not hold")
        self.assertIn("not known here", tell_verdict(addresses, address_known=False))
        self.assertEqual(tell_verdict(Covered(Place("c", 2, 1)), address_known=True), "the address belongs to c:2")
        self.assertEqual(tell_verdict(GivenUp(ExpressionTimeout("slow")), address_known=True), "given up: slow")

    def test_decisions_are_told_with_their_rules(self) -> None:
        rules = parse_cache("c", "dest_domain=. revalidate=1m\ndest_domain=. action=ignore-client-no-cache\n").value
        told = [(name, decided.value, decided.rule.place.line) for name, decided in tell_effect(fold_rules(rules))]
        self.assertEqual(told, [("ignore-client-no-cache", True, 2), ("revalidate", 60, 1)])
