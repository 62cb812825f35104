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
    fold_found,
    fold_rules,
    under,
)
from tsnode.caching.policy import CachingPolicy
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain
from tsnode.matching.index import Found
from tsnode.model.errors import Place
from tsnode.model.expressions import ExpressionTimeout
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


class Policies(SynchronousTestCase):
    """What rules make of a policy."""

    def test_rules_that_say_nothing_leave_the_very_same_policy(self) -> None:
        policy = CachingPolicy()
        self.assertIs(under(policy, fold_rules([])), policy)
        self.assertIs(under(policy, fold_rules([rule(ClusterCacheLocal())])), policy)

    def test_each_directive_has_its_place_in_the_policy(self) -> None:
        for directive, policy in (
            (NeverCache(), CachingPolicy(never_cache=True)),
            (StandardCache(), CachingPolicy(never_cache=False)),
            (IgnoreNoCache(client=True, server=False), CachingPolicy(ignore_client_no_cache=True)),
            (IgnoreNoCache(client=False, server=True), CachingPolicy(ignore_server_no_cache=True)),
            (Revalidate(0), CachingPolicy(revalidate_after=0.0)),
            (TtlInCache(60), CachingPolicy(ttl_in_cache=60.0)),
        ):
            self.assertEqual(under(CachingPolicy(), fold_rules([rule(directive)])), policy, directive)
        permitting = CachingPolicy(permit_pinning=True)
        pinned = under(permitting, fold_rules([rule(PinInCache(70))]))
        self.assertEqual(pinned, CachingPolicy(permit_pinning=True, pin_in_cache=70.0))

    def test_nothing_is_pinned_where_that_is_not_permitted(self) -> None:
        """Case 48."""
        self.assertEqual(under(CachingPolicy(), fold_rules([rule(PinInCache(70))])), CachingPolicy())
        self.assertEqual(
            under(CachingPolicy(), fold_rules([rule(Revalidate(1), 4)])),
            CachingPolicy(revalidate_after=1.0, cache_responses_to_cookies=4),
        )

    @given(cache_rules(), cache_rules())
    def test_equal_values_make_equal_policies(self, one: list[CacheRule], other: list[CacheRule]) -> None:
        first, second = fold_rules(one), fold_rules(other)
        policies = [under(CachingPolicy(), effect) for effect in (first, second)]
        if first.values() == second.values():
            self.assertEqual(policies[0], policies[1])
        self.assertEqual(under(policies[0], first), policies[0])

    def test_where_nobody_knows_whether_a_rule_is_meant_nothing_is_stored_or_served(self) -> None:
        ttl, slow = rule(TtlInCache(60)), rule(StandardCache())
        self.assertEqual(fold_found(Found((ttl,))), fold_rules([ttl]))
        effect = fold_found(Found((ttl,), ((slow, ExpressionTimeout("x")),)))
        self.assertEqual((effect.never_cache, effect.ttl_in_cache), (Decided(True, slow), None))
