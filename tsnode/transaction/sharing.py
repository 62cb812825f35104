"""One fetch for many askers, from the asker's side."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from tsnode.caching.request_facts import NotLookupable
from tsnode.caching.reuse import Serve, decide_reuse
from tsnode.caching.warnings import Warn
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, StoreError
from tsnode.transaction.answers import serve_part, serve_stored, turn_away
from tsnode.transaction.fetch import fetch_alone, fetch_for_all, serve_stale
from tsnode.transaction.flights import Aboard, Confirmed, Crashed, Outcome, Overdue, Released, Stored
from tsnode.transaction.landing import follow_fill
from tsnode.transaction.services import Errand, Services
from tsnode.transaction.status import describe_forwarded
from tsnode.transaction.via import Trace

__all__ = ["fetch_shared", "follow_range"]

_FOLLOW_RANGES = 2
_NO_WAIT = (1, 3, 4)
_NO_WAIT_FOR_STALE = (4,)
_STALE_MEANWHILE = (2, 3)


def fetch_shared(services: Services, errand: Errand, stale: Alternate | None) -> None:
    """
    Fetch for the cache; who asks for the same meanwhile waits for this fetch, and shares what it brings.

    The copy ``stale`` is revalidated on the way.
    """
    flights = services.flights
    boarded = flights.board(errand.facts.key, errand.request, errand.settings.sharing, errand.policy)
    if boarded is None:
        fetch_for_all(services, errand, stale, flights.take_off(errand.facts.key, errand.request))
        return
    errand.reply.when_gone(boarded.cancel)
    boarded.addCallback(_share, services, errand, stale)
    boarded.addErrback(errand.reply.broken)


def _share(outcome: Outcome, services: Services, errand: Errand, stale: Alternate | None) -> None:
    """Answer with what another request's fetch brought."""
    counters = services.counters
    match outcome:
        case Aboard(alternate, fill):
            try:
                content = fill.read()
            except StoreError:
                # too long to be kept, and its start is gone already
                services.flights.leave_alone(errand.facts.key)
                fetch_alone(services, errand, stale)
                return
            errand.reply.mark("TCP_CF_HIT", "NONE", b"-")
            counters.cache_hit_rww += 1
            follow_fill(services, errand, alternate, content, trace=Trace.FOLLOWED)
        case Confirmed(alternate, revalidated):
            if revalidated:
                counters.cache_hit_revalidated += 1
            else:
                counters.cache_hit_rww += 1
            errand.reply.mark("TCP_REFRESH_HIT" if revalidated else "TCP_CF_HIT", "NONE", b"-")
            serve_stored(services, errand, alternate, trace=Trace.FOLLOWED, told=_collapsed(errand))
        case Crashed(error):
            if stale is None or not serve_stale(services, errand, stale):
                turn_away(services, errand.reply, error, forwarded=errand.forwarded)
        case Released():
            fetch_alone(services, errand, stale)
        case Overdue():
            _do_without(services, errand, stale)
        case Stored():
            _look_again(services, errand, stale)
        case impossible:
            assert_never(impossible)


def _collapsed(errand: Errand) -> bytes:
    """What the answer says of its way: another request's fetch brought it."""
    return describe_forwarded(errand.settings, errand.forwarded, collapsed=True)


def _look_again(services: Services, errand: Errand, stale: Alternate | None) -> None:
    """Another request's answer is stored by now, if it could be."""
    stored = services.store.peek(errand.facts.key)
    decision = decide_reuse(errand.facts, errand.request, stored, services.now(), errand.policy)
    if not isinstance(decision, Serve):
        fetch_alone(services, errand, stale)
        return
    errand.reply.mark("TCP_CF_HIT", "NONE", b"-")
    services.counters.cache_hit_rww += 1
    serve_stored(
        services, errand, decision.alternate,
        trace=Trace.FOLLOWED, warning=decision.warning, told=_collapsed(errand),
    )  # fmt: skip


def _do_without(services: Services, errand: Errand, stale: Alternate | None) -> None:
    """
    Answer although another request is storing this, and takes too long.

    Source: Traffic Server, ``proxy.config.http.cache.open_write_fail_action``.
    """
    action = errand.settings.sharing.busy_action
    if action in (_NO_WAIT if stale is None else _NO_WAIT_FOR_STALE):
        error = BadGateway("another request has been fetching this for too long", reason=b"Connection Failed")
        turn_away(services, errand.reply, error, forwarded=errand.forwarded)
        return
    if stale is not None and action in _STALE_MEANWHILE and serve_stale(services, errand, stale, Warn.STALE):
        return
    # nothing of this is stored, so that nothing of the client's need be answered here
    facts = replace(errand.facts, plain=False, bypass=NotLookupable.BUSY)
    fetch_alone(services, errand._replace(facts=facts), None)


def follow_range(services: Services, errand: Errand) -> bool:
    """
    Answer a request for a part out of what another request is storing, once that is there; whether that can be done.

    Source: Traffic Server, ``proxy.config.cache.enable_read_while_writer`` 2.
    """
    facts = errand.facts
    if errand.settings.sharing.follow != _FOLLOW_RANGES or facts.range is None or facts.method != b"GET":
        return False
    if facts.has_authorization or facts.bypass is not None or not facts.permits_lookup:
        return False
    offered = services.flights.offer(facts.key, errand.request, errand.policy)
    if offered is None or offered.alternate.length is None:
        return False
    try:
        content = offered.fill.read()
    except StoreError:
        return False
    errand.reply.mark("TCP_CF_HIT", "NONE", b"-")
    if serve_part(services, errand, offered.alternate, content, _collapsed(errand), Trace.FOLLOWED):
        services.counters.cache_hit_rww += 1
        return True
    content.close()
    return False
