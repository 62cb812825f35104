"""Origins that do not keep to HTTP: what they send is never stored, never taken for whole, never given to another."""

from __future__ import annotations

import contextlib
import random
from functools import partial
from http.client import IncompleteRead
from threading import Event

from tests.live.kit import LiveCase, wait_until
from tests.live.origin import Origin, Serve, Visit, answer_with, respond, swallow

_KEPT = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\n"
"""The beginning of an answer that is stored if it comes to its end."""


_IMPATIENT = (
    "proxy.config.http.connect_attempts_timeout INT 1",
    "proxy.config.http.transaction_no_activity_timeout_out INT 1",
)


def answer_and_close(answer: bytes) -> Serve:
    """Answer one request with octets that may be anything, and hang up."""

    def serve(visit: Visit) -> None:
        visit.read_until(b"\r\n\r\n")
        visit.send(answer)

    return serve


class BadHeads(LiveCase):
    """Answers that cannot be read."""

    maxDiff = None

    def check(self, status: int, *answers: bytes) -> None:
        """The client gets that status instead of each answer, twice: nothing of it was kept."""
        node = self.start_node()
        outcomes = {}
        for answer in answers:
            origin = self.start_origin(answer_and_close(answer))
            statuses = []
            for _ in range(2):
                client = self.connect(node.port)
                client.get(origin.url(), "Connection: close")
                statuses.append(client.read_answer().status)
            asked = origin.received.count(b"GET ")
            outcomes[answer[:100]] = statuses if asked >= 2 else f"the origin was asked {asked} times"
        self.assertEqual(outcomes, {answer[:100]: [status] * 2 for answer in answers})

    def test_heads_that_cannot_be_read_are_a_bad_gateway(self) -> None:
        self.check(
            502,
            b"",
            b"hello\r\n\r\n",
            b"HTTP/1.1\r\n\r\n",
            b"HTTP/1.1 20 OK\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1 999 OK\r\n\r\n",
            b"HTTP/2 200 OK\r\n\r\n",
            b"ICY 200 OK\r\n\r\n",
            b"\r\n" + _KEPT + b"Content-Length: 2\r\n\r\nok",
            _KEPT + b"no colon\r\nContent-Length: 2\r\n\r\nok",
            _KEPT + b"X\x00: y\r\nContent-Length: 2\r\n\r\nok",
            _KEPT + b"X: \x00\r\nContent-Length: 2\r\n\r\nok",
            _KEPT + b"X : y\r\nContent-Length: 2\r\n\r\nok",
            _KEPT + b"X: y\nY: z\r\nContent-Length: 2\r\n\r\nok",
            _KEPT + b"Content-Length: 2",
        )

    def test_content_whose_end_is_in_doubt_is_a_bad_gateway(self) -> None:
        self.check(
            502,
            _KEPT + b"Content-Length: -2\r\n\r\nok",
            _KEPT + b"Content-Length: +2\r\n\r\nok",
            _KEPT + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok",
            _KEPT + b"Content-Length: 99999999999999999999\r\n\r\nok",
            _KEPT + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            _KEPT + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            _KEPT + b"Transfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            _KEPT.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        )

    def test_a_switch_that_nobody_asked_for_is_a_bad_gateway(self) -> None:
        self.check(502, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello")

    def test_heads_without_end_are_cut_off(self) -> None:
        """Neither one endless line, nor endless lines, nor endless interim answers fill the memory."""
        endless = (b"X", b"X: y\r\n", b"\r\nHTTP/1.1 100 Continue\r\n")
        node = self.start_node()
        for piece in endless:
            cut = Event()
            origin = self.start_origin(partial(self.flood, piece=piece, cut=cut))
            before = node.memory()
            client = self.connect(node.port)
            client.get(origin.url(), "Connection: close")
            answer = client.read_to_end()
            self.assertIn(b"HTTP/1.1 502 ", answer)
            self.assertNotIn(b"HTTP/1.1 200 ", answer)
            self.assertTrue(cut.wait(10), "the origin may go on sending")
            self.assertLess(node.memory("VmHWM") - before, 8 << 20)

    def flood(self, visit: Visit, piece: bytes, cut: Event) -> None:
        """Send the same piece until the node hangs up."""
        visit.read_until(b"\r\n\r\n")
        try:
            visit.send(b"HTTP/1.1 100 Continue\r\n")
            while True:
                visit.send(piece * 1000)
        except OSError:
            cut.set()


class CutShort(LiveCase):
    """Content that ends before its end."""

    def test_a_client_can_tell_that_content_was_cut_short_and_nobody_gets_it_again(self) -> None:
        node = self.start_node()
        answers = [
            _KEPT + b"Content-Length: 1000\r\n\r\n" + b"x" * 500,
            _KEPT + b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + b"x" * 500,
            _KEPT + b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + b"x" * 500 + b"\r\n",
            _KEPT + b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + b"x" * 500 + b"\r\n0\r\n",
            _KEPT + b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + b"x" * 500 + b"\r\nzz\r\n\r\n",
        ]
        for answer in answers:
            origin = self.start_origin(answer_and_close(answer))
            for _ in range(2):
                client = self.connect(node.port)
                client.get(origin.url(), "Connection: close")
                with self.assertRaises(IncompleteRead):
                    client.read_answer()
            self.assertEqual(origin.received.count(b"GET "), 2, "it was not stored")

    def test_an_http_1_0_client_can_tell_by_a_reset(self) -> None:
        """To that client the end of the connection is the end of the content."""
        origin = self.start_origin(answer_and_close(_KEPT + b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + b"x" * 500))
        client = self.connect(self.start_node().port)
        client.send(f"GET {origin.url()} HTTP/1.0\r\n\r\n".encode("ascii"))
        with self.assertRaises(ConnectionResetError):
            while client.read_some():
                pass

    def test_all_who_follow_a_fetch_that_breaks_can_tell(self) -> None:
        go_on = Event()
        self.addCleanup(go_on.set)

        def break_off(visit: Visit) -> None:
            visit.read_until(b"\r\n\r\n")
            visit.send(_KEPT + b"Content-Length: 1000\r\n\r\n" + b"x" * 500)
            go_on.wait(20)

        origin = self.start_origin(break_off)
        node = self.start_node()
        clients = [self.connect(node.port) for _ in range(10)]
        for client in clients:
            client.get(origin.url())
            client.read_until(b"\r\n\r\n")
        go_on.set()
        for client in clients:
            self.assertLessEqual(len(client.read_to_end()), 500)
        self.assertEqual(origin.received.count(b"GET "), 1)

    def test_an_origin_that_never_answers_is_given_up(self) -> None:
        origin = self.start_origin(swallow)
        node = self.start_node(*_IMPATIENT)
        client = self.connect(node.port)
        client.get(origin.url())
        self.assertEqual(client.read_answer().status, 504)

    def test_an_origin_that_falls_silent_in_its_content_is_given_up(self) -> None:
        def fall_silent(visit: Visit) -> None:
            visit.read_until(b"\r\n\r\n")
            visit.send(_KEPT + b"Content-Length: 1000\r\n\r\n" + b"x" * 500)
            swallow(visit)

        origin = self.start_origin(fall_silent)
        node = self.start_node(*_IMPATIENT)
        client = self.connect(node.port)
        client.get(origin.url())
        with self.assertRaises(IncompleteRead):
            client.read_answer()


class Leftovers(LiveCase):
    """Octets of an origin that belong to no request are for nobody."""

    def setUp(self) -> None:
        super().setUp()
        self.node = self.start_node()

    def check_second(self, origin: Origin, first: bytes) -> None:
        """After one request, a second one on the same client connection gets an answer of its own."""
        client = self.connect(self.node.port)
        client.send(first.replace(b"ORIGIN", b"127.0.0.1:%d" % origin.port))
        client.read_answer(first.partition(b" ")[0].decode("ascii"))
        client.get(origin.url("/second"), "Connection: close")
        answer = client.read_answer()
        self.assertEqual((answer.status, answer.content), (200, b"second"))
        self.assertEqual(len(origin.visits), 2, "the connection with leftovers is not used again")
        self.assertNotIn(b"/second", origin.visits[0].received)

    def start_leaver(self, answer: bytes) -> Origin:
        """An origin that answers ``/second`` rightly, and anything else with octets that may be anything."""

        def serve(visit: Visit) -> None:
            while head := visit.read_until(b"\r\n\r\n"):
                visit.send(respond(b"second") if b"/second " in head else answer)

        return self.start_origin(serve)

    def test_octets_behind_content_are_not_the_next_answer(self) -> None:
        poison = respond(b"poison")
        self.check_second(
            self.start_leaver(respond(b"first") + poison), b"GET http://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n"
        )
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n"
        self.check_second(
            self.start_leaver(chunked + poison), b"GET http://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n"
        )

    def test_content_where_there_can_be_none_is_not_the_next_answer(self) -> None:
        poison = respond(b"poison")
        request = b" http://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n"
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(poison)
        self.check_second(self.start_leaver(head + poison), b"HEAD" + request)
        self.check_second(self.start_leaver(b"HTTP/1.1 204 No Content\r\n\r\n" + poison), b"GET" + request)
        self.check_second(self.start_leaver(b"HTTP/1.1 304 Not Modified\r\n\r\n" + poison), b"GET" + request)

    def test_an_answer_that_comes_before_its_request_is_not_given_to_anyone(self) -> None:
        sent = Event()

        def serve(visit: Visit) -> None:
            first = not sent.is_set()
            while visit.read_until(b"\r\n\r\n"):
                visit.send(respond(b"mine"))
                if first:
                    # what the next client on this connection would get for an answer
                    first = False
                    go_on.wait(20)
                    with contextlib.suppress(OSError):
                        visit.send(respond(b"poison"))
                    swallow_rest(visit, sent)

        def swallow_rest(visit: Visit, hung_up: Event) -> None:
            with contextlib.suppress(OSError):
                swallow(visit)
            hung_up.set()

        go_on = Event()
        self.addCleanup(go_on.set)
        origin = self.start_origin(serve)
        client = self.connect(self.node.port)
        client.get(origin.url("/one"))
        self.assertEqual(client.read_answer().content, b"mine")
        go_on.set()
        wait_until(sent.is_set, "the node to hang up on an origin that speaks unasked")
        client.get(origin.url("/two"))
        self.assertEqual(client.read_answer().content, b"mine")
        self.assertEqual(len(origin.visits), 2)

    def test_an_answer_that_overtakes_the_content_ends_the_exchange(self) -> None:
        """The rest of the content is not taken for a request by the origin."""

        def refuse(visit: Visit) -> None:
            visit.read_until(b"\r\n\r\n")
            visit.send(respond(b"too much", status=b"413 Content Too Large"))
            swallow(visit)

        origin = self.start_origin(refuse)
        client = self.connect(self.node.port)
        client.send(b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n" % origin.url().encode())
        client.try_send(random.Random(3).randbytes(100_000))
        answer = client.read_answer()
        self.assertEqual((answer.status, answer.fields["connection"]), (413, "close"))
        self.assertEqual(client.read_to_end(), b"")
        other = self.start_origin(answer_with(respond(b"fine")))
        again = self.connect(self.node.port)
        again.get(other.url())
        self.assertEqual(again.read_answer().content, b"fine")
        self.assertEqual(len(origin.visits), 1)
