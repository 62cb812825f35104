"""The way to a host."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.protocol import Protocol
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from tests.net.wires import WiredReactor
from tsnode.model.errors import UpstreamFailed
from tsnode.net.deadlines import Deadlines
from tsnode.net.reach import Reach
from tsnode.ports import IResolver


@implementer(IResolver)
class Names:
    """A resolver that answers when the test says so; addresses are literals to it."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.answers: list[Deferred[Sequence[str]]] = []

    def known(self, host: bytes) -> Sequence[str]:
        return (host.decode(),) if host[:1].isdigit() else ()

    def resolve(self, host: bytes) -> Deferred[Sequence[str]]:
        self.asked.append(host)
        self.answers.append(Deferred())
        return self.answers[-1]


class Reaching(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = WiredReactor()
        self.deadlines = Deadlines(self.reactor)
        self.names = Names()
        self.failures: list[UpstreamFailed] = []
        self.protocol = Protocol()

    def reach(self, host: bytes, deadline: float = 30.0) -> Reach:
        reach = Reach(self.reactor, self.deadlines, 8080, self.protocol, deadline, self.failures.append)
        reach.begin(self.names, host)
        return reach

    @property
    def outcome(self) -> list[tuple[int, bytes]]:
        return [(failure.status, failure.reason) for failure in self.failures]

    def test_an_address_that_is_known_is_connected_to_at_once(self) -> None:
        self.reach(b"192.0.2.1")
        self.assertEqual((self.names.asked, self.reactor.asked), ([], [("192.0.2.1", 8080)]))
        wire = self.reactor.accept()
        self.assertIs(wire.protocol, self.protocol)
        self.assertEqual((self.failures, self.reactor.getDelayedCalls()), ([], []))

    def test_a_name_is_asked_for_first(self) -> None:
        self.reach(b"a.example")
        self.assertEqual((self.names.asked, self.reactor.asked), ([b"a.example"], []))
        self.names.answers[0].callback(["192.0.2.7"])
        self.assertEqual(self.reactor.asked, [("192.0.2.7", 8080)])
        self.reactor.accept()
        self.assertEqual((self.failures, self.reactor.getDelayedCalls()), ([], []))

    def test_one_patience_is_for_the_name_and_the_connection(self) -> None:
        self.reach(b"a.example", deadline=30.0)
        self.reactor.advance(20.0)
        self.names.answers[0].callback(["192.0.2.7"])
        self.assertEqual(self.reactor.tcpClients[0][3], 10.0)

    def test_a_name_without_addresses_fails_it(self) -> None:
        self.reach(b"a.example")
        unknown = UpstreamFailed("no address", committed=False, status=500, reason=b"Cannot find server.")
        self.names.answers[0].errback(unknown)
        self.assertEqual((self.failures, self.reactor.getDelayedCalls()), ([unknown], []))

    def test_a_name_that_is_not_resolved_in_time_fails_it(self) -> None:
        self.reach(b"a.example", deadline=30.0)
        self.reactor.advance(30.0)
        self.assertEqual(self.outcome, [(504, b"Connection Timed Out")])
        self.assertEqual(self.reactor.asked, [])

    def test_a_connection_that_is_refused_fails_it(self) -> None:
        self.reach(b"192.0.2.1")
        self.reactor.refuse(Refused(111, ""))
        self.assertEqual(self.outcome, [(502, b"Connection refused")])

    def test_cancelling_ends_the_look_up(self) -> None:
        reach = self.reach(b"a.example")
        reach.cancel()
        reach.cancel()
        self.assertTrue(self.names.answers[0].called)
        self.reactor.advance(60.0)
        self.assertEqual((self.failures, self.reactor.asked, self.reactor.getDelayedCalls()), ([], [], []))

    def test_an_answer_that_comes_in_spite_of_cancelling_is_not_followed(self) -> None:
        class Stubborn(Names):
            def resolve(self, host: bytes) -> Deferred[Sequence[str]]:
                answer: Deferred[Sequence[str]] = Deferred(lambda deferred: deferred.callback(["192.0.2.7"]))
                return answer

        self.names = Stubborn()
        self.reach(b"a.example").cancel()
        self.assertEqual((self.failures, self.reactor.asked), ([], []))

    def test_cancelling_ends_the_attempt_to_connect(self) -> None:
        self.reach(b"192.0.2.1").cancel()
        self.assertTrue(self.reactor.connectors[0].stoppedConnecting)
        self.reactor.refuse(Refused(111, ""))
        self.assertEqual(self.failures, [])

    def test_cancelling_after_the_connection_was_made_is_no_matter(self) -> None:
        reach = self.reach(b"192.0.2.1")
        wire = self.reactor.accept()
        reach.cancel()
        self.assertEqual((self.failures, wire.disconnecting), ([], False))
