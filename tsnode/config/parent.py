"""parent.config: which requests go to which parents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypedDict

from tsnode.config.cursor import Span
from tsnode.config.grammar import Label, Tag
from tsnode.config.matcher import Actions, MatcherGrammar, read_rules
from tsnode.config.matcher_tags import DESTINATIONS, SPECIFIERS, read_choice, read_number
from tsnode.config.parent_list import DEFAULT_PORT, ParentList, read_parents
from tsnode.config.reading import Findings, Reading
from tsnode.hierarchy.rules import Parent, ParentPlan, ParentRetry, ParentRule, RoundRobin, SecondaryMode

__all__ = ["TAGS", "parse_parent", "parse_parent_proxies"]

_CODE = re.compile(r"[^, \t]+")
_YES_NO = ("true", "false")
_NO_PARENTS = ParentList(())


@dataclass(frozen=True, slots=True)
class _Statuses:
    """Statuses that count, and where in the text those begin that do not."""

    codes: frozenset[int]
    dropped: tuple[int, ...] = ()


def _read_flag(value: Span) -> bool:
    return read_choice(value, "value", _YES_NO) == "true"


def _read_statuses(value: Span, least: int) -> _Statuses:
    codes = set()
    dropped = []
    for found in _CODE.finditer(value.text):
        code = read_number(value.part(*found.span()), 100, 599, "status")
        if code < least:
            dropped.append(found.start())
        else:
            codes.add(code)
    if not codes and not dropped:
        raise value.error("the list is empty", f"statuses from {least} to 599 with commas between them")
    return _Statuses(frozenset(codes), tuple(dropped))


def _read_retries(value: Span) -> int:
    return read_number(value, 1, 5, "number of retries")


PARENT = Label(
    Tag("parent", "host:port, with |weight and &hash if wanted; several with , ; or blanks between them", "",
        "The parents. A port that is missing is 8080; IPv6 addresses stand in brackets. primary_parent is the same.",
        'parent="p1.example:8080|2.0; p2.example:8080"'),
    read_parents,
)  # fmt: skip
SECONDARY = Label(
    Tag("secondary_parent", "as parent", "",
        "Parents for when the first ones cannot be used; only with round_robin=consistent_hash.",
        'secondary_parent="p3.example:8080"'),
    read_parents,
)  # fmt: skip
SECONDARY_MODE = Label(
    Tag("secondary_mode", "1, 2, 3", "1",
        "When secondary parents are tried: 1 in turn with the first ones, 2 when none of the first ones is left, "
        "3 instead of a first choice that is marked down.", "secondary_mode=2"),
    lambda value: SecondaryMode(read_number(value, 1, 3, "secondary_mode")),
    repeats=True,
)  # fmt: skip
ROUND_ROBIN = Label(
    Tag("round_robin", ", ".join(way.value for way in RoundRobin), "false",
        "How a parent is chosen: by the client's address (true), in turn (strict), always the first one that can be "
        "used (false), by the path (consistent_hash), or staying with the last one that worked (latched).",
        "round_robin=strict"),
    lambda value: RoundRobin(read_choice(value, "round_robin", tuple(way.value for way in RoundRobin))),
    repeats=True,
)  # fmt: skip
GO_DIRECT = Label(
    Tag("go_direct", "true, false", "true", "Whether the origin is asked where no parent can be used.",
        "go_direct=false"),
    _read_flag, repeats=True,
)  # fmt: skip
PARENT_IS_PROXY = Label(
    Tag("parent_is_proxy", "true, false", "true",
        "Whether the parents are proxies; else they are origins and get requests as such.", "parent_is_proxy=false"),
    _read_flag, repeats=True,
)  # fmt: skip
QSTRING = Label(
    Tag("qstring", "consider, ignore", "consider", "Whether the query takes part in consistent hashing.",
        "qstring=ignore"),
    lambda value: read_choice(value, "qstring", ("consider", "ignore")) == "ignore",
    repeats=True,
)  # fmt: skip
RETRY = Label(
    Tag("parent_retry", "simple_retry, unavailable_server_retry, both", "no retries",
        "Which statuses of a parent make another one be tried.", "parent_retry=both"),
    lambda value: ParentRetry(
        read_choice(value, "parent_retry", tuple(kind.value for kind in ParentRetry if kind is not ParentRetry.NONE))
    ),
    repeats=True,
)  # fmt: skip
SIMPLE = Label(
    Tag("simple_server_retry_responses", "statuses from 400 to 599 with commas between them", "404",
        "The statuses of simple_retry.", "simple_server_retry_responses=404,410"),
    lambda value: _read_statuses(value, 400),
)  # fmt: skip
UNAVAILABLE = Label(
    Tag("unavailable_server_retry_responses", "statuses from 500 to 599 with commas between them", "503",
        "The statuses of unavailable_server_retry.", "unavailable_server_retry_responses=502,503"),
    lambda value: _read_statuses(value, 500),
)  # fmt: skip
MAX_SIMPLE = Label(
    Tag("max_simple_retries", "1 to 5", "1", "How many retries simple_retry allows.", "max_simple_retries=2"),
    _read_retries, repeats=True,
)  # fmt: skip
MAX_UNAVAILABLE = Label(
    Tag("max_unavailable_server_retries", "1 to 5", "1", "How many retries unavailable_server_retry allows.",
        "max_unavailable_server_retries=2"),
    _read_retries, repeats=True,
)  # fmt: skip
IGNORE_SELF_DETECT = Label(
    Tag("ignore_self_detect", "true, false", "false", "Whether a parent may be this node itself.",
        "ignore_self_detect=true"),
    _read_flag, repeats=True,
)  # fmt: skip

_GRAMMAR = MatcherGrammar(
    destinations=DESTINATIONS,
    specifiers=SPECIFIERS,
    actions=(
        PARENT, SECONDARY, SECONDARY_MODE, ROUND_ROBIN, GO_DIRECT, PARENT_IS_PROXY, QSTRING, RETRY, SIMPLE,
        UNAVAILABLE, MAX_SIMPLE, MAX_UNAVAILABLE, IGNORE_SELF_DETECT,
    ),
    synonyms={"primary_parent": "parent"},
    discouraged={"round-robin": "round_robin"},
    repeated_specifiers=True,
)  # fmt: skip

TAGS = _GRAMMAR.tags
"""Everything that a line of parent.config may say."""


def parse_parent(file: str, text: str) -> Reading[tuple[ParentRule, ...]]:
    """
    The rules of a file in their order, less the faulty ones.

    A line with neither parents nor go_direct is an error and a rule all the same: its requests go to the origin.

    Source: Traffic Server, parent.config; ``proxy/ParentSelection.cc``.
    """
    findings = Findings()
    rulings = read_rules(_GRAMMAR, file, text, _build, findings)
    return findings.reading(tuple([ParentRule(*ruling) for ruling in rulings]))


def parse_parent_proxies(value: Span) -> Reading[tuple[Parent, ...]]:
    """The parents for requests that no rule is for; an empty list is none."""
    findings = Findings()
    if not value.text.strip(",; \t"):
        return findings.reading(())
    listed = findings.attempt(read_parents, value) or _NO_PARENTS
    findings.warnings += [value.part(at).error(*_PORTLESS) for at in listed.portless]
    return findings.reading(listed.parents)


_PORTLESS = (f"a parent without a port is taken for one at {DEFAULT_PORT}", f"host:{DEFAULT_PORT}")


def _build(line: Actions) -> ParentPlan:
    parents = line.get(PARENT, _NO_PARENTS)
    secondary = line.get(SECONDARY, _NO_PARENTS)
    round_robin = line.get(ROUND_ROBIN, RoundRobin.FIRST)
    go_direct = line.get(GO_DIRECT, True)
    if not parents.parents:
        _check_without_parents(line, go_direct)
    if round_robin is RoundRobin.CONSISTENT_HASH:
        _check_weights(line, PARENT, parents)
        _check_weights(line, SECONDARY, secondary)
    elif secondary.parents:
        line.warn(line.where(SECONDARY), "secondary parents have no effect here", "round_robin=consistent_hash")
    _warn_of_ports(line, PARENT, parents)
    _warn_of_ports(line, SECONDARY, secondary)
    _warn_of_repeats(line, PARENT, parents)
    _warn_of_repeats(line, SECONDARY, secondary)
    if parents.parents and go_direct and line.has(GO_DIRECT):
        problem = "with parents, go_direct=true only means that the origin is asked where no parent can be"
        line.warn(line.where(GO_DIRECT), problem, "a line without parents for requests that go direct at once")
    return ParentPlan(
        parents=parents.parents,
        secondary_parents=secondary.parents,
        round_robin=round_robin,
        go_direct=go_direct,
        **_rest(line),
    )


class _Rest(TypedDict, total=False):
    """What few lines say."""

    secondary_mode: SecondaryMode
    parent_is_proxy: bool
    ignore_query: bool
    retry: ParentRetry
    simple_statuses: frozenset[int]
    unavailable_statuses: frozenset[int]
    max_simple_retries: int
    max_unavailable_retries: int
    ignore_self_detect: bool


def _rest(line: Actions) -> _Rest:
    if not line.has_other(_COMMON):
        return {}
    retry = line.get(RETRY, ParentRetry.NONE)
    return {
        "secondary_mode": line.get(SECONDARY_MODE, SecondaryMode.ALTERNATING),
        "parent_is_proxy": line.get(PARENT_IS_PROXY, True),
        "ignore_query": line.get(QSTRING, False),
        "retry": retry,
        "simple_statuses": _statuses(line, SIMPLE, _DEFAULT_SIMPLE, retry.simple),
        "unavailable_statuses": _statuses(line, UNAVAILABLE, _DEFAULT_UNAVAILABLE, retry.unavailable),
        "max_simple_retries": line.get(MAX_SIMPLE, 1),
        "max_unavailable_retries": line.get(MAX_UNAVAILABLE, 1),
        "ignore_self_detect": line.get(IGNORE_SELF_DETECT, False),
    }


_COMMON = frozenset({PARENT.name, ROUND_ROBIN.name, GO_DIRECT.name})
_DEFAULT_SIMPLE = frozenset({404})
_DEFAULT_UNAVAILABLE = frozenset({503})


def _check_without_parents(line: Actions, go_direct: bool) -> None:
    """See that a line without parents says what it means."""
    if not go_direct:
        raise line.where(GO_DIRECT).error("without parents there is nowhere else to go", "go_direct=true, or a parent")
    if not line.has(GO_DIRECT):
        end = line.line.part(len(line.line.text))
        line.findings.errors.append(end.error("the line says neither parent nor go_direct", "one of them"))


def _check_weights(line: Actions, label: Label[ParentList], listed: ParentList) -> None:
    """See that somebody in the list gets a share; one point of 1024 is the least."""
    if listed.parents and all(parent.weight * 1024 < 0.5 for parent in listed.parents):
        raise line.where(label).error("no parent has any weight", "a weight above 0 for at least one")


def _warn_of_ports(line: Actions, label: Label[ParentList], listed: ParentList) -> None:
    for at in listed.portless:
        line.warn(line.where(label).part(at), *_PORTLESS)


def _warn_of_repeats(line: Actions, label: Label[ParentList], listed: ParentList) -> None:
    if len(listed.parents) < 2:
        return
    places = {(parent.host.lower(), parent.port, parent.hash_string) for parent in listed.parents}
    if len(places) < len(listed.parents):
        line.warn(line.where(label), f"{label.name} has a parent twice", "each one once, with a weight if wanted")


def _statuses(line: Actions, label: Label[_Statuses], default: frozenset[int], wanted: bool) -> frozenset[int]:
    """The statuses of a list, with warnings for those that have no effect."""
    listed = line.find(label)
    if listed is None:
        return default
    where = line.where(label)
    for at in listed.dropped:
        line.warn(where.part(at), "that status has no effect here", label.tag.values)
    if not wanted:
        line.warn(where, f"{label.name} has no effect here", "a parent_retry that heeds it")
    return listed.codes
