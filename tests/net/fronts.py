"""A listening port without a network, whose transactions are carried by the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from zope.interface import implementer

from tests.net.wires import Wire
from tsnode.model.counters import Counters
from tsnode.model.messages import RequestHead
from tsnode.model.settings import Limits, ProxySettings, Timeouts
from tsnode.net.deadlines import Deadlines
from tsnode.net.downstream import Downstream
from tsnode.net.lane import Lane
from tsnode.net.listener import Listener
from tsnode.net.send import IPromptTransport
from tsnode.ports import Buffer, IContent, IReply
from tsnode.routing.access import LOOPBACK_ONLY, AccessRules
from tsnode.transaction.services import Asked

__all__ = ["GET", "Front", "Line", "PromptWire", "Transaction"]

GET = b"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n"


@dataclass(frozen=True)
class Line:
    """A line of the access log as it was noted."""

    now: float
    started: float
    client: bytes
    rest: bytes


@dataclass
class Log:
    """An access log that keeps its lines."""

    lines: list[Line] = field(default_factory=list)

    def note(self, now: float, started: float, client: bytes, rest: bytes) -> None:
        self.lines.append(Line(now, started, client, rest))


@implementer(IPromptTransport)
class PromptWire(Wire):
    """A wire that tells when the far end has taken everything."""

    _drained: Callable[[], None] | None = None

    def send(self, buffers: Sequence[Buffer]) -> None:
        self.write(b"".join(buffers))

    send_soon = send

    def when_drained(self, callback: Callable[[], None]) -> None:
        self._drained = callback

    def drain(self, octets: int) -> None:
        super().drain(octets)
        drained = self._drained
        if drained is not None and not self.unsent:
            self._drained = None
            drained()


@dataclass(frozen=True)
class Transaction:
    """What a transaction was begun with."""

    head: RequestHead
    content: IContent | None
    reply: IReply


class Front:
    """
    A listener, its clock, its counters and its log.

    ``asked`` are the transactions that were begun and nobody carries but the test.
    """

    def __init__(
        self,
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        lane: Lane | None = None,
        rules: AccessRules = LOOPBACK_ONLY,
        keep_alive: bool = True,
    ) -> None:
        self.clock = Clock()
        self.counters = Counters()
        self.log = Log()
        self.asked: list[Transaction] = []
        self.deadlines = Deadlines(self.clock)
        self.listener = Listener(
            clock=self.clock,
            carry=self._carry,
            carry_plain=self._carry_plain,
            lane=lane,
            rules=rules,
            settings=ProxySettings(
                timeouts=timeouts or Timeouts(), limits=limits or Limits(), keep_alive_in=keep_alive
            ),
            counters=self.counters,
            log=self.log,  # type: ignore[arg-type]  # nobody closes it here
            deadlines=self.deadlines,
            port=8080,
        )

    def renew(self, rules: AccessRules = LOOPBACK_ONLY, lane: Lane | None = None, **changes: Any) -> None:
        """Go on with other rules, and with settings that differ in these ``changes``."""
        self.listener.renew(
            carry=self._carry,
            carry_plain=self._carry_plain,
            lane=lane,
            rules=rules,
            settings=replace(self.listener.settings, **changes),
            log=self.listener.log,
        )

    def _carry(self, head: RequestHead, content: IContent | None, reply: IReply) -> None:
        self.asked.append(Transaction(head, content, reply))

    def _carry_plain(self, head: RequestHead, _: Asked, reply: IReply) -> None:
        self.asked.append(Transaction(head, None, reply))

    def accept(self, address: str = "127.0.0.1", room: int = 1 << 30) -> PromptWire | None:
        """A client connects; None where it is turned away."""
        protocol = self.listener.buildProtocol(IPv4Address("TCP", address, 50000))
        if protocol is None:
            return None
        wire = PromptWire(self.clock, room=room)
        wire.connect(protocol)
        return wire

    def connect(self, room: int = 1 << 30) -> PromptWire:
        """A client of this machine connects."""
        wire = self.accept(room=room)
        assert wire is not None
        assert isinstance(wire.protocol, Downstream)
        return wire

    def begin(self, octets: bytes = GET, room: int = 1 << 30) -> tuple[PromptWire, Transaction]:
        """A client that asks for something, and the transaction that this begins."""
        wire = self.connect(room)
        wire.receive(octets)
        return wire, self.asked[-1]
