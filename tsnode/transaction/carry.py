"""The journey of one request, top to bottom. Every other step is called from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, assert_never

from twisted.python.failure import Failure

from tsnode.caching.overrides import fold_found
from tsnode.caching.reuse import (
    Forward,
    NotCached,
    Revalidate,
    Serve,
    WhyForward,
    WhyRevalidate,
    decide_reuse,
    stale_on_error,
)
from tsnode.hierarchy.next_hop import plan_hops
from tsnode.model.addresses import parse_address
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadRequest, PeerError
from tsnode.model.messages import RequestHead
from tsnode.model.target import Target, parse_target
from tsnode.ports import IContent, IReply
from tsnode.routing.remap import Denied, Mapped, Redirected, Unchanged, Unmapped
from tsnode.transaction.answers import serve_stored, turn_away
from tsnode.transaction.completion import answer_from_parts
from tsnode.transaction.course import (
    LoopFound,
    MethodDenied,
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
from tsnode.transaction.fetch import fetch_alone, serve_stale
from tsnode.transaction.local import answer_options, answer_trace, purge
from tsnode.transaction.push import store_pushed
from tsnode.transaction.refresh import refresh
from tsnode.transaction.refusal import render_refusal
from tsnode.transaction.regimes import Regime, time_of_day
from tsnode.transaction.services import Asked, Errand, Services
from tsnode.transaction.sharing import fetch_shared, follow_range
from tsnode.transaction.status import describe_local, why_forwarded
from tsnode.transaction.tunnels import open_tunnel
from tsnode.transaction.via import Trace

__all__ = ["Carrier"]

_COUNTED = {
    b"HEAD": "head_requests",
    b"POST": "post_requests",
    b"PUT": "put_requests",
    b"DELETE": "delete_requests",
    b"PURGE": "purge_requests",
    b"PUSH": "push_requests",
    b"OPTIONS": "options_requests",
    b"TRACE": "trace_requests",
    b"CONNECT": "connect_requests",
}


class Carrier:
    """Answers requests under one configuration."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def carry(self, request: RequestHead, content: IContent | None, reply: IReply) -> None:
        """Answer one request, now or later. Nothing is raised but for defects."""
        try:
            self._carry(request, content, reply)
        except PeerError as error:
            if isinstance(error, LoopFound):
                self._services.counters.loops += 1
            if isinstance(error, BadRequest | MethodDenied):
                # what follows a request that makes no sense, or may not be, need not be one
                reply.close_after_answer()
            turn_away(self._services, reply, error)

    def carry_plain(self, request: RequestHead, asked: Asked, reply: IReply) -> None:
        """The same for a plain GET of which all that :meth:`carry` would find out first is known."""
        self._services.counters.get_requests += 1
        reply.url = asked.target.url
        request = normalized(request, asked.regime.settings)
        errand = Errand(
            request, asked.target, asked.facts, asked.host, reply, None, asked.mapped, *asked.regime
        )
        self._look_up(errand)

    def _carry(self, request: RequestHead, content: IContent | None, reply: IReply) -> None:
        services = self._services
        method = request.method
        self._count(method)
        check_request(request, content is not None, services.settings)
        target = parse_target(method, request.target, request.host)
        if not reply.access.permits(method):
            raise refuse_method()
        local = stops_here(request)
        if local is not None:
            self._stop(local, request, target, reply)
            return
        decision = map_head(services.remap, request, target, reply.client, reply.port)
        match decision:
            case Mapped() | Unchanged():
                self._follow(decision, request, target, content, reply)
            case Redirected():
                self._redirect(decision, request, reply)
            case Denied() | Unmapped():
                raise refuse_mapping(decision)
            case impossible:
                assert_never(impossible)

    def _redirect(self, decision: Redirected, request: RequestHead, reply: IReply) -> None:
        status = decision.status_for(request.version)
        reply.mark("TCP_HIT_REDIRECT", "NONE", b"-")
        line = (b"Location", decision.location)
        head, page = render_refusal(status, b"", "It is somewhere else.", self._services.now(), line)
        head += describe_local(self._services.settings)
        reply.respond(status, head, len(page), page)

    def _follow(
        self,
        decision: Mapped | Unchanged,
        request: RequestHead,
        target: Target,
        content: IContent | None,
        reply: IReply,
    ) -> None:
        """
        Go on with what holds for the request; rules about addresses first want that of the host to be known.

        Source: Traffic Server, remap.config, cache.config.
        """
        services = self._services
        regimes = services.regimes
        goal = decision.target if isinstance(decision, Mapped) else target
        regime = regimes.of(decision)
        if not regimes.rules.rules:
            self._go(decision, request, goal, content, reply, regime)
            return

        def go(addresses: Sequence[str]) -> None:
            address = parse_address(addresses[0]) if addresses else None
            seen = see_mapped(
                decision,
                request,
                goal,
                client=reply.client,
                port=reply.port,
                time_of_day=time_of_day(services.now()),
                lookup=lambda: address,
            )
            found = regimes.rules.all(seen)
            services.counters.rules_given_up += len(found.given_up)
            self._go(decision, request, goal, content, reply, regimes.under(regime, fold_found(found)))

        known = services.resolver.known(goal.host) if regimes.rules.asks_for_addresses else ()
        if known or not regimes.rules.asks_for_addresses:
            go(known)
            return
        resolving = services.resolver.resolve(goal.host)
        # a host without an address is nobody's destination; what is stored of it may be served all the same
        resolving.addErrback(_no_address)
        resolving.addCallback(self._attempt, go, reply)
        resolving.addErrback(reply.broken)

    def _attempt(self, addresses: Sequence[str], go: Callable[[Sequence[str]], None], reply: IReply) -> None:
        try:
            go(addresses)
        except PeerError as error:
            turn_away(self._services, reply, error)

    def _go(
        self,
        decision: Mapped | Unchanged,
        request: RequestHead,
        goal: Target,
        content: IContent | None,
        reply: IReply,
        regime: Regime,
    ) -> None:
        services = self._services
        request = normalized(request, regime.settings)
        facts, host = follow_mapping(decision, request, goal, regime)
        rule = decision if isinstance(decision, Mapped) else None
        errand = Errand(request, goal, facts, host, reply, content, rule, *regime)
        reply.url = goal.url
        match choose_step(request, errand.facts):
            case Step.LOOK_UP:
                self._look_up(errand)
            case Step.PURGE:
                purge(services, errand.facts.key, reply)
            case Step.PUSH:
                store_pushed(services, errand)
            case Step.UPGRADE | Step.FETCH as step:
                errand = errand._replace(forwarded=why_forwarded(facts.bypass))
                fetch_alone(services, errand, None, upgrade=step is Step.UPGRADE)
            case impossible:
                assert_never(impossible)

    def _stop(
        self,
        step: Literal[Step.TUNNEL, Step.TRACE, Step.OPTIONS],
        request: RequestHead,
        target: Target,
        reply: IReply,
    ) -> None:
        """Do what mapping has no part in."""
        match step:
            case Step.TUNNEL:
                open_tunnel(self._services, target, reply)
            case Step.TRACE:
                answer_trace(self._services, request, reply)
            case Step.OPTIONS:
                answer_options(self._services, reply)
            case impossible:
                assert_never(impossible)

    def _count(self, method: bytes) -> None:
        counters = self._services.counters
        if method == b"GET":
            counters.get_requests += 1
        else:
            name = _COUNTED.get(method, "extension_method_requests")
            setattr(counters, name, getattr(counters, name) + 1)

    def _look_up(self, errand: Errand) -> None:
        """
        Find what is stored: mostly it is known at once, what is not may take a moment.

        Source: Traffic Server, ``proxy.config.http.doc_in_cache_skip_dns``.
        """
        services = self._services
        if not errand.policy.doc_in_cache_skip_dns:
            host = plan_hops(errand.target)[0].host
            if not services.resolver.known(host):
                resolving = services.resolver.resolve(host)
                # what is stored may be served without it
                resolving.addErrback(_no_address)
                resolving.addCallback(self._attempt, lambda _: self._find(errand), errand.reply)
                resolving.addErrback(errand.reply.broken)
                return
        self._find(errand)

    def _find(self, errand: Errand) -> None:
        services = self._services
        services.counters.cache_lookups += 1
        key = errand.facts.key
        stored = services.store.peek(key)
        if stored or services.store.knows_all:
            self._use(stored, errand)
            return
        finding = services.store.find(key)
        finding.addCallback(self._found, errand)
        finding.addErrback(errand.reply.broken)

    def _found(self, stored: Sequence[Alternate], errand: Errand) -> None:
        try:
            self._use(stored, errand)
        except PeerError as error:
            turn_away(self._services, errand.reply, error)

    def _use(self, stored: Sequence[Alternate], errand: Errand) -> None:
        """Serve what is stored, or fetch (RFC 9111 §4)."""
        services = self._services
        policy = errand.policy
        early = policy.fuzz_probability > 0 and services.draw() < policy.fuzz_probability
        decision = decide_reuse(errand.facts, errand.request, stored, services.now(), policy, early=early)
        match decision:
            case Forward(because, replaces):
                if because is not WhyForward.MISS:
                    errand = errand._replace(forwarded=why_forwarded(because))
                if stored and replaces is None and answer_from_parts(services, errand, stored):
                    return
                if replaces is None and is_shared(errand):
                    fetch_shared(services, errand, None)
                elif replaces is not None or not follow_range(services, errand):
                    fetch_alone(services, errand, None, replaces=replaces)
            case Serve():
                self._serve(errand, decision)
            case Revalidate():
                self._revalidate(errand, decision)
            case NotCached():
                problem = "nothing is stored that could be served"
                raise PeerError(problem, status=504, reason=b"Not Cached", kind=b"proxy_internal_response")
            case impossible:
                assert_never(impossible)

    def _serve(self, errand: Errand, decision: Serve) -> None:
        services = self._services
        alternate = decision.alternate
        in_memory = services.store.ready(alternate) is not None
        conditional = errand.facts.conditional
        errand.reply.mark("TCP_IMS_HIT" if conditional else "TCP_MEM_HIT" if in_memory else "TCP_HIT", "NONE", b"-")
        trace = Trace.MEMORY_HIT if in_memory else Trace.HIT
        serve_stored(services, errand, alternate, trace=trace, warning=decision.warning)
        counters = services.counters
        if decision.refresh:
            counters.served_while_revalidated += 1
            refresh(services, errand, alternate)
        if conditional:
            counters.cache_hit_ims += 1
        else:
            counters.cache_hit_fresh += 1
            counters.cache_hit_mem_fresh += in_memory

    def _revalidate(self, errand: Errand, decision: Revalidate) -> None:
        """Ask whether a copy still holds; one that may be served stale is, while its origin is marked down."""
        services = self._services
        errand = errand._replace(forwarded=why_forwarded(decision.because))
        stale = decision.alternate
        now = services.now()
        if services.health.is_down(plan_hops(errand.target)[0], now) and stale_on_error(
            stale, errand.facts, now, errand.policy
        ):
            serve_stale(services, errand, stale)
        elif decision.because in _FOR_ALL and is_shared(errand):
            fetch_shared(services, errand, stale)
        else:
            fetch_alone(services, errand, stale)


def _no_address(failure: Failure) -> Sequence[str]:
    failure.trap(PeerError)
    return ()


_FOR_ALL = frozenset({WhyRevalidate.STALE, WhyRevalidate.NO_CACHE})


def is_shared(errand: Errand) -> bool:
    """Whether other clients may have the answer to this request as well, as far as the request tells."""
    facts = errand.facts
    if facts.plain:
        return errand.content is None
    return (
        facts.method == b"GET"
        and errand.content is None
        and facts.range is None
        and not facts.has_authorization
        and facts.permits_lookup
        and facts.permits_storing
    )
