"""The lines of cache.config as values, and what all that are for a request come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar, assert_never

from tsnode.caching.policy import CachingPolicy
from tsnode.matching.condition import Condition
from tsnode.matching.index import Found
from tsnode.model.errors import Place

__all__ = [
    "CacheEffect",
    "CacheRule",
    "ClusterCacheLocal",
    "Decided",
    "Directive",
    "IgnoreNoCache",
    "NeverCache",
    "PinInCache",
    "Revalidate",
    "StandardCache",
    "TtlInCache",
    "fold_found",
    "fold_rules",
    "under",
]

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class NeverCache:
    """Neither served nor stored."""


@dataclass(frozen=True, slots=True)
class StandardCache:
    """Takes an earlier never-cache back."""


@dataclass(frozen=True, slots=True)
class IgnoreNoCache:
    """no-cache of clients, of origins or of both is taken as absent."""

    client: bool
    server: bool


@dataclass(frozen=True, slots=True)
class ClusterCacheLocal:
    """Was about clusters of Traffic Servers; has no effect."""


@dataclass(frozen=True, slots=True)
class Revalidate:
    """What is stored is fresh up to that age in seconds, whatever its fields say."""

    seconds: int


@dataclass(frozen=True, slots=True)
class TtlInCache:
    """Stored, and fresh for that many seconds, whatever its fields say; 0 takes an earlier one back."""

    seconds: int


@dataclass(frozen=True, slots=True)
class PinInCache:
    """Not evicted for that many seconds."""

    seconds: int


Directive = NeverCache | StandardCache | IgnoreNoCache | ClusterCacheLocal | Revalidate | TtlInCache | PinInCache


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRule:
    """
    One line of cache.config.

    ``cookies`` overrides ``proxy.config.http.cache.cache_responses_to_cookies``; None leaves it.
    """

    condition: Condition
    directive: Directive
    cookies: int | None = None
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Decided(Generic[T_co]):
    """A value, and the rule that it comes from."""

    value: T_co
    rule: CacheRule


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEffect:
    """
    What several rules come to; None where no rule says anything. Times are in seconds.

    ``never_cache`` is false where a rule says so: standard-cache, or ttl-in-cache, which stores all the same.
    """

    never_cache: Decided[bool] | None = None
    ignore_client_no_cache: Decided[bool] | None = None
    ignore_server_no_cache: Decided[bool] | None = None
    revalidate: Decided[int] | None = None
    ttl_in_cache: Decided[int] | None = None
    pin_in_cache: Decided[int] | None = None
    cookies: Decided[int] | None = None

    def values(self) -> tuple[int | None, ...]:
        """What is decided, without the rules; equal ones make equal policies."""
        decided = (
            self.never_cache,
            self.ignore_client_no_cache,
            self.ignore_server_no_cache,
            self.revalidate,
            self.ttl_in_cache,
            self.pin_in_cache,
            self.cookies,
        )
        return tuple([None if each is None else each.value for each in decided])


def under(policy: CachingPolicy, effect: CacheEffect) -> CachingPolicy:
    """The policy with what rules of cache.config say in its place; the very same one where they say nothing."""
    changed: dict[str, bool | int | float] = {}
    if effect.never_cache is not None:
        changed["never_cache"] = effect.never_cache.value
    if effect.ignore_client_no_cache is not None:
        changed["ignore_client_no_cache"] = True
    if effect.ignore_server_no_cache is not None:
        changed["ignore_server_no_cache"] = True
    if effect.revalidate is not None:
        changed["revalidate_after"] = float(effect.revalidate.value)
    if effect.ttl_in_cache is not None:
        changed["ttl_in_cache"] = float(effect.ttl_in_cache.value)
    if effect.pin_in_cache is not None and policy.permit_pinning:
        changed["pin_in_cache"] = float(effect.pin_in_cache.value)
    if effect.cookies is not None:
        changed["cache_responses_to_cookies"] = effect.cookies.value
    return replace(policy, **changed) if changed else policy  # type: ignore[arg-type]  # names chosen here


def fold_found(found: Found[CacheRule]) -> CacheEffect:
    """
    The same for rules as they were found for a request.

    Where nobody knows whether a rule is for it, nothing is stored or served: the rule might have said so.
    """
    effect = fold_rules(found.rules)
    if not found.given_up:
        return effect
    return replace(effect, never_cache=Decided(True, found.given_up[0][0]), ttl_in_cache=None)


def fold_rules(rules: Iterable[CacheRule]) -> CacheEffect:
    """
    What the ``rules`` for a request, in the order of the file, come to together.

    Directives of different kinds compound; of those of one kind the last one counts, as the manual has it, where
    Traffic Server takes the first. A ttl-in-cache beats never-cache wherever it stands.

    Source: Traffic Server, cache.config; ``proxy/CacheControl.cc``.
    """
    never = client = server = None
    revalidate = ttl = pin = cookies = None
    for rule in rules:
        match rule.directive:
            case NeverCache():
                never = Decided(True, rule)
            case StandardCache():
                never = Decided(False, rule)
            case IgnoreNoCache(of_client, of_server):
                client = Decided(True, rule) if of_client else client
                server = Decided(True, rule) if of_server else server
            case Revalidate(seconds):
                revalidate = Decided(seconds, rule)
            case TtlInCache(seconds):
                ttl = Decided(seconds, rule)
            case PinInCache(seconds):
                pin = Decided(seconds, rule)
            case ClusterCacheLocal():
                pass
            case impossible:
                assert_never(impossible)
        if rule.cookies is not None:
            cookies = Decided(rule.cookies, rule)
    if ttl is not None and not ttl.value:
        ttl = None
    if ttl is not None and never is not None and never.value:
        never = Decided(False, ttl.rule)
    return CacheEffect(
        never_cache=never,
        ignore_client_no_cache=client,
        ignore_server_no_cache=server,
        revalidate=revalidate,
        ttl_in_cache=ttl,
        pin_in_cache=pin,
        cookies=cookies,
    )
