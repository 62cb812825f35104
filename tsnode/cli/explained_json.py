"""An explanation as a JSON document. Names and meanings stay; later versions may add to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, assert_never

from tsnode.caching.storing import DoNotStore, Store
from tsnode.cli.explained import shown, tell_reuse
from tsnode.cli.wording import tell_bypass, tell_directive, tell_effect, tell_octets, tell_parents, tell_verdict
from tsnode.matching.condition import Matched
from tsnode.matching.index import Rule
from tsnode.model.errors import Place
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

__all__ = ["Json", "as_document"]

Json = str | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

R = TypeVar("R", bound=Rule)


def as_document(explanation: Explanation, show_all: bool) -> Mapping[str, Json]:
    """All of it; what the journey does not come to is null. Moments are seconds since the epoch, durations seconds."""
    question = explanation.question
    routed = explanation.routed
    target = explanation.target
    rule = explanation.access.rule
    allowed = explanation.access.allowed
    return {
        "request": {
            "method": tell_octets(question.request.method),
            "target": tell_octets(question.request.target),
            "host": tell_octets(question.request.host),
            "client": question.client,
            "port": question.port,
            "at": question.now,
            "url": tell_octets(target.url) if target is not None and target.scheme else None,
        },
        "access": {
            "rule": None if rule is None or rule.place is None else _place(rule.place),
            "only": allowed.only,
            "methods": sorted(tell_octets(method) for method in allowed.methods),
            "permitted": allowed.permits(question.request.method),
        },
        "mapping": _mapping(explanation),
        "cache": None if routed is None else _cache(routed),
        "cache_config": None if routed is None else _caching(routed.caching, routed.address_known, show_all),
        "parent_config": None if routed is None else _parents(routed.parents, routed.address_known, show_all),
        "destination": None if explanation.going is None else explanation.going.name.lower(),
        "outcome": _outcome(explanation),
        "answer": None if explanation.storing is None else _answer(explanation.storing),
    }


def _place(place: Place) -> Json:
    return {"file": place.file, "line": place.line, "column": place.column}


def _mapping(explanation: Explanation) -> Json:
    match explanation.mapping:
        case None:
            return None
        case Mapped(target, rule):
            return {"decision": "mapped", "rule": _place(rule.place), "url": tell_octets(target.url)}
        case Redirected(location, status, by):
            place = None if by is None else _place(by.place)
            return {"decision": "redirected", "rule": place, "location": tell_octets(location), "status": status}
        case Denied(because):
            return {"decision": "denied", "because": because}
        case Unmapped(status, reason):
            return {"decision": "unmapped", "status": status, "reason": tell_octets(reason)}
        case Unchanged():
            return {"decision": "unchanged"}
        case impossible:
            assert_never(impossible)


def _cache(routed: Routed) -> Json:
    facts = routed.facts
    return {
        "key": tell_octets(facts.key),
        "url": tell_octets(facts.url),
        "looked_up": facts.bypass is None,
        "because": None if facts.bypass is None else tell_bypass(facts.bypass),
        "permits_lookup": facts.permits_lookup,
        "permits_storing": facts.permits_storing,
        "only_if_cached": facts.only_if_cached,
        "with_nothing_stored": None if routed.empty is None else tell_reuse(routed.empty),
        "host_for_next_hop": tell_octets(routed.host),
    }


def _rules(judged: Judged[R], address_known: bool, show_all: bool, tell: Callable[[R], str]) -> Mapping[str, Json]:
    picked = shown(judged, show_all).verdicts
    return {
        "rules": [
            {
                "rule": _place(rule.place),
                "says": tell(rule),
                "matched": isinstance(verdict, Matched),
                "verdict": tell_verdict(verdict, address_known=address_known),
            }
            for rule, verdict in picked
        ],
        "not_shown": len(judged.verdicts) - len(picked),
    }


def _caching(caching: CachingShown, address_known: bool, show_all: bool) -> Json:
    effect: dict[str, Json] = {
        name: {"value": decided.value, "rule": _place(decided.rule.place)}
        for name, decided in tell_effect(caching.effect)
    }
    rules = _rules(caching.judged, address_known, show_all, tell_directive)
    return {**rules, "decided": effect}


def _parents(parents: ParentsShown, address_known: bool, show_all: bool) -> Json:
    return {
        **_rules(parents.judged, address_known, show_all, lambda rule: tell_parents(rule.plan.parents) or "no parents"),
        "rule": None if parents.rule is None else _place(parents.rule.place),
        "default_parents": tell_parents(parents.default),
        "applied": parents.applied,
    }


def _outcome(explanation: Explanation) -> Json:
    match explanation.outcome:
        case Closed():
            return {"kind": "closed"}
        case Refused(status, reason, problem):
            return {"kind": "refused", "status": status, "reason": tell_octets(reason), "problem": problem}
        case Redirected(location) as redirected:
            status = redirected.status_for(explanation.question.request.version)
            return {"kind": "redirected", "status": status, "location": tell_octets(location)}
        case Proceeds(step):
            return {"kind": "proceeds", "step": step.name.lower(), "asks_next_hop": explanation.asks}
        case impossible:
            assert_never(impossible)


def _answer(storing: StoringShown) -> Json:
    found = storing.reckoning
    match storing.storing:
        case Store():
            because = None
        case DoNotStore(reason):
            because = reason.name.lower()
        case impossible:
            assert_never(impossible)
    return {
        "status": storing.response.status,
        "stored": because is None,
        "because": because,
        "again": None if storing.again is None else tell_reuse(storing.again),
        "invalidates": [tell_octets(key) for key in storing.invalidates],
        "date": found.date,
        "date_stated": found.date_stated,
        "age_field": found.age_field,
        "initial_age": found.initial_age,
        "lifetime_source": found.source.label,
        "lifetime_unbounded": found.unbounded,
        "lifetime_bounds": [found.lowest, found.highest],
        "lifetime": found.terms.lifetime,
        "current_age": found.age,
        "fresh_until": found.fresh_until,
    }
