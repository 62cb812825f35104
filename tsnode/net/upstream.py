"""The next-hop side: requests go out over links that are kept for others, within the limits of each next hop."""

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.protocol import Protocol
from zope.interface import implementer

from tsnode.model.counters import Counters
from tsnode.model.errors import UpstreamFailed
from tsnode.model.neighbors import Hop
from tsnode.model.settings import ProxySettings
from tsnode.net.deadlines import NEVER, Deadlines
from tsnode.net.link import Link
from tsnode.net.link_terms import LinkTerms
from tsnode.net.pool import Pool, ServerKey
from tsnode.net.reach import Reach
from tsnode.net.tunnel import TunnelEnd
from tsnode.ports import IAsker, IExchange, IResolver, ITunnelEnd, IUpstream, Order
from tsnode.semantics.reader import KnownHeads, ReaderLimits

__all__ = ["Upstream"]

_UNAVAILABLE = b"Service Unavailable"
_TIMED_OUT = b"Connection Timed Out"
_LIMIT = b"connection_limit_reached"
_PRIVATE = 3
"""How many parts the key of a link has that is not for everyone."""
_MOST_PRIVATE = 1_000
"""How many of these are kept idle."""


@implementer(IUpstream)
class Upstream:
    """
    Every connection of this node to next hops.

    An exchange takes the link that became idle last; where none is idle it makes one, or waits for one where the next
    hop has all that it may have. Links with an owner are their owner's alone, and counted apart.
    """

    def __init__(
        self, reactor: Any, settings: ProxySettings, resolver: IResolver, counters: Counters, deadlines: Deadlines
    ) -> None:
        timeouts, limits = settings.timeouts, settings.limits
        self._reactor = reactor
        self._resolver = resolver
        self._counters = counters
        self._deadlines = deadlines
        self._now = deadlines.now
        self._inactivity = timeouts.inactivity_out
        self._terms = LinkTerms(
            counters=counters,
            deadlines=deadlines,
            limits=ReaderLimits(head=limits.response_head, line=limits.response_head),
            known=KnownHeads(),
            read_ahead=limits.read_ahead,
            inactivity=timeouts.inactivity_out or NEVER,
            active=timeouts.active_out or NEVER,
            keep_alive=timeouts.keep_alive_out or NEVER,
        )
        self._suited = _suiting(settings)
        self._pool: Pool[Link, _Approach] = Pool(limits.idle_per_server, limits.connections_per_server)
        self._approaches: set[_Approach] = set()
        self._links: set[Link] = set()
        # idle ones that are kept for one client alone, those longest idle first
        self._private: dict[Link, None] = {}
        self._openings: set[_Opening] = set()
        self._serving: set[ServerKey] = set()
        self._closing: list[Deferred[None]] | None = None

    def exchange(self, order: Order, asker: IAsker) -> None:
        """See :class:`tsnode.ports.IUpstream`."""
        hop = order.hop
        key: ServerKey = (hop.host, hop.port) if order.owner is None else (hop.host, hop.port, order.owner)
        if not order.fresh_link:
            link = self._pool.claim(key)
            if link is not None:
                if order.owner is not None:
                    del self._private[link]
                link.begin(order, asker, self._now())
                return
        if self._closing is not None:
            asker.failed(_shutting_down())
            return
        approach = _Approach(self, key, order, asker, self._now())
        self._approaches.add(approach)
        self._approach(approach)

    def connect(self, hop: Hop, patience: float) -> Deferred[ITunnelEnd]:
        """See :class:`tsnode.ports.IUpstream`."""
        if self._closing is not None:
            return fail(_shutting_down())
        opening = _Opening(self)
        self._openings.add(opening)
        deadline = self._now() + (patience or NEVER)
        opening.reach = Reach(self._reactor, self._deadlines, hop.port, opening, deadline, opening.failed)
        opening.reach.begin(self._resolver, hop.host)
        return opening.opened

    def suits(self, settings: ProxySettings) -> bool:
        """Whether one made for ``settings`` would be no different."""
        return self._suited == _suiting(settings)

    def forget_heads(self) -> None:
        """Work out anew what was worked out once for each head, for a configuration that is no more."""
        self._terms.known.clear()

    def retire(self) -> None:
        """Carry on with what is under way; no link is kept for later. Others than those may not come any more."""
        for link in self._pool.keep_none():
            link.close()

    def close(self) -> Deferred[None]:
        """See :class:`tsnode.ports.IUpstream`."""
        closed: Deferred[None] = Deferred()
        if self._closing is None:
            self._closing = []
            for approach in tuple(self._approaches):
                approach.fail(_shutting_down())
            for link in tuple(self._links):
                link.close()
            for opening in tuple(self._openings):
                opening.close()
        self._closing.append(closed)
        self._check_closed()
        return closed

    def _check_closed(self) -> None:
        if self._closing is None or self._links or self._openings or self._approaches:
            return
        closing, self._closing = self._closing, []
        for closed in closing:
            closed.callback(None)

    # links for those who need one

    def _approach(self, approach: _Approach) -> None:
        """Make a link for a new exchange, or let it wait for one."""
        key = approach.key
        pool = self._pool
        if pool.open(key):
            self._make_link(approach)
        elif pool.wait(key, approach):
            self._deadlines.add(approach)
            spare = pool.oldest_idle(key)
            if spare is not None:
                # only who wants a link that nobody used before waits beside an idle one
                spare.close()
        else:
            self._counters.upstream_queue_full += 1
            self._approaches.remove(approach)
            problem = "too many requests wait for a connection"
            error = UpstreamFailed(problem, committed=False, status=503, reason=_UNAVAILABLE, kind=_LIMIT)
            approach.asker.failed(error)

    def _make_link(self, approach: _Approach) -> None:
        link = Link(self, approach.key, self._terms, approach.take)
        host, port = approach.order.hop.host, approach.order.hop.port
        approach.reach = Reach(self._reactor, self._deadlines, port, link, approach.deadline, approach.fail)
        approach.reach.begin(self._resolver, host)

    def approach_done(self, approach: _Approach, link: Link | None) -> None:
        """An exchange has got ``link``, or will never get one."""
        self._approaches.remove(approach)
        self._deadlines.remove(approach)
        if link is not None:
            self._links.add(link)
        elif approach.reach is not None:
            self._link_gone(approach.key)
        else:
            self._pool.leave(approach.key, approach)

    def _link_gone(self, key: ServerKey) -> None:
        """There is one link less: those who wait may make others in its place."""
        self._pool.closed(key)
        if key not in self._serving:
            # a link that cannot be made at once is gone at once: no recursion from one who waits to the next
            self._serving.add(key)
            while (waiting := self._pool.first_waiting(key)) is not None and self._pool.open(key):
                self._pool.leave(key, waiting)
                self._make_link(waiting)
            self._serving.remove(key)
        self._check_closed()

    # what links tell

    def link_idle(self, link: Link) -> None:
        """See :class:`tsnode.net.link.Home`."""
        waiting = self._pool.first_waiting(link.key)
        if waiting is not None and not waiting.order.fresh_link:
            self._pool.leave(link.key, waiting)
            waiting.take(link)
        elif waiting is not None or not self._pool.keep(link.key, link):
            link.close()
        elif len(link.key) == _PRIVATE:
            self._private[link] = None
            if len(self._private) > _MOST_PRIVATE:
                next(iter(self._private)).close()

    def idle_link_closed(self, link: Link) -> None:
        """See :class:`tsnode.net.link.Home`."""
        self._pool.drop(link.key, link)
        self._private.pop(link, None)

    def link_lost(self, link: Link) -> None:
        """See :class:`tsnode.net.link.Home`."""
        self._links.remove(link)
        self._link_gone(link.key)

    # tunnels

    def make_end(self, transport: Any) -> TunnelEnd:
        """The end of a tunnel for a connection that was made."""
        self._counters.current_server_connections += 1
        self._counters.total_server_connections += 1
        return TunnelEnd(transport, b"", self._counters, self._deadlines, self._inactivity)

    def opening_done(self, opening: _Opening, connected: bool) -> None:
        """A connection for a tunnel is gone, or was not made."""
        self._counters.current_server_connections -= connected
        self._openings.remove(opening)
        self._check_closed()


@implementer(IExchange)
class _Approach:
    """
    An exchange that has no link yet.

    ``reach`` is the way to the link being made for it, None while it waits for one to be free.
    """

    __slots__ = ("_upstream", "asker", "deadline", "key", "order", "reach", "started")

    def __init__(self, upstream: Upstream, key: ServerKey, order: Order, asker: IAsker, started: float) -> None:
        self._upstream = upstream
        self.asker = asker
        asker.exchange = self
        self.key = key
        self.order = order
        self.started = started
        self.deadline = started + (order.patience or NEVER)
        self.reach: Reach | None = None

    def take(self, link: Link) -> None:
        """Begin on a link that was made for this exchange, or that another one has left."""
        self._upstream.approach_done(self, link)
        link.begin(self.order, self.asker, self.started)

    def fail(self, error: UpstreamFailed) -> None:
        """There will be no link."""
        self._withdraw()
        self.asker.failed(error)

    def _withdraw(self) -> None:
        if self.reach is not None:
            self.reach.cancel()
        self._upstream.approach_done(self, None)

    def cancel(self, asker: IAsker) -> None:
        """See :class:`tsnode.ports.IExchange`."""
        self._withdraw()

    def deadline_passed(self, now: float) -> None:
        """See :class:`tsnode.net.deadlines.Timed`."""
        problem = "no connection became free in time"
        self.fail(UpstreamFailed(problem, committed=False, status=504, reason=_TIMED_OUT, kind=_LIMIT))


class _Opening(Protocol):
    """A connection on its way to be one end of a tunnel, and until that ends."""

    transport: Any

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._end: TunnelEnd | None = None
        self.reach: Reach | None = None
        self.opened: Deferred[ITunnelEnd] = Deferred(lambda _: self._withdraw())

    def connectionMade(self) -> None:
        """Give the connection away."""
        end = self._end = self._upstream.make_end(self.transport)
        end.on_end = partial(self._upstream.opening_done, self, True)
        self.opened.callback(end)

    def failed(self, error: UpstreamFailed) -> None:
        """No connection could be made."""
        self._withdraw()
        self.opened.errback(error)

    def _withdraw(self) -> None:
        if self.reach is not None:
            self.reach.cancel()
        self._upstream.opening_done(self, False)

    def close(self) -> None:
        """Close what there is."""
        if self._end is not None:
            self._end.abort()
        else:
            self.failed(_shutting_down())


def _suiting(settings: ProxySettings) -> tuple[float, ...]:
    """All that the settings say about connections to next hops."""
    timeouts, limits = settings.timeouts, settings.limits
    return (
        timeouts.inactivity_out,
        timeouts.active_out,
        timeouts.keep_alive_out,
        limits.response_head,
        limits.read_ahead,
        limits.idle_per_server,
        limits.connections_per_server,
    )


def _shutting_down() -> UpstreamFailed:
    problem = "the node is shutting down"
    return UpstreamFailed(problem, committed=False, status=503, reason=_UNAVAILABLE, kind=b"proxy_internal_response")
