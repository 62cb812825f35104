"""What a node is made of: what lasts as long as it runs, and what each configuration brings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar
from weakref import WeakSet

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.threads import deferToThreadPool

from tsnode.admin.access_log import AccessLog
from tsnode.config.tree import Configuration
from tsnode.hierarchy.health import Health
from tsnode.model.counters import Counters
from tsnode.model.settings import ProxySettings
from tsnode.net.deadlines import Deadlines
from tsnode.net.lane import Lane
from tsnode.net.listener import Listener
from tsnode.net.own_addresses import SystemAddresses
from tsnode.net.poller import watch_together
from tsnode.net.resolver import CachingResolver
from tsnode.net.upstream import Upstream
from tsnode.ports import ICacheStore, IOwnAddresses
from tsnode.transaction.carry import Carrier
from tsnode.transaction.flights import Flights
from tsnode.transaction.keys import find_asked
from tsnode.transaction.regimes import Regime, Regimes
from tsnode.transaction.services import Services

__all__ = ["Parts"]

T = TypeVar("T")


class Parts:
    """
    The parts of one running node, made for ``tree`` and taken over to others by :meth:`renew`.

    ``name`` is what the node is called in Via. Connections, marks of next hops that are down and what is stored
    outlast every configuration. What a transaction works with does not: each one keeps what it began with, and that
    goes when the last of them is over.
    """

    def __init__(self, reactor: Any, store: ICacheStore, counters: Counters, name: bytes, tree: Configuration) -> None:
        self._reactor = reactor
        self._store = store
        self._counters = counters
        self._name = name
        self._draw = SystemRandom().random
        self.connections = watch_together(reactor)
        self.fronts: list[Listener] = []
        self._deadlines = Deadlines(reactor)
        settings = replace(tree.settings, via_name=name)
        self._resolver = CachingResolver(
            reactor, settings.positive_dns, settings.negative_dns, settings.prefer_ipv6, reactor
        )
        self._health = Health(settings.retries.down_time)
        self._log = self._open_log(settings)
        self._upstream = self._make_upstream(settings)
        # a retired one is there for as long as somebody uses it
        self._retired: WeakSet[Upstream] = WeakSet()
        self._ending_logs: set[Deferred[None]] = set()
        regimes = self._make_regimes(tree, Regime(tree.caching, settings))
        self._services = self._make_services(tree, regimes, self._upstream)

    def add_front(self, port: int) -> Listener:
        """What serves the clients of one more listening port."""
        services = self._services
        carrier = Carrier(services)
        front = Listener(
            clock=self._reactor,
            carry=carrier.carry,
            carry_plain=carrier.carry_plain,
            lane=self._make_lane(port),
            rules=services.access,
            settings=services.settings,
            counters=self._counters,
            log=self._log,
            deadlines=self._deadlines,
            port=port,
        )
        self.fronts.append(front)
        return front

    def renew(self, tree: Configuration) -> None:
        """Serve the requests to come as ``tree`` says. Ports, name and store stay what they are."""
        before, old_log, old_upstream = self._services, self._log, self._upstream
        # what was worked out once under equal settings is known by their identity
        general = _same(Regime(tree.caching, replace(tree.settings, via_name=self._name)), before.regimes.general)
        settings = _same(general.settings, before.settings)
        kept = old_upstream.suits(settings)
        upstream = old_upstream if kept else self._make_upstream(settings)
        log = old_log if _log_path(settings) == _log_path(before.settings) else self._open_log(settings)
        self._services = self._make_services(tree, self._make_regimes(tree, general), upstream)
        self._upstream, self._log = upstream, log
        self._resolver.reconfigure(settings.positive_dns, settings.negative_dns, settings.prefer_ipv6)
        self._health.down_time = settings.retries.down_time
        carrier = Carrier(self._services)
        for front in self.fronts:
            front.renew(
                carry=carrier.carry,
                carry_plain=carrier.carry_plain,
                lane=self._make_lane(front.port),
                rules=tree.access,
                settings=settings,
                log=log,
            )
        if not kept:
            self._retired.add(old_upstream)
            old_upstream.retire()
        elif general is not before.regimes.general:
            upstream.forget_heads()
        if old_log is not None and old_log is not log:
            self._end_log(old_log)

    def _end_log(self, log: AccessLog) -> None:
        ending = log.close()
        self._ending_logs.add(ending)
        ending.addCallback(lambda _: self._ending_logs.discard(ending))

    def close(self) -> Deferred[Any]:
        """Close every connection to next hops; fires when that, and what was to be logged, is done."""
        closing = [upstream.close() for upstream in (self._upstream, *self._retired)]
        if self._log is not None:
            self._end_log(self._log)
        return DeferredList([*closing, *(_after(ending) for ending in self._ending_logs)])

    def _open_log(self, settings: ProxySettings) -> AccessLog | None:
        if not settings.log_enabled:
            return None
        in_thread = partial(deferToThreadPool, self._reactor, self._reactor.getThreadPool())
        return AccessLog(Path(settings.log_path), self._reactor, self._counters, in_thread)

    def _make_upstream(self, settings: ProxySettings) -> Upstream:
        return Upstream(self.connections, settings, self._resolver, self._counters, self._deadlines)

    def _make_regimes(self, tree: Configuration, general: Regime) -> Regimes:
        overridden = {
            overrides: Regime(policy, replace(settings, via_name=self._name))
            for overrides, (policy, settings) in tree.overridden.items()
        }
        return Regimes(general, overridden, tree.caching_rules)

    def _make_services(self, tree: Configuration, regimes: Regimes, upstream: Upstream) -> Services:
        settings = regimes.general.settings
        clock = self._reactor
        return Services(
            clock=clock,
            now=clock.seconds,
            draw=self._draw,
            store=self._store,
            upstream=upstream,
            resolver=self._resolver,
            own_addresses=IOwnAddresses(self._reactor, SystemAddresses()),
            access=tree.access,
            # nobody joins a fetch of another configuration: what it brings may not be for them under this one
            flights=Flights(clock, self._counters),
            health=self._health,
            settings=settings,
            regimes=regimes,
            remap=tree.remap,
            counters=self._counters,
        )

    def _make_lane(self, port: int) -> Lane:
        limits = self._services.settings.limits
        longest = min(limits.request_head, limits.request_line)
        return Lane(self._store, find_asked(self._services, port), longest)


def _log_path(settings: ProxySettings) -> str | None:
    return settings.log_path if settings.log_enabled else None


def _same(new: T, old: T) -> T:
    """The ``old`` one where they are equal."""
    return old if new == old else new


def _after(ending: Deferred[None]) -> Deferred[None]:
    """Fires when ``ending`` does, and leaves it alone."""
    after: Deferred[None] = Deferred()
    ending.addCallback(after.callback)
    return after
