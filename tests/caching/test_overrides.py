"""What several lines of cache.config come to."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.overrides import (
    CacheEffect,
    CacheRule,
    ClusterCacheLocal,
    Decided,
    Directive,
    IgnoreNoCache,
    NeverCache,
    PinInCache,
    Revalidate,
    StandardCache,
    TtlInCache,
    fold_rules,
)
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain
from tsnode.model.errors import Place
from tsnode.testing.config_cache import cache_rules


def rule(directive: Directive, cookies: int | None = None) -> CacheRule:
    return CacheRule(condition=Condition(Domain("")), directive=directive, cookies=cookies, place=Place("c"))


class Folding(SynchronousTestCase):
    def test_no_rules_say_nothing(self) -> None:
        self.assertEqual(fold_rules([]), CacheEffect())
        self.assertEqual(fold_rules([rule(ClusterCacheLocal())]), CacheEffect())

    def test_standard_cache_takes_an_earlier_never_cache_back_and_a_later_one_stands(self) -> None:
        never, standard = rule(NeverCache()), rule(StandardCache())
        self.assertEqual(fold_rules([never, standard]).never_cache, Decided(False, standard))
        self.assertEqual(fold_rules([standard, never]).never_cache, Decided(True, never))

    def test_a_ttl_beats_never_cache_wherever_it_stands_and_says_so(self) -> None:
        never, ttl = rule(NeverCache()), rule(TtlInCache(60))
        for rules in ([never, ttl], [ttl, never]):
            effect = fold_rules(rules)
            self.assertEqual((effect.never_cache, effect.ttl_in_cache), (Decided(False, ttl), Decided(60, ttl)))

    def test_a_ttl_of_nothing_has_no_effect_but_to_take_an_earlier_one_back(self) -> None:
        never, ttl, nothing = rule(NeverCache()), rule(TtlInCache(60)), rule(TtlInCache(0))
        self.assertEqual(fold_rules([never, nothing]), CacheEffect(never_cache=Decided(True, never)))
        self.assertIsNone(fold_rules([ttl, nothing]).ttl_in_cache)

    def test_clients_and_origins_are_two_groups(self) -> None:
        client, both = rule(IgnoreNoCache(client=True, server=False)), rule(IgnoreNoCache(client=True, server=True))
        effect = fold_rules([both, client])
        self.assertEqual(effect.ignore_client_no_cache, Decided(True, client))
        self.assertEqual(effect.ignore_server_no_cache, Decided(True, both))

    def test_each_kind_is_decided_apart_by_its_last_rule(self) -> None:
        rules = [rule(Revalidate(1), 0), rule(PinInCache(2)), rule(Revalidate(3)), rule(PinInCache(4), 2)]
        effect = fold_rules(rules)
        self.assertEqual(effect.revalidate, Decided(3, rules[2]))
        self.assertEqual(effect.pin_in_cache, Decided(4, rules[3]))
        self.assertEqual(effect.cookies, Decided(2, rules[3]))

    @given(cache_rules())
    def test_what_decides_is_one_of_the_rules(self, rules: tuple[CacheRule, ...]) -> None:
        effect = fold_rules(rules)
        for decided in (effect.never_cache, effect.revalidate, effect.ttl_in_cache, effect.cookies):
            self.assertTrue(decided is None or any(decided.rule is each for each in rules))
