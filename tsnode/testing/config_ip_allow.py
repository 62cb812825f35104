"""Rules of ip_allow.yaml and of the older ip_allow.config: strategies, and the files that say them."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis.strategies import (
    SearchStrategy,
    booleans,
    builds,
    frozensets,
    integers,
    lists,
    one_of,
    sampled_from,
    tuples,
)

from tsnode.model.addresses import AddressRange
from tsnode.routing.access import EVERYTHING, NOTHING, AccessRule, AccessRules, Allowed

__all__ = ["access_rules", "address_ranges", "render_ip_allow", "render_ip_allow_lines"]


def address_ranges() -> SearchStrategy[AddressRange]:
    """Ranges of IPv4 or IPv6 addresses; none of the latter is a mapped IPv4 address."""
    return one_of(_ranges(4, 0, 2**32 - 1), _ranges(6, 2**125, 2**128 - 1))


def _ranges(version: int, lowest: int, highest: int) -> SearchStrategy[AddressRange]:
    ends = tuples(integers(lowest, highest), integers(lowest, highest))
    return ends.map(lambda pair: AddressRange(version, min(pair), max(pair)))


def access_rules(ranges: int = 3, rules: int = 3) -> SearchStrategy[AccessRules]:
    """Rules for clients and for destinations; ip_allow.config has room for one range in each."""
    methods = frozensets(sampled_from([b"GET", b"HEAD", b"PURGE", b"PUSH", b"X-1"]), min_size=1)
    allowed = one_of(sampled_from([EVERYTHING, NOTHING]), builds(Allowed, methods, booleans()))
    several = lists(address_ranges(), min_size=1, max_size=ranges).map(tuple)
    each = lists(builds(AccessRule, several, allowed), max_size=rules).map(tuple)
    return builds(AccessRules, each, each)


def render_ip_allow(rules: AccessRules) -> str:
    """The ip_allow.yaml that says it."""
    entries = [_render_entry(direction, rule) for direction, rule in _each(rules, "in", "out")]
    return "ip_allow:\n" + "".join(entries)


def render_ip_allow_lines(rules: AccessRules) -> str:
    """The ip_allow.config that says it. Each rule has one range."""
    lines = []
    for label, rule in _each(rules, "src_ip", "dest_ip"):
        (addresses,) = rule.ranges
        action, methods = _words(rule.allowed)
        lines.append(f"{label}={addresses} action=ip_{action} method={'|'.join(methods)}\n")
    return "".join(lines)


def _each(rules: AccessRules, inbound: str, outbound: str) -> Iterator[tuple[str, AccessRule]]:
    yield from ((inbound, rule) for rule in rules.inbound)
    yield from ((outbound, rule) for rule in rules.outbound)


def _words(allowed: Allowed) -> tuple[str, list[str]]:
    """The action and the methods of a rule."""
    if allowed.all or allowed.none:
        return ("allow" if allowed.all else "deny"), ["ALL"]
    return ("allow" if allowed.only else "deny"), [method.decode("ascii") for method in sorted(allowed.methods)]


def _render_entry(direction: str, rule: AccessRule) -> str:
    action, methods = _words(rule.allowed)
    ranges = ", ".join(f"'{each}'" for each in rule.ranges)
    return (
        f"  - apply: {direction}\n    ip_addrs: [{ranges}]\n    action: {action}\n    methods: [{', '.join(methods)}]\n"
    )
