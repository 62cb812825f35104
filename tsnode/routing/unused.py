"""Rules of remap.config that no request ever meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tsnode.model.expressions import Expression
from tsnode.routing.remap import Precedence, precedence_of
from tsnode.routing.rules import RemapRule, RuleKind

__all__ = ["unused_rules"]

_Key = tuple[Precedence | None, bytes, bytes, int]


def unused_rules(rules: Sequence[RemapRule]) -> Iterator[tuple[RemapRule, RemapRule]]:
    """
    Each rule behind another that takes everything it is for, and that other one.

    Only what is certain is told: rules with the same scheme, host and port, or without a host, of which the first one
    has the beginning of the other's path. Expressions are not compared.
    """
    before: dict[_Key, dict[bytes, RemapRule]] = {}
    for rule in rules:
        source = rule.source
        if isinstance(source.host, Expression):
            continue
        precedence = None if rule.kind is RuleKind.REVERSE_MAP else precedence_of(rule)
        # a rule without a host asks neither for scheme nor for port
        key = (precedence, source.scheme, source.host, source.port) if source.host else (precedence, b"", b"", 0)
        paths = before.setdefault(key, {})
        for length in sorted({len(path) for path in paths}):
            earlier = paths.get(source.path[:length])
            if earlier is not None:
                yield rule, earlier
                break
        else:
            paths[source.path] = rule
