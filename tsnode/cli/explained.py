"""An explanation as text, in the order of a request's journey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import TypeVar, assert_never

from tsnode.caching.request_facts import RequestFacts
from tsnode.caching.reuse import Forward, NotCached, Reuse, Revalidate, Serve
from tsnode.caching.storing import DoNotStore, Store
from tsnode.cli.wording import (
    tell_allowed,
    tell_bypass,
    tell_directive,
    tell_effect,
    tell_moment,
    tell_octets,
    tell_parents,
    tell_place,
    tell_seconds,
    tell_verdict,
)
from tsnode.matching.condition import Matched
from tsnode.matching.index import Rule
from tsnode.routing.remap import Denied, Mapped, Redirected, Unchanged, Unmapped
from tsnode.transaction.explanation import (
    CachingShown,
    Closed,
    Explanation,
    Judged,
    ParentsShown,
    Proceeds,
    Refused,
    Routed,
    StoringShown,
)

__all__ = ["MOST_SHOWN", "render_text", "shown", "tell_reuse"]

R = TypeVar("R", bound=Rule)

MOST_SHOWN = 20
"""Up to so many rules of a file are all shown; of more only those that come near."""

_NOT_APPLIED = "  (this version reads the file and does not act on it yet: the rest is decided without it)"


def shown(judged: Judged[R], show_all: bool) -> Judged[R]:
    """The rules of a file that are worth showing."""
    if show_all or len(judged.verdicts) <= MOST_SHOWN:
        return judged
    return Judged(judged.nearest().verdicts[:MOST_SHOWN])


def render_text(explanation: Explanation, show_all: bool) -> str:
    """All of it; ``show_all``: every rule, whatever it has to do with the request."""
    sections = [
        ("Request", _request(explanation)),
        ("Access", _access(explanation)),
        ("Remapping", _mapping(explanation)),
    ]
    routed = explanation.routed
    if routed is not None:
        sections += [
            ("Cache", _cache(routed)),
            ("cache.config", _caching(routed.caching, routed.address_known, show_all)),
            ("parent.config", _parents(routed.parents, routed.address_known, show_all)),
        ]
    sections.append(("Outcome", _outcome(explanation)))
    if explanation.question.response is not None:
        sections.append(("Answer", _answer(explanation)))
    if explanation.storing is not None:
        sections.append(("Freshness", _freshness(explanation.storing)))
    return "\n".join(f"{title}\n" + "".join(f"{line}\n" for line in lines) for title, lines in sections if lines)


def _row(name: str, value: str) -> str:
    return f"  {name:<22}{value}"


def _request(explanation: Explanation) -> list[str]:
    question = explanation.question
    request = question.request
    lines = [
        _row("request line", f"{tell_octets(request.method)} {tell_octets(request.target)} HTTP/1.1"),
        _row("host", tell_octets(request.host) or "none"),
        _row("from", f"{question.client}, by port {question.port}"),
        _row("at", tell_moment(question.now)),
    ]
    if explanation.target is not None and explanation.target.scheme:
        lines.append(_row("URL", tell_octets(explanation.target.url)))
    return lines


def _access(explanation: Explanation) -> list[str]:
    access = explanation.access
    if access.rule is None:
        by = "no rule of ip_allow is for this client"
    elif access.rule.place is None:
        by = "there is no ip_allow file: clients on this machine only"
    else:
        by = tell_place(access.rule.place)
    return [_row("rule", by), _row("permits", tell_allowed(access.allowed))]


def _mapping(explanation: Explanation) -> list[str]:
    match explanation.mapping:
        case None:
            return []
        case Mapped(target, rule):
            return [
                _row("rule", f"{tell_place(rule.place)} ({rule.kind.value})"),
                _row("URL after it", tell_octets(target.url)),
            ]
        case Redirected(location, status, rule):
            by = "proxy.config.header.parse.no_host_url_redirect" if rule is None else tell_place(rule.place)
            return [_row("rule", by), _row("sends the client to", f"{tell_octets(location)} ({status})")]
        case Denied(because):
            return [_row("denied", because)]
        case Unmapped():
            return [_row("rule", "none is for this URL, and one is needed")]
        case Unchanged():
            return [_row("rule", "none is for this URL, and none is needed")]
        case impossible:
            assert_never(impossible)


def _cache(routed: Routed) -> list[str]:
    facts = routed.facts
    looked_up = "yes" if facts.bypass is None else f"no: {tell_bypass(facts.bypass)}"
    lines = [_row("key", tell_octets(facts.key)), _row("looked up", looked_up)]
    lines += [_row("the request says", said) for said in _said(facts)]
    if routed.empty is not None:
        lines.append(_row("with nothing stored", tell_reuse(routed.empty)))
    return lines


def _said(facts: RequestFacts) -> Iterator[str]:
    """What a request says about caching, as far as it is heeded."""
    said = facts.said
    directives = (
        ("no-cache", said.no_cache), ("no-store", said.no_store), ("only-if-cached", said.only_if_cached),
        ("max-age", said.max_age), ("max-stale", said.max_stale), ("min-fresh", said.min_fresh),
    )  # fmt: skip
    for name, value in directives:
        if value is True:
            yield name
        elif value is not None and value is not False:
            yield name if value == inf else f"{name}={value:.0f}"
    for name, there in (
        ("Authorization", facts.has_authorization),
        ("Cookie", facts.has_cookie),
        ("a precondition", facts.conditional),
        ("Range", facts.range is not None),
    ):
        if there:
            yield f"it has {name}"


def tell_reuse(reuse: Reuse) -> str:
    """What is done with what is stored."""
    match reuse:
        case Serve(warning=None):
            return "served"
        case Serve(refresh=True):
            return "served although it is stale, as its origin lets it be, and then revalidated"
        case Serve():
            return "served although it is stale, as the client takes it so"
        case Revalidate(because=because):
            return f"revalidated: {because.value}"
        case Forward(because=because):
            return f"fetched: {because.value}"
        case NotCached():
            return "504: the client takes only what is stored"
        case impossible:
            assert_never(impossible)


def _rules(
    judged: Judged[R], address_known: bool, show_all: bool, tell: Callable[[R], str]
) -> list[str]:
    """The rules with their verdicts, and how many there are besides."""
    picked = shown(judged, show_all).verdicts
    lines = []
    for rule, verdict in picked:
        mark = "+" if isinstance(verdict, Matched) else "-"
        told = tell_verdict(verdict, address_known=address_known)
        lines.append(f"  {mark} {tell_place(rule.place)}  {tell(rule)}: {told}")
    left_out = len(judged.verdicts) - len(picked)
    if left_out:
        lines.append(f"  {left_out} more {_plural(left_out, 'rule')} not shown; --all shows all")
    return lines


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def _caching(caching: CachingShown, address_known: bool, show_all: bool) -> list[str]:
    if not caching.judged.verdicts:
        return ["  no rules"]
    lines = _rules(caching.judged, address_known, show_all, tell_directive)
    for name, decided in tell_effect(caching.effect):
        value = str(decided.value).lower() if isinstance(decided.value, bool) else str(decided.value)
        lines.append(f"  = {name}: {value}, by {tell_place(decided.rule.place)}")
    return lines


def _parents(parents: ParentsShown, address_known: bool, show_all: bool) -> list[str]:
    if not parents.judged.verdicts and not parents.default:
        return ["  no rules"]
    lines = [] if parents.applied else [_NOT_APPLIED]
    lines += _rules(
        parents.judged, address_known, show_all, lambda rule: tell_parents(rule.plan.parents) or "no parents"
    )
    if parents.rule is not None:
        lines.append(f"  = {tell_place(parents.rule.place)} applies, as the first that matches")
    elif parents.default:
        lines.append(f"  = no rule applies: {tell_parents(parents.default)} (proxy.config.http.parent_proxies)")
    else:
        lines.append("  = no rule applies")
    return lines


def _outcome(explanation: Explanation) -> list[str]:
    match explanation.outcome:
        case Closed():
            return [_row("client", "its connection is closed without an answer")]
        case Refused(status, reason, problem):
            return [_row("client", f"{status} {tell_octets(reason)}: {problem}")]
        case Redirected(location) as redirected:
            status = redirected.status_for(explanation.question.request.version)
            return [_row("client", f"{status}, Location: {tell_octets(location)}")]
        case Proceeds(step):
            lines = [_row("then", step.value)]
        case impossible:
            assert_never(impossible)
    routed = explanation.routed
    if explanation.going is not None:
        if routed is not None:
            lines.append(_row("Host for the next hop", tell_octets(routed.host)))
        lines.append(_row("ip_allow, apply: out", explanation.going.value))
    return lines


def _answer(explanation: Explanation) -> list[str]:
    storing = explanation.storing
    if storing is None:
        return [_row("not looked at", "no next hop would be asked")]
    response = storing.response
    lines = [_row("status", f"{response.status} {tell_octets(response.reason)}".rstrip())]
    match storing.storing:
        case Store():
            lines.append(_row("stored", "yes"))
        case DoNotStore(because):
            lines.append(_row("stored", f"no: {because.value}"))
        case impossible:
            assert_never(impossible)
    if storing.again is not None:
        lines.append(_row("the same again, then", tell_reuse(storing.again)))
    return lines + [_row("drops what is stored at", tell_octets(key)) for key in storing.invalidates]


def _freshness(storing: StoringShown) -> list[str]:
    """The terms, one after the other as they are worked out."""
    found = storing.reckoning
    rows: list[tuple[str, str]] = [
        ("Date", tell_moment(found.date) + ("" if found.date_stated else " (none stated: when it came)")),
        ("Age", "none" if found.age_field is None else tell_seconds(found.age_field)),
        ("age when it came", tell_seconds(found.initial_age)),
        ("lifetime from", found.source.label + ("" if found.source.stated else " (a guess)")),
        ("lifetime so", tell_seconds(found.unbounded)),
        ("bounds", f"{tell_seconds(found.lowest)} to {tell_seconds(found.highest)}"),
        ("lifetime", tell_seconds(found.terms.lifetime)),
        ("age now", tell_seconds(found.age)),
    ]
    if found.ttl:
        rows.append(("by cache.config", f"fresh for {tell_seconds(found.ttl)} after it came"))
    elif found.revalidate_after is not None:
        rows.append(("by cache.config", f"fresh up to an age of {tell_seconds(found.revalidate_after)}"))
    rows.append(("fresh until", "never" if found.fresh_until is None else tell_moment(found.fresh_until)))
    return [_row(name, value) for name, value in rows]
