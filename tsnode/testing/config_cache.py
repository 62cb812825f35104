"""Hypothesis strategies for the rules of cache.config, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from hypothesis.strategies import SearchStrategy, builds, integers, just, lists, none, one_of, sampled_from

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
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Domain, Host
from tsnode.model.errors import Place
from tsnode.testing.config_rules import conditions, render_condition, render_value

__all__ = ["cache_rules", "render_cache"]


def _directives() -> SearchStrategy[Directive]:
    seconds = one_of(integers(0, 200_000), just(2**31 - 1))
    fixed: tuple[Directive, ...] = (
        NeverCache(),
        StandardCache(),
        ClusterCacheLocal(),
        IgnoreNoCache(client=True, server=True),
        IgnoreNoCache(client=True, server=False),
        IgnoreNoCache(client=False, server=True),
    )
    return one_of(
        sampled_from(fixed), builds(Revalidate, seconds), builds(TtlInCache, seconds), builds(PinInCache, seconds)
    )


def _alias(condition: Condition) -> Condition:
    """In this file dest_host means dest_domain."""
    if isinstance(condition.destination, Host):
        return replace(condition, destination=Domain(condition.destination.name))
    return condition


def cache_rules(most: int = 6) -> SearchStrategy[tuple[CacheRule, ...]]:
    """The rules of a file; their places say nothing."""
    rule = builds(
        CacheRule,
        condition=conditions().map(_alias),
        directive=_directives(),
        cookies=one_of(none(), integers(0, 4)),
        place=just(Place("cache.config")),
    )
    return lists(rule, max_size=most).map(tuple)


def render_cache(rules: Iterable[CacheRule], *, quoted: bool = False) -> str:
    """A file with these rules, one a line; ``quoted``: every value in quotation marks."""
    return "".join(
        " ".join(render_condition(rule.condition, quoted=quoted) + _render_actions(rule, quoted)) + "\n"
        for rule in rules
    )


def _render_actions(rule: CacheRule, quoted: bool) -> list[str]:
    name, value = _render_directive(rule.directive)
    pairs = [f"{name}={render_value(value, quoted=quoted)}"]
    if rule.cookies is not None:
        pairs.append(f"cache-responses-to-cookies={render_value(str(rule.cookies), quoted=quoted)}")
    return pairs


def _render_directive(directive: Directive) -> tuple[str, str]:
    match directive:
        case NeverCache():
            return "action", "never-cache"
        case StandardCache():
            return "action", "standard-cache"
        case ClusterCacheLocal():
            return "action", "cluster-cache-local"
        case IgnoreNoCache(client, server):
            return "action", "ignore-no-cache" if client and server else f"ignore-{_side(client)}-no-cache"
        case Revalidate(seconds):
            return "revalidate", _render_time(seconds)
        case TtlInCache(seconds):
            return "ttl-in-cache", _render_time(seconds)
        case PinInCache(seconds):
            return "pin-in-cache", _render_time(seconds)
        case impossible:
            assert_never(impossible)


def _side(client: bool) -> str:
    return "client" if client else "server"


def _render_time(seconds: int) -> str:
    """With units where there are some, so that 90 becomes 1m30."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}" if minutes else str(rest)
