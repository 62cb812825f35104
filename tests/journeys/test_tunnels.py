"""Connections that become tunnels: CONNECT and Upgrade."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from tests.journeys.answers import answer, ask
from tsnode.testing.node import NodeInMemory

CONNECT = b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection Established\r\n\r\n"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"


@implementer(IHalfCloseableProtocol)
class Far(Protocol):
    """What a tunnel leads to."""

    def __init__(self, greeting: bytes) -> None:
        self.greeting = greeting
        self.received = b""
        self.ended = False
        self.lost = False

    def connectionMade(self) -> None:
        if self.greeting:
            self.say(self.greeting)

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def readConnectionLost(self) -> None:
        self.ended = True

    def writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost = True

    def say(self, octets: bytes) -> None:
        assert self.transport is not None
        self.transport.write(octets)

    def close(self) -> None:
        assert self.transport is not None
        self.transport.loseConnection()

    def end_sending(self) -> None:
        transport: Any = self.transport
        transport.loseWriteConnection()


class Server:
    """Where tunnels lead to; ``made`` are the connections."""

    def __init__(self, greeting: bytes = b"") -> None:
        self.greeting = greeting
        self.made: list[Far] = []

    def buildProtocol(self, _: Any) -> Far:
        self.made.append(Far(self.greeting))
        return self.made[-1]


class Connect(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.network = self.node.network
        self.server = self.serve()

    def serve(self, port: int = 443, greeting: bytes = b"") -> Server:
        """Something that can be connected to."""
        server = Server(greeting)
        self.network.listeners[self.network.address_of("a.example"), port] = server
        return server

    def test_octets_go_both_ways(self) -> None:
        client = self.node.client().send(CONNECT)
        self.assertEqual(client.received, ESTABLISHED)
        client.send(b"GET / HTTP/1.1\r\n\r\n")
        far = self.server.made[0]
        self.assertEqual(far.received, b"GET / HTTP/1.1\r\n\r\n")
        far.say(b"\0\xff")
        self.network.settle()
        self.assertEqual(client.received, ESTABLISHED + b"\0\xff")
        self.assertEqual(self.node.counters.tunnel_octets, 20)
        self.assertEqual(self.node.counters.connect_requests, 1)

    def test_octets_that_were_sent_early_are_not_lost(self) -> None:
        self.serve(greeting=b"welcome")
        server = self.serve(greeting=b"welcome")
        client = self.node.client().send(CONNECT + b"hello")
        self.assertEqual(client.received, ESTABLISHED + b"welcome")
        self.assertEqual(server.made[0].received, b"hello")

    def test_a_client_that_only_listens_is_told_what_it_asked_for(self) -> None:
        server = self.serve(greeting=b"welcome")
        client = self.node.client()
        client.end.write(CONNECT + b"question")
        client.end_sending()
        far = server.made[0]
        self.assertEqual((far.received, far.ended), (b"question", True))
        far.say(b" answer")
        far.close()
        self.network.settle()
        self.assertEqual(client.received, ESTABLISHED + b"welcome answer")
        self.assertTrue(client.closed)

    def test_each_side_may_end_before_the_other(self) -> None:
        client = self.node.client().send(CONNECT)
        far = self.server.made[0]
        client.send(b"question").end_sending()
        self.assertTrue(far.ended)
        self.assertFalse(client.closed)
        far.say(b"answer")
        far.end_sending()
        self.network.settle()
        self.assertEqual(client.received, ESTABLISHED + b"answer")
        self.assertTrue(client.closed)
        self.assertEqual(self.node.counters.current_client_connections, 0)
        self.assertEqual(self.node.counters.current_server_connections, 0)
        self.assertEqual(self.node.counters.current_client_transactions, 0)

    def test_a_side_that_is_lost_takes_the_other_with_it(self) -> None:
        client = self.node.client().send(CONNECT)
        client.leave()
        self.assertTrue(self.server.made[0].ended)
        again = self.node.client().send(CONNECT)
        transport: Any = self.server.made[1].transport
        transport.abortConnection()
        self.network.settle()
        self.assertTrue(again.closed)
        self.assertEqual(self.node.counters.current_client_connections, 0)

    def test_a_port_that_is_not_allowed_is_refused(self) -> None:
        """Traffic Server, ``connect_ports``."""
        server = self.serve(22)
        client = self.node.client().send(CONNECT.replace(b"443", b"22"))
        self.assertEqual(client.answers(b"CONNECT")[0].status, 403)
        self.assertEqual(server.made, [])

    def test_any_port_may_be_allowed(self) -> None:
        self.node = NodeInMemory("CONFIG proxy.config.http.connect_ports STRING *\n", network=self.network)
        self.serve(22)
        self.assertEqual(self.node.client().send(CONNECT.replace(b"443", b"22")).received, ESTABLISHED)

    def test_a_destination_that_refuses_is_a_502_and_the_client_may_ask_again(self) -> None:
        self.network.listeners.clear()
        client = self.node.client().send(CONNECT)
        self.assertEqual(client.answers(b"CONNECT")[0].status, 502)
        self.serve()
        client.received = b""
        self.assertEqual(client.send(CONNECT).received, ESTABLISHED)

    def test_a_name_without_an_address_is_an_error(self) -> None:
        client = self.node.client().send(b"CONNECT none.invalid:443 HTTP/1.1\r\nHost: none.invalid:443\r\n\r\n")
        self.assertEqual(client.answers(b"CONNECT")[0].status, 500)

    def test_a_destination_that_does_not_answer_is_a_504(self) -> None:
        self.network.silent.add((self.network.address_of("a.example"), 443))
        client = self.node.client().send(CONNECT)
        self.node.pass_time(32)
        self.assertEqual(client.answers(b"CONNECT")[0].status, 504)

    def test_a_client_that_leaves_while_we_connect_costs_nothing(self) -> None:
        self.network.silent.add((self.network.address_of("a.example"), 443))
        self.node.client().send(CONNECT).leave()
        self.node.pass_time(40)
        self.assertEqual(self.server.made, [])
        self.assertEqual(self.node.counters.current_client_transactions, 0)

    def test_a_target_that_is_no_authority_is_refused(self) -> None:
        for target in (b"a.example", b"http://a.example:443/", b"/", b"a.example:0", b"a.example:443:443"):
            client = self.node.client().send(b"CONNECT " + target + b" HTTP/1.1\r\nHost: a.example\r\n\r\n")
            self.assertEqual(client.answers(b"CONNECT")[0].status, 400, target)

    def test_a_silent_tunnel_ends_some_time(self) -> None:
        client = self.node.client().send(CONNECT)
        self.node.pass_time(20)
        client.send(b"x")
        self.node.pass_time(20)
        self.assertFalse(client.closed)
        self.node.pass_time(20)
        self.assertTrue(client.closed)
        self.assertTrue(self.server.made[0].lost)

    def test_a_slow_side_pauses_the_other(self) -> None:
        client = self.node.client().send(CONNECT).stop_reading()
        far = self.server.made[0]
        for _ in range(100):
            far.say(bytes(65536))
            self.network.settle()
        self.assertLess(client.waiting, 300_000)
        transport: Any = far.transport
        self.assertGreater(transport.unsent, 6_000_000)
        client.read_on()
        self.assertEqual(len(client.received), len(ESTABLISHED) + 6_553_600)


class Upgrade(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(None)
        self.request = ask("/chat", "Connection: Upgrade", "Upgrade: echo", "Sec-WebSocket-Key: x")

    def test_the_wish_reaches_the_origin_and_its_consent_the_client(self) -> None:
        """RFC 9110 §7.8."""
        client = self.node.client().send(self.request)
        sent = self.origin.requests[0].fields
        self.assertEqual((sent.get(b"connection"), sent.get(b"upgrade")), (b"upgrade", b"echo"))
        self.assertEqual(sent.get(b"sec-websocket-key"), b"x")
        self.origin.say(SWITCHING)
        self.assertEqual(client.received, SWITCHING)

    def test_octets_go_both_ways_early_ones_included(self) -> None:
        server = Server()
        self.node.network.listeners[self.node.network.address_of("a.example"), 80] = server
        client = self.node.client().send(self.request + b"early from the client, ")
        far = server.made[0]
        head = far.received
        far.say(SWITCHING + b"early from the origin, ")
        self.node.network.settle()
        client.send(b"late")
        far.say(b"late")
        self.node.network.settle()
        self.assertEqual(client.received, SWITCHING + b"early from the origin, late")
        self.assertEqual(far.received, head + b"early from the client, late")
        far.close()
        self.node.network.settle()
        client.end_sending()
        self.assertTrue(client.closed)
        self.assertEqual(self.node.counters.current_server_connections, 0)

    def test_after_another_answer_the_next_octets_are_the_next_request(self) -> None:
        client = self.node.client().send(self.request + ask("/next"))
        self.origin.answer(answer("Cache-Control: no-store", body=b"next"))
        self.origin.say(answer("Cache-Control: no-store", body=b"no"))
        self.assertEqual([found.body for found in client.answers()], [b"no", b"next"])
        self.assertEqual(self.node.counters.total_server_connections, 1)

    def test_a_wish_that_connection_does_not_name_is_none(self) -> None:
        self.node.client().send(ask("/", "Upgrade: echo"))
        self.node.client().send(ask("/2", "Connection: Upgrade", "Upgrade: echo", version="1.0"))
        for head in self.origin.requests:
            self.assertNotIn(b"upgrade", head.fields)

    def test_a_client_that_leaves_before_the_answer_leaves_no_tunnel(self) -> None:
        self.node.client().send(self.request).leave()
        self.assertEqual(self.node.counters.current_server_connections, 0)
