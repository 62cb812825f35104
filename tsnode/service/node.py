"""A node: everything built from one configuration and one reactor, started and stopped together."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, inlineCallbacks, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from tsnode.config.tree import Configuration, Loaded
from tsnode.model.counters import Counters
from tsnode.model.errors import Place
from tsnode.model.settings import ProxySettings
from tsnode.net.send import listen_tcp
from tsnode.service.hangup import Hear
from tsnode.service.parts import Parts
from tsnode.service.reload import Read, Reloader, ReloadReport
from tsnode.stores.makers import find_maker, installed_makers

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

    ``prefix`` is the folder that its name is made from, ``at`` what an error about the store points to. ``read``
    reads the configuration again, in a thread, for each reload; ``hear`` tells of hang-ups, which ask for one.

    :raises ConfigError: where no such store can be made.
    """

    name = "tsnode"
    _log = Logger()

    def __init__(self, reactor: Any, loaded: Loaded, prefix: Path, at: Place, read: Read, hear: Hear) -> None:
        self._reactor = reactor
        self._warnings = loaded.warnings
        self._tree = loaded.tree
        self._prefix = prefix
        self._hear = hear
        self._stop_hearing: Callable[[], None] | None = None
        self._ports: list[IListeningPort] = []
        self._parts: Parts | None = None
        store = loaded.tree.store
        self._store = find_maker(store.name, at, installed_makers()).make_store(store, at, reactor.seconds)
        self._reloader = Reloader(read, loaded, self._in_thread, self._swap)
        self.counters = Counters()

    def privilegedStartService(self) -> None:
        """Bind before privileges are given up."""
        self._build()

    def startService(self) -> None:
        """Begin to serve."""
        super().startService()
        if self._parts is None:
            self._build()
        self._stop_hearing = self._hear(self._hung_up)
        for warning in self._warnings:
            self._log.warn("{problem}", problem=str(warning))
        self._warnings = ()
        for port in self._ports:
            self._log.info("tsnode listens on {address}", address=port.getHost())

    def _build(self) -> None:
        _raise_file_limit()
        settings = self._tree.settings
        name = identity(settings, self._prefix, socket.gethostname())
        parts = self._parts = Parts(self._reactor, self._store, self.counters, name, self._tree)
        for listen in settings.ports:
            address = listen.address or ("::" if listen.ipv6 else "")
            front = parts.add_front(listen.port)
            try:
                self._ports.append(listen_tcp(parts.connections, listen.port, front, _BACKLOG, address))
            except CannotListenError as error:
                self._log.critical("tsnode does not start: {error}", error=str(error))
                raise SystemExit(1) from error

    def reload(self) -> Deferred[ReloadReport]:
        """
        Read the configuration again and go on with it, if it is right; fires with what became of each file.

        Transactions under way end as they began. One reload goes on at a time; it fails only with defects.
        """
        return self._reloader.reload()

    def _in_thread(self, read: Read) -> Deferred[Any]:
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), read)

    def _swap(self, tree: Configuration) -> None:
        self._tree = tree
        if self._parts is not None and self.running:
            self._parts.renew(tree)

    def _hung_up(self) -> None:
        self.reload().addErrback(self._not_reloaded)

    def _not_reloaded(self, failure: Failure) -> None:
        self._log.failure("the configuration stays as it was: it could not be read again", failure)

    @inlineCallbacks
    def stopService(self) -> Any:
        """Stop listening, let transfers finish within the grace, close everything."""
        super().stopService()
        if self._stop_hearing is not None:
            self._stop_hearing()
            self._stop_hearing = None
        yield DeferredList([maybeDeferred(port.stopListening) for port in self._ports])
        parts = self._parts
        if parts is None:
            return
        empty = DeferredList([front.drain() for front in parts.fronts])
        timer = self._reactor.callLater(self._tree.settings.timeouts.shutdown_grace, partial(_cut, parts))
        yield empty
        if timer.active():
            timer.cancel()
        yield parts.close()
        yield self._store.close()


def _cut(parts: Parts) -> None:
    for front in parts.fronts:
        front.abort()


def _raise_file_limit() -> None:
    """Every connection is a file: use what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
