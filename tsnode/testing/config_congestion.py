"""Hypothesis strategies for the rules of congestion.config, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from hypothesis.strategies import SearchStrategy, builds, integers, just, lists, one_of, sampled_from

from tsnode.hierarchy.congestion import CongestionLimits, CongestionRule, CongestionScheme
from tsnode.matching.destinations import ExactUrl
from tsnode.model.errors import Place
from tsnode.testing.config_rules import conditions, render_condition, render_value

__all__ = ["congestion_limits", "congestion_rules", "render_congestion"]


def congestion_limits() -> SearchStrategy[CongestionLimits]:
    """Limits, each of them anything it may be."""
    number = one_of(integers(1, 500), just(2**31 - 1))
    return builds(
        CongestionLimits,
        max_connection_failures=one_of(just(-1), integers(1, 65535)),
        fail_window=number,
        proxy_retry_interval=number,
        client_wait_interval=number,
        wait_interval_alpha=number,
        live_os_conn_timeout=number,
        live_os_conn_retries=number,
        dead_os_conn_timeout=number,
        dead_os_conn_retries=number,
        max_connection=integers(-1, 9),
        error_page=sampled_from(("congestion#retryAfter", "two words")),
        congestion_scheme=sampled_from(CongestionScheme),
    )


def congestion_rules(most: int = 6) -> SearchStrategy[tuple[CongestionRule, ...]]:
    """The rules of a file; their places say nothing."""
    rule = builds(
        CongestionRule,
        condition=conditions().filter(lambda condition: not isinstance(condition.destination, ExactUrl)),
        limits=one_of(just(CongestionLimits()), congestion_limits()),
        place=just(Place("congestion.config")),
    )
    return lists(rule, max_size=most).map(tuple)


def render_congestion(rules: Iterable[CongestionRule], *, quoted: bool = False) -> str:
    """A file with these rules, one a line, without what is the default; ``quoted``: every value in quotation marks."""
    return "".join(
        " ".join(render_condition(rule.condition, quoted=quoted) + _render_limits(rule.limits, quoted)) + "\n"
        for rule in rules
    )


def _render_limits(limits: CongestionLimits, quoted: bool) -> list[str]:
    pairs = []
    for each in fields(limits):
        value = getattr(limits, each.name)
        if value != each.default:
            text = value.value if isinstance(value, CongestionScheme) else str(value)
            pairs.append(f"{each.name}={render_value(text, quoted=quoted)}")
    return pairs
