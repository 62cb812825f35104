"""Lines of cache.config that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from tsnode.caching.overrides import (
    CacheRule,
    ClusterCacheLocal,
    Directive,
    IgnoreNoCache,
    NeverCache,
    PinInCache,
    Revalidate,
    StandardCache,
    TtlInCache,
)
from tsnode.matching.destinations import Destination
from tsnode.model.errors import ConfigError

__all__ = ["advise_conflicts"]

_MOST_COMPARED = 64
"""How many lines of one destination are compared with each other."""


def advise_conflicts(rules: Sequence[CacheRule]) -> Iterator[ConfigError]:
    """
    Each line without effect, because another one decides for all of its requests: the later one of a kind, and
    ttl-in-cache instead of never-cache wherever it stands.
    """
    known: dict[Destination, list[CacheRule]] = {}
    for rule in rules:
        same = known.setdefault(rule.condition.destination, [])
        if len(same) < _MOST_COMPARED:
            same.append(rule)
    for same in known.values():
        for number, rule in enumerate(same):
            winner = next((other for at, other in enumerate(same) if _beats(other, rule, later=at > number)), None)
            if winner is not None and rule.cookies is None:
                problem = f"this has no effect: line {winner.place.line} decides for the same requests"
                yield ConfigError(rule.place, problem, "one of the two lines")


def _beats(other: CacheRule, rule: CacheRule, *, later: bool) -> bool:
    """Whether ``other`` decides for every request that ``rule`` is for what that would decide."""
    if other is rule or not set(other.condition.specifiers) <= set(rule.condition.specifiers):
        return False
    if isinstance(rule.directive, NeverCache) and isinstance(other.directive, TtlInCache) and other.directive.seconds:
        return True
    return later and _decides(rule.directive) <= _decides(other.directive) and bool(_decides(rule.directive))


def _decides(directive: Directive) -> frozenset[str]:
    """What a directive is about; the last one about it counts."""
    match directive:
        case NeverCache() | StandardCache():
            return frozenset({"caching"})
        case IgnoreNoCache(client, server):
            return frozenset(name for name, said in (("client", client), ("server", server)) if said)
        case Revalidate():
            return frozenset({"revalidate"})
        case TtlInCache():
            return frozenset({"ttl"})
        case PinInCache():
            return frozenset({"pin"})
        case ClusterCacheLocal():
            return frozenset()
        case impossible:
            assert_never(impossible)
