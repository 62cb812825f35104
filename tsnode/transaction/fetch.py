"""Fetching: tries at the next hop."""

from __future__ import annotations

from collections.abc import Callable

from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.caching.reuse import stale_on_error
from tsnode.caching.revalidation import Conditions, conditional_fields
from tsnode.caching.warnings import Warn, render_warning
from tsnode.hierarchy.next_hop import plan_hops
from tsnode.hierarchy.retries import may_try_again
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, PeerError, UpstreamFailed
from tsnode.model.neighbors import Hop
from tsnode.ports import Answer, Flow, IAsker, IExchange, Order
from tsnode.semantics.authentication import binds_connection
from tsnode.transaction.answers import serve_stored, turn_away
from tsnode.transaction.destinations import go_if_permitted
from tsnode.transaction.flights import Flight
from tsnode.transaction.landing import land
from tsnode.transaction.outgoing import render_request
from tsnode.transaction.redirects import Trail, keep_copy
from tsnode.transaction.services import Errand, Services
from tsnode.transaction.status import describe_forwarded
from tsnode.transaction.via import Trace, request_codes

__all__ = ["fetch_alone", "fetch_asking", "fetch_for_all", "serve_stale"]

_STALE_BECAUSE = {Warn.REVALIDATION_FAILED: b"revalidation-failed", Warn.STALE: b"being-fetched"}
_OURS = 503
"""The status where it was this node that had no connection to spare."""
_ENCRYPTED = frozenset({b"https", b"wss"})


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
    conditions = conditional_fields(stale, errand.facts, errand.policy)
    _Fetch(services, errand, stale, replaces, None, upgrade, conditions).start()


def fetch_asking(
    services: Services, errand: Errand, conditions: Conditions, landing: Callable[[Answer, Hop], None]
) -> None:
    """Fetch for one client, asking something else than it did; ``landing`` takes what comes."""
    _Fetch(services, errand, None, None, None, False, conditions, landing).start()


def fetch_for_all(services: Services, errand: Errand, stale: Alternate | None, flight: Flight) -> None:
    """Fetch for the cache, and for those on board of ``flight``; the copy ``stale`` is revalidated on the way."""
    conditions = conditional_fields(stale, errand.facts, errand.policy)
    _Fetch(services, errand, stale, None, flight, False, conditions).start()


def serve_stale(
    services: Services, errand: Errand, stale: Alternate, warn: Warn = Warn.REVALIDATION_FAILED
) -> bool:
    """Serve a copy that was not revalidated, if it may be; whether it was. ``warn`` says why it was not."""
    if services.flights.was_outdated(errand.facts.key, stale):
        # RFC 9111 §4.4: it was made invalid while it was asked about
        return False
    if not stale_on_error(stale, errand.facts, services.now(), errand.policy):
        return False
    hop = plan_hops(errand.target)[0]
    services.counters.cache_hit_stale_served += 1
    trace = Trace.MEANWHILE
    if warn is Warn.REVALIDATION_FAILED:
        trace = Trace.FAILED
        errand.reply.mark("TCP_REFRESH_FAIL_HIT", hop.kind.value, hop.host)
    else:
        errand.reply.mark("TCP_HIT", "NONE", b"-")
    told = describe_forwarded(errand.settings, errand.forwarded, detail=_STALE_BECAUSE[warn])
    warning = render_warning(warn, errand.policy)
    serve_stored(services, errand, stale, trace=trace, warning=warning, told=told)
    return True


@implementer(IAsker)
class _Fetch:
    """
    One request on its way, over as many tries as it may have.

    Neither a coroutine nor a Deferred: the miss path is measured in microseconds, and this is where they went.
    """

    __slots__ = (
        "_conditions", "_down", "_errand", "_flight", "_hop", "_landing", "_replaces", "_services", "_stale",
        "_started", "_tries", "_upgrade", "_version", "exchange",
    )  # fmt: skip

    def __init__(
        self,
        services: Services,
        errand: Errand,
        stale: Alternate | None,
        replaces: Alternate | None,
        flight: Flight | None,
        upgrade: bool,
        conditions: Conditions,
        landing: Callable[[Answer, Hop], None] | None = None,
    ) -> None:
        self._services = services
        self._errand = errand if errand.content is None else keep_copy(errand)
        self._stale = stale
        self._replaces = replaces
        self._flight = flight
        self._upgrade = upgrade
        self._version = 11
        self._tries = 0
        self.exchange: IExchange | None = None
        self._hop = plan_hops(errand.target)[0]
        self._started = services.now()
        self._down = services.health.is_down(self._hop, self._started)
        self._conditions = conditions
        self._landing = landing

    def start(self) -> None:
        """Send the request for the first time."""
        errand = self._errand
        if errand.target.scheme in _ENCRYPTED:
            # what is meant to be encrypted must not go out in the clear (RFC 9110 §4.2.2)
            self.give_up(_no_encryption())
            return
        if self._flight is None:
            # for this client alone: without it there is nobody to fetch for
            errand.reply.when_gone(self._client_left)
        if self._services.access.outbound:
            go_if_permitted(
                self._services, self._hop, errand.request.method, errand.reply, self._try_first, self.give_up
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
        """
        Stop; an origin that let the client wait for so long that it went has failed, unless that had still to send.

        Source: Traffic Server, ``proxy.config.http.down_server.abort_threshold``.
        """
        if self.exchange is None:
            return
        self.exchange.cancel(self)
        services, errand = self._services, self._errand
        waited = services.now() - self._started
        whole = errand.content is None or errand.content.flow is Flow.ENDED
        if whole and waited >= errand.settings.retries.abort_threshold:
            services.health.failed(self._hop, services.now())

    def answered(self, answer: Answer) -> None:
        """See :class:`tsnode.ports.IAsker`."""
        self.exchange = None
        try:
            services = self._services
            services.health.answered(self._hop)
            if answer.head.status == 505 and self._speak_older(answer):
                return
            if answer.tunnel is not None:
                self._switch(answer)
            elif self._landing is not None:
                self._landing(answer, self._hop)
            elif self._errand.settings.redirects is not None:
                Trail(services, self, self._errand.settings.redirects).arrived(answer, self._hop)
            else:
                land(services, self._errand, answer, self._hop, self._stale, self._replaces, self._flight)
        except Exception:  # noqa: BLE001  # whatever it is, nobody must wait for ever
            self.broken(Failure())

    def _speak_older(self, answer: Answer) -> bool:
        """
        Ask once more as HTTP/1.0 does, of who takes nothing later; whether that can be done.

        Source: RFC 9110 §15.6.6; Traffic Server, which does the same.
        """
        if self._version == 10 or self._upgrade or self._errand.content is not None or self.abandoned:
            return False
        answer.content.close()
        self._version = 10
        self._services.counters.upstream_retries += 1
        self._try(self._order())
        return True

    def failed(self, error: UpstreamFailed) -> None:
        """See :class:`tsnode.ports.IAsker`."""
        self.exchange = None
        try:
            self._judge(error)
        except Exception:  # noqa: BLE001  # whatever it is, nobody must wait for ever
            self.broken(Failure())

    def _judge(self, error: UpstreamFailed) -> None:
        """Try again, or give up."""
        services = self._services
        errand = self._errand
        content = errand.content
        if content is not None and isinstance(content.failure, PeerError):
            # the client's own fault, which says nothing about the next hop
            self.give_up(content.failure)
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
        self.give_up(error)

    # what Followed asks for

    @property
    def errand(self) -> Errand:
        """See :class:`tsnode.transaction.redirects.Followed`."""
        return self._errand

    @property
    def abandoned(self) -> bool:
        """See :class:`tsnode.transaction.redirects.Followed`."""
        return self._flight is None and self._errand.reply.gone

    def send_on(self, asked: Errand, conditions: Conditions, landing: Callable[[Answer, Hop], None]) -> None:
        """See :class:`tsnode.transaction.redirects.Followed`."""
        _Fetch(
            self._services, asked, self._stale, self._replaces, self._flight, False, conditions, landing
        ).start()

    def arrive(self, errand: Errand, answer: Answer, hop: Hop) -> None:
        """See :class:`tsnode.transaction.redirects.Followed`."""
        land(self._services, errand, answer, hop, self._stale, self._replaces, self._flight)

    def give_up(self, error: PeerError) -> None:
        """See :class:`tsnode.transaction.redirects.Followed`."""
        services, errand, stale = self._services, self._errand, self._stale
        if self._flight is not None:
            self._flight.crash(error)
        if stale is None or errand.reply.gone or not serve_stale(services, errand, stale):
            turn_away(services, errand.reply, error, self._hop.host, errand.forwarded)

    def broken(self, failure: Failure) -> None:
        """See :class:`tsnode.transaction.redirects.Followed`."""
        if self._flight is not None:
            self._flight.crash(BadGateway("the fetch was given up"))
        self._errand.reply.broken(failure)

    def _order(self, *, fresh_link: bool = False) -> Order:
        settings = self._errand.settings
        errand, conditions, upgrade = self._errand, self._conditions, self._upgrade
        request = errand.request
        posts = errand.content is not None
        owner = None
        if errand.facts.has_authorization and settings.private_authenticated and binds_connection(request.fields):
            owner = errand.reply.connection
        head = render_request(
            request,
            errand.target,
            errand.host,
            errand.reply.client.encode("ascii"),
            settings,
            drop=conditions.drop,
            extra=conditions.lines,
            upgrade=upgrade,
            version=self._version,
            codes=request_codes(errand),
        )
        return Order(
            hop=self._hop,
            method=request.method,
            head=head,
            framing=request.framing,
            content=errand.content,
            patience=settings.timeouts.post_connect if posts else settings.timeouts.connect,
            fresh_link=fresh_link or (posts and not settings.keep_alive_post_out),
            keep=settings.keep_alive_out and self._version == 11,
            upgrade=upgrade,
            inform=errand.reply.inform,
            owner=owner,
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


def _no_encryption() -> PeerError:
    problem = "encrypted connections to origins come with a later version; CONNECT opens a tunnel to one"
    return PeerError(problem, status=501, reason=b"Not Implemented", kind=b"proxy_configuration_error")
