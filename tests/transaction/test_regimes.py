"""What holds for which request."""

from __future__ import annotations

from datetime import datetime

from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.overrides import CacheEffect, CacheRule, Decided, TtlInCache, fold_rules
from tsnode.caching.policy import CachingPolicy
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain
from tsnode.matching.index import RuleIndex
from tsnode.model.errors import Place
from tsnode.model.settings import ProxySettings
from tsnode.model.target import parse_target
from tsnode.routing.remap import Mapped, Unchanged
from tsnode.routing.rules import Override, RemapRule, Replacement, RuleKind, Source
from tsnode.transaction.regimes import Regime, Regimes, time_of_day

OVERRIDE = Override("proxy.config.http.cache.http", 0)
TARGETED = Regime(CachingPolicy(targeted_fields=(b"cdn-cache-control",)), ProxySettings())
OTHER = Regime(CachingPolicy(http=False), ProxySettings())


def mapped(*overrides: Override) -> Mapped:
    source, replacement = Source(b"http", b"a", 80, b"/"), Replacement(b"http", b"o", 80, b"/")
    rule = RemapRule(kind=RuleKind.MAP, source=source, replacement=replacement, overrides=overrides, place=Place("r"))
    return Mapped(parse_target(b"GET", b"http://o/", b""), rule)


def ttl(seconds: int) -> CacheEffect:
    rule = CacheRule(condition=Condition(Domain("")), directive=TtlInCache(seconds), place=Place("c"))
    return CacheEffect(ttl_in_cache=Decided(seconds, rule))


class Regimen(SynchronousTestCase):
    def setUp(self) -> None:
        self.regimes = Regimes(TARGETED, {(OVERRIDE,): OTHER}, RuleIndex())

    def test_a_rule_with_values_of_its_own_has_a_regime_of_its_own(self) -> None:
        self.assertIs(self.regimes.of(mapped(OVERRIDE)), OTHER)
        self.assertIs(self.regimes.of(mapped()), TARGETED)

    def test_fields_aimed_at_this_node_are_heeded_only_for_sites_that_it_stands_in_for(self) -> None:
        """RFC 9213 §3."""
        self.assertEqual(self.regimes.of(Unchanged()), Regime(CachingPolicy(targeted_fields=()), ProxySettings()))
        plain = Regime(CachingPolicy(targeted_fields=()), ProxySettings())
        self.assertIs(Regimes(plain, {}, RuleIndex()).of(Unchanged()), plain)

    def test_rules_that_say_nothing_change_nothing(self) -> None:
        self.assertIs(self.regimes.under(OTHER, fold_rules([])), OTHER)

    def test_the_same_rules_make_the_very_same_regime(self) -> None:
        first = self.regimes.under(TARGETED, ttl(60))
        self.assertEqual(first.policy.ttl_in_cache, 60)
        self.assertIs(self.regimes.under(TARGETED, ttl(60)), first)
        self.assertIsNot(self.regimes.under(OTHER, ttl(60)), first)
        self.assertEqual(self.regimes.under(TARGETED, ttl(61)).policy.ttl_in_cache, 61)

    def test_what_is_remembered_is_bounded(self) -> None:
        first = self.regimes.under(TARGETED, ttl(1))
        for seconds in range(2, 1030):
            self.regimes.under(TARGETED, ttl(seconds))
        again = self.regimes.under(TARGETED, ttl(1))
        self.assertEqual(again, first)
        self.assertIsNot(again, first)


class TimeOfDay(SynchronousTestCase):
    def test_it_is_local_time(self) -> None:
        for hour in range(24):
            moment = datetime(2026, 11, 26, hour, 30, 5).astimezone().timestamp()
            self.assertEqual(time_of_day(moment), hour * 3600 + 30 * 60 + 5)
