"""A node: everything built from one configuration and one reactor, started and stopped together."""

from __future__ import annotations

import resource
import socket
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import DeferredList, inlineCallbacks, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from tsnode.admin.access_log import AccessLog
from tsnode.config.tree import Loaded
from tsnode.hierarchy.health import Health
from tsnode.model.counters import Counters
from tsnode.model.errors import Place
from tsnode.model.settings import ProxySettings
from tsnode.net.deadlines import Deadlines
from tsnode.net.lane import Lane
from tsnode.net.listener import Listener
from tsnode.net.poller import watch_together
from tsnode.net.resolver import CachingResolver
from tsnode.net.send import listen_tcp
from tsnode.net.upstream import Upstream
from tsnode.stores.makers import find_maker, installed_makers
from tsnode.transaction.answers import via_line
from tsnode.transaction.carry import Carrier
from tsnode.transaction.flights import Flights
from tsnode.transaction.keys import find_asked
from tsnode.transaction.services import Services

__all__ = ["NodeService"]

_BACKLOG = 1024


def identity(settings: ProxySettings, prefix: Path, host_name: str) -> bytes:
    """
    The name of this node in Via, by which it knows its own requests again.

    What the operator set, else the host's name with a mark made of prefix and ports, so that several nodes of one
    host can be told apart and a restart changes nothing.
    """
    if settings.via_name:
        return settings.via_name
    ports = " ".join(f"{port.address}:{port.port}" for port in settings.ports)
    mark = sha256(f"{host_name} {prefix} {ports}".encode()).hexdigest()[:8]
    return f"{host_name}-{mark}".encode("ascii", "replace").replace(b"?", b"-")


class NodeService(Service):
    """
    One node. Listens as soon as it is started; its stop fires when clients, store and log are done with.

    ``prefix`` is the folder that its name is made from, ``at`` what an error about the store points to.

    :raises ConfigError: where no such store can be made.
    """

    name = "tsnode"
    _log = Logger()

    def __init__(self, reactor: Any, loaded: Loaded, prefix: Path, at: Place) -> None:
        self._reactor = reactor
        self._loaded = loaded
        self._prefix = prefix
        self._ports: list[IListeningPort] = []
        self._fronts: list[Listener] = []
        store = loaded.tree.store
        self._store = find_maker(store.name, at, installed_makers()).make_store(store, at)
        self.counters = Counters()

    def privilegedStartService(self) -> None:
        """Bind before privileges are given up."""
        self._build()

    def startService(self) -> None:
        """Begin to serve."""
        super().startService()
        if not self._fronts:
            self._build()
        for warning in self._loaded.warnings:
            self._log.warn("{problem}", problem=str(warning))
        for port in self._ports:
            self._log.info("tsnode listens on {address}", address=port.getHost())

    def _build(self) -> None:
        _raise_file_limit()
        settings = self._loaded.tree.settings
        settings = replace(settings, via_name=identity(settings, self._prefix, socket.gethostname()))
        deadlines = Deadlines(self._reactor)
        connections = watch_together(self._reactor)
        services = self._make_services(settings, connections, deadlines)
        self._access_log = self._make_access_log(settings) if settings.log_enabled else None
        for listen in settings.ports:
            front = self._make_listener(services, deadlines, listen.port)
            address = listen.address or ("::" if listen.ipv6 else "")
            try:
                self._ports.append(listen_tcp(connections, listen.port, front, _BACKLOG, address))
            except CannotListenError as error:
                self._log.critical("tsnode does not start: {error}", error=str(error))
                raise SystemExit(1) from error
            self._fronts.append(front)

    def _make_services(self, settings: ProxySettings, connections: Any, deadlines: Deadlines) -> Services:
        tree = self._loaded.tree
        clock = self._reactor
        resolver = CachingResolver(
            self._reactor, settings.positive_dns, settings.negative_dns, settings.prefer_ipv6, clock
        )
        self._upstream = Upstream(connections, settings, resolver, self.counters, deadlines)
        return Services(
            clock=clock,
            now=clock.seconds,
            store=self._store,
            upstream=self._upstream,
            resolver=resolver,
            access=tree.access,
            flights=Flights(clock, settings.timeouts.collapse_wait, self.counters),
            health=Health(settings.retries.down_time),
            policy=tree.caching,
            settings=settings,
            remap=tree.remap,
            counters=self.counters,
        )

    def _make_listener(self, services: Services, deadlines: Deadlines, port: int) -> Listener:
        settings = services.settings
        carrier = Carrier(services)
        lane = Lane(
            self._store,
            find_asked(services, port),
            via_line(settings, 11),
            settings.insert_age,
            min(settings.limits.request_head, settings.limits.request_line),
        )
        return Listener(
            clock=services.clock,
            carry=carrier.carry,
            carry_plain=carrier.carry_plain,
            lane=lane,
            rules=services.access,
            settings=settings,
            counters=self.counters,
            log=self._access_log,
            deadlines=deadlines,
            port=port,
        )

    def _make_access_log(self, settings: ProxySettings) -> AccessLog:
        in_thread = partial(deferToThreadPool, self._reactor, self._reactor.getThreadPool())
        return AccessLog(Path(settings.log_path), self._reactor, self.counters, in_thread)

    @inlineCallbacks
    def stopService(self) -> Any:
        """Stop listening, let transfers finish within the grace, close everything."""
        super().stopService()
        yield DeferredList([maybeDeferred(port.stopListening) for port in self._ports])
        grace = self._loaded.tree.settings.timeouts.shutdown_grace
        empty = DeferredList([front.drain() for front in self._fronts])
        timer = self._reactor.callLater(grace, self._cut)
        yield empty
        if timer.active():
            timer.cancel()
        if self._fronts:
            yield self._upstream.close()
            yield self._store.close()
            if self._access_log is not None:
                yield self._access_log.close()

    def _cut(self) -> None:
        for front in self._fronts:
            front.abort()


def _raise_file_limit() -> None:
    """Every connection is a file: use what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
