"""What a node would do with one request, and why: a value, made by the code that decides in traffic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Generic, TypeVar

from tsnode.caching.invalidation import keys_to_invalidate
from tsnode.caching.overrides import CacheEffect, CacheRule, fold_found
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.reckoning import Reckoning, reckon
from tsnode.caching.request_facts import RequestFacts
from tsnode.caching.reuse import NotCached, Reuse, decide_reuse
from tsnode.caching.storing import Store, Storing, decide_storing, with_negative_expires
from tsnode.config.tree import Configuration
from tsnode.hierarchy.rules import Parent, ParentRule
from tsnode.matching.condition import Failed, Verdict
from tsnode.matching.destinations import Addresses, Domain, ExactUrl, Host, HostExpression, UrlExpression
from tsnode.matching.index import Rule
from tsnode.matching.request import RuleRequest
from tsnode.model.addresses import Address, parse_address
from tsnode.model.errors import PeerError
from tsnode.model.messages import EMPTY, RequestHead, ResponseHead
from tsnode.model.target import CacheKey, Target, parse_target
from tsnode.routing.access import AccessRule, AccessRules, Allowed, find_rule
from tsnode.routing.remap import Decision, Mapped, Redirected, Unchanged
from tsnode.transaction.course import (
    Step,
    check_request,
    choose_step,
    follow_mapping,
    map_head,
    normalized,
    refuse_mapping,
    refuse_method,
    see_mapped,
    stops_here,
)
from tsnode.transaction.regimes import Regime, Regimes
from tsnode.transaction.tunnels import check_tunnel

__all__ = [
    "AccessShown",
    "CachingShown",
    "Closed",
    "Explanation",
    "Going",
    "Judged",
    "Outcome",
    "ParentsShown",
    "Proceeds",
    "Question",
    "Refused",
    "Routed",
    "StoringShown",
    "explain",
]

R_co = TypeVar("R_co", bound=Rule, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    A request as it would be read from ``client``, an address, on the listening ``port``.

    ``now`` is in seconds since the epoch, ``time_of_day`` in seconds since midnight, local time. ``address`` is that
    of the host the request goes to, None where nobody knows it. ``response`` would be the next hop's answer, at once.
    """

    request: RequestHead
    client: str
    port: int
    now: float
    time_of_day: int
    address: Address | None = None
    response: ResponseHead | None = None


@dataclass(frozen=True, slots=True)
class AccessShown:
    """What the client may do, and the rule of ip_allow that says so; None where none is for it."""

    rule: AccessRule | None
    allowed: Allowed


@dataclass(frozen=True, slots=True)
class Judged(Generic[R_co]):
    """Every rule of a file with the verdict on it, in the order of the file."""

    verdicts: tuple[tuple[R_co, Verdict], ...]

    def nearest(self) -> Judged[R_co]:
        """Those that matched, and those of which at least the destination is the request's."""
        return Judged(tuple([pair for pair in self.verdicts if not _is_far(pair[1])]))


def _is_far(verdict: Verdict) -> bool:
    elsewhere = Host | Domain | Addresses | UrlExpression | HostExpression | ExactUrl
    return isinstance(verdict, Failed) and isinstance(verdict.part, elsewhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachingShown:
    """The rules of cache.config, and what those that matched come to."""

    judged: Judged[CacheRule]
    effect: CacheEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentsShown:
    """
    The rules of parent.config, and the one that is for the request.

    Without one the ``default`` parents are. ``applied``: the node acts on it.
    """

    judged: Judged[ParentRule]
    rule: ParentRule | None
    default: tuple[Parent, ...]
    applied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoringShown:
    """
    What becomes of the answer: whether it is stored, how its freshness comes out, what it makes of stored answers.

    ``again`` is what the same request would meet at the same moment, None where nothing is stored or looked up.
    """

    response: ResponseHead
    storing: Storing
    reckoning: Reckoning
    invalidates: tuple[CacheKey, ...]
    again: Reuse | None


class Going(Enum):
    """Whether the request may be sent to the address it is for, by the ``apply: out`` rules of ip_allow."""

    UNRESTRICTED = "no rule is about destinations"
    PERMITTED = "the address may be sent this method"
    DENIED = "the address may not be sent this method: 403"
    UNKNOWN = "it depends on the host's address, which is not known here"


@dataclass(frozen=True, slots=True)
class Closed:
    """The client's connection is closed before it can ask anything."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The client gets ``status``; ``problem`` is what it is told."""

    status: int
    reason: bytes
    problem: str


@dataclass(frozen=True, slots=True)
class Proceeds:
    """The node does ``step``."""

    step: Step


Outcome = Closed | Refused | Redirected | Proceeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """
    A request that remap.config lets go on: where to, under which Host, and what the files say about it there.

    ``policy`` is what caching goes by, after the rules of remap.config and cache.config.
    ``empty`` is what is decided where nothing is stored; None where the cache is not looked at. ``address_known``
    tells whether the address of the host could be compared with rules.
    """

    target: Target
    host: bytes
    facts: RequestFacts
    empty: Reuse | None
    caching: CachingShown
    policy: CachingPolicy
    parents: ParentsShown
    address_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    The answer to a :class:`Question`, in the order of the journey; what the journey does not come to is None.

    ``mapping`` is None where mapping has no part in the request. ``asks``: something would be sent to a next hop if
    nothing were stored.
    """

    question: Question
    access: AccessShown
    target: Target | None = None
    mapping: Decision | None = None
    routed: Routed | None = None
    going: Going | None = None
    outcome: Outcome
    storing: StoringShown | None = None

    @property
    def asks(self) -> bool:
        """Whether a next hop is asked where nothing is stored."""
        if self.going is None or self.going is Going.DENIED:
            return False
        return self.routed is None or not isinstance(self.routed.empty, NotCached)


def explain(tree: Configuration, question: Question) -> Explanation:
    """What a node with the configuration ``tree``, and nothing stored, would do with a request."""
    request = question.request
    access = _show_access(tree.access, question.client)
    if access.allowed.none:
        return Explanation(question=question, access=access, outcome=Closed())
    target = mapping = None
    try:
        check_request(request, request.framing is not EMPTY, tree.settings)
        target = parse_target(request.method, request.target, request.host)
        if not access.allowed.permits(request.method):
            raise refuse_method()
        step = stops_here(request)
        if step is not None:
            going = None
            if step is Step.TUNNEL:
                check_tunnel(target, tree.settings)
                going = _judge_destination(tree, question, _literal(target) or question.address)
            return Explanation(
                question=question, access=access, target=target, going=going, outcome=Proceeds(step)
            )
        mapping = map_head(tree.remap, request, target, question.client, question.port)
        if isinstance(mapping, Redirected):
            return Explanation(question=question, access=access, target=target, mapping=mapping, outcome=mapping)
        if not isinstance(mapping, Mapped | Unchanged):
            raise refuse_mapping(mapping)
        return _explain_routed(tree, question, access, target, mapping)
    except PeerError as error:
        refused = Refused(error.status, error.reason, str(error))
        return Explanation(question=question, access=access, target=target, mapping=mapping, outcome=refused)


def _show_access(rules: AccessRules, client: str) -> AccessShown:
    address = parse_address(client)
    rule = None if address is None else find_rule(rules.inbound, address)
    return AccessShown(rule, rules.methods_for(client))


def _literal(target: Target) -> Address | None:
    return parse_address(target.host.decode("latin-1").strip("[]"))


def _judge_destination(tree: Configuration, question: Question, address: Address | None) -> Going:
    if not tree.access.outbound:
        return Going.UNRESTRICTED
    if address is None:
        return Going.UNKNOWN
    permitted = tree.access.methods_to(str(address)).permits(question.request.method)
    return Going.PERMITTED if permitted else Going.DENIED


def _explain_routed(
    tree: Configuration, question: Question, access: AccessShown, target: Target, mapping: Mapped | Unchanged
) -> Explanation:
    request = question.request
    goal = mapping.target if isinstance(mapping, Mapped) else target
    seen = see_mapped(
        mapping,
        request,
        goal,
        client=question.client,
        port=question.port,
        time_of_day=question.time_of_day,
        lookup=lambda: question.address,
    )
    found = tree.caching_rules.all(seen)
    effect = fold_found(found)
    regimes = Regimes(
        Regime(tree.caching, tree.settings),
        {overrides: Regime(*values) for overrides, values in tree.overridden.items()},
        tree.caching_rules,
    )
    regime = regimes.under(regimes.of(mapping), effect)
    request = normalized(request, regime.settings)
    facts, host = follow_mapping(mapping, request, goal, regime)
    step = choose_step(request, facts)
    routed = Routed(
        target=goal,
        host=host,
        facts=facts,
        empty=decide_reuse(facts, request, (), question.now, regime.policy) if step is Step.LOOK_UP else None,
        caching=CachingShown(judged=Judged(tuple(tree.caching_rules.explain(seen))), effect=effect),
        policy=regime.policy,
        parents=_show_parents(tree, seen),
        address_known=seen.lookup() is not None,
    )
    going = None if step in (Step.PURGE, Step.PUSH) else _judge_destination(tree, question, seen.lookup())
    explanation = Explanation(
        question=question,
        access=access,
        target=target,
        mapping=mapping,
        routed=routed,
        going=going,
        outcome=Proceeds(step),
        storing=None,
    )
    if question.response is None or not explanation.asks:
        return explanation
    return replace(explanation, storing=_show_storing(question, routed, question.response))


def _show_parents(tree: Configuration, seen: RuleRequest) -> ParentsShown:
    return ParentsShown(
        judged=Judged(tuple(tree.parents.explain(seen))),
        rule=tree.parents.first(seen).first,
        default=tree.default_parents,
        applied=False,
    )


def _show_storing(question: Question, routed: Routed, response: ResponseHead) -> StoringShown:
    policy, now, facts = routed.policy, question.now, routed.facts
    storing = decide_storing(question.request, facts, response, policy, now, now)
    again: Reuse | None = None
    if isinstance(storing, Store) and routed.empty is not None:
        again = decide_reuse(facts, question.request, (storing.alternate,), now, policy)
    fields = with_negative_expires(response.fields, response.status, now, policy)
    return StoringShown(
        response=response,
        storing=storing,
        reckoning=reckon(fields, now, now, now, policy),
        invalidates=keys_to_invalidate(facts, routed.target, response, policy),
        again=again,
    )
