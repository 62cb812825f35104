"""The transport that writes at once, and what it relies on in Twisted."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis.strategies import binary, integers, lists
from twisted.internet import tcp
from twisted.internet.interfaces import IPushProducer
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from tsnode.net.send import (
    IPromptTransport,
    PromptClient,
    PromptServer,
    connect_tcp,
    listen_tcp,
    sender_of,
    sender_soon_of,
    unsent,
    when_drained,
)


class Socket:
    """Stands in for a connected socket that takes ``room`` octets, and then none until there is more room."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.taken = b""
        self.calls = 0
        self.error: OSError | None = None
        self.arriving: list[bytes | OSError] = []
        self.shut = False

    def setsockopt(self, *_: object) -> None: ...

    def setblocking(self, _: bool) -> None: ...

    def fileno(self) -> int:
        return 7

    def recv(self, most: int) -> bytes:
        arrived = self.arriving.pop(0)
        if isinstance(arrived, OSError):
            raise arrived
        return arrived[:most]

    def send(self, octets: Any) -> int:
        return self.sendmsg([octets])

    def sendmsg(self, buffers: Sequence[Any]) -> int:
        self.calls += 1
        if self.error is not None:
            raise self.error
        if self.room == 0:
            raise BlockingIOError(errno.EAGAIN, "full")
        octets = b"".join(map(bytes, buffers))[: self.room]
        self.room -= len(octets)
        self.taken += octets
        return len(octets)

    def shutdown(self, _: int) -> None:
        self.shut = True

    def close(self) -> None: ...


class Turns:
    """The reactor of a transport: knows who wants to write. ``held`` is as the poller has it."""

    def __init__(self) -> None:
        self.writers: list[Any] = []
        self.held: list[Any] | None = None

    def addReader(self, _: object) -> None: ...

    def removeReader(self, _: object) -> None: ...

    def addWriter(self, writer: object) -> None:
        if writer not in self.writers:
            self.writers.append(writer)

    def removeWriter(self, writer: object) -> None:
        if writer in self.writers:
            self.writers.remove(writer)


@implementer(IPushProducer)
class Producer:
    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


def connection(room: int = 1 << 30) -> tuple[PromptServer, Socket, Turns]:
    """A transport with its socket and its reactor."""
    turns = Turns()
    socket = Socket(room)
    made: Any = PromptServer
    return made(socket, Protocol(), ("192.0.2.1", 1), None, 1, turns), socket, turns


class Sending(SynchronousTestCase):
    def test_what_the_kernel_takes_is_gone_before_the_call_returns(self) -> None:
        transport, socket, turns = connection()
        transport.send([b"head", b"content"])
        self.assertEqual((socket.taken, socket.calls, transport.unsent, turns.writers), (b"headcontent", 1, 0, []))

    def test_what_it_does_not_take_waits_for_the_reactor(self) -> None:
        transport, socket, turns = connection(room=6)
        transport.send([b"head", b"content"])
        self.assertEqual((socket.taken, transport.unsent, turns.writers), (b"headco", 5, [transport]))
        socket.room = 100
        transport.doWrite()
        self.assertEqual((socket.taken, transport.unsent, turns.writers), (b"headcontent", 0, []))

    def test_nothing_overtakes_what_waits(self) -> None:
        transport, socket, _ = connection(room=1)
        transport.send([b"abc"])
        transport.write(b"def")
        transport.writeSequence([b"g", b"hi"])
        socket.room = 100
        transport.doWrite()
        self.assertEqual(socket.taken, b"abcdefghi")

    def test_an_error_is_told_in_a_later_turn(self) -> None:
        transport, socket, turns = connection()
        socket.error = ConnectionResetError(errno.ECONNRESET, "reset")
        transport.send([b"x"])
        self.assertEqual(turns.writers, [transport])
        self.assertIs(transport.doWrite(), CONNECTION_LOST)

    def test_more_buffers_than_one_call_takes_go_out_all_the_same(self) -> None:
        transport, socket, _ = connection()
        transport.send([b"x"] * 3000)
        while transport.unsent:
            transport.doWrite()
        self.assertEqual((socket.taken, socket.calls), (b"x" * 3000, 3))

    def test_a_producer_is_paused_while_much_waits_and_resumed_when_nothing_does(self) -> None:
        transport, socket, _ = connection(room=0)
        producer = Producer()
        transport.registerProducer(producer, True)
        transport.send([b"x" * 65537])
        self.assertEqual(producer.told, ["pause"])
        socket.room = 1 << 20
        transport.doWrite()
        self.assertEqual(producer.told, ["pause", "resume"])

    def test_who_asked_is_told_when_everything_is_out(self) -> None:
        transport, socket, _ = connection(room=0)
        told: list[int] = []
        transport.send([b"abc"])
        transport.when_drained(lambda: told.append(transport.unsent))
        transport.doWrite()
        self.assertEqual(told, [])
        socket.room = 3
        transport.doWrite()
        transport.doWrite()
        self.assertEqual(told, [0])

    def test_closing_waits_for_what_is_queued(self) -> None:
        transport, socket, _ = connection(room=0)
        transport.send([b"abc"])
        transport.loseConnection()
        self.assertIsNone(transport.doWrite())
        socket.room = 3
        self.assertIsNotNone(transport.doWrite())
        self.assertEqual(socket.taken, b"abc")

    def test_half_closing_waits_too_and_nothing_follows_it(self) -> None:
        transport, socket, _ = connection(room=0)
        transport.send([b"abc"])
        transport.loseWriteConnection()
        socket.room = 100
        transport.doWrite()
        transport.send([b"never"])
        self.assertEqual((socket.taken, socket.shut), (b"abc", True))

    @given(lists(lists(binary(max_size=20), max_size=4), max_size=8), lists(integers(0, 40), min_size=1, max_size=20))
    def test_the_octets_and_their_order_are_kept_whatever_the_kernel_takes(
        self, writes: list[list[bytes]], rooms: list[int]
    ) -> None:
        transport, socket, _ = connection(room=0)
        room = iter(rooms)
        for buffers in writes:
            socket.room = next(room, 0)
            transport.send(buffers)
        socket.room = 1 << 20
        transport.doWrite()
        self.assertEqual(socket.taken, b"".join(b"".join(buffers) for buffers in writes))
        self.assertEqual(transport.unsent, 0)


class Holding(SynchronousTestCase):
    def test_small_writes_of_one_turn_wait_for_its_end(self) -> None:
        transport, socket, turns = connection()
        turns.held = []
        transport.send_soon([b"abc"])
        self.assertEqual((socket.taken, transport.unsent, turns.held), (b"", 0, [transport]))
        transport.release()
        self.assertEqual(socket.taken, b"abc")

    def test_outside_of_a_turn_and_for_much_nothing_is_held(self) -> None:
        transport, socket, turns = connection()
        transport.send_soon([b"abc"])
        turns.held = []
        transport.send_soon([b"x" * 20_000])
        self.assertEqual((len(socket.taken), turns.held), (20_003, []))

    def test_what_is_held_goes_out_before_what_is_written_later(self) -> None:
        transport, socket, turns = connection()
        turns.held = []
        transport.send_soon([b"a"])
        transport.send_soon([b"b"])
        transport.release()
        transport.send([b"c"])
        self.assertEqual(socket.taken, b"abc")


class AnyTransport(SynchronousTestCase):
    def test_transports_that_queue_are_written_to_all_the_same(self) -> None:
        transport = StringTransport()
        told: list[str] = []
        sender_of(transport)([b"a", memoryview(b"b")])
        sender_soon_of(transport)([b"c"])
        when_drained(transport, lambda: told.append("drained"))
        self.assertEqual((transport.value(), unsent(transport), told), (b"abc", 0, ["drained"]))

    def test_a_reactor_without_descriptors_is_asked_itself(self) -> None:
        reactor: Any = MemoryReactorClock()
        factory: Any = ClientFactory()
        listen_tcp(reactor, 8080, factory, 5, "127.0.0.1")
        connect_tcp(reactor, "192.0.2.1", 80, factory, 3.0)
        self.assertEqual(reactor.tcpServers, [(8080, factory, 5, "127.0.0.1")])
        self.assertEqual(reactor.tcpClients, [("192.0.2.1", 80, factory, 3.0, None)])


class Reading(SynchronousTestCase):
    def test_what_came_is_handed_on_and_the_end_is_told(self) -> None:
        transport, socket, _ = connection()
        got: list[bytes] = []
        setattr(transport.protocol, "dataReceived", got.append)  # noqa: B010  # mypy knows it as a method
        socket.arriving = [b"hello", BlockingIOError(errno.EAGAIN, "empty"), b"", ConnectionResetError()]
        told = [transport.doRead() for _ in range(4)]
        self.assertEqual(told, [None, None, CONNECTION_DONE, CONNECTION_LOST])
        self.assertEqual(got, [b"hello"])


class Twisted(SynchronousTestCase):
    """What of Twisted's own transports is replaced, and must still be there to be."""

    def test_both_sides_are_its_connections_that_read_and_write_in_another_way(self) -> None:
        for ours, theirs in ((PromptServer, tcp.Server), (PromptClient, tcp.Client)):
            self.assertTrue(issubclass(ours, theirs))
            self.assertTrue(IPromptTransport.implementedBy(ours))
            for name in ("doRead", "write", "writeSequence", "doWrite", "_isSendBufferFull"):
                self.assertTrue(hasattr(theirs, name), name)
                self.assertIsNot(getattr(ours, name), getattr(theirs, name), name)

    def test_what_is_reached_into_is_there(self) -> None:
        for name in (
            "_postLoseConnection", "_closeWriteConnection", "_writeDisconnected", "_writeDisconnecting",
            "disconnecting", "connected", "producer", "producerPaused", "streamingProducer", "bufferSize",
        ):  # fmt: skip
            self.assertTrue(hasattr(tcp.Connection, name), name)
