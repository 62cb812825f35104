"""What happens when somebody takes too long, and when the node is stopped."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask, chunked
from tsnode.testing.node import NodeInMemory

TIMES = """
CONFIG proxy.config.http.accept_no_activity_timeout INT 100
CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 10
CONFIG proxy.config.http.keep_alive_no_activity_timeout_out INT 10
CONFIG proxy.config.http.transaction_no_activity_timeout_in INT 20
CONFIG proxy.config.http.transaction_no_activity_timeout_out INT 40
CONFIG proxy.config.http.transaction_active_timeout_in INT 300
CONFIG proxy.config.http.connect_attempts_timeout INT 60
CONFIG proxy.config.http.post_connect_attempts_timeout INT 80
"""
OTHERS = ask("/", "Authorization: Basic eA==")
"""A request that is fetched for its client alone."""


class Story(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory(TIMES)
        self.origin = self.node.at("a.example").answer(answer("Cache-Control: max-age=100000"))
        self.timeouts = 0

    def assert_times_out(self, expected: int = 1) -> None:
        """So many client connections have timed out by now, and none is left."""
        self.assertEqual(self.node.counters.client_timeouts, expected)
        self.assertEqual(self.node.counters.current_client_connections, 0)


class Clients(Story):
    def test_one_that_never_asks_is_let_go(self) -> None:
        client = self.node.client()
        self.node.pass_time(99)
        self.assertFalse(client.closed)
        self.node.pass_time(2)
        self.assertTrue(client.closed)
        self.assert_times_out()

    def test_one_that_does_not_ask_again_is_let_go_after_a_miss_and_after_a_hit(self) -> None:
        client = self.node.client().send(ask("/"))
        self.node.pass_time(9)
        client.send(ask("/"))
        self.node.pass_time(9)
        self.assertFalse(client.closed)
        self.assertEqual(self.node.counters.plain_hits, 1)
        self.node.pass_time(3)
        self.assertTrue(client.closed)
        self.assert_times_out()

    def test_one_whose_first_request_is_a_hit_has_no_more_time_than_others(self) -> None:
        self.node.get("http://a.example/")
        client = self.node.client().send(ask("/"))
        self.node.pass_time(12)
        self.assertTrue(client.closed)

    def test_one_that_does_not_finish_its_head_gets_a_408(self) -> None:
        client = self.node.client().send(b"GET / HTTP/1.1\r\n")
        for _ in range(4):
            self.node.pass_time(4)
            client.send(b"X-Slow: yes\r\n")
        self.assertFalse(client.closed)
        self.node.pass_time(6)
        self.assertEqual(client.answers()[0].status, 408)
        self.assertTrue(client.closed)
        self.assert_times_out()

    def test_one_that_does_not_finish_its_second_head_gets_a_408_too(self) -> None:
        client = self.node.client().send(ask("/") + b"GET / HT")
        self.node.pass_time(22)
        self.assertEqual([found.status for found in client.answers()], [200, 408])

    def test_one_that_stops_in_the_middle_of_its_content_gets_a_408(self) -> None:
        client = self.node.client().send(ask("/", "Content-Length: 10", method="POST", body=b"01"))
        self.node.pass_time(15)
        client.send(b"23")
        self.node.pass_time(15)
        self.assertFalse(client.closed)
        self.node.pass_time(7)
        (found,) = client.answers(b"POST")
        self.assertEqual((found.status, found.fields.get(b"connection")), (408, b"close"))
        self.assertEqual(self.origin.requests, [])
        self.assertEqual(self.node.counters.current_server_connections, 0)
        self.assert_times_out()

    def test_the_fault_of_a_client_is_not_its_origin_s(self) -> None:
        """A copy is served stale without asking only while its origin is marked down."""
        self.origin.answer(answer("Cache-Control: max-age=5"))
        self.node.get("http://a.example/")
        upload = ask("/upload", "Content-Length: 10", method="POST", body=b"01")
        self.node.client().send(upload)
        self.node.pass_time(25)
        self.node.client().send(upload).leave()
        before = len(self.origin.requests)
        self.node.get("http://a.example/")
        self.assertEqual(len(self.origin.requests), before + 1)

    def test_one_that_stops_reading_is_cut_off(self) -> None:
        self.origin.answer(answer("Cache-Control: max-age=1000", body=bytes(5_000_000)))
        for path in ("/", "/"):
            client = self.node.client().stop_reading().send(ask(path))
            self.node.pass_time(45)
            client.read_on()
            self.assertTrue(client.closed)
            self.assertLess(len(client.received), 5_000_000)
        self.assertEqual(len(self.origin.requests), 1)
        self.assert_times_out(2)

    def test_one_that_reads_slowly_is_not(self) -> None:
        self.origin.answer(chunked("Cache-Control: no-store", body=bytes(400)))
        client = self.node.client().stop_reading().send(ask("/"))
        for _ in range(20):
            self.node.pass_time(15)
            client.read_on().stop_reading()
        self.assertEqual(len(client.answers()[0].body), 400)

    def test_one_that_takes_too_long_with_everything_gets_a_504(self) -> None:
        self.origin.answer(None)
        node = NodeInMemory(TIMES.replace("connect_attempts_timeout INT 60", "connect_attempts_timeout INT 1000")
                            .replace("_active_timeout_in INT 300", "_active_timeout_in INT 50"))  # fmt: skip
        origin = node.at("a.example").answer(None)
        client = node.client().send(OTHERS)
        node.pass_time(49)
        self.assertEqual(client.received, b"")
        node.pass_time(2)
        self.assertEqual(client.answers()[0].status, 504)
        self.assertEqual(node.counters.current_server_connections, 0)
        origin.answer(answer())
        self.assertEqual(len(client.send(ask("/other")).answers()), 2)

    def test_an_answer_that_lasts_too_long_is_cut(self) -> None:
        node = NodeInMemory(TIMES.replace("_active_timeout_in INT 300", "_active_timeout_in INT 50"))
        origin = node.at("a.example").answer(None)
        client = node.client().send(OTHERS)
        origin.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for _ in range(6):
            node.pass_time(9)
            origin.say(b"x")
        self.assertTrue(client.closed)
        self.assertEqual(node.counters.current_server_connections, 0)

    def test_a_slow_origin_is_no_fault_of_a_waiting_client(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(OTHERS)
        self.node.pass_time(55)
        self.origin.say(answer())
        self.assertEqual(client.answers()[0].body, b"hello")

    def test_a_connection_that_lasts_is_served_however_old_it_is(self) -> None:
        self.origin.answer(answer("Cache-Control: max-age=100000", body=bytes(500_000)))
        client = self.node.client().send(ask("/"))
        for _ in range(40):
            self.node.pass_time(9)
            client.stop_reading().send(ask("/"))
            self.node.pass_time(2)
            client.read_on()
        self.assertEqual(len(client.answers()), 41)
        self.assertFalse(client.closed)

    def test_a_refused_client_that_never_closes_is_cut_off(self) -> None:
        client = self.node.client()
        client.send(b"nonsense\r\n\r\n").stop_reading()
        self.node.pass_time(50)
        self.assertEqual(self.node.counters.current_client_connections, 0)

    def test_no_time_is_short_where_none_is_configured(self) -> None:
        names = ("accept_no_activity", "keep_alive_no_activity", "transaction_no_activity", "transaction_active")
        node = NodeInMemory("".join([
            f"CONFIG proxy.config.http.{name}_timeout{'' if name.startswith('accept') else '_in'} INT 0\n"
            for name in names
        ]))  # fmt: skip
        node.at("a.example").answer(answer("Cache-Control: max-age=100000"))
        client = node.client()
        for octets in (b"", ask("/")[:10], ask("/")[10:], ask("/")):
            node.pass_time(1000)
            client.send(octets)
        self.assertEqual(len(client.answers()), 2)


class Origins(Story):
    def test_one_that_cannot_be_connected_to_in_time_is_a_504(self) -> None:
        self.node.network.silent.add((self.node.network.address_of("slow.example"), 80))
        client = self.node.client().send(ask("/", host="slow.example"))
        self.node.pass_time(58)
        self.assertEqual(client.received, b"")
        self.node.pass_time(4)
        self.assertEqual(client.answers()[0].status, 504)
        self.assertFalse(client.closed)

    def test_one_that_does_not_answer_in_time_is_a_504(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(ask("/"))
        self.node.pass_time(62)
        self.assertEqual(client.answers()[0].status, 504)
        self.assertEqual(self.node.counters.upstream_timeouts, 1)
        self.assertEqual(len(self.origin.requests), 1)
        self.assertEqual(self.node.counters.current_server_connections, 0)

    def test_one_that_stalls_in_the_middle_cuts_the_client_s_connection(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(ask("/"))
        self.origin.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nCache-Control: max-age=60\r\n\r\n01234")
        self.node.pass_time(42)
        self.assertTrue(client.closed)
        self.assertTrue(client.received.endswith(b"01234"))
        self.origin.answer(answer(body=b"whole"))
        self.assertEqual(self.node.get("http://a.example/").body, b"whole")

    def test_a_link_that_nobody_uses_is_closed(self) -> None:
        self.node.get("http://a.example/")
        self.assertEqual(self.node.counters.current_server_connections, 1)
        self.node.pass_time(12)
        self.assertEqual(self.node.counters.current_server_connections, 0)

    def test_one_that_reads_slowly_pauses_the_client_that_uploads(self) -> None:
        self.origin.on_begun = lambda link, head: self.origin.transport.pauseProducing()
        client = self.node.client().send(ask("/", "Content-Length: 5000000", method="PUT"))
        for _ in range(100):
            client.send(bytes(50_000))
        self.assertGreater(client.end.unsent, 3_500_000)
        self.node.pass_time(25)
        self.assertFalse(client.closed)
        self.origin.transport.resumeProducing()
        self.node.network.settle()
        self.assertEqual(client.answers(b"PUT")[0].status, 200)
        self.assertEqual(len(self.origin.bodies[0]), 5_000_000)

    def test_a_slow_client_pauses_the_origin(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(OTHERS).stop_reading()
        self.origin.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n")
        for _ in range(100):
            self.origin.say(bytes(50_000))
        self.assertGreater(self.origin.transport.unsent, 3_500_000)
        self.node.pass_time(15)
        self.assertEqual(len(client.read_on().answers()[0].body), 5_000_000)


class Stopping(Story):
    def stop(self) -> list[object]:
        """Begin to stop the node; the list has something in it once that is done."""
        done: list[object] = []
        stopping: Deferred[object] = self.node.service.stopService()
        stopping.addCallback(done.append)
        self.node.network.settle()
        return done

    def test_idle_connections_are_closed_at_once(self) -> None:
        used, unused = self.node.client().send(ask("/")), self.node.client()
        done = self.stop()
        self.assertTrue(used.closed)
        self.assertTrue(unused.closed)
        self.assertEqual(len(done), 1)
        self.assertEqual(self.node.counters.current_server_connections, 0)
        self.assertEqual(self.node.network.getDelayedCalls(), [])

    def test_a_transfer_finishes_and_says_that_it_is_the_last(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(ask("/") + ask("/2"))
        done = self.stop()
        self.node.pass_time(2)
        self.assertEqual(done, [])
        self.origin.say(answer())
        self.assertEqual([found.body for found in client.answers()], [b"hello"])
        self.assertTrue(client.closed)
        self.assertEqual(len(done), 1)

    def test_a_transfer_that_lasts_longer_than_the_grace_is_cut(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(ask("/"))
        done = self.stop()
        self.node.pass_time(6)
        self.assertTrue(client.closed)
        self.assertEqual(len(done), 1)
        self.assertEqual(self.node.counters.current_server_connections, 0)

    def test_a_tunnel_is_cut_when_the_grace_is_over(self) -> None:
        self.node.at("a.example", 443)
        client = self.node.client().send(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n")
        done = self.stop()
        self.node.pass_time(6)
        self.assertTrue(client.closed)
        self.assertEqual(len(done), 1)
