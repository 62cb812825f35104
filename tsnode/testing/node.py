"""A whole node in memory: real code from the client's octets to the origin's, in virtual time, without a socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.config.tree import load, try_load
from tsnode.model.errors import Place
from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, RequestHead, ResponseHead
from tsnode.semantics.reader import Content, End, ReaderLimits, RequestReader, ResponseReader
from tsnode.service.node import NodeService
from tsnode.service.reload import ReloadReport
from tsnode.testing.links import MemoryEnd, MemoryNetwork

__all__ = ["Answered", "ClientInMemory", "NodeInMemory", "OriginInMemory"]

_RECORDS = """
CONFIG proxy.config.url_remap.remap_required INT 0
CONFIG proxy.config.log.logging_enabled INT 0
"""
_LIMITS = ReaderLimits(head=1 << 20, line=1 << 17)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as a client read it."""

    status: int
    fields: Fields
    body: bytes


@implementer(IHalfCloseableProtocol)
class ClientInMemory(Protocol):
    """
    A client of the node; ``received`` is every octet it got.

    ``closed`` tells that the node ended the connection, ``reset`` that it did not do so in order.
    """

    def __init__(self, network: MemoryNetwork) -> None:
        self._network = network
        self.received = b""
        self.closed = False
        self.reset = False
        self.end: MemoryEnd

    def dataReceived(self, data: bytes) -> None:
        """See IProtocol."""
        self.received += data

    def readConnectionLost(self) -> None:
        """See IHalfCloseableProtocol."""
        self.closed = True
        self.end.loseConnection()

    def writeConnectionLost(self) -> None:
        """See IHalfCloseableProtocol."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """See IProtocol."""
        self.closed = True
        self.reset = reason.check(ConnectionLost) is not None

    def send(self, octets: bytes) -> ClientInMemory:
        """Send octets, and let everything happen that follows at once."""
        self.end.write(octets)
        self._network.settle()
        return self

    def leave(self) -> None:
        """Close the connection at once."""
        self.end.abortConnection()
        self._network.settle()

    def end_sending(self) -> ClientInMemory:
        """Close this side's half of the connection: nothing more will be asked."""
        self.end.loseWriteConnection()
        self._network.settle()
        return self

    def stop_reading(self) -> ClientInMemory:
        """Take nothing more for now."""
        self.end.pauseProducing()
        return self

    def read_on(self) -> ClientInMemory:
        """Take again what comes."""
        self.end.resumeProducing()
        self._network.settle()
        return self

    @property
    def waiting(self) -> int:
        """Octets that the node has sent and this client has not read."""
        return self.end.other.unsent

    def answers(self, *methods: bytes) -> list[Answered]:
        """What was received, as answers to requests with ``methods`` (GET for those not named)."""
        reader = ResponseReader(_LIMITS)
        reader.receive(self.received)
        found: list[Answered] = []
        asked = iter(methods)
        while reader.buffered:
            reader.expect(next(asked, b"GET"))
            answer = self._one(reader)
            if answer is None:
                break
            found.append(answer)
        return found

    def _one(self, reader: ResponseReader) -> Answered | None:
        event = reader.next()
        while isinstance(event, ResponseHead) and event.status < 200 and event.status != 101:
            event = reader.next()
        if not isinstance(event, ResponseHead):
            return None
        body = b""
        head = event
        if head.framing != EMPTY:
            while not isinstance(event, End):
                event = reader.next()
                if isinstance(event, Content):
                    body += bytes(event.octets)
                elif event is None:
                    if not self.closed:
                        return None
                    reader.close()
        return Answered(head.status, head.fields, body)


class _OriginLink(Protocol):
    def __init__(self, origin: OriginInMemory) -> None:
        self._origin = origin
        self._reader = RequestReader(_LIMITS)
        self._head: RequestHead | None = None
        self._body = b""
        self.open = True

    def dataReceived(self, data: bytes) -> None:
        self._origin.received += data
        self._reader.receive(data)
        while True:
            event = self._reader.next()
            if event is None:
                return
            if isinstance(event, RequestHead):
                self._head, self._body = event, b""
                if event.framing == EMPTY:
                    self._complete()
                else:
                    self._origin.begun(self, event)
            elif isinstance(event, Content):
                self._body += bytes(event.octets)
            else:
                self._complete()

    def _complete(self) -> None:
        head, self._head = self._head, None
        assert head is not None
        self._origin.asked(self, head, self._body)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.open = False


class OriginInMemory:
    """
    An origin that answers what it was told to, in order, the last one again and again.

    ``requests`` are the heads it got, ``bodies`` their contents. An answer is octets, or a function of the request
    head that gives octets, or None: no answer for now; ``links`` are then where more can be sent by hand.
    """

    def __init__(self, network: MemoryNetwork) -> None:
        self._network = network
        self._answers: list[bytes | Callable[[RequestHead], bytes | None] | None] = []
        self.requests: list[RequestHead] = []
        self.bodies: list[bytes] = []
        self.received = b""
        self.links: list[_OriginLink] = []
        self.close_after = False
        self.on_begun: Callable[[_OriginLink, RequestHead], None] | None = None

    def buildProtocol(self, _: Any) -> Protocol:
        """See IProtocolFactory."""
        link = _OriginLink(self)
        self.links.append(link)
        return link

    def answer(self, *answers: bytes | Callable[[RequestHead], bytes | None] | None) -> OriginInMemory:
        """Set the answers that are still to be given."""
        self._answers = list(answers)
        return self

    def begun(self, link: _OriginLink, head: RequestHead) -> None:
        """A head with content to follow is here."""
        if self.on_begun is not None:
            self.on_begun(link, head)

    def asked(self, link: _OriginLink, head: RequestHead, body: bytes) -> None:
        """A whole request is here."""
        self.requests.append(head)
        self.bodies.append(body)
        if not self._answers:
            return
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        octets = answer(head) if callable(answer) else answer
        if octets is not None:
            self.send(octets, link)

    def send(self, octets: bytes, link: _OriginLink | None = None) -> None:
        """Send octets on a link, the last one if none is named."""
        transport: Any = (link or self.links[-1]).transport
        transport.write(octets)
        if self.close_after:
            transport.loseConnection()

    def say(self, octets: bytes, link: _OriginLink | None = None) -> None:
        """Send octets by hand, and let everything happen that follows at once."""
        self.send(octets, link)
        self._network.settle()

    @property
    def transport(self) -> MemoryEnd:
        """The origin's end of the link that was made last."""
        return self.transport_of(-1)

    def transport_of(self, number: int) -> MemoryEnd:
        """The origin's end of one of its links, in the order in which they were made."""
        transport: Any = self.links[number].transport
        assert isinstance(transport, MemoryEnd)
        return transport

    def hang_up(self) -> None:
        """Close every link."""
        for link in self.links:
            if link.open:
                link.transport.loseConnection()  # type: ignore[union-attr]  # connected by then
        self._network.settle()


class NodeInMemory:
    """
    A node with its clients and origins, with the text of its configuration files.

    ``records`` come behind lines that make it a forward proxy without an access log; ``folder`` has the files.
    """

    def __init__(
        self,
        records: str = "",
        remap: str = "",
        ip_allow: str = "",
        cache: str = "",
        network: MemoryNetwork | None = None,
    ) -> None:
        self.network = network or MemoryNetwork()
        self.folder = Path(mkdtemp())
        finalize(self, rmtree, self.folder)
        self.rewrite(records=records, remap=remap, ip_allow=ip_allow, cache=cache)
        loaded = load(self.folder, self.folder, {})
        read = partial(try_load, self.folder, self.folder, {})
        before = len(self.network.tcpServers)
        self._hang_up: Callable[[], None] | None = None
        self.service = NodeService(
            self.network, loaded, self.folder, Place("records.config"), read, self._begin_hearing
        )
        self.service.startService()
        self._fronts = [server[1] for server in self.network.tcpServers[before:]]

    def _begin_hearing(self, heard: Callable[[], None]) -> Callable[[], None]:
        self._hang_up = heard
        return self._end_hearing

    def _end_hearing(self) -> None:
        self._hang_up = None

    def rewrite(
        self,
        *,
        records: str | None = None,
        remap: str | None = None,
        ip_allow: str | None = None,
        cache: str | None = None,
    ) -> NodeInMemory:
        """Change configuration files, those that are given; an empty one is gone. Nothing is reloaded yet."""
        if records is not None:
            (self.folder / "records.config").write_text(_RECORDS + records)
        for name, text in (("remap.config", remap), ("ip_allow.yaml", ip_allow), ("cache.config", cache)):
            if text:
                (self.folder / name).write_text(text)
            elif text is not None:
                (self.folder / name).unlink(missing_ok=True)
        return self

    def reload(self) -> ReloadReport:
        """Have the node take up what the files say now; what became of that."""
        reports: list[ReloadReport] = []
        self.service.reload().addCallback(reports.append)
        self.network.settle()
        (report,) = reports
        return report

    def hang_up(self) -> None:
        """Send the node a SIGHUP; nothing happens where it does not listen for one."""
        if self._hang_up is not None:
            self._hang_up()
            self.network.settle()

    @property
    def counters(self) -> Any:
        """What the node counted."""
        return self.service.counters

    @property
    def now(self) -> float:
        """Virtual time, seconds since the epoch."""
        return self.network.seconds()

    def at(self, host: str, port: int = 80) -> OriginInMemory:
        """The origin at ``host``, made on first use; where none was made, connections are refused."""
        address = (self.network.address_of(host), port)
        if address not in self.network.listeners:
            self.network.listeners[address] = OriginInMemory(self.network)
        origin = self.network.listeners[address]
        assert isinstance(origin, OriginInMemory)
        return origin

    def client(self, address: str = "127.0.0.1", port: int = 0) -> ClientInMemory:
        """A connected client; ``port`` is the position of the listening port."""
        client = ClientInMemory(self.network)
        protocol = self._fronts[port].buildProtocol(IPv4Address("TCP", address, 50000))
        if protocol is None:
            client.closed = True
            return client
        client.end = self.network.link(client, protocol, address)
        self.network.settle()
        return client

    def get(self, url: str, *lines: str, method: str = "GET", body: bytes = b"") -> Answered:
        """Ask for ``url`` with further field ``lines`` on a connection of its own."""
        host = url.split("/")[2] if "//" in url else "node.example"
        head = "\r\n".join([f"{method} {url} HTTP/1.1", f"Host: {host}", *lines, "", ""])
        client = self.client().send(head.encode("latin-1") + body)
        answers = client.answers(method.encode())
        assert len(answers) == 1, client.received
        client.leave()
        return answers[0]

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.network.pass_time(seconds)
