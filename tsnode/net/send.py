"""
The transport that writes at once.

Twisted's TCP transports queue what is written, ask the reactor for a turn and write in it: half of the cost of a small
answer. Those of this module call the kernel straight away while nothing is queued, and queue only what it did not take.
This is the only module that reaches into Twisted's private transport state; ``tests/net/test_send.py`` pins what it
relies on.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, cast

from twisted.internet import main, tcp
from twisted.internet.interfaces import IConnector, IListeningPort, IProtocol, ITransport
from twisted.internet.protocol import ClientFactory, Factory
from zope.interface import Attribute, Interface, implementer

from tsnode.net.poller import Poller
from tsnode.ports import Buffer

__all__ = ["IPromptTransport", "connect_tcp", "listen_tcp", "sender_of", "sender_soon_of", "unsent", "when_drained"]

_SMALL = 16384
"""Octets up to which a write may wait for others."""
_MOST_READ = 65536
"""Octets taken from the kernel in one call, as many as Twisted takes."""
_IOV_MAX = 1024
"""The most buffers that Linux takes in one call (IOV_MAX)."""


class IPromptTransport(Interface):
    """A transport whose writes reach the kernel in the caller's turn, as far as the kernel takes them."""

    unsent: int = Attribute("Octets that the kernel did not take yet.")

    def send(buffers: Sequence[Buffer]) -> None:
        """
        Write ``buffers`` one behind the other, after everything written before.

        Nothing is copied, so they must not change afterwards. A registered producer is paused and resumed as with
        ``write``. An error is not reported here but ends the connection in a later turn of the reactor. On a
        connection that is gone this does nothing.
        """

    def send_soon(buffers: Sequence[Buffer]) -> None:
        """
        The same, but what is small may wait until other connections were served that are ready, too.

        It is still in front of everything written later, and does not count as unsent.
        """

    def when_drained(callback: Callable[[], None]) -> None:
        """
        Call back once, in a later turn, when the kernel took everything; at a loss of the connection never.

        One callback at a time: a new one replaces the one before.
        """


class _PromptWrites:
    """Replaces reading and writing of :class:`twisted.internet.tcp.Connection`; mixed in before it."""

    socket: socket.socket
    protocol: IProtocol
    connected: int
    disconnecting: int
    producer: Any
    streamingProducer: bool
    producerPaused: bool
    bufferSize: int
    _writeDisconnected: bool
    _writeDisconnecting: bool
    startWriting: Callable[[], None]
    stopWriting: Callable[[], None]
    _postLoseConnection: Callable[[], object]
    _closeWriteConnection: Callable[[], object]

    unsent = 0
    _queue: deque[Buffer] | None = None
    _drained: Callable[[], None] | None = None
    _holding: list[Buffer] | None = None
    reactor: Any

    def doRead(self) -> object:
        """Hand what is here to the protocol, as Twisted's own method does with more ado."""
        try:
            data = self.socket.recv(_MOST_READ)
        except BlockingIOError:
            return None
        except OSError:
            return main.CONNECTION_LOST
        if not data:
            return main.CONNECTION_DONE
        self.protocol.dataReceived(data)
        return None

    def when_drained(self, callback: Callable[[], None]) -> None:
        """See :class:`IPromptTransport`."""
        self._drained = callback
        self.startWriting()

    def send(self, buffers: Sequence[Buffer]) -> None:
        """See :class:`IPromptTransport`."""
        if not self.connected or self._writeDisconnected:
            return
        if self._holding is not None:
            buffers = [*self._holding, *buffers]
            self._holding = None
        if self.unsent == 0:
            try:
                if len(buffers) == 1:
                    sent = self.socket.send(buffers[0])
                else:
                    sent = self.socket.sendmsg(buffers[:_IOV_MAX])
            except OSError:
                # full or broken: the reactor's next turn tells which, outside of the caller's
                sent = 0
            wanted = sum(map(len, buffers))
            if sent == wanted:
                return
            self._keep(buffers, sent)
            self.startWriting()
        else:
            self._keep(buffers, 0)
        if self.producer is not None and self.streamingProducer and self.unsent > self.bufferSize:
            self.producerPaused = True
            self.producer.pauseProducing()

    def send_soon(self, buffers: Sequence[Buffer]) -> None:
        """See :class:`IPromptTransport`."""
        held = self.reactor.held
        if held is None or self.unsent or sum(map(len, buffers)) > _SMALL:
            self.send(buffers)
        elif self._holding is None:
            self._holding = list(buffers)
            held.append(self)
        else:
            self.send(buffers)

    def release(self) -> None:
        """Send what was held back."""
        if self._holding is not None:
            self.send(())

    def _keep(self, buffers: Sequence[Buffer], sent: int) -> None:
        queue = self._queue
        if queue is None:
            queue = self._queue = deque()
        for buffer in buffers:
            size = len(buffer)
            if sent >= size:
                sent -= size
                continue
            queue.append(memoryview(buffer)[sent:] if sent else buffer)
            self.unsent += size - sent
            sent = 0

    def write(self, data: bytes) -> None:
        """Write at once, see :class:`IPromptTransport`."""
        if data:
            self.send((data,))

    def writeSequence(self, iovec: Sequence[bytes]) -> None:
        """Write at once, see :class:`IPromptTransport`."""
        if iovec:
            self.send(list(iovec))

    def _isSendBufferFull(self) -> bool:
        return self.unsent > self.bufferSize

    def doWrite(self) -> object:
        """Give the kernel what is queued; once nothing is, resume the producer or finish closing."""
        queue = self._queue
        if queue:
            try:
                sent = self.socket.sendmsg(list(islice(queue, _IOV_MAX)))
            except BlockingIOError:
                return None
            except OSError:
                return main.CONNECTION_LOST
            self.unsent -= sent
            while queue and sent >= len(queue[0]):
                sent -= len(queue.popleft())
            if sent:
                queue[0] = memoryview(queue[0])[sent:]
            if queue:
                return None
        self.stopWriting()
        drained, self._drained = self._drained, None
        if drained is not None:
            drained()
            if self.unsent:
                return None
        if self.producer is not None and (not self.streamingProducer or self.producerPaused):
            self.producerPaused = False
            self.producer.resumeProducing()
        elif self.disconnecting:
            return self._postLoseConnection()
        elif self._writeDisconnecting:
            self._writeDisconnected = True
            return self._closeWriteConnection()
        return None


@implementer(IPromptTransport)
class PromptServer(_PromptWrites, tcp.Server):  # type: ignore[misc]  # doWrite is untyped in Twisted
    """An accepted connection that writes at once."""

    def __init__(self, sock: socket.socket, *arguments: Any) -> None:
        # without it the kernel holds a small answer back until the one before it is acknowledged
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock, *arguments)


@implementer(IPromptTransport)
class PromptClient(_PromptWrites, tcp.Client):  # type: ignore[misc]  # doWrite is untyped in Twisted
    """A connection of ours to somebody that writes at once."""

    def createInternetSocket(self) -> socket.socket:
        """A socket as Twisted makes it, which does not hold small requests back."""
        made = cast(socket.socket, super().createInternetSocket())
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


class _PromptPort(tcp.Port):
    transport = PromptServer  # type: ignore[assignment]  # the same but for the mixin, which mypy sees first


class _PromptConnector(tcp.Connector):
    def _makeTransport(self) -> PromptClient:
        return PromptClient(self.host, self.port, self.bindAddress, self, self.reactor)


def listen_tcp(reactor: Any, port: int, factory: Factory, backlog: int, interface: str) -> IListeningPort:
    """
    As ``reactor.listenTCP``, with connections that write at once where the reactor works on file descriptors.

    :raises twisted.internet.error.CannotListenError: where the address is taken or not ours.
    """
    if not isinstance(reactor, Poller):
        return cast(IListeningPort, reactor.listenTCP(port, factory, backlog, interface))
    listening = _PromptPort(port, factory, backlog, interface, reactor)
    listening.startListening()
    return cast(IListeningPort, listening)


def connect_tcp(
    reactor: Any,
    host: str,
    port: int,
    factory: ClientFactory[Any],
    timeout: float,
    bind_address: tuple[str, int] | None = None,
) -> IConnector:
    """As ``reactor.connectTCP``, to an address (not a name), with a connection that writes at once."""
    if not isinstance(reactor, Poller):
        return cast(IConnector, reactor.connectTCP(host, port, factory, timeout, bind_address))
    connector = _PromptConnector(host, port, factory, timeout, bind_address, reactor)
    connector.connect()
    return cast(IConnector, connector)


def sender_of(transport: ITransport) -> Callable[[Sequence[Buffer]], None]:
    """What writes several buffers to a transport, at once where that can: TLS and in-memory transports queue them."""
    if IPromptTransport.providedBy(transport):
        return cast(IPromptTransport, transport).send

    def send(buffers: Sequence[Buffer]) -> None:
        transport.writeSequence([bytes(buffer) for buffer in buffers])

    return send


def sender_soon_of(transport: ITransport) -> Callable[[Sequence[Buffer]], None]:
    """As :func:`sender_of`, for what may wait for others in the same turn, see :meth:`IPromptTransport.send_soon`."""
    if IPromptTransport.providedBy(transport):
        return cast(IPromptTransport, transport).send_soon
    return sender_of(transport)


def when_drained(transport: ITransport, callback: Callable[[], None]) -> None:
    """See :meth:`IPromptTransport.when_drained`; calls back at once where the transport does not tell."""
    if IPromptTransport.providedBy(transport):
        cast(IPromptTransport, transport).when_drained(callback)
    else:
        callback()


def unsent(transport: ITransport) -> int:
    """Octets written to a transport that the kernel did not take yet; 0 where the transport does not tell."""
    return cast(int, getattr(transport, "unsent", 0))
