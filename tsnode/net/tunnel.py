"""Two connections that became one: octets go both ways, and mean nothing to us."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, cast

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.model.counters import Counters
from tsnode.net.deadlines import NEVER, Deadlines
from tsnode.net.send import sender_of, unsent
from tsnode.ports import ITunnelEnd

__all__ = ["TunnelEnd"]


class _Phase(Enum):
    """What an end of a tunnel is doing."""

    HELD = "connected, with nothing on the other side yet"
    OPEN = "carrying octets both ways"
    HEARD = "its peer has sent everything and may still receive"
    GONE = "closed, or told to close"


@implementer(ITunnelEnd, IHalfCloseableProtocol)
class TunnelEnd(Protocol):
    """
    One connection of a tunnel, which it takes over from whatever protocol had it.

    ``transport`` is a TCP transport. ``first`` was received on it before. Nothing more is read until the ends are
    spliced. ``inactivity`` is how many seconds nothing may move in either direction, 0 for ever; of two ends that
    differ, the smaller counts. ``on_end`` is called once, when the connection is lost.
    """

    transport: Any

    def __init__(
        self, transport: Any, first: bytes, counters: Counters, deadlines: Deadlines, inactivity: float
    ) -> None:
        self.transport = transport
        self.inactivity = inactivity or NEVER
        self.on_end: Callable[[], None] | None = None
        self._send = sender_of(transport)
        self._first = first
        self._counters = counters
        self._deadlines = deadlines
        self._phase = _Phase.HELD
        self._tunnel: _Tunnel | None = None
        transport.protocol = self
        transport.pauseProducing()

    def splice(self, other: ITunnelEnd) -> None:
        """See :class:`tsnode.ports.ITunnelEnd`. The other end has to be one of these, too."""
        peer = cast(TunnelEnd, other)
        if self._phase is _Phase.GONE or peer._phase is _Phase.GONE:
            self.abandon()
            peer.abandon()
            return
        tunnel = _Tunnel(self, peer, self._deadlines)
        self._open(tunnel, peer)
        peer._open(tunnel, self)
        self._bring_first()
        peer._bring_first()

    def _open(self, tunnel: _Tunnel, peer: TunnelEnd) -> None:
        self._phase = _Phase.OPEN
        self._tunnel = tunnel
        # where this connection is slow, the other one is not read
        self.transport.registerProducer(peer.transport, True)
        self.transport.resumeProducing()

    def _bring_first(self) -> None:
        first, self._first = self._first, b""
        if first:
            self.dataReceived(first)

    def abandon(self) -> None:
        """See :class:`tsnode.ports.ITunnelEnd`."""
        if self._phase is _Phase.HELD:
            self._phase = _Phase.GONE
            self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once, whatever is still to be sent."""
        self._phase = _Phase.GONE
        self.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        """Octets for the other side."""
        tunnel = self._tunnel
        if tunnel is None:
            # not read any more, but already on the way to us
            self._first += data
        else:
            self._counters.tunnel_octets += len(data)
            tunnel.moved()
            tunnel.across(self)._send((data,))

    def readConnectionLost(self) -> None:
        """The peer of this connection has sent everything: tell the other side's, and close once both have."""
        tunnel = self._tunnel
        if tunnel is None or self._phase is not _Phase.OPEN:
            return
        self._phase = _Phase.HEARD
        other = tunnel.across(self)
        other.transport.unregisterProducer()
        if other._phase is _Phase.HEARD:
            self._close()
            other._close()
        else:
            other.transport.loseWriteConnection()

    def writeConnectionLost(self) -> None:
        """Everything that the other side had is out."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone: the other one has no purpose once it is flushed."""
        was, self._phase = self._phase, _Phase.GONE
        tunnel, self._tunnel = self._tunnel, None
        if tunnel is not None:
            tunnel.end_lost()
            other = tunnel.across(self)
            if other._phase is _Phase.OPEN or other._phase is _Phase.HEARD:
                if was is _Phase.OPEN:
                    other.transport.unregisterProducer()
                other._close()
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            on_end()

    def _close(self) -> None:
        self._phase = _Phase.GONE
        self.transport.loseConnection()


class _Tunnel:
    """What the two ends share: how long nothing may move."""

    __slots__ = ("_deadlines", "_inactivity", "_left", "_one", "_other", "_unsent", "deadline")

    def __init__(self, one: TunnelEnd, other: TunnelEnd, deadlines: Deadlines) -> None:
        self._one = one
        self._other = other
        self._deadlines = deadlines
        self._inactivity = min(one.inactivity, other.inactivity)
        self._left = 2
        self._unsent = 0
        self.deadline = deadlines.now() + self._inactivity
        deadlines.add(self)

    def across(self, end: TunnelEnd) -> TunnelEnd:
        """The other end."""
        return self._other if end is self._one else self._one

    def moved(self) -> None:
        """Some octets came."""
        self.deadline = self._deadlines.now() + self._inactivity

    def deadline_passed(self, now: float) -> None:
        """Nothing came for a while: if nothing was sent either, that is the end."""
        waiting = unsent(self._one.transport) + unsent(self._other.transport)
        if waiting != self._unsent:
            self._unsent = waiting
            self.deadline = now + self._inactivity
            self._deadlines.add(self)
            return
        self._one.abort()
        self._other.abort()

    def end_lost(self) -> None:
        """One of the ends is gone."""
        self._left -= 1
        if self._left == 0:
            self._deadlines.remove(self)
