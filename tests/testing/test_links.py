"""Connections in memory."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from tsnode.net.send import unsent
from tsnode.testing.links import MemoryNetwork


class Peer(Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def dataReceived(self, data: bytes) -> None:
        self.told.append(data.decode())

    def connectionLost(self, reason: Failure = Failure(Exception())) -> None:  # noqa: B008  # as Twisted's own
        self.told.append(f"lost: {type(reason.value).__name__}")


@implementer(IHalfCloseableProtocol)
class PatientPeer(Peer):
    """Keeps its own half open when the other one is closed."""

    def readConnectionLost(self) -> None:
        self.told.append("no more to read")

    def writeConnectionLost(self) -> None:
        self.told.append("no more to write")


class Links(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = MemoryNetwork()

    def linked(self, one: Peer, other: Peer) -> tuple[Any, Any]:
        end = self.network.link(one, other)
        return end, end.other

    def test_octets_arrive_in_their_order_when_the_network_carries_them(self) -> None:
        one, other = Peer(), Peer()
        end, _ = self.linked(one, other)
        end.write(b"a")
        end.send([b"b", memoryview(b"c")])
        self.assertEqual((other.told, unsent(end)), ([], 3))
        self.network.settle()
        self.assertEqual(("".join(other.told), unsent(end)), ("abc", 0))

    def test_nothing_arrives_at_an_end_that_does_not_read(self) -> None:
        one, other = Peer(), Peer()
        end, far = self.linked(one, other)
        told: list[str] = []
        far.pauseProducing()
        end.write(b"a")
        end.when_drained(lambda: told.append("drained"))
        self.network.settle()
        self.assertEqual((other.told, told), ([], []))
        far.resumeProducing()
        self.network.settle()
        self.assertEqual((other.told, told), (["a"], ["drained"]))

    def test_closing_waits_for_what_is_under_way(self) -> None:
        one, other = Peer(), Peer()
        end, _ = self.linked(one, other)
        end.write(b"a")
        end.loseConnection()
        self.network.settle()
        self.assertEqual(other.told, ["a", "lost: ConnectionDone"])
        self.assertEqual(one.told, ["lost: ConnectionDone"])

    def test_aborting_does_not(self) -> None:
        one, other = Peer(), Peer()
        end, _ = self.linked(one, other)
        end.write(b"a")
        end.abortConnection()
        self.network.settle()
        self.assertEqual((one.told, other.told), (["lost: ConnectionAborted"], ["lost: ConnectionLost"]))

    def test_a_half_closed_connection_still_carries_the_other_way(self) -> None:
        one, other = PatientPeer(), PatientPeer()
        end, far = self.linked(one, other)
        end.loseWriteConnection()
        self.network.settle()
        far.write(b"late")
        self.network.settle()
        self.assertEqual((one.told, other.told), (["no more to write", "late"], ["no more to read"]))


class Network(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = MemoryNetwork()
        self.made: list[Peer] = []
        self.failed: list[str] = []

    def connect(self, host: str, port: int) -> None:
        test = self

        class Connecting(ClientFactory[Peer]):
            def buildProtocol(self, addr: object) -> Peer:
                test.made.append(Peer())
                return test.made[-1]

            def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
                test.failed.append(type(reason.value).__name__)

        self.network.connectTCP(host, port, Connecting())
        self.network.settle()

    def test_who_listens_is_connected_to(self) -> None:
        listener: Any = Factory.forProtocol(Peer)
        self.network.listeners["192.0.2.9", 80] = listener
        self.connect("192.0.2.9", 80)
        self.assertEqual((len(self.made), self.failed, self.network.attempts), (1, [], [("192.0.2.9", 80)]))

    def test_where_nobody_does_the_connection_is_refused(self) -> None:
        self.connect("192.0.2.9", 80)
        self.assertEqual((self.made, self.failed), ([], ["ConnectionRefusedError"]))

    def test_a_silent_address_says_nothing_for_a_while(self) -> None:
        self.network.silent.add(("192.0.2.9", 80))
        self.connect("192.0.2.9", 80)
        self.assertEqual((self.made, self.failed), ([], []))

    def test_a_name_has_one_address_and_an_address_is_its_own(self) -> None:
        first = self.network.address_of("a.example")
        self.assertEqual(self.network.address_of("a.example"), first)
        self.assertNotEqual(self.network.address_of("b.example"), first)
        self.assertEqual(self.network.address_of("192.0.2.77"), "192.0.2.77")

    def test_time_passes_only_when_told_to(self) -> None:
        told: list[float] = []
        before = self.network.seconds()
        self.network.callLater(1.0, lambda: told.append(self.network.seconds()))
        self.network.settle()
        self.assertEqual(told, [])
        self.network.pass_time(2.0)
        self.assertEqual((len(told), self.network.seconds()), (1, before + 2.0))
