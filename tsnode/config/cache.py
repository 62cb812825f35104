"""cache.config: what is stored and for how long, in spite of what requests and answers say."""

from __future__ import annotations

import re

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
from tsnode.config.cursor import Span
from tsnode.config.grammar import Label, Tag
from tsnode.config.matcher import Actions, MatcherGrammar, read_rules
from tsnode.config.matcher_tags import DESTINATIONS, SPECIFIERS, read_choice, read_domain, read_number
from tsnode.config.reading import Findings, Reading

__all__ = ["TAGS", "parse_cache"]

_PART = re.compile("([0-9]{1,12})([a-z]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = 2**31 - 1
_TIME = "numbers with w, d, h, m or s behind each, run together"
_ACTIONS: dict[str, Directive] = {
    "never-cache": NeverCache(),
    "standard-cache": StandardCache(),
    "ignore-no-cache": IgnoreNoCache(client=True, server=True),
    "ignore-client-no-cache": IgnoreNoCache(client=True, server=False),
    "ignore-server-no-cache": IgnoreNoCache(client=False, server=True),
    "cluster-cache-local": ClusterCacheLocal(),
}


def _read_time(value: Span) -> int:
    """
    Seconds, from ``1h15m20s`` and the like; a number without a unit at the end is in seconds.

    Source: Traffic Server, ``src/tscore/MatcherUtils.cc``, processDurationString.
    """
    total = at = 0
    while at < len(value.text):
        found = _PART.match(value.text, at)
        if found is None or found[2] not in _SECONDS or (not found[2] and found.end() < len(value.text)):
            raise value.part(at).error(f"{value.text!r} is no time", f"{_TIME}, such as 1h15m20s")
        total += int(found[1]) * _SECONDS[found[2]]
        at = found.end()
    if not at:
        raise value.error("the time is empty", _TIME)
    if total > _LONGEST:
        raise value.error(f"{value.text!r} is too long", f"{_LONGEST} s at most")
    return total


ACTION = Label(
    Tag("action", ", ".join(_ACTIONS), "",
        "never-cache: neither served nor stored, unless there is a ttl-in-cache. standard-cache takes that back. "
        "ignore-client-no-cache and ignore-server-no-cache: no-cache of clients, of origins is taken as absent; "
        "ignore-no-cache: both. cluster-cache-local has no effect.", "action=never-cache"),
    lambda value: _ACTIONS[read_choice(value, "action", tuple(_ACTIONS))],
)  # fmt: skip
REVALIDATE: Label[Directive] = Label(
    Tag("revalidate", _TIME, "", "What is stored is fresh up to that age, whatever its fields say.", "revalidate=1d"),
    lambda value: Revalidate(_read_time(value)),
)
TTL: Label[Directive] = Label(
    Tag("ttl-in-cache", _TIME, "",
        "Answers are stored and fresh for so long, whatever their fields say, even with never-cache. 0 has no effect.",
        "ttl-in-cache=1h30m"),
    lambda value: TtlInCache(_read_time(value)),
)  # fmt: skip
PIN: Label[Directive] = Label(
    Tag("pin-in-cache", _TIME, "",
        "What is stored is not evicted for so long, with proxy.config.cache.permit.pinning 1.", "pin-in-cache=2d"),
    lambda value: PinInCache(_read_time(value)),
)  # fmt: skip
COOKIES = Label(
    Tag("cache-responses-to-cookies", "0 to 4", "proxy.config.http.cache.cache_responses_to_cookies",
        "That variable's value for these requests; beside one of the others.", "cache-responses-to-cookies=1"),
    lambda value: read_number(value, 0, 4, "style of caching"),
)  # fmt: skip

_DIRECTIVES: tuple[Label[Directive], ...] = (ACTION, REVALIDATE, TTL, PIN)
_GRAMMAR = MatcherGrammar(
    # the manual calls dest_host an alias of dest_domain
    destinations=tuple(
        Label(
            Tag("dest_host", "a domain", "", "The same as dest_domain.", "dest_host=www.example.com"), read_domain
        ) if label.name == "dest_host" else label
        for label in DESTINATIONS
    ),
    specifiers=SPECIFIERS,
    actions=(*_DIRECTIVES, COOKIES),
)  # fmt: skip

TAGS = _GRAMMAR.tags
"""Everything that a line of cache.config may say."""


def parse_cache(file: str, text: str) -> Reading[tuple[CacheRule, ...]]:
    """
    The rules of a file in their order, less the faulty ones.

    Source: Traffic Server, cache.config; ``proxy/CacheControl.cc``.
    """
    findings = Findings()
    rulings = read_rules(_GRAMMAR, file, text, _build, findings)
    return findings.reading(
        tuple([
            CacheRule(condition=where, directive=directive, cookies=cookies, place=place)
            for where, (directive, cookies), place in rulings
        ])
    )  # fmt: skip


def _build(line: Actions) -> tuple[Directive, int | None]:
    found = [label for label in _DIRECTIVES if line.has(label)]
    names = "action, revalidate, ttl-in-cache or pin-in-cache"
    if not found:
        end = line.line.part(len(line.line.text))
        raise end.error("the line says nothing about caching", names)
    if len(found) > 1:
        raise line.where(found[1]).error(f"beside {found[0].name} there is another one", f"one of {names} in a line")
    directive = line.find(found[0])
    assert directive is not None
    return directive, line.find(COOKIES)
