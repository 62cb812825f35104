"""Rules of remap.config: a strategy, and the lines that say them."""

from __future__ import annotations

from hypothesis.strategies import (
    SearchStrategy,
    booleans,
    builds,
    frozensets,
    just,
    lists,
    none,
    one_of,
    sampled_from,
    text,
)

from tsnode.model.errors import Place
from tsnode.model.expressions import Expression, compile_expression
from tsnode.routing.rules import ClientRange, MapFilter, RemapRule, Replacement, RuleKind, Source
from tsnode.testing.config_ip_allow import address_ranges

__all__ = ["remap_rules", "render_remap", "without_places"]


def remap_rules() -> SearchStrategy[RemapRule]:
    """Rules of every kind but map_with_referer, whose place is no real one."""
    hosts = sampled_from([b"a.example", b"b", b"[::1]", b"10.0.0.1", b"x_y"])
    paths = text("abc/%41._~-", max_size=8).map(lambda path: b"/" + path.encode("ascii"))
    ports = sampled_from([80, 81, 443, 65535])
    expressions = sampled_from([r"a.*", r"^(x|y)\.z$", r"(?:a)(b)?", r"h:", r"[a:z]+"]).map(
        lambda pattern: compile_expression(pattern, ignore_case=True)
    )
    sources = one_of(
        builds(Source, sampled_from([b"http", b"https", b"ws"]), hosts, ports, paths),
        builds(Source, just(b"http"), expressions, ports, paths),
        builds(Source, just(b""), just(b""), just(0), paths),
    )
    clients = lists(builds(ClientRange, address_ranges(), booleans()), max_size=2).map(tuple)
    methods = frozensets(sampled_from([b"GET", b"PUT"]))
    return builds(
        RemapRule,
        kind=sampled_from([kind for kind in RuleKind if kind is not RuleKind.MAP_WITH_REFERER]),
        source=sources,
        replacement=builds(Replacement, just(b"http"), hosts, ports, paths),
        filter=one_of(none(), builds(MapFilter, booleans(), methods, clients)),
        place=just(Place("remap.config")),
    ).filter(_is_writable)


def _is_writable(rule: RemapRule) -> bool:
    """Whether remap.config can say it."""
    if rule.kind is RuleKind.REVERSE_MAP:
        return isinstance(rule.source.host, bytes) and rule.source.host != b""
    return True


def render_remap(rule: RemapRule) -> str:
    """The line that says it."""
    by_expression = "regex_" if isinstance(rule.source.host, Expression) else ""
    words = [by_expression + rule.kind.value, rule.source.url.decode(), rule.replacement.url.decode()]
    if rule.filter is not None:
        words.append(f"@action={'allow' if rule.filter.allow else 'deny'}")
        words += [f"@method={method.decode()}" for method in sorted(rule.filter.methods)]
        words += [f"@src_ip={'~' * known.outside}{known.addresses}" for known in rule.filter.clients]
    return " ".join(words)


def without_places(rules: tuple[RemapRule, ...]) -> list[tuple[object, ...]]:
    """What rules say, whatever lines they stand in, so that they can be compared."""
    return [(rule.kind, rule.source, rule.replacement, rule.filter, rule.overrides) for rule in rules]
