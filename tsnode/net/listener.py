"""What the client connections of one listening port share: who may connect, how many, and how they are ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Factory, Protocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from tsnode.model.counters import Counters
from tsnode.model.messages import RequestHead
from tsnode.model.settings import ProxySettings
from tsnode.net.deadlines import NEVER, Deadlines
from tsnode.net.downstream import Downstream
from tsnode.net.lane import Lane
from tsnode.net.reply import Reply
from tsnode.ports import IAccessLog, IContent, IReply
from tsnode.routing.access import AccessRules
from tsnode.semantics.reader import ReaderLimits
from tsnode.transaction.services import Asked

__all__ = ["Listener"]

T = TypeVar("T")
Carry = Callable[[RequestHead, "IContent | None", IReply], None]
CarryPlain = Callable[[RequestHead, Asked, IReply], None]


class Listener(Factory):
    """What all client connections of one listening port share."""

    noisy = False
    _log = Logger()

    def __init__(
        self,
        *,
        clock: IReactorTime,
        carry: Carry,
        carry_plain: CarryPlain,
        lane: Lane | None,
        rules: AccessRules,
        settings: ProxySettings,
        counters: Counters,
        log: IAccessLog | None,
        deadlines: Deadlines,
        port: int,
    ) -> None:
        self.now = clock.seconds
        self.counters = counters
        self.deadlines = deadlines
        self.port = port
        self.draining = False
        self._links: set[Downstream] = set()
        self._per_client: dict[str, int] = {}
        self._drained: list[Deferred[None]] = []
        self._take(carry, carry_plain, lane, rules, settings, log)

    def _take(
        self,
        carry: Carry,
        carry_plain: CarryPlain,
        lane: Lane | None,
        rules: AccessRules,
        settings: ProxySettings,
        log: IAccessLog | None,
    ) -> None:
        self.carry = carry
        self.carry_plain = carry_plain
        # the lane knows only answers behind which the connection stays open
        self.lane = lane if settings.keep_alive_in else None
        self._rules = rules
        self.settings = settings
        self.log = log
        timeouts = settings.timeouts
        self.accept = timeouts.accept or NEVER
        self.keep_alive = timeouts.keep_alive_in or NEVER
        self.inactivity = timeouts.inactivity_in or NEVER
        self.active = timeouts.active_in or NEVER
        self.reader_limits = ReaderLimits(head=settings.limits.request_head, line=settings.limits.request_line)

    def renew(
        self,
        *,
        carry: Carry,
        carry_plain: CarryPlain,
        lane: Lane | None,
        rules: AccessRules,
        settings: ProxySettings,
        log: IAccessLog | None,
    ) -> None:
        """
        Go on with another configuration: new connections at once, those that are there with their next request.

        A connection keeps the limits of heads that it began with.
        """
        decided = rules == self._rules
        self._take(carry, carry_plain, lane, rules, settings, log)
        allowed = {} if decided else {client: rules.methods_for(client) for client in self._per_client}
        for link in self._links:
            link.renew(allowed.get(link.client, link.access))

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        """A protocol for a new connection, or None where it is closed at once."""
        client = cast(Any, addr).host
        limits = self.settings.limits
        counters = self.counters
        if limits.connections_in and counters.current_client_connections >= limits.connections_in:
            counters.connections_throttled_in += 1
            return None
        if limits.connections_per_client and self._per_client.get(client, 0) >= limits.connections_per_client:
            counters.per_client_throttled_in += 1
            return None
        access = self._rules.methods_for(client)
        if access.none:
            counters.access_denied += 1
            return None
        return Downstream(self, client, access)

    def opened(self, link: Downstream) -> None:
        """A connection is there."""
        counters = self.counters
        counters.current_client_connections += 1
        counters.total_client_connections += 1
        self._links.add(link)
        self._per_client[link.client] = self._per_client.get(link.client, 0) + 1
        self.deadlines.add(link)

    def closed(self, link: Downstream) -> None:
        """A connection is gone; may be said again."""
        if link not in self._links:
            return
        self._links.remove(link)
        self.deadlines.remove(link)
        self.counters.current_client_connections -= 1
        left = self._per_client[link.client] - 1
        if left:
            self._per_client[link.client] = left
        else:
            del self._per_client[link.client]
        if not self._links:
            drained, self._drained = self._drained, []
            for empty in drained:
                empty.callback(None)

    def start(
        self, carry: Callable[[RequestHead, T, Reply], None], head: RequestHead, rest: T, reply: Reply
    ) -> None:
        """Begin a transaction; a defect in it costs one connection, and nothing else."""
        try:
            carry(head, rest, reply)
        except Exception:  # noqa: BLE001  # whatever it is, this client must not wait for ever
            reply.broken(Failure())

    def failed(self, failure: Failure) -> None:
        """A transaction ended in a defect."""
        self._log.failure("a transaction failed unexpectedly", failure)

    def drain(self) -> Deferred[None]:
        """Close idle connections, the others after their answer; fires when none is left."""
        self.draining = True
        for link in tuple(self._links):
            link.drain()
        empty: Deferred[None] = Deferred()
        if self._links:
            self._drained.append(empty)
        else:
            empty.callback(None)
        return empty

    def abort(self) -> None:
        """Cut every connection that is still there."""
        for link in tuple(self._links):
            link.transport.abortConnection()
