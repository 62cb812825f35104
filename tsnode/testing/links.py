"""Connections in memory: two transports that carry octets to each other when told to, in virtual time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from twisted.internet import error
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol, IHostnameResolver, ITCPTransport
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.model.addresses import Address
from tsnode.net.send import IPromptTransport
from tsnode.ports import Buffer, IOwnAddresses

__all__ = ["MemoryEnd", "MemoryNetwork"]


class _Threads:
    """Threads that have done everything as soon as they are asked."""

    def callInThreadWithCallback(
        self, told: Callable[[bool, object], None], work: Callable[..., object], *arguments: Any, **named: Any
    ) -> None:
        """See IThreadPool."""
        try:
            result = work(*arguments, **named)
        except Exception:  # noqa: BLE001  # told, as real threads tell it
            told(False, Failure())
        else:
            told(True, result)


@implementer(IHostnameResolver)
class _Names:
    def __init__(self, network: MemoryNetwork) -> None:
        self._network = network

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Any = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        resolutionReceiver.resolutionBegan(None)
        if hostName in self._network.slow_names:
            self._network.callLater(1.0, self._tell, resolutionReceiver, hostName)
        else:
            self._tell(resolutionReceiver, hostName)

    def _tell(self, receiver: Any, name: str) -> None:
        if not name.endswith(".invalid"):
            receiver.addressResolved(IPv4Address("TCP", self._network.address_of(name), 0))
        receiver.resolutionComplete()


@implementer(ITCPTransport, IPromptTransport)
class MemoryEnd:
    """One end of a connection. What is written waits until the network carries it and the other end reads."""

    def __init__(self, host: str, peer_host: str) -> None:
        self._host = IPv4Address("TCP", host, 0)
        self._peer = IPv4Address("TCP", peer_host, 0)
        self.protocol: Any = None
        self.other: MemoryEnd
        self.connected = True
        self.paused = False
        self.disconnecting = False
        self.unsent = 0
        self._queue: deque[bytes] = deque()
        self._half_closing = False
        self._half_closed = False
        self._aborted = False
        self._drained: Callable[[], None] | None = None
        self._producer: Any = None
        self._streaming = False
        self._producer_paused = False
        self._ended = False            # the other end writes no more
        self._end_untold = False       # and the protocol is still to be told, or told again

    # -- what protocols call

    def send(self, buffers: Sequence[Buffer]) -> None:
        """See :class:`tsnode.net.send.IPromptTransport`."""
        if not self.connected or self._half_closed:
            return
        for buffer in buffers:
            if buffer:
                self._queue.append(bytes(buffer))
                self.unsent += len(buffer)
        if self._producer is not None and self._streaming and self.unsent > 65536:
            self._producer_paused = True
            self._producer.pauseProducing()

    def send_soon(self, buffers: Sequence[Buffer]) -> None:
        """See :class:`tsnode.net.send.IPromptTransport`."""
        self.send(buffers)

    def when_drained(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.net.send.IPromptTransport`."""
        self._drained = callback

    def write(self, data: bytes) -> None:
        """See ITransport."""
        self.send((data,))

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """See ITransport."""
        self.send(list(data))

    def loseConnection(self) -> None:
        """See ITransport."""
        self.disconnecting = True

    def loseWriteConnection(self) -> None:
        """See ITCPTransport."""
        self._half_closing = True

    def abortConnection(self) -> None:
        """See ITCPTransport."""
        self._aborted = True

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """See IConsumer."""
        self._producer = producer
        self._streaming = streaming

    def unregisterProducer(self) -> None:
        """See IConsumer."""
        self._producer = None

    def pauseProducing(self) -> None:
        """See IPushProducer."""
        self.paused = True

    def resumeProducing(self) -> None:
        """See IPushProducer. Whoever reads on behind the end meets it again, as in Twisted."""
        self.paused = False
        self._end_untold = self._ended

    def stopProducing(self) -> None:
        """See IPushProducer."""
        self.loseConnection()

    def getPeer(self) -> IPv4Address:
        """See ITransport."""
        return self._peer

    def getHost(self) -> IPv4Address:
        """See ITransport."""
        return self._host

    def setTcpNoDelay(self, enabled: bool) -> None:
        """See ITCPTransport."""

    def getTcpNoDelay(self) -> bool:
        """See ITCPTransport."""
        return True

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """See ITCPTransport."""

    def getTcpKeepAlive(self) -> bool:
        """See ITCPTransport."""
        return False

    # -- what the network calls

    def carry(self) -> bool:
        """Bring one piece across, or an end; whether anything happened."""
        if not self.connected:
            return False
        if self._aborted:
            self.lost(Failure(ConnectionAborted()))
            if self.other.connected:
                self.other.lost(Failure(ConnectionLost()))
            return True
        if self._end_untold and not self.paused:
            self._tell_end()
            return True
        other = self.other
        if self._queue and not other.connected:
            # nobody is there to read it: the system answers with a reset
            self.lost(Failure(ConnectionLost()))
            return True
        if self._queue and not other.paused:
            octets = self._queue.popleft()
            self.unsent -= len(octets)
            other.protocol.dataReceived(octets)
            return True
        if self._queue:
            return False
        return self._emptied()

    def _emptied(self) -> bool:
        drained, self._drained = self._drained, None
        if drained is not None:
            drained()
            return True
        if self._producer is not None and (self._producer_paused or not self._streaming):
            self._producer_paused = False
            self._producer.resumeProducing()
            return True
        if self.disconnecting:
            self.lost(Failure(ConnectionDone()))
            self.other.peer_ended()
            return True
        if self._half_closing and not self._half_closed:
            self._half_closed = True
            half = IHalfCloseableProtocol(self.protocol, None)
            if half is not None:
                half.writeConnectionLost()
            self.other.peer_ended()
            return True
        return False

    def peer_ended(self) -> None:
        """The other end writes no more; the protocol learns of it when it reads."""
        self._ended = self._end_untold = self.connected

    def _tell_end(self) -> None:
        self._end_untold = False
        if IHalfCloseableProtocol.providedBy(self.protocol):
            self.protocol.readConnectionLost()
        else:
            self.lost(Failure(ConnectionDone()))
            self.other.peer_ended()

    def lost(self, reason: Failure) -> None:
        """The connection is gone."""
        if self.connected:
            self.connected = False
            self._queue.clear()
            if self._producer is not None:
                self._producer.stopProducing()
            self.protocol.connectionLost(reason)


@implementer(IOwnAddresses)
class MemoryNetwork(MemoryReactorClock):
    """
    A reactor whose connections stay in memory.

    ``listeners`` maps (host, port) to something with ``buildProtocol``; where there is none, connecting is refused.
    Names that end in ``.invalid`` have no address.
    ``own`` are the addresses of the node's machine apart from loopback ones.
    ``silent`` holds the addresses that never answer at all, ``slow_names`` the names that take a second to look up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.listeners: dict[tuple[str, int], Any] = {}
        self.silent: set[tuple[str, int]] = set()
        self.own: set[str] = set()
        self.slow_names: set[str] = set()
        self.attempts: list[tuple[str, int]] = []
        self._ends: list[MemoryEnd] = []
        self._addresses: dict[str, str] = {}
        self.nameResolver = _Names(self)
        self.advance(1_700_000_000.25)

    def getThreadPool(self) -> _Threads:
        """See IReactorThreads."""
        return _Threads()

    def callFromThread(self, call: Callable[..., object], *arguments: Any, **named: Any) -> None:
        """See IReactorFromThreads."""
        self.callLater(0, call, *arguments, **named)

    def is_own(self, address: Address) -> bool:
        """See IOwnAddresses."""
        return str(address) in self.own

    def address_of(self, host: str) -> str:
        """The address of a name: an invented one, always the same; that of an address is itself."""
        if host.replace(".", "").isdigit() or ":" in host:
            return host
        return self._addresses.setdefault(host, f"192.0.2.{len(self._addresses) + 1}")

    def link(self, one: Any, other: Any, host: str = "127.0.0.1", other_host: str = "127.0.0.1") -> MemoryEnd:
        """Connect two protocols; gives the end of the first."""
        near, far = MemoryEnd(host, other_host), MemoryEnd(other_host, host)
        near.other, far.other = far, near
        near.protocol, far.protocol = one, other
        self._ends += (near, far)
        other.makeConnection(far)
        one.makeConnection(near)
        return near

    def connectTCP(self, host: str, port: int, factory: Any, timeout: float = 30, bindAddress: Any = None) -> Any:
        """See IReactorTCP."""
        connector = super().connectTCP(host, port, factory, timeout, bindAddress)
        self.attempts.append((host, port))
        factory.doStart()
        factory.startedConnecting(connector)
        if (host, port) in self.silent:
            self.callLater(timeout, self._refused, factory, connector, error.TimeoutError())
        else:
            self.callLater(0, self._connected, host, port, factory, connector)
        return connector

    def _refused(self, factory: Any, connector: Any, why: Exception) -> None:
        if not connector.stoppedConnecting:
            factory.clientConnectionFailed(connector, Failure(why))

    def _connected(self, host: str, port: int, factory: Any, connector: Any) -> None:
        if connector.stoppedConnecting:
            return
        listener = self.listeners.get((host, port))
        if listener is None:
            self._refused(factory, connector, error.ConnectionRefusedError(111, "Connection refused"))
            return
        served = listener.buildProtocol(IPv4Address("TCP", "127.0.0.1", 40000))
        self.link(factory.buildProtocol(IPv4Address("TCP", host, port)), served, "127.0.0.1", host)

    def settle(self) -> None:
        """Carry everything that can be carried, and run what is due now."""
        busy = True
        while busy:
            busy = False
            for end in list(self._ends):
                while end.carry():
                    busy = True
            self._ends = [end for end in self._ends if end.connected]
            if any(call.getTime() <= self.seconds() for call in self.getDelayedCalls()):
                self.advance(0)
                busy = True

    def pass_time(self, seconds: float) -> None:
        """Let time pass, a quarter of a second at a time, and everything happen that does meanwhile."""
        until = self.seconds() + seconds
        self.settle()
        while self.seconds() < until:
            self.advance(min(0.25, until - self.seconds()))
            self.settle()
