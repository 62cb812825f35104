"""Fetching: next hops and tries, one fetch for many, storing on the way."""

from __future__ import annotations

from typing import assert_never

from tsnode.caching.invalidation import keys_to_invalidate
from tsnode.caching.reuse import stale_on_error
from tsnode.caching.revalidation import (
    Conditions,
    Discard,
    Freshened,
    LastUse,
    Passed,
    Replace,
    ServeStale,
    Unchanged,
    conditional_fields,
    decide_revalidated,
)
from tsnode.caching.storing import DoNotStore, Store, decide_storing
from tsnode.caching.warnings import Warn, render_warning
from tsnode.hierarchy.next_hop import plan_hops
from tsnode.hierarchy.retries import may_try_again
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, PeerError, UpstreamFailed
from tsnode.model.messages import ResponseHead
from tsnode.model.neighbors import Hop
from tsnode.ports import Answer, Order
from tsnode.transaction.answers import adjust, follow_fill, pass_on, serve_stored
from tsnode.transaction.flights import Aboard, Confirmed, Crashed, Flight, Released
from tsnode.transaction.outgoing import render_request
from tsnode.transaction.services import Errand, Services
from tsnode.transaction.storing_on import StoringOn

__all__ = ["Fetcher"]

class Fetcher:
    """Gets answers from next hops, for one configuration."""

    def __init__(self, services: Services) -> None:
        self._services = services

    # -- the next hop

    async def ask(self, errand: Errand, conditions: Conditions, *, abandonable: bool, upgrade: bool = False) -> Answer:
        """
        Send a request to its next hop until one try brings an answer.

        ``abandonable``: the fetch is for this client alone and ends when that leaves.

        :raises UpstreamFailed: where no try did.
        :raises CancelledError: where the client left.
        """
        services = self._services
        hop = plan_hops(errand.target)[0]
        order = self._order(errand, hop, conditions, upgrade)
        down = services.health.is_down(hop, services.now())
        tries = 0
        while True:
            exchange = services.upstream.exchange(order)
            if abandonable:
                errand.reply.when_gone(exchange.cancel)
            try:
                answer = await exchange
            except UpstreamFailed as failure:
                if not failure.reused:
                    tries += 1
                gone = abandonable and errand.reply.gone
                taken = errand.content is not None and failure.committed
                if gone or not may_try_again(order.method, failure, taken, tries, down, services.settings.retries):
                    services.health.failed(hop, services.now())
                    raise self._reworded(errand, failure) from failure
                services.counters.upstream_retries += 1
                if failure.reused:
                    order = self._order(errand, hop, conditions, upgrade, fresh_link=True)
                continue
            services.health.answered(hop)
            return answer

    def _reworded(self, errand: Errand, failure: UpstreamFailed) -> PeerError:
        """What the client is told: its own fault, where its content was the reason."""
        content = errand.content
        if content is not None and isinstance(content.failure, PeerError):
            return content.failure
        return failure

    def _order(
        self, errand: Errand, hop: Hop, conditions: Conditions, upgrade: bool, *, fresh_link: bool = False
    ) -> Order:
        settings = self._services.settings
        request = errand.request
        posts = errand.content is not None
        head = render_request(
            request,
            errand.target,
            errand.host,
            errand.reply.client.encode("ascii"),
            settings,
            drop=conditions.drop,
            extra=conditions.lines,
            upgrade=upgrade,
        )
        return Order(
            hop=hop,
            method=request.method,
            head=head,
            framing=request.framing,
            content=errand.content,
            patience=settings.timeouts.post_connect if posts else settings.timeouts.connect,
            fresh_link=fresh_link or (posts and not settings.keep_alive_post_out),
            keep=settings.keep_alive_out,
            upgrade=upgrade,
            inform=errand.reply.inform,
        )

    # -- for one client

    async def fetch_alone(
        self, errand: Errand, stale: Alternate | None, *, replaces: Alternate | None = None, upgrade: bool = False
    ) -> None:
        """
        Fetch for one client, past other fetches.

        The copy ``stale`` is revalidated on the way, the copy ``replaces`` gives way to what comes, if that is stored.
        """
        services = self._services
        conditions = conditional_fields(stale, errand.facts, services.policy)
        try:
            answer = await self.ask(errand, conditions, abandonable=True, upgrade=upgrade)
        except UpstreamFailed as failure:
            if stale is None or not self.serve_stale(errand, stale):
                raise failure
            return
        if answer.tunnel is not None:
            self._switch(errand, answer)
            return
        self._land(errand, answer, stale, None, replaces)

    def _switch(self, errand: Errand, answer: Answer) -> None:
        """Both sides agreed on another protocol: octets for octets from here on (RFC 9110 §7.8)."""
        if answer.tunnel is None or errand.reply.gone:
            if answer.tunnel is not None:
                answer.tunnel.abandon()
            return
        head = answer.head
        octets = b"HTTP/1.1 %d %b\r\n%b\r\n" % (head.status, head.reason, head.fields.render())
        errand.reply.mark("TCP_MISS", "DIRECT", errand.target.host)
        answer.tunnel.splice(errand.reply.tunnel(octets))

    # -- for everybody who asks

    async def fetch_shared(self, errand: Errand, stale: Alternate | None) -> None:
        """Fetch for the cache; who asks for the same meanwhile waits for this fetch, and shares what it brings."""
        services = self._services
        flights = services.flights
        boarded = flights.board(errand.facts.key, errand.request)
        if boarded is not None:
            errand.reply.when_gone(boarded.cancel)
            outcome = await boarded
            match outcome:
                case Aboard(alternate, fill):
                    errand.reply.mark("TCP_CF_HIT", "NONE", b"-")
                    services.counters.cache_hit_rww += 1
                    follow_fill(services, errand, alternate, fill.read(), first_hand=False)
                case Confirmed(alternate):
                    services.counters.cache_hit_revalidated += 1
                    errand.reply.mark("TCP_REFRESH_HIT", "NONE", b"-")
                    serve_stored(services, errand, alternate)
                case Crashed(error):
                    if stale is None or not self.serve_stale(errand, stale):
                        raise error
                case Released():
                    await self.fetch_alone(errand, stale)
                case impossible:
                    assert_never(impossible)
            return
        flight = flights.take_off(errand.facts.key, errand.request)
        conditions = conditional_fields(stale, errand.facts, services.policy)
        try:
            answer = await self.ask(errand, conditions, abandonable=False)
        except PeerError as failure:
            flight.crash(failure)
            if stale is None or not self.serve_stale(errand, stale):
                raise
            return
        except BaseException:
            flight.crash(BadGateway("the fetch was given up"))
            raise
        self._land(errand, answer, stale, flight)

    # -- what came

    def _land(
        self,
        errand: Errand,
        answer: Answer,
        stale: Alternate | None,
        flight: Flight | None,
        replaces: Alternate | None = None,
    ) -> None:
        services = self._services
        head = adjust(services, errand, answer.head)
        hop = plan_hops(errand.target)[0]
        errand.reply.mark("TCP_MISS", hop.kind.value, hop.host)
        if stale is not None:
            self._revalidated(errand, answer, head, stale, flight)
            return
        storing = decide_storing(
            errand.request, errand.facts, head, services.policy, answer.request_time, answer.response_time,
            replaces=replaces,
        )  # fmt: skip
        self._count_miss(errand)
        match storing:
            case Store(alternate):
                self._store(errand, answer, head, alternate, replaces, flight)
            case DoNotStore():
                self._not_shared(errand, answer, head, flight)
            case impossible:
                assert_never(impossible)

    def _count_miss(self, errand: Errand) -> None:
        counters = self._services.counters
        facts = errand.facts
        if not facts.lookupable:
            counters.cache_miss_client_not_cacheable += 1
        elif not facts.permits_lookup:
            counters.cache_miss_client_no_cache += 1
        elif facts.conditional:
            counters.cache_miss_ims += 1
        else:
            counters.cache_miss_cold += 1

    def _not_shared(self, errand: Errand, answer: Answer, head: ResponseHead, flight: Flight | None) -> None:
        services = self._services
        for key in keys_to_invalidate(errand.facts, errand.target, head, services.policy):
            services.counters.cache_deletes += 1
            services.store.remove(key)
        if flight is not None:
            flight.release()
        pass_on(services, errand, head, answer)

    def _store(
        self,
        errand: Errand,
        answer: Answer,
        head: ResponseHead,
        alternate: Alternate,
        replaced: Alternate | None,
        flight: Flight | None,
    ) -> None:
        """Store an answer on its way to the client, and to everyone on board."""
        services = self._services
        fill = services.store.begin(errand.facts.key, alternate, replaced)
        if fill is None:
            self._not_shared(errand, answer, head, flight)
            return
        if flight is not None:
            flight.stream(alternate, fill)
        storing = StoringOn(services, errand, alternate, answer.content, fill, flight)
        reader = fill.read()
        storing.run()
        follow_fill(services, errand, alternate, reader, first_hand=True)

    def _revalidated(
        self, errand: Errand, answer: Answer, head: ResponseHead, stale: Alternate, flight: Flight | None
    ) -> None:
        services = self._services
        verdict = decide_revalidated(
            stale, errand.request, errand.facts, head, answer.request_time, answer.response_time, services.policy
        )
        key = errand.facts.key
        reply = errand.reply
        hop = plan_hops(errand.target)[0]
        match verdict:
            case Freshened(alternate) | ServeStale(alternate):
                answer.content.close()
                services.store.freshen(key, stale, alternate)
                services.counters.cache_updates += 1
                services.counters.cache_hit_revalidated += 1
                if flight is not None:
                    flight.confirm(alternate)
                reply.mark("TCP_REFRESH_HIT", hop.kind.value, hop.host)
                serve_stored(services, errand, alternate)
            case Unchanged(alternate) | LastUse(alternate):
                answer.content.close()
                if flight is not None:
                    flight.release()
                if isinstance(verdict, LastUse):
                    services.store.discard(key, stale)
                services.counters.cache_hit_revalidated += 1
                reply.mark("TCP_REFRESH_HIT", hop.kind.value, hop.host)
                serve_stored(services, errand, alternate)
            case Replace(Store(alternate)):
                services.counters.cache_miss_changed += 1
                reply.mark("TCP_REFRESH_MISS", hop.kind.value, hop.host)
                self._store(errand, answer, head, alternate, stale, flight)
            case Discard():
                services.counters.cache_miss_changed += 1
                services.store.discard(key, stale)
                reply.mark("TCP_REFRESH_MISS", hop.kind.value, hop.host)
                self._not_shared(errand, answer, head, flight)
            case Passed(warning):
                services.counters.cache_miss_changed += 1
                if flight is not None:
                    flight.release()
                pass_on(services, errand, head, answer, *(((b"Warning", warning),) if warning else ()))
            case impossible:
                assert_never(impossible)

    def serve_stale(self, errand: Errand, stale: Alternate) -> bool:
        """Serve a copy that could not be revalidated, if it may be."""
        services = self._services
        if not stale_on_error(stale, errand.facts, services.now(), services.policy):
            return False
        hop = plan_hops(errand.target)[0]
        services.counters.cache_hit_stale_served += 1
        errand.reply.mark("TCP_REFRESH_FAIL_HIT", hop.kind.value, hop.host)
        serve_stored(services, errand, stale, warning=render_warning(Warn.REVALIDATION_FAILED, services.policy))
        return True
