"""Hypothesis strategies for the rules of parent.config, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis.strategies import (
    SearchStrategy,
    booleans,
    builds,
    frozensets,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
)

from tsnode.hierarchy.rules import Parent, ParentPlan, ParentRetry, ParentRule, RoundRobin, SecondaryMode
from tsnode.model.errors import Place
from tsnode.testing.config_rules import conditions, render_condition, render_value

__all__ = ["parent_plans", "parent_rules", "render_parent"]

_STANDARD = ParentPlan(parents=())


def _parents(least: int) -> SearchStrategy[tuple[Parent, ...]]:
    hosts = sampled_from(("p1.example", "P2.example", "p_3", "192.0.2.9", "2001:db8::9"))
    parent = builds(
        Parent,
        hosts,
        sampled_from((1, 80, 8080, 65535)),
        # a share of at least one point of 1024, so that the list can be used
        integers(1, 4096).map(lambda points: points / 1024),
        one_of(none(), sampled_from(("a", "b|c", "p1:80"))),
    )
    return lists(parent, min_size=least, max_size=4).map(tuple)


def parent_plans() -> SearchStrategy[ParentPlan]:
    """Plans with and without parents."""
    retries = integers(1, 5)
    with_parents = builds(
        ParentPlan,
        parents=_parents(1),
        secondary_parents=_parents(0),
        secondary_mode=sampled_from(SecondaryMode),
        round_robin=sampled_from(RoundRobin),
        go_direct=booleans(),
        parent_is_proxy=booleans(),
        ignore_query=booleans(),
        retry=sampled_from(ParentRetry),
        simple_statuses=frozensets(integers(400, 599), min_size=1, max_size=3),
        unavailable_statuses=frozensets(integers(500, 599), min_size=1, max_size=3),
        max_simple_retries=retries,
        max_unavailable_retries=retries,
        ignore_self_detect=booleans(),
    )
    return one_of(just(_STANDARD), with_parents)


def parent_rules(most: int = 6) -> SearchStrategy[tuple[ParentRule, ...]]:
    """The rules of a file; their places say nothing."""
    rule = builds(ParentRule, conditions(repeated=True), parent_plans(), just(Place("parent.config")))
    return lists(rule, max_size=most).map(tuple)


def render_parent(rules: Iterable[ParentRule], *, quoted: bool = False) -> str:
    """A file with these rules, one a line; ``quoted``: every value in quotation marks."""
    return "".join(
        " ".join(render_condition(rule.condition, quoted=quoted) + _render_plan(rule.plan, quoted)) + "\n"
        for rule in rules
    )


def _render_plan(plan: ParentPlan, quoted: bool) -> list[str]:
    values = {
        "parent": ";".join(map(_render_entry, plan.parents)),
        "secondary_parent": ", ".join(map(_render_entry, plan.secondary_parents)),
        "go_direct": str(plan.go_direct).lower(),
        "round_robin": plan.round_robin.value,
        "secondary_mode": str(plan.secondary_mode.value),
        "parent_is_proxy": str(plan.parent_is_proxy).lower(),
        "qstring": "ignore" if plan.ignore_query else "consider",
        "parent_retry": "" if plan.retry is ParentRetry.NONE else plan.retry.value,
        "simple_server_retry_responses": ",".join(map(str, sorted(plan.simple_statuses))),
        "unavailable_server_retry_responses": " ".join(map(str, sorted(plan.unavailable_statuses))),
        "max_simple_retries": str(plan.max_simple_retries),
        "max_unavailable_server_retries": str(plan.max_unavailable_retries),
        "ignore_self_detect": str(plan.ignore_self_detect).lower(),
    }
    return [f"{name}={render_value(value, quoted=quoted)}" for name, value in values.items() if value]


def _render_entry(parent: Parent) -> str:
    host = f"[{parent.host}]" if ":" in parent.host else parent.host
    name = "" if parent.hash_string is None else f"&{parent.hash_string}"
    return f"{host}:{parent.port}|{parent.weight}{name}"
