"""A connection in memory that behaves as a TCP transport does, and a reactor that makes such."""

from __future__ import annotations

from collections import deque
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol, IReactorTime
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

__all__ = ["Wire", "WiredReactor"]


class Wire(StringTransport):
    """
    Our end of a connection. The test is the far end, and the kernel between the two.

    What arrives while reading is paused waits, as in a kernel. ``room`` is how many octets the far end takes before
    what is written queues up here; a registered producer is paused from then on. A ``stuck`` connection is closed by
    being aborted only.
    """

    stuck = False

    def __init__(self, clock: IReactorTime, protocol: Any = None, room: int = 1 << 30) -> None:
        super().__init__(lenient=True)
        self.protocol = protocol
        self.room = room
        self.half_closed = False
        self.aborted = False
        self.gone = False
        self._clock = clock
        self._arriving: deque[bytes | Exception] = deque()
        self._written = 0

    def connect(self, protocol: Any) -> None:
        """Give ``protocol`` this connection."""
        self.protocol = protocol
        protocol.makeConnection(self)

    # the far end

    def receive(self, data: bytes) -> None:
        """The far end sends."""
        self._arriving.append(data)
        self._deliver()

    def finish(self) -> None:
        """The far end sends no more."""
        self._arriving.append(ConnectionDone())
        self._deliver()

    def reset(self) -> None:
        """The connection breaks, however much was still on its way."""
        self._arriving.clear()
        self._lose(ConnectionLost())

    def sent(self) -> bytes:
        """What was written since this was asked last."""
        written: bytes = self.value()
        self.clear()
        return written

    def drain(self, octets: int) -> None:
        """The far end takes that many more octets."""
        self.room += octets
        if self.producer is not None and not self.unsent:
            self.producer.resumeProducing()

    # our end, as Twisted has it

    @property
    def unsent(self) -> int:
        """Octets that the far end had no room for."""
        return max(0, self._written - self.room)

    def write(self, data: bytes) -> None:
        if self.disconnecting or self.gone:
            return
        super().write(data)
        self._written += len(data)
        if self.producer is not None and self.unsent:
            self.producer.pauseProducing()

    def writeSequence(self, data: Any) -> None:
        self.write(b"".join(data))

    def resumeProducing(self) -> None:
        super().resumeProducing()
        self._clock.callLater(0, self._deliver)

    def stopProducing(self) -> None:
        self.loseConnection()

    def loseConnection(self) -> None:
        if not self.disconnecting:
            self.disconnecting = True
            if not self.stuck:
                self._clock.callLater(0, self._lose, ConnectionDone())

    def abortConnection(self) -> None:
        if not self.gone and not self.aborted:
            self.aborted = self.disconnecting = True
            self._clock.callLater(0, self._lose, ConnectionAborted())

    def loseWriteConnection(self) -> None:
        assert self.producer is None, "a producer has to be unregistered first"
        self.half_closed = True

    def _deliver(self) -> None:
        while self._arriving and self.producerState == "producing" and not self.disconnecting and not self.gone:
            arrived = self._arriving.popleft()
            if isinstance(arrived, bytes):
                self.protocol.dataReceived(arrived)
            elif IHalfCloseableProtocol.providedBy(self.protocol):
                self.protocol.readConnectionLost()
            else:
                self._lose(arrived)

    def _lose(self, error: Exception) -> None:
        if not self.gone:
            self.gone = self.disconnecting = True
            if self.producer is not None:
                self.producer.stopProducing()
            self.protocol.connectionLost(Failure(error))


class WiredReactor(MemoryReactorClock):
    """A reactor whose connections the test makes, in the order they were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.wires: list[Wire] = []

    @property
    def asked(self) -> list[tuple[str, int]]:
        """Addresses and ports that connections were asked for to."""
        return [client[:2] for client in self.tcpClients]

    def accept(self, number: int = -1, room: int = 1 << 30) -> Wire:
        """A connection that was asked for is made."""
        factory = self.tcpClients[number][2]
        protocol = factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 80))
        wire = Wire(self, room=room)
        self.wires.append(wire)
        wire.connect(protocol)
        return wire

    def refuse(self, error: Exception, number: int = -1) -> None:
        """A connection that was asked for is not made."""
        self.tcpClients[number][2].clientConnectionFailed(self.connectors[number], Failure(error))
