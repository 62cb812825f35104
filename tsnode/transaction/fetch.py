"""Fetching: tries at the next hop, and one fetch for many askers."""

from __future__ import annotations

from typing import assert_never

from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.caching.reuse import stale_on_error
from tsnode.caching.revalidation import conditional_fields
from tsnode.caching.warnings import Warn, render_warning
from tsnode.hierarchy.next_hop import plan_hops
from tsnode.hierarchy.retries import may_try_again
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, PeerError, StoreError, UpstreamFailed
from tsnode.ports import Answer, IAsker, IExchange, Order
from tsnode.transaction.answers import serve_stored, turn_away
from tsnode.transaction.destinations import go_if_permitted
from tsnode.transaction.flights import Aboard, Confirmed, Crashed, Flight, Outcome, Released
from tsnode.transaction.landing import follow_fill, land
from tsnode.transaction.outgoing import render_request
from tsnode.transaction.services import Errand, Services

__all__ = ["fetch_alone", "fetch_shared", "serve_stale"]

_OURS = 503
"""The status where it was this node that had no connection to spare."""


def fetch_alone(
    services: Services,
    errand: Errand,
    stale: Alternate | None,
    *,
    replaces: Alternate | None = None,
    upgrade: bool = False,
) -> None:
    """
    Fetch for one client, past other fetches; it ends when that client leaves.

    The copy ``stale`` is revalidated on the way, the copy ``replaces`` gives way to what comes, if that is stored.
    ``upgrade``: the client wants another protocol, and the next hop may agree.
    """
    _Fetch(services, errand, stale, replaces, None, upgrade).start()


def fetch_shared(services: Services, errand: Errand, stale: Alternate | None) -> None:
    """
    Fetch for the cache; who asks for the same meanwhile waits for this fetch, and shares what it brings.

    The copy ``stale`` is revalidated on the way.
    """
    flights = services.flights
    boarded = flights.board(errand.facts.key, errand.request)
    if boarded is None:
        _Fetch(services, errand, stale, None, flights.take_off(errand.facts.key, errand.request), False).start()
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
            follow_fill(services, errand, alternate, content, first_hand=False)
        case Confirmed(alternate, revalidated):
            if revalidated:
                counters.cache_hit_revalidated += 1
            else:
                counters.cache_hit_rww += 1
            errand.reply.mark("TCP_REFRESH_HIT" if revalidated else "TCP_CF_HIT", "NONE", b"-")
            serve_stored(services, errand, alternate)
        case Crashed(error):
            if stale is None or not serve_stale(services, errand, stale):
                turn_away(services, errand.reply, error)
        case Released():
            fetch_alone(services, errand, stale)
        case impossible:
            assert_never(impossible)


def serve_stale(services: Services, errand: Errand, stale: Alternate) -> bool:
    """Serve a copy that could not be revalidated, if it may be; whether it was."""
    if not stale_on_error(stale, errand.facts, services.now(), errand.policy):
        return False
    hop = plan_hops(errand.target)[0]
    services.counters.cache_hit_stale_served += 1
    errand.reply.mark("TCP_REFRESH_FAIL_HIT", hop.kind.value, hop.host)
    serve_stored(services, errand, stale, warning=render_warning(Warn.REVALIDATION_FAILED, errand.policy))
    return True


@implementer(IAsker)
class _Fetch:
    """
    One request on its way, over as many tries as it may have.

    Neither a coroutine nor a Deferred: the miss path is measured in microseconds, and this is where they went.
    """

    __slots__ = (
        "_conditions", "_down", "_errand", "_flight", "_hop", "_replaces", "_services", "_stale", "_tries", "_upgrade",
        "exchange",
    )  # fmt: skip

    def __init__(
        self,
        services: Services,
        errand: Errand,
        stale: Alternate | None,
        replaces: Alternate | None,
        flight: Flight | None,
        upgrade: bool,
    ) -> None:
        self._services = services
        self._errand = errand
        self._stale = stale
        self._replaces = replaces
        self._flight = flight
        self._upgrade = upgrade
        self._tries = 0
        self.exchange: IExchange | None = None
        self._hop = plan_hops(errand.target)[0]
        self._down = services.health.is_down(self._hop, services.now())
        self._conditions = conditional_fields(stale, errand.facts, errand.policy)

    def start(self) -> None:
        """Send the request for the first time."""
        errand = self._errand
        if self._flight is None:
            # for this client alone: without it there is nobody to fetch for
            errand.reply.when_gone(self._client_left)
        if self._services.access.outbound:
            go_if_permitted(
                self._services, self._hop, errand.request.method, errand.reply, self._try_first, self._give_up
            )
        else:
            self._services.upstream.exchange(self._order(), self)

    def _try_first(self) -> None:
        self._try(self._order())

    def _try(self, order: Order) -> None:
        if self._flight is None and self._errand.reply.gone:
            # it may leave while the addresses are looked up
            return
        self._services.upstream.exchange(order, self)

    def _client_left(self) -> None:
        if self.exchange is not None:
            self.exchange.cancel(self)

    def answered(self, answer: Answer) -> None:
        """See :class:`tsnode.ports.IAsker`."""
        self.exchange = None
        try:
            services = self._services
            services.health.answered(self._hop)
            if answer.tunnel is not None:
                self._switch(answer)
            else:
                land(services, self._errand, answer, self._hop, self._stale, self._replaces, self._flight)
        except Exception:  # noqa: BLE001  # whatever it is, nobody must wait for ever
            self._broken(Failure())

    def failed(self, error: UpstreamFailed) -> None:
        """See :class:`tsnode.ports.IAsker`."""
        self.exchange = None
        try:
            self._judge(error)
        except Exception:  # noqa: BLE001  # whatever it is, nobody must wait for ever
            self._broken(Failure())

    def _judge(self, error: UpstreamFailed) -> None:
        """Try again, or give up."""
        services = self._services
        errand = self._errand
        content = errand.content
        if content is not None and isinstance(content.failure, PeerError):
            # the client's own fault, which says nothing about the next hop
            self._give_up(content.failure)
            return
        if not error.reused:
            self._tries += 1
        gone = self._flight is None and errand.reply.gone
        taken = content is not None and error.committed
        method = errand.request.method
        if not gone and may_try_again(method, error, taken, self._tries, self._down, errand.settings.retries):
            services.counters.upstream_retries += 1
            self._try(self._order(fresh_link=error.reused))
            return
        if error.status != _OURS and not gone:
            services.health.failed(self._hop, services.now())
        self._give_up(error)

    def _give_up(self, error: PeerError) -> None:
        services, stale = self._services, self._stale
        if self._flight is not None:
            self._flight.crash(error)
        if stale is None or not serve_stale(services, self._errand, stale):
            turn_away(services, self._errand.reply, error, self._hop.host)

    def _broken(self, failure: Failure) -> None:
        if self._flight is not None:
            self._flight.crash(BadGateway("the fetch was given up"))
        self._errand.reply.broken(failure)

    def _order(self, *, fresh_link: bool = False) -> Order:
        settings = self._errand.settings
        errand, conditions, upgrade = self._errand, self._conditions, self._upgrade
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
            hop=self._hop,
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

    def _switch(self, answer: Answer) -> None:
        """Both sides agreed on another protocol: octets for octets from here on (RFC 9110 §7.8)."""
        tunnel, reply, head = answer.tunnel, self._errand.reply, answer.head
        assert tunnel is not None, "asked by who has seen it"
        if reply.gone:
            tunnel.abandon()
            return
        octets = b"HTTP/1.1 %d %b\r\n%b\r\n" % (head.status, head.reason, head.fields.render())
        reply.mark("TCP_MISS", self._hop.kind.value, self._hop.host)
        tunnel.splice(reply.tunnel(octets))
