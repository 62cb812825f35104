"""Which policy and which settings hold for a request, by the rules of remap.config and cache.config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import localtime
from typing import NamedTuple

from tsnode.caching.overrides import CacheEffect, CacheRule, under
from tsnode.caching.policy import CachingPolicy
from tsnode.matching.index import RuleIndex
from tsnode.model.settings import ProxySettings
from tsnode.routing.remap import Mapped, Unchanged
from tsnode.routing.rules import Override

__all__ = ["Regime", "Regimes", "time_of_day"]

_KNOWN_MOST = 1024


class Regime(NamedTuple):
    """What holds for a request. Known by its identity: equal requests have the very same one."""

    policy: CachingPolicy
    settings: ProxySettings


def time_of_day(now: float) -> int:
    """Seconds since midnight, local time, at ``now``, seconds since the epoch."""
    local = localtime(now)
    return local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec


class Regimes:
    """
    Every regime of one configuration.

    ``general`` holds where no rule says otherwise, ``overridden`` has those of rules of remap.config with values of
    their own. ``rules`` are those of cache.config.

    Source: Traffic Server, ``conf_remap``, cache.config; RFC 9213 §3 (targeted fields are for requests to a site that
    this node stands in for).
    """

    __slots__ = ("_known", "_overridden", "_unmapped", "general", "rules")

    def __init__(
        self,
        general: Regime,
        overridden: Mapping[tuple[Override, ...], Regime],
        rules: RuleIndex[CacheRule],
    ) -> None:
        self.general = general
        policy = general.policy
        self._unmapped = general
        if policy.targeted_fields:
            self._unmapped = Regime(replace(policy, targeted_fields=()), general.settings)
        self._overridden = overridden
        self._known: dict[tuple[int, tuple[int | None, ...]], Regime] = {}
        self.rules = rules

    def of(self, decision: Mapped | Unchanged) -> Regime:
        """What holds for a request that remap.config decided so about, before cache.config."""
        if isinstance(decision, Unchanged):
            return self._unmapped
        overrides = decision.rule.overrides
        return self._overridden[overrides] if overrides else self.general

    def under(self, regime: Regime, effect: CacheEffect) -> Regime:
        """The regime with what rules of cache.config say in its place."""
        # those that come in are kept here for as long as this is, so that an identity is never that of another one
        key = (id(regime), effect.values())
        known = self._known.get(key)
        if known is None:
            policy = under(regime.policy, effect)
            known = regime if policy is regime.policy else Regime(policy, regime.settings)
            if len(self._known) >= _KNOWN_MOST:
                self._known.clear()
            self._known[key] = known
        return known
