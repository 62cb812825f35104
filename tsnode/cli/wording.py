"""How rules, verdicts and decisions are told to people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never

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
)
from tsnode.caching.request_facts import NotLookupable
from tsnode.hierarchy.rules import Parent
from tsnode.matching.condition import Covered, Failed, GivenUp, Matched, Verdict
from tsnode.matching.destinations import (
    Addresses,
    Destination,
    Domain,
    ExactUrl,
    Host,
    HostExpression,
    UrlExpression,
)
from tsnode.matching.specifiers import (
    Clients,
    DayTime,
    Internal,
    LocalPort,
    Method,
    Ports,
    Prefix,
    Scheme,
    Specifier,
    Suffix,
    TagName,
)
from tsnode.model.errors import Place
from tsnode.routing.access import Allowed

__all__ = [
    "tell_allowed",
    "tell_bypass",
    "tell_directive",
    "tell_effect",
    "tell_moment",
    "tell_octets",
    "tell_parents",
    "tell_part",
    "tell_place",
    "tell_seconds",
    "tell_verdict",
]

_BYPASS = {
    NotLookupable.CACHING_IS_OFF: "caching is off (proxy.config.http.cache.http)",
    NotLookupable.NEVER_CACHE: "a rule says so (never-cache in cache.config)",
    NotLookupable.BUSY: "another request is storing it (proxy.config.http.cache.open_write_fail_action)",
    NotLookupable.METHOD: "the method has no part in caching",
    NotLookupable.DYNAMIC: "the URL looks dynamic (proxy.config.http.cache.cache_urls_that_look_dynamic)",
    NotLookupable.RANGE: "a part is asked for (proxy.config.http.cache.range.lookup)",
}


def tell_octets(octets: bytes) -> str:
    """Octets as text, those that are no visible ASCII character escaped."""
    return octets.decode("latin-1").encode("unicode_escape").decode("ascii")


def tell_place(place: Place) -> str:
    """File and line; the column of a rule is that of its first word and says nothing."""
    return f"{place.file}:{place.line}" if place.line else place.file


def tell_moment(moment: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC, and as a number where the calendar ends."""
    try:
        return datetime.fromtimestamp(moment // 1, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{moment:.0f} seconds since 1970"


def tell_seconds(seconds: float) -> str:
    """A duration in seconds, a fraction only where there is one."""
    return f"{seconds:.0f} s" if seconds == seconds // 1 else f"{seconds:.3f} s"


def tell_allowed(allowed: Allowed) -> str:
    """Which methods are permitted."""
    if allowed.all:
        return "every method"
    if allowed.none:
        return "no method"
    names = ", ".join(sorted(tell_octets(name) for name in allowed.methods))
    return names if allowed.only else f"every method but {names}"


def tell_bypass(bypass: NotLookupable) -> str:
    """Why the cache is not looked at."""
    return _BYPASS[bypass]


def tell_part(part: Destination | Specifier) -> str:
    """A destination or specifier as it may be written in its file."""
    return f"{part.label}={_value(part)}"


def _value(part: Destination | Specifier) -> str:
    match part:
        case Host(text) | Prefix(text) | TagName(text) | Scheme(text) | ExactUrl(text):
            return text
        case Domain(name):
            return name or "."
        case Addresses(span) | Clients(span):
            return str(span)
        case UrlExpression(expression) | HostExpression(expression):
            return expression.text
        case Ports(first, last):
            return f"{first}" if first == last else f"{first}-{last}"
        case Suffix(endings):
            return ",".join(endings) or "*"
        case Method(method):
            return tell_octets(method)
        case DayTime(first, last):
            return f"{_clock(first)}-{_clock(last)}"
        case Internal(wanted):
            return str(wanted).lower()
        case LocalPort(port):
            return str(port)
        case impossible:
            assert_never(impossible)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def tell_verdict(verdict: Verdict, *, address_known: bool) -> str:
    """Whether a rule matched, or why not."""
    match verdict:
        case Matched():
            return "matches"
        case Failed(Addresses() as part) if not address_known:
            return f"{tell_part(part)} cannot be decided: the host's address is not known here"
        case Failed(part):
            return f"{tell_part(part)} does not hold"
        case Covered(place):
            return f"the address belongs to {tell_place(place)}"
        case GivenUp(timeout):
            return f"given up: {timeout}"
        case impossible:
            assert_never(impossible)


def tell_directive(rule: CacheRule) -> str:
    """What a rule of cache.config does, as it may be written there."""
    told = _directive(rule.directive)
    return told if rule.cookies is None else f"{told} cache-responses-to-cookies={rule.cookies}"


def _directive(directive: Directive) -> str:
    match directive:
        case NeverCache():
            return "action=never-cache"
        case StandardCache():
            return "action=standard-cache"
        case ClusterCacheLocal():
            return "action=cluster-cache-local"
        case IgnoreNoCache(client, server):
            side = "" if client and server else "client-" if client else "server-"
            return f"action=ignore-{side}no-cache"
        case Revalidate(seconds):
            return f"revalidate={seconds}s"
        case TtlInCache(seconds):
            return f"ttl-in-cache={seconds}s"
        case PinInCache(seconds):
            return f"pin-in-cache={seconds}s"
        case impossible:
            assert_never(impossible)


def tell_effect(effect: CacheEffect) -> list[tuple[str, Decided[bool] | Decided[int]]]:
    """What rules come to: each decision with its name and the rule that it comes from."""
    named: list[tuple[str, Decided[bool] | Decided[int] | None]] = [
        ("never-cache", effect.never_cache),
        ("ignore-client-no-cache", effect.ignore_client_no_cache),
        ("ignore-server-no-cache", effect.ignore_server_no_cache),
        ("revalidate", effect.revalidate),
        ("ttl-in-cache", effect.ttl_in_cache),
        ("pin-in-cache", effect.pin_in_cache),
        ("cache-responses-to-cookies", effect.cookies),
    ]
    return [(name, decided) for name, decided in named if decided is not None]


def tell_parents(parents: tuple[Parent, ...]) -> str:
    """Parents as they may be written in parent.config, without their weights."""
    return ";".join(
        f"[{parent.host}]:{parent.port}" if ":" in parent.host else f"{parent.host}:{parent.port}"
        for parent in parents
    )
