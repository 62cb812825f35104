"""
Connections watched together, as one descriptor of the reactor's.

Twisted sets up a logging context and several calls around each event of each descriptor: more than a small hit costs.
A :class:`Poller` is an epoll set of its own within the reactor's. The reactor sees one readable descriptor, and the
poller hands all that is ready in it to the connections in one turn.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Any, Protocol, cast

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IDelayedCall, IReactorFDSet, IReactorTime, IReadDescriptor
from twisted.internet.posixbase import PosixReactorBase
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

__all__ = ["Poller", "watch_together"]

_IN, _OUT = select.EPOLLIN, select.EPOLLOUT
_BATCH = 256
"""Events taken in one turn; what is left over is ready again in the next."""
_HELD = 64
"""How many connections may hold back what they have to send before all of it goes out."""


class Watched(Protocol):
    """What can be watched: a transport of Twisted's that can be closed by halves."""

    def fileno(self) -> int: ...

    def doRead(self) -> object: ...

    def doWrite(self) -> object: ...

    def readConnectionLost(self, reason: Failure) -> None: ...

    def connectionLost(self, reason: Failure) -> None: ...


class Holding(Protocol):
    """What holds something back that it has to send."""

    def release(self) -> None: ...


@implementer(IReactorFDSet, IReactorTime, IReadDescriptor)
class Poller:
    """
    Stands in for ``reactor`` towards transports, as far as these use one: descriptors, and delayed calls.

    While several connections are served in one turn, ``held`` takes those that have something to send which may wait
    for the others: every write wakes its receiver, and one that was just woken by another write is woken for nothing.
    Outside of such a turn ``held`` is None, and nothing is held back.
    """

    _log = Logger()

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._epoll = select.epoll()
        self._watched: dict[int, Watched] = {}
        self._masks: dict[int, int] = {}
        self.held: list[Holding] | None = None
        self.seconds: Callable[[], float] = reactor.seconds
        self.callLater: Callable[..., IDelayedCall] = reactor.callLater
        self.getDelayedCalls: Callable[[], Any] = reactor.getDelayedCalls
        self.fileno = self._epoll.fileno
        reactor.addReader(self)

    def close(self) -> None:
        """Watch nothing any more."""
        self._reactor.removeReader(self)
        self._watched.clear()
        self._masks.clear()
        self._epoll.close()

    # -- towards the reactor

    def doRead(self) -> None:
        """Let everything that is ready read or write."""
        watched = self._watched
        ready = self._epoll.poll(0, _BATCH)
        held: list[Holding] = []
        if len(ready) > 1:
            self.held = held
        for fd, event in ready:
            if len(held) >= _HELD:
                self._release(held)
            one = watched.get(fd)
            if one is None:
                continue
            try:
                if event & _IN:
                    why = one.doRead()
                    if why is None and event & _OUT:
                        why = one.doWrite()
                        reading = False
                    else:
                        reading = True
                elif event & _OUT and not event & ~_OUT:
                    why = one.doWrite()
                    reading = False
                else:
                    reading = bool(self._masks[fd] & _IN)
                    why = ConnectionDone() if reading else ConnectionLost()
            except Exception:  # noqa: BLE001  # as the reactor does: a defect costs one connection, not the node
                failure = Failure()
                self._log.failure("a connection failed unexpectedly", failure)
                self._lose(one, failure)
                continue
            if why is not None:
                self._end(one, why, reading)
        self.held = None
        self._release(held)

    def _release(self, held: list[Holding]) -> None:
        for one in held:
            one.release()
        held.clear()

    def _end(self, one: Watched, why: object, reading: bool) -> None:
        self.removeReader(one)
        if reading and isinstance(why, ConnectionDone):
            one.readConnectionLost(Failure(why))
        else:
            self._lose(one, Failure(cast(Exception, why)))

    def _lose(self, one: Watched, failure: Failure) -> None:
        self.removeReader(one)
        self.removeWriter(one)
        one.connectionLost(failure)

    def logPrefix(self) -> str:
        """See ILoggingContext."""
        return "connections"

    def connectionLost(self, reason: Failure) -> None:
        """See IReadDescriptor; the epoll set itself never ends."""

    # -- towards connections

    def addReader(self, reader: Any) -> None:
        """See IReactorFDSet."""
        self._add(reader, _IN)

    def addWriter(self, writer: Any) -> None:
        """See IReactorFDSet."""
        self._add(writer, _OUT)

    def removeReader(self, reader: Any) -> None:
        """See IReactorFDSet."""
        self._remove(reader, _IN)

    def removeWriter(self, writer: Any) -> None:
        """See IReactorFDSet."""
        self._remove(writer, _OUT)

    def _add(self, one: Watched, flag: int) -> None:
        fd = one.fileno()
        mask = self._masks.get(fd)
        if mask is None:
            self._epoll.register(fd, flag)
            self._masks[fd] = flag
            self._watched[fd] = one
        elif not mask & flag:
            self._epoll.modify(fd, mask | flag)
            self._masks[fd] = mask | flag

    def _remove(self, one: Watched, flag: int) -> None:
        fd = one.fileno()
        mask = self._masks.get(fd)
        if mask is None or not mask & flag or self._watched[fd] is not one:
            return
        mask &= ~flag
        if mask:
            self._epoll.modify(fd, mask)
            self._masks[fd] = mask
        else:
            self._epoll.unregister(fd)
            del self._masks[fd], self._watched[fd]

    def removeAll(self) -> list[Any]:
        """See IReactorFDSet."""
        everything = list(self._watched.values())
        for one in everything:
            self._remove(one, _IN)
            self._remove(one, _OUT)
        return everything

    def getReaders(self) -> list[Any]:
        """See IReactorFDSet."""
        return [one for fd, one in self._watched.items() if self._masks[fd] & _IN]

    def getWriters(self) -> list[Any]:
        """See IReactorFDSet."""
        return [one for fd, one in self._watched.items() if self._masks[fd] & _OUT]


def watch_together(reactor: Any) -> Any:
    """What connections are to use as their reactor: a poller within ``reactor`` where that works on descriptors."""
    return Poller(reactor) if isinstance(reactor, PosixReactorBase) else reactor
