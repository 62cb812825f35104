"""Connections in memory behave as those of a network do."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis.strategies import binary, lists
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.error import TimeoutError as TimedOut
from twisted.internet.interfaces import IHalfCloseableProtocol, ITCPTransport
from twisted.internet.protocol import ClientFactory, Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from tsnode.net.send import IPromptTransport
from tsnode.testing.links import MemoryEnd, MemoryNetwork


class Peer(Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.received = b""
        self.told: list[str] = []
        self.reason: type[BaseException] | None = None

    @property
    def end(self) -> MemoryEnd:
        """Its end of the connection."""
        end: Any = self.transport
        assert isinstance(end, MemoryEnd)
        return end

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.told.append("lost")
        assert reason.value is not None
        self.reason = type(reason.value)


@implementer(IHalfCloseableProtocol)
class HalfPeer(Peer):
    """The same, for connections that are closed by halves."""

    def readConnectionLost(self) -> None:
        self.told.append("read lost")

    def writeConnectionLost(self) -> None:
        self.told.append("write lost")


class Producer:
    """Notes what its consumer asks for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pauseProducing(self) -> None:
        self.asked.append("pause")

    def resumeProducing(self) -> None:
        self.asked.append("resume")

    def stopProducing(self) -> None:
        self.asked.append("stop")


class Pair(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = MemoryNetwork()
        self.one, self.other = Peer(), Peer()
        self.network.link(self.one, self.other, "192.0.2.1", "192.0.2.2")

    def halves(self) -> tuple[HalfPeer, HalfPeer]:
        """Two peers that know of halves."""
        one, other = HalfPeer(), HalfPeer()
        self.network.link(one, other)
        return one, other


class Carrying(Pair):
    def test_an_end_is_a_transport_of_both_kinds(self) -> None:
        self.assertTrue(verifyObject(ITCPTransport, self.one.end))
        self.assertTrue(verifyObject(IPromptTransport, self.one.end))
        self.assertEqual((self.one.end.getHost().host, self.one.end.getPeer().host), ("192.0.2.1", "192.0.2.2"))

    def test_nothing_arrives_before_the_network_settles(self) -> None:
        self.one.end.write(b"hello")
        self.assertEqual((self.other.received, self.one.end.unsent), (b"", 5))
        self.network.settle()
        self.assertEqual((self.other.received, self.one.end.unsent), (b"hello", 0))

    @given(lists(binary(max_size=8)))
    def test_octets_arrive_in_their_order_however_they_are_written(self, pieces: list[bytes]) -> None:
        self.setUp()
        for piece in pieces:
            self.one.end.write(piece)
        self.one.end.send([memoryview(b"m"), b""])
        self.one.end.send_soon([b"s"])
        self.one.end.writeSequence([b"w"])
        self.network.settle()
        self.assertEqual(self.other.received, b"".join(pieces) + b"msw")

    def test_what_is_not_read_waits_at_its_sender(self) -> None:
        self.other.end.pauseProducing()
        self.one.end.write(b"hello")
        self.network.settle()
        self.assertEqual((self.other.received, self.one.end.unsent), (b"", 5))
        self.other.end.resumeProducing()
        self.network.settle()
        self.assertEqual(self.other.received, b"hello")

    def test_a_producer_is_paused_while_too_much_waits(self) -> None:
        producer = Producer()
        self.one.end.registerProducer(producer, True)
        self.one.end.write(bytes(70_000))
        self.assertEqual(producer.asked, ["pause"])
        self.network.settle()
        self.assertEqual(producer.asked, ["pause", "resume"])
        self.one.end.unregisterProducer()
        self.one.end.write(bytes(70_000))
        self.network.settle()
        self.assertEqual(len(producer.asked), 2)

    def test_whoever_asked_is_told_once_when_all_was_taken(self) -> None:
        told: list[str] = []
        self.one.end.when_drained(lambda: told.append("first"))
        self.one.end.when_drained(lambda: told.append("second"))
        self.one.end.write(b"x")
        self.assertEqual(told, [])
        self.network.settle()
        self.network.settle()
        self.assertEqual(told, ["second"])


class Ending(Pair):
    def test_a_close_comes_behind_what_was_written(self) -> None:
        self.one.end.write(b"last")
        self.one.end.loseConnection()
        self.network.settle()
        self.assertEqual(self.other.received, b"last")
        self.assertEqual((self.one.reason, self.other.reason), (ConnectionDone, ConnectionDone))

    def test_an_abort_throws_away_what_was_written(self) -> None:
        self.one.end.write(b"last")
        self.one.end.abortConnection()
        self.network.settle()
        self.assertEqual(self.other.received, b"")
        self.assertEqual((self.one.reason, self.other.reason), (ConnectionAborted, ConnectionLost))

    def test_halves_are_closed_one_by_one(self) -> None:
        one, other = self.halves()
        one.end.write(b"question")
        one.end.loseWriteConnection()
        self.network.settle()
        self.assertEqual((other.received, one.told, other.told), (b"question", ["write lost"], ["read lost"]))
        one.end.write(b"too late")
        other.end.write(b"answer")
        other.end.loseConnection()
        self.network.settle()
        self.assertEqual((one.received, other.received), (b"answer", b"question"))
        self.assertEqual(one.told[-1], "read lost")
        self.assertEqual(other.reason, ConnectionDone)

    def test_an_end_is_not_seen_by_who_does_not_read_and_again_by_who_reads_on(self) -> None:
        one, other = self.halves()
        other.end.pauseProducing()
        one.end.loseWriteConnection()
        self.network.settle()
        self.assertEqual(other.told, [])
        other.end.resumeProducing()
        self.network.settle()
        other.end.resumeProducing()
        self.network.settle()
        self.assertEqual(other.told, ["read lost", "read lost"])

    def test_writing_to_somebody_who_is_gone_breaks_the_connection(self) -> None:
        one, other = self.halves()
        other.end.loseConnection()
        self.network.settle()
        self.assertEqual(one.told, ["read lost"])
        one.end.write(b"anybody there?")
        self.network.settle()
        self.assertEqual(one.reason, ConnectionLost)

    def test_a_producer_is_stopped_with_its_connection(self) -> None:
        producer = Producer()
        self.one.end.registerProducer(producer, True)
        self.other.end.abortConnection()
        self.network.settle()
        self.assertEqual(producer.asked, ["stop"])

    def test_an_end_that_is_stopped_as_a_producer_closes(self) -> None:
        self.one.end.stopProducing()
        self.network.settle()
        self.assertEqual(self.other.reason, ConnectionDone)


class Knocking(ClientFactory[Peer]):
    """Somebody who wants to be connected."""

    noisy = False

    def __init__(self) -> None:
        self.peer = Peer()
        self.reason: type[BaseException] | None = None

    def buildProtocol(self, addr: object) -> Peer:
        return self.peer

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        assert reason.value is not None
        self.reason = type(reason.value)


class Network(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = MemoryNetwork()
        self.address = self.network.address_of("a.example")
        self.knocking = Knocking()

    def test_a_name_has_one_address_and_an_address_is_its_own(self) -> None:
        self.assertEqual(self.network.address_of("a.example"), self.address)
        self.assertNotEqual(self.network.address_of("b.example"), self.address)
        for literal in ("192.0.2.99", "2001:db8::1"):
            self.assertEqual(self.network.address_of(literal), literal)

    def test_whoever_listens_is_connected_to(self) -> None:
        served = Peer()
        factory = Factory.forProtocol(lambda: served)
        self.network.listeners[self.address, 80] = factory
        self.network.connectTCP(self.address, 80, self.knocking)
        self.assertIsNone(served.transport)
        self.network.settle()
        self.knocking.peer.end.write(b"hello")
        self.network.settle()
        self.assertEqual(served.received, b"hello")
        self.assertEqual(self.network.attempts, [(self.address, 80)])

    def test_where_nobody_listens_a_connection_is_refused(self) -> None:
        self.network.connectTCP(self.address, 80, self.knocking)
        self.network.settle()
        self.assertIs(self.knocking.reason, Refused)

    def test_an_address_that_is_silent_takes_all_the_time_there_is(self) -> None:
        self.network.silent.add((self.address, 80))
        self.network.connectTCP(self.address, 80, self.knocking, timeout=5)
        self.network.pass_time(4)
        self.assertIsNone(self.knocking.reason)
        self.network.pass_time(2)
        self.assertIs(self.knocking.reason, TimedOut)

    def test_an_attempt_that_was_given_up_comes_to_nothing(self) -> None:
        self.network.connectTCP(self.address, 80, self.knocking).stopConnecting()
        self.network.settle()
        self.assertIsNone(self.knocking.reason)

    def test_time_passes_in_small_steps(self) -> None:
        times: list[float] = []
        start = self.network.seconds()
        for delay in (0.0, 0.3, 2.0):
            self.network.callLater(delay, lambda: times.append(self.network.seconds() - start))
        self.network.settle()
        self.assertEqual(times, [0.0])
        self.network.pass_time(1.0)
        self.assertEqual(times, [0.0, 0.5])
        self.network.pass_time(1.1)
        self.assertEqual(times, [0.0, 0.5, 2.0])
