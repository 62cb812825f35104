"""Origins that fail, lie, or come back: retries, marks, and what the client is told."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.model.errors import BadGateway
from tsnode.testing.node import Answered, ClientInMemory, NodeInMemory

PAGE = "http://a.example/"
UNSTORED = answer("Cache-Control: no-store")


class Story(SynchronousTestCase):
    records = ""

    def setUp(self) -> None:
        self.node = NodeInMemory(self.records)
        self.network = self.node.network

    def get(self, url: str, method: str = "GET") -> Answered:
        """The node's answer, to a request with content where the method has one."""
        if method == "POST":
            return self.node.get(url, "Content-Length: 2", method=method, body=b"ab")
        return self.node.get(url, method=method)


class Encrypted(Story):
    """RFC 9110 §4.2.2."""

    def test_what_is_meant_to_be_encrypted_is_never_sent_in_the_clear(self) -> None:
        for url in ("https://a.example/", "https://a.example:8443/", "wss://a.example/"):
            for method in ("GET", "POST", "HEAD"):
                found = self.get(url, method)
                self.assertEqual((found.status, self.network.attempts), (501, []), (url, method))


class Unreachable(Story):
    def test_one_that_refuses_is_tried_again_and_then_a_502(self) -> None:
        found = self.get(PAGE)
        self.assertEqual((found.status, len(self.network.attempts)), (502, 4))
        self.assertIn(b"no-store", found.fields.get(b"cache-control") or b"")
        self.assertEqual(self.node.counters.upstream_retries, 3)

    def test_one_that_is_marked_down_is_tried_less_until_that_is_over(self) -> None:
        """Traffic Server, ``connect_attempts_max_retries_dead_server``, ``down_server.cache_time``."""
        self.get(PAGE)
        self.network.attempts.clear()
        self.get(PAGE)
        self.assertEqual(len(self.network.attempts), 2)
        self.network.attempts.clear()
        self.node.pass_time(61)
        self.get(PAGE)
        self.assertEqual(len(self.network.attempts), 4)

    def test_one_that_answers_again_is_marked_down_no_more(self) -> None:
        self.get(PAGE)
        self.node.at("a.example").answer(UNSTORED)
        self.assertEqual(self.get(PAGE).status, 200)
        self.network.listeners.clear()
        for _ in range(2):
            self.network.attempts.clear()
            self.node.pass_time(200)
            self.get(PAGE)
        self.assertEqual(len(self.network.attempts), 4)

    def test_a_name_without_an_address_is_a_500(self) -> None:
        found = self.get("http://none.invalid/")
        self.assertEqual(found.status, 500)
        self.assertEqual(self.network.attempts, [])

    def test_a_post_that_never_left_may_be_tried_again(self) -> None:
        self.assertEqual(self.get(PAGE, "POST").status, 502)
        self.assertEqual(len(self.network.attempts), 4)

    def test_a_copy_that_may_not_be_served_stale_is_not(self) -> None:
        """http-caching case 34."""
        origin = self.node.at("a.example")
        for number, line in enumerate(("Cache-Control: max-age=1, must-revalidate", "Cache-Control: s-maxage=1")):
            origin.answer(answer(line))
            self.get(f"{PAGE}{number}")
        self.node.pass_time(130)
        self.network.listeners.clear()
        for number in range(2):
            self.assertEqual(self.get(f"{PAGE}{number}").status, 502)

    def test_a_copy_of_one_that_is_marked_down_is_served_without_asking(self) -> None:
        self.node.at("a.example").answer(answer("Cache-Control: max-age=1"))
        self.get(PAGE)
        self.node.pass_time(130)
        self.network.listeners.clear()
        self.assertEqual(self.get(PAGE).status, 200)
        self.network.attempts.clear()
        found = self.get(PAGE)
        self.assertIn(b"111", found.fields.get(b"warning") or b"")
        self.assertEqual(self.network.attempts, [])
        self.assertEqual(self.node.counters.cache_hit_stale_served, 2)


class Hangups(Story):
    def setUp(self) -> None:
        super().setUp()
        self.origin = self.node.at("a.example").answer(UNSTORED)

    def hang_up_instead(self, times: int) -> list[bytes]:
        """Let the origin hang up instead of answering, so often; gives the methods it has seen."""
        seen: list[bytes] = []

        def hang_up_or_answer(head: object) -> bytes | None:
            seen.append(self.origin.requests[-1].method)
            if len(seen) > times:
                return UNSTORED
            self.origin.transport.loseConnection()
            return None

        self.origin.answer(hang_up_or_answer)
        return seen

    def test_a_link_that_was_closed_as_idle_costs_the_client_nothing(self) -> None:
        """RFC 9112 §9.3.1."""
        self.get(PAGE)
        seen = self.hang_up_instead(1)
        self.assertEqual(self.get(PAGE).status, 200)
        self.assertEqual(len(seen), 2)

    def test_a_get_is_sent_again_after_a_hangup(self) -> None:
        seen = self.hang_up_instead(3)
        self.assertEqual(self.get(PAGE).status, 200)
        self.assertEqual(len(seen), 4)

    def test_hangups_without_end_are_a_502(self) -> None:
        seen = self.hang_up_instead(100)
        self.assertEqual(self.get(PAGE).status, 502)
        self.assertEqual(len(seen), 4)

    def test_a_post_is_never_sent_twice(self) -> None:
        """RFC 9110 §9.2.2."""
        for reused in (False, True):
            if reused:
                self.origin.answer(UNSTORED)
                self.get(PAGE)
            seen = self.hang_up_instead(1)
            self.assertEqual(self.get(PAGE, "POST").status, 502)
            self.assertEqual(seen, [b"POST"])

    def test_a_method_that_nobody_knows_is_never_sent_twice(self) -> None:
        seen = self.hang_up_instead(1)
        self.assertEqual(self.get(PAGE, "BREW").status, 502)
        self.assertEqual(len(seen), 1)

    def test_a_delete_may_be_sent_twice(self) -> None:
        seen = self.hang_up_instead(1)
        self.assertEqual(self.get(PAGE, "DELETE").status, 200)
        self.assertEqual(len(seen), 2)

    def test_a_link_serves_one_client_after_the_other(self) -> None:
        for _ in range(5):
            self.get(PAGE)
        self.assertEqual(self.node.counters.total_server_connections, 1)

    def test_links_are_not_kept_where_that_is_switched_off(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.keep_alive_enabled_out INT 0\n")
        node.at("a.example").answer(UNSTORED)
        for _ in range(3):
            node.get(PAGE)
        self.assertEqual(node.counters.total_server_connections, 3)
        self.assertEqual(node.counters.current_server_connections, 0)

    def test_a_post_takes_a_link_of_its_own_where_that_is_configured(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.keep_alive_post_out INT 0\n")
        node.at("a.example").answer(UNSTORED)
        node.get(PAGE)
        node.get(PAGE, "Content-Length: 2", method="POST", body=b"ab")
        self.assertEqual(node.counters.total_server_connections, 2)

    def test_no_more_links_than_configured_are_made_and_the_others_wait(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.per_server.connection.max INT 2\n")
        origin = node.at("a.example").answer(None)
        clients = [node.client().send(ask(f"/{number}")) for number in range(5)]
        self.assertEqual(len(origin.requests), 2)
        origin.answer(UNSTORED)
        for link in tuple(origin.links):
            origin.say(UNSTORED, link)
        self.assertEqual([client.answers()[0].status for client in clients], [200] * 5)
        self.assertEqual(node.counters.total_server_connections, 2)


class Lies(Story):
    """Answers that are none, or not what they say."""

    def setUp(self) -> None:
        super().setUp()
        self.origin = self.node.at("a.example")

    def fetch(self, octets: bytes, path: str = "/") -> ClientInMemory:
        """The client of an origin that sends ``octets`` and hangs up."""
        self.origin.close_after = True
        self.origin.answer(octets)
        client = self.node.client().send(ask(path))
        self.origin.close_after = False
        return client

    def assert_not_stored(self, path: str) -> None:
        """The next client gets something new."""
        self.origin.answer(answer(body=b"new"))
        self.assertEqual(self.node.get("http://a.example" + path).body, b"new")

    def test_a_head_that_cannot_be_read_is_a_502(self) -> None:
        for number, octets in enumerate((
            b"SSH-2.0-OpenSSH\r\n",
            b"HTTP/1.1 20 OK\r\n\r\n",
            b"HTTP/2.0 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n",
        )):  # fmt: skip
            self.assertEqual(self.fetch(octets, f"/{number}").answers()[0].status, 502, octets)
            self.assert_not_stored(f"/{number}")

    def test_a_head_without_end_is_a_502_and_not_held(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(ask("/", "Authorization: Basic eA=="))
        self.origin.send(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            self.origin.say(b"X-Padding: " + b"x" * 8000 + b"\r\n")
            if client.received:
                break
        self.assertEqual(client.answers()[0].status, 502)
        self.assertEqual(self.node.counters.current_server_connections, 0)

    def test_a_short_content_is_neither_stored_nor_taken_for_whole(self) -> None:
        """http-caching case 24."""
        head = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
        for number, (framing, rest) in enumerate((
            (b"Content-Length: 10\r\n\r\n", b"01234"),
            (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n01234\r\n"),
            (b"Transfer-Encoding: chunked\r\n\r\n", b"9\r\n01234"),
            (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n01234\r\nnonsense\r\n"),
        )):  # fmt: skip
            client = self.fetch(head + framing + rest, f"/{number}")
            self.assertTrue(client.closed)
            self.assertIn(b"01234", client.received)
            self.assertFalse(client.received.endswith(b"0\r\n\r\n"))
            self.assertEqual(self.whole_answers(client), [])
            self.assert_not_stored(f"/{number}")

    def whole_answers(self, client: ClientInMemory) -> list[Answered]:
        """The answers that a strict client takes for complete."""
        try:
            return client.answers()
        except BadGateway as fault:
            self.assertIn("ended", str(fault))
            return []

    def test_a_reset_ends_no_content_that_ends_with_its_connection(self) -> None:
        """RFC 9112 §8."""
        self.origin.answer(None)
        for path, version, is_reset in (("/1", "1.1", False), ("/2", "1.0", True)):
            client = self.node.client().send(ask(path, version=version))
            self.origin.say(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\n01234")
            self.origin.transport.abortConnection()
            self.network.settle()
            self.assertTrue(client.closed)
            self.assertFalse(client.received.endswith(b"0\r\n\r\n"))
            self.assertEqual(client.reset, is_reset)
        self.assert_not_stored("/1")

    def test_octets_behind_a_complete_answer_are_never_another(self) -> None:
        self.origin.answer(UNSTORED + answer("Cache-Control: max-age=60", body=b"poison"))
        self.assertEqual(self.node.get(PAGE).body, b"hello")
        self.origin.answer(UNSTORED)
        self.assertEqual(self.node.get(PAGE).body, b"hello")
        self.assertEqual(self.node.counters.total_server_connections, 2)

    def test_octets_that_come_while_nobody_asks_are_never_an_answer(self) -> None:
        self.origin.answer(UNSTORED)
        self.node.get(PAGE)
        self.origin.say(answer("Cache-Control: max-age=60", body=b"poison"))
        self.assertEqual(self.node.get(PAGE).body, b"hello")
        self.assertEqual(self.node.counters.total_server_connections, 2)

    def test_content_where_there_must_be_none_is_not_passed_on(self) -> None:
        for status in ("204 No Content", "304 Not Modified"):
            self.origin.answer(answer("Cache-Control: no-store", status=status, body=b"stray"))
            client = self.node.client().send(ask("/"))
            self.assertEqual(client.answers()[0].body, b"")
            self.assertNotIn(b"stray", client.received)
        self.assertEqual(self.node.counters.current_server_connections, 0)
