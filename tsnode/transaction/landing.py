"""What becomes of an answer: passed on, stored on the way, or turned into news about a stored copy."""

from __future__ import annotations

from typing import assert_never

from tsnode.caching.invalidation import keys_to_invalidate
from tsnode.caching.request_facts import RequestFacts
from tsnode.caching.revalidation import (
    Discard,
    Freshened,
    LastUse,
    Passed,
    Replace,
    ServeInstead,
    ServeStale,
    Unchanged,
    decide_revalidated,
)
from tsnode.caching.storing import DoNotStore, Store, decide_storing
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, PeerError
from tsnode.model.messages import ResponseHead
from tsnode.model.neighbors import Hop
from tsnode.ports import Answer
from tsnode.transaction.answers import adjust, follow_fill, pass_on, serve_part, serve_stored, turn_away
from tsnode.transaction.flights import Flight
from tsnode.transaction.parts import land_part
from tsnode.transaction.services import Errand, Services
from tsnode.transaction.status import describe_forwarded
from tsnode.transaction.storing_on import StoringOn, supersede
from tsnode.transaction.via import Trace

__all__ = ["follow_fill", "land"]

_CONFIRMED: dict[type, Trace] = {
    Freshened: Trace.CONFIRMED,
    Unchanged: Trace.UNCHANGED,
    LastUse: Trace.LAST_USE,
    ServeStale: Trace.FAILED,
}


def land(
    services: Services,
    errand: Errand,
    answer: Answer,
    hop: Hop,
    stale: Alternate | None = None,
    replaces: Alternate | None = None,
    flight: Flight | None = None,
) -> None:
    """
    Bring ``answer`` to its client, to the store, and to those on board of ``flight``.

    ``stale`` is the copy that it was asked about, ``replaces`` one that it takes the place of.
    """
    head = adjust(services, errand, answer.head)
    if head.status == 206 and errand.facts.range is None and errand.request.method == b"GET":
        _refuse_part(services, errand, answer, hop, flight)
        return
    if stale is not None:
        _revalidated(services, errand, answer, head, hop, stale, flight)
        return
    errand.reply.mark(_count_miss(services, errand.facts), hop.kind.value, hop.host)
    storing = decide_storing(
        errand.request,
        errand.facts,
        head,
        errand.policy,
        answer.request_time,
        answer.response_time,
        replaces=replaces,
    )
    match storing:
        case Store():
            _store(services, errand, answer, head, storing, replaces, flight)
        case DoNotStore():
            if head.status != 206 or not land_part(services, errand, answer, head):
                _not_shared(services, errand, answer, head, flight)
        case impossible:
            assert_never(impossible)


def _refuse_part(services: Services, errand: Errand, answer: Answer, hop: Hop, flight: Flight | None) -> None:
    """Keep a part from a client that would take it for the whole (RFC 9110 §15.3.7: it is for those who asked)."""
    answer.content.close()
    error = BadGateway("the answer is a part, which nobody asked for", reason=b"Malformed Server Response")
    if flight is not None:
        flight.crash(error)
    turn_away(services, errand.reply, error, hop.host, errand.forwarded)


def _count_miss(services: Services, facts: RequestFacts, *, changed: bool = False) -> str:
    """
    Count an answer that is a new one, and give what the log calls that; ``changed``: there was a copy to revalidate.

    Source: Traffic Server, ``HttpTransactHeaders::generate_and_set_squid_codes``, ``client_result_stat``.
    """
    counters = services.counters
    if not facts.plain:
        if not facts.lookupable:
            counters.cache_miss_client_not_cacheable += 1
            return "TCP_MISS"
        if not facts.permits_lookup:
            counters.cache_miss_client_no_cache += 1
            return "TCP_CLIENT_REFRESH_MISS"
        if facts.conditional:
            counters.cache_miss_ims += 1
            return "TCP_IMS_MISS"
    if changed:
        counters.cache_miss_changed += 1
        return "TCP_REFRESH_MISS"
    counters.cache_miss_cold += 1
    return "TCP_MISS"


def _invalidate(services: Services, errand: Errand, answer: Answer) -> None:
    """Drop what the request has changed; its answer names that in the origin's own words."""
    for key in keys_to_invalidate(errand.facts, errand.target, answer.head, errand.policy):
        services.counters.cache_deletes += 1
        services.store.remove(key)
        services.flights.outdate(key)


def _not_shared(
    services: Services,
    errand: Errand,
    answer: Answer,
    head: ResponseHead,
    flight: Flight | None,
    trace: Trace = Trace.FETCHED,
) -> None:
    _invalidate(services, errand, answer)
    if flight is not None:
        flight.release()
    pass_on(services, errand, head, answer, trace=trace)


def _store(
    services: Services,
    errand: Errand,
    answer: Answer,
    head: ResponseHead,
    storing: Store,
    replaced: Alternate | None,
    flight: Flight | None,
) -> None:
    """Store an answer on its way to the client, and to everyone on board."""
    key, alternate, own = errand.facts.key, storing.alternate, storing.own
    trace = Trace.STORED if replaced is None else Trace.REPLACED
    if errand.facts.unsafe:
        _invalidate(services, errand, answer)
    whole = answer.whole
    if whole is not None:
        supersede(services, errand)
        kept = services.store.put(key, alternate, whole, replaced)
        if kept is None:
            _not_shared(services, errand, answer, head, flight)
            return
        services.counters.cache_writes += 1
        if flight is not None:
            flight.confirm(kept, revalidated=False)
        if errand.facts.range is not None:
            told = describe_forwarded(errand.settings, errand.forwarded, stored=True)
            serve_stored(services, errand, kept, trace=trace, own=own, told=told)
            return
        content = services.store.ready(kept) or answer.content
        follow_fill(services, errand, kept, content, trace=trace, own=own)
        return
    fill = services.store.begin(key, alternate, replaced)
    if fill is None:
        _not_shared(services, errand, answer, head, flight)
        return
    under_way = StoringOn(services, errand, alternate, answer.content, fill, flight)
    reader = under_way.read()
    if flight is not None:
        flight.stream(alternate, under_way)
    under_way.run()
    if errand.facts.range is not None and alternate.length:
        told = describe_forwarded(errand.settings, errand.forwarded, stored=True)
        if serve_part(services, errand, alternate, reader, told + own, trace):
            return
    follow_fill(services, errand, alternate, reader, trace=trace, own=own)


def _revalidated(
    services: Services,
    errand: Errand,
    answer: Answer,
    head: ResponseHead,
    hop: Hop,
    stale: Alternate,
    flight: Flight | None,
) -> None:
    counters, reply = services.counters, errand.reply
    verdict = decide_revalidated(
        stale, errand.request, errand.facts, head, answer.request_time, answer.response_time, errand.policy
    )
    if isinstance(verdict, ServeInstead | ServeStale) and services.flights.was_outdated(errand.facts.key, stale):
        # RFC 9111 §4.4: it was made invalid while it was asked about
        verdict = Passed()
    match verdict:
        case Freshened() | ServeStale() | Unchanged() | LastUse():
            answer.content.close()
            _confirmed(services, errand, hop, stale, verdict, head.status, flight)
        case ServeInstead(warning, for_all):
            answer.content.close()
            counters.cache_hit_stale_served += not reply.gone
            if flight is not None:
                _tell_of_trouble(flight, head.status, for_all)
            reply.mark("TCP_REFRESH_FAIL_HIT", hop.kind.value, hop.host)
            told = describe_forwarded(errand.settings, errand.forwarded, status=head.status)
            serve_stored(services, errand, stale, trace=Trace.FAILED, warning=warning, told=told)
        case Replace(storing):
            reply.mark(_count_miss(services, errand.facts, changed=True), hop.kind.value, hop.host)
            _store(services, errand, answer, head, storing, stale, flight)
        case Discard():
            services.store.discard(errand.facts.key, stale)
            reply.mark(_count_miss(services, errand.facts, changed=True), hop.kind.value, hop.host)
            _not_shared(services, errand, answer, head, flight, Trace.DISCARDED)
        case Passed(warning):
            reply.mark(_count_miss(services, errand.facts, changed=True), hop.kind.value, hop.host)
            if flight is not None:
                flight.release()
            pass_on(services, errand, head, answer, *(((b"Warning", warning),) if warning else ()))
        case impossible:
            assert_never(impossible)


def _confirmed(
    services: Services,
    errand: Errand,
    hop: Hop,
    stale: Alternate,
    verdict: Freshened | ServeStale | Unchanged | LastUse,
    status: int,
    flight: Flight | None,
) -> None:
    """
    Answer from the copy that ``stale`` has become, and do with that what the verdict says.

    ``status`` is that of the next hop's answer.
    """
    counters, key, alternate = services.counters, errand.facts.key, verdict.alternate
    failed = isinstance(verdict, ServeStale)
    if failed:
        counters.cache_hit_stale_served += 1
    else:
        counters.cache_hit_revalidated += 1
    if isinstance(verdict, Freshened | ServeStale):
        services.store.freshen(key, stale, alternate)
        counters.cache_updates += 1
    elif isinstance(verdict, LastUse):
        services.store.discard(key, stale)
    if flight is not None:
        if isinstance(verdict, Freshened | ServeStale):
            flight.confirm(alternate, revalidated=True)
        else:
            flight.release()
    errand.reply.mark("TCP_REFRESH_FAIL_HIT" if failed else "TCP_REFRESH_HIT", hop.kind.value, hop.host)
    own = b"" if isinstance(verdict, ServeStale) else verdict.own
    told = describe_forwarded(errand.settings, errand.forwarded, status=status, stored=isinstance(verdict, Freshened))
    serve_stored(services, errand, alternate, trace=_CONFIRMED[type(verdict)], own=own, told=told)


def _tell_of_trouble(flight: Flight, status: int, for_all: bool) -> None:
    """Let those on board have the stale copy as well if its origin permits it, else let each ask for itself."""
    if for_all:
        flight.crash(PeerError(f"the next hop answered with {status}", status=status, reason=b"Not Revalidated"))
    else:
        flight.release()
