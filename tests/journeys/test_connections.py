"""What a client connection carries: one request after the other, and how it ends."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask, chunked
from tsnode.model.messages import RequestHead
from tsnode.testing.node import NodeInMemory
from tsnode.testing.strategies import Cuts, cuts

FRESH = "Cache-Control: max-age=600"


def named(head: RequestHead) -> bytes:
    """An answer that is not stored, with the path that was asked for as its content."""
    return answer("Cache-Control: no-store", body=head.target)


class Pipelining(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(named)

    def test_requests_sent_together_are_answered_in_their_order(self) -> None:
        paths = [f"/{number}" for number in range(20)]
        client = self.node.client().send(b"".join(map(ask, paths)))
        self.assertEqual([found.body.decode() for found in client.answers()], paths)
        self.assertFalse(client.closed)

    def test_a_slow_answer_holds_up_those_behind_it(self) -> None:
        self.node.get("http://a.example/slow")
        self.origin.answer(None)
        slow = self.node.at("b.example").answer(None)
        self.origin.answer(named)
        client = self.node.client().send(ask("/first", host="b.example") + ask("/second"))
        self.assertEqual(client.received, b"")
        slow.say(answer(body=b"first"))
        self.assertEqual([found.body for found in client.answers()], [b"first", b"/second"])

    def test_a_node_asks_the_origin_for_one_request_of_a_connection_at_a_time(self) -> None:
        self.origin.answer(None)
        self.node.client().send(ask("/1") + ask("/2"))
        self.assertEqual([head.target for head in self.origin.requests], [b"/1"])

    def test_thousands_of_pipelined_hits_are_answered_without_recursion(self) -> None:
        self.origin.answer(answer(FRESH))
        self.node.get("http://a.example/hit")
        client = self.node.client().send(ask("/hit") * 5000)
        self.assertEqual(client.received.count(b"HTTP/1.1 200 "), 5000)
        self.assertEqual(len(self.origin.requests), 1)

    def test_thousands_of_pipelined_refusals_are_answered_without_recursion(self) -> None:
        client = self.node.client().send(ask("/", "Max-Forwards: 0", method="OPTIONS") * 3000)
        self.assertEqual(client.received.count(b"HTTP/1.1 200 "), 3000)

    def test_what_is_read_ahead_is_bounded_and_a_pause_is_counted(self) -> None:
        self.origin.answer(None)
        client = self.node.client()
        request = ask("/next", "X-Padding: " + "x" * 8000)
        for _ in range(40):
            client.send(request)
        self.assertEqual(self.node.counters.pipeline_pauses, 1)
        self.assertGreater(client.end.unsent, 20 * 8000)
        self.origin.answer(named)
        self.origin.say(named(self.origin.requests[0]))
        self.assertEqual(len(client.answers()), 40)
        self.assertEqual(client.end.unsent, 0)

    def test_a_client_that_does_not_read_its_answers_is_not_read_either(self) -> None:
        self.origin.answer(answer(FRESH, body=bytes(100_000)))
        self.node.get("http://a.example/large")
        client = self.node.client().stop_reading()
        for _ in range(50):
            client.send(ask("/large"))
        self.assertLess(client.waiting, 1_000_000)
        self.assertGreater(client.end.unsent, 0)
        client.read_on()
        self.assertEqual(len(client.answers()), 50)

    def test_a_large_upload_behind_a_slow_answer_has_its_turn(self) -> None:
        self.origin.answer(None, named)
        body = bytes(200_000)
        client = self.node.client().send(ask("/slow"))
        upload = ask("/upload", f"Content-Length: {len(body)}", method="POST", body=body)
        for at in range(0, len(upload), 65536):
            client.send(upload[at : at + 65536])
        self.origin.say(named(self.origin.requests[0]))
        self.assertEqual([found.body for found in client.answers(b"GET", b"POST")], [b"/slow", b"/upload"])
        self.assertEqual(len(self.origin.bodies[-1]), len(body))

    @given(cuts())
    def test_the_same_stream_cut_anywhere_gives_the_same_answers(self, where: Cuts) -> None:
        stream = (
            ask("/1") + ask("/2", "Content-Length: 5", method="POST", body=b"12345") + ask("/3", method="HEAD")
            + ask("/4", "Transfer-Encoding: chunked", method="PUT", body=b"3\r\nabc\r\n0\r\n\r\n") + ask("/5")
        )  # fmt: skip
        methods = (b"GET", b"POST", b"HEAD", b"PUT", b"GET")
        # its name is part of answers, and another one for each node where none is configured
        expected = NodeInMemory("CONFIG proxy.config.proxy_name STRING edge\n")
        expected.at("a.example").answer(named)
        whole = expected.client().send(stream)
        node = NodeInMemory("CONFIG proxy.config.proxy_name STRING edge\n")
        origin = node.at("a.example").answer(named)
        client = node.client()
        for piece in where.apply(stream):
            client.send(piece)
        self.assertEqual(client.received, whole.received)
        self.assertEqual([found.body for found in client.answers(*methods)], [b"/1", b"/2", b"", b"/4", b"/5"])
        self.assertEqual(origin.bodies, [b"", b"12345", b"", b"abc", b""])


class Persistence(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(answer("Cache-Control: no-store"))

    def test_http_1_1_stays_open(self) -> None:
        client = self.node.client().send(ask("/"))
        self.assertFalse(client.closed)
        self.assertNotIn(b"connection", client.answers()[0].fields)

    def test_http_1_1_closes_when_asked(self) -> None:
        client = self.node.client().send(ask("/", "Connection: close"))
        self.assertTrue(client.closed)
        self.assertEqual(client.answers()[0].fields.get(b"connection"), b"close")

    def test_http_1_0_closes_unless_asked_otherwise(self) -> None:
        client = self.node.client().send(ask("/", version="1.0"))
        self.assertTrue(client.closed)
        self.assertEqual(client.answers()[0].body, b"hello")

    def test_http_1_0_stays_open_with_keep_alive(self) -> None:
        for name in ("Connection", "Proxy-Connection"):
            client = self.node.client().send(ask("/", f"{name}: keep-alive", version="1.0"))
            self.assertFalse(client.closed)
            self.assertEqual(client.answers()[0].fields.get(b"connection"), b"keep-alive")
            self.assertEqual(len(client.send(ask("/", version="1.0")).answers()), 2)
            self.assertTrue(client.closed)

    def test_http_1_0_gets_content_of_unknown_length_until_the_close(self) -> None:
        self.origin.answer(chunked())
        client = self.node.client().send(ask("/", "Connection: keep-alive", version="1.0"))
        self.assertTrue(client.closed)
        (found,) = client.answers()
        self.assertEqual((found.body, found.fields.get(b"transfer-encoding")), (b"hello", None))

    def test_keep_alive_can_be_switched_off_for_all_of_them(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.keep_alive_enabled_in INT 0\n")
        node.at("a.example").answer(answer(FRESH))
        for _ in range(3):
            client = node.client().send(ask("/page"))
            self.assertTrue(client.closed)
            self.assertEqual(client.answers()[0].fields.get(b"connection"), b"close")
        self.assertEqual(len(node.at("a.example").requests), 1)

    def test_a_client_that_stopped_sending_still_gets_its_answer(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(ask("/")).end_sending()
        self.assertEqual(client.received, b"")
        self.origin.say(answer())
        self.assertEqual(client.answers()[0].body, b"hello")
        self.assertTrue(client.closed)

    def test_a_client_that_stopped_sending_gets_the_answers_to_all_it_asked(self) -> None:
        client = self.node.client()
        client.end.write(ask("/1") + ask("/2"))
        client.end_sending()
        self.assertEqual(len(client.answers()), 2)
        self.assertTrue(client.closed)
        self.assertEqual(self.node.counters.current_client_connections, 0)

    def test_a_client_that_closes_without_asking_costs_nothing(self) -> None:
        client = self.node.client().end_sending()
        self.assertTrue(client.closed)
        self.assertEqual(self.node.counters.current_client_connections, 0)

    def test_a_request_that_cannot_be_read_is_answered_and_ends_the_connection(self) -> None:
        client = self.node.client().send(ask("/") + b"GET / HTTP/1.1\r\nHost : a\r\n\r\n" + ask("/"))
        first, second = client.answers()
        self.assertEqual((first.status, second.status), (200, 400))
        self.assertEqual(second.fields.get(b"connection"), b"close")
        self.assertTrue(client.closed)
        self.assertEqual(len(self.origin.requests), 1)
        self.assertEqual(self.node.counters.invalid_client_requests, 1)

    def test_what_a_refused_client_goes_on_sending_is_thrown_away(self) -> None:
        client = self.node.client().send(b"nonsense\r\n\r\n")
        before = client.received
        client.send(ask("/"))
        self.assertEqual(client.received, before)
        self.assertEqual(self.origin.requests, [])

    def test_a_client_that_leaves_ends_the_fetch_that_was_its_own(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(ask("/", "Authorization: Basic eA=="))
        self.assertEqual(self.node.counters.current_server_connections, 1)
        client.leave()
        self.assertEqual(self.node.counters.current_server_connections, 0)
        self.assertEqual(self.node.counters.current_client_transactions, 0)

    def test_an_answer_that_was_never_begun_is_counted_under_no_status(self) -> None:
        self.origin.answer(None)
        self.node.client().send(ask("/", "Authorization: Basic eA==")).leave()
        counters = self.node.counters
        self.assertEqual([counters.responses_2xx, counters.responses_4xx, counters.completed_requests], [0, 0, 0])

    def test_a_client_that_leaves_during_its_upload_is_not_answered(self) -> None:
        self.origin.answer(None)
        self.node.client().send(ask("/", "Content-Length: 10", method="POST", body=b"12345")).leave()
        counters = self.node.counters
        self.assertEqual([counters.responses_4xx, counters.completed_requests], [0, 0])
        self.assertEqual(counters.current_client_transactions, 0)
