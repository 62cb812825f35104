"""Connecting to one of several addresses (RFC 8305 §5)."""

from __future__ import annotations

import errno
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import (
    ConnectBindError,
    ConnectError,
    NoRouteError,
    TCPTimedOutError,
    UserError,
)
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.protocol import Protocol
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import UpstreamFailed
from tsnode.net.connector import Connecting, connect


def refused() -> Exception:
    return Refused(errno.ECONNREFUSED, "Connection refused")


class Race(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()
        self.failures: list[UpstreamFailed] = []
        self.protocol = Protocol()

    def connect(self, *addresses: str, patience: float = 30.0) -> Connecting:
        return connect(self.reactor, addresses, 80, self.protocol, patience, self.failures.append)

    @property
    def tried(self) -> list[str]:
        return [client[0] for client in self.reactor.tcpClients]

    @property
    def stopped(self) -> list[bool]:
        return [connector.stoppedConnecting for connector in self.reactor.connectors]

    def succeed(self, number: int) -> Any:
        """The address that was tried as that number answers; gives what gets the connection."""
        return self.reactor.tcpClients[number][2].buildProtocol(IPv4Address("TCP", "192.0.2.1", 80))

    def fail_attempt(self, number: int, error: Exception) -> None:
        connector = self.reactor.connectors[number]
        self.reactor.tcpClients[number][2].clientConnectionFailed(connector, Failure(error))

    def test_a_single_address_needs_no_timer(self) -> None:
        self.connect("192.0.2.1")
        self.assertEqual(self.reactor.tcpClients[0][:2], ("192.0.2.1", 80))
        self.assertEqual(self.reactor.tcpClients[0][3], 30.0)
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.assertIs(self.succeed(0), self.protocol)
        self.assertEqual(self.failures, [])

    def test_the_next_address_is_tried_beside_one_that_is_slow(self) -> None:
        self.connect("2001:db8::1", "192.0.2.1", "192.0.2.2")
        self.reactor.advance(0.2)
        self.assertEqual(self.tried, ["2001:db8::1"])
        self.reactor.advance(0.05)
        self.assertEqual(self.tried, ["2001:db8::1", "192.0.2.1"])
        self.reactor.advance(0.25)
        self.assertEqual(self.tried, ["2001:db8::1", "192.0.2.1", "192.0.2.2"])
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_the_next_address_is_tried_at_once_when_one_fails(self) -> None:
        self.connect("2001:db8::1", "192.0.2.1", "192.0.2.2")
        self.fail_attempt(0, refused())
        self.assertEqual(self.tried, ["2001:db8::1", "192.0.2.1"])
        self.reactor.advance(0.24)
        self.assertEqual(len(self.tried), 2)
        self.reactor.advance(0.01)
        self.assertEqual(len(self.tried), 3)

    def test_the_first_to_answer_wins_and_the_others_are_given_up(self) -> None:
        self.connect("2001:db8::1", "192.0.2.1", "192.0.2.2")
        self.reactor.advance(0.25)
        self.assertIs(self.succeed(1), self.protocol)
        self.assertEqual(self.stopped, [True, False])
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.fail_attempt(0, UserError())
        self.assertEqual(self.failures, [])

    def test_one_that_answers_too_late_gets_nothing(self) -> None:
        self.connect("2001:db8::1", "192.0.2.1")
        self.reactor.advance(0.25)
        self.succeed(1)
        self.assertIsNone(self.succeed(0))

    def test_it_fails_when_no_address_is_left(self) -> None:
        self.connect("2001:db8::1", "192.0.2.1")
        self.reactor.advance(0.25)
        self.fail_attempt(0, ConnectTimeout())
        self.assertEqual(self.failures, [])
        self.fail_attempt(1, refused())
        self.assertEqual([failure.reason for failure in self.failures], [b"Connection refused"])

    def test_all_attempts_share_one_patience(self) -> None:
        self.connect("2001:db8::1", "192.0.2.1", patience=10.0)
        self.reactor.advance(0.25)
        self.assertEqual([client[3] for client in self.reactor.tcpClients], [10.0, 9.75])

    def test_endless_patience_is_left_to_the_system(self) -> None:
        self.connect("192.0.2.1", patience=float("inf"))
        self.assertEqual(self.reactor.tcpClients[0][3], 3600.0)

    def test_cancelling_gives_everything_up_silently(self) -> None:
        connecting = self.connect("2001:db8::1", "192.0.2.1", "192.0.2.2")
        self.reactor.advance(0.25)
        connecting.cancel()
        self.assertEqual(self.stopped, [True, True])
        self.fail_attempt(0, UserError())
        self.fail_attempt(1, UserError())
        self.assertIsNone(self.succeed(0))
        self.assertEqual((self.failures, self.reactor.getDelayedCalls(), len(self.tried)), ([], [], 2))

    def test_an_attempt_that_never_got_going_can_be_given_up(self) -> None:
        class Silent(MemoryReactorClock):
            def connectTCP(self, *_: Any, **__: Any) -> Any:
                return None

        connecting = connect(Silent(), ["192.0.2.1"], 80, self.protocol, 1.0, self.failures.append)
        connecting.cancel()
        self.assertEqual(self.failures, [])

    def test_every_failure_says_what_the_client_gets(self) -> None:
        cases: list[tuple[Exception, int, bytes]] = [
            (refused(), 502, b"Connection refused"),
            (NoRouteError(errno.ENETUNREACH, ""), 502, b"Network is unreachable"),
            (ConnectError(errno.EHOSTUNREACH, ""), 502, b"No route to host"),
            (ConnectBindError(errno.EMFILE, ""), 502, b"Too many open files"),
            (ConnectTimeout(), 504, b"Connection Timed Out"),
            (TCPTimedOutError(), 504, b"Connection Timed Out"),
            (ConnectError(), 502, b"Connection Failed"),
            (UserError(), 502, b"Connection Failed"),
        ]
        for number, (error, status, reason) in enumerate(cases):
            self.connect("192.0.2.1")
            self.fail_attempt(number, error)
            failed = self.failures[-1]
            self.assertEqual((failed.status, failed.reason), (status, reason))
            self.assertEqual((failed.committed, failed.reused), (False, False))
