"""One fetch for many who ask at the same time, and what becomes of it when they leave."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.testing.node import ClientInMemory, NodeInMemory

FRESH = "Cache-Control: max-age=600"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nCache-Control: max-age=600\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=600\r\n\r\n"


def bodies(clients: list[ClientInMemory]) -> list[bytes]:
    """What each got, joined where it got several answers."""
    return [b"".join([found.body for found in client.answers()]) for client in clients]


def chunk(octets: bytes) -> bytes:
    """One chunk."""
    return b"%x\r\n%b\r\n" % (len(octets), octets)


class Together(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(None)

    def crowd(self, size: int, *lines: str) -> list[ClientInMemory]:
        """Clients that all asked for the same."""
        return [self.node.client().send(ask("/page", *lines)) for _ in range(size)]

    def test_two_hundred_clients_cost_one_fetch(self) -> None:
        """http-caching case 49."""
        clients = self.crowd(200)
        self.origin.say(answer(FRESH))
        self.assertEqual(bodies(clients), [b"hello"] * 200)
        self.assertEqual(len(self.origin.requests), 1)
        self.assertEqual(self.node.counters.followers, 199)
        self.assertEqual(self.node.counters.cache_writes, 1)

    def test_followers_have_the_first_octets_before_the_last_have_come(self) -> None:
        clients = self.crowd(3)
        self.origin.say(HEAD)
        self.origin.say(b"01234")
        for client in clients:
            self.assertTrue(client.received.endswith(b"\r\n\r\n01234"), client.received)
        self.origin.say(b"56789")
        self.assertEqual(bodies(clients), [b"0123456789"] * 3)

    def test_who_comes_in_the_middle_gets_it_from_the_start(self) -> None:
        self.crowd(1)
        self.origin.say(HEAD + b"01234")
        late = self.crowd(1)
        self.assertTrue(late[0].received.endswith(b"\r\n\r\n01234"))
        self.origin.say(b"56789")
        self.assertEqual(bodies(late), [b"0123456789"])
        self.assertEqual(len(self.origin.requests), 1)

    def test_the_first_client_may_leave_in_the_middle(self) -> None:
        clients = self.crowd(3)
        self.origin.say(HEAD + b"01234")
        clients[0].leave()
        self.origin.say(b"56789")
        self.assertEqual(bodies(clients[1:]), [b"0123456789"] * 2)
        self.assertEqual(self.node.get("http://a.example/page").body, b"0123456789")
        self.assertEqual(len(self.origin.requests), 1)

    def test_what_was_changed_while_it_came_is_not_kept_and_not_shared(self) -> None:
        """Source: RFC 9111 §4.4."""
        for method, length in ("POST", 2), ("DELETE", 0):
            reading = self.crowd(1)
            self.origin.say(HEAD + b"01234")
            changing = self.node.client().send(
                ask("/page", f"Content-Length: {length}", method=method, body=b"x" * length)
            )
            self.origin.say(answer(body=b"done"))
            self.assertEqual(changing.answers(method.encode())[0].body, b"done")
            before = len(self.origin.requests)
            later = self.crowd(1)
            self.assertEqual(len(self.origin.requests), before + 1)
            self.origin.say(b"56789", self.origin.links[0])
            self.assertEqual(bodies(reading), [b"0123456789"])
            self.origin.say(answer("Cache-Control: no-store", body=b"changed"))
            self.assertEqual(bodies(later), [b"changed"])
            self.crowd(1)
            self.assertEqual(len(self.origin.requests), before + 2)
            self.setUp()

    def test_what_was_purged_while_it_came_is_not_kept(self) -> None:
        reading = self.crowd(1)
        self.origin.say(HEAD + b"01234")
        self.assertEqual(self.node.get("http://a.example/page", method="PURGE").status, 404)
        self.origin.say(b"56789")
        self.assertEqual(bodies(reading), [b"0123456789"])
        self.crowd(1)
        self.assertEqual(len(self.origin.requests), 2)

    def test_the_first_client_may_leave_before_there_is_an_answer(self) -> None:
        clients = self.crowd(3)
        clients[0].leave()
        self.origin.say(answer(FRESH))
        self.assertEqual(bodies(clients[1:]), [b"hello"] * 2)
        self.assertEqual(len(self.origin.requests), 1)

    def test_a_follower_may_leave_while_it_waits(self) -> None:
        clients = self.crowd(3)
        clients[1].leave()
        self.origin.say(answer(FRESH))
        self.assertEqual(bodies([clients[0], clients[2]]), [b"hello"] * 2)

    def test_a_slow_follower_does_not_hold_up_the_others(self) -> None:
        clients = self.crowd(3)
        clients[1].stop_reading()
        self.origin.say(HEAD + b"01234")
        self.origin.say(b"56789")
        self.assertEqual(bodies([clients[0], clients[2]]), [b"0123456789"] * 2)
        self.assertEqual(bodies([clients[1].read_on()]), [b"0123456789"])

    def test_an_answer_that_cannot_be_shared_lets_everyone_go_at_once(self) -> None:
        clients = self.crowd(20)
        self.origin.answer(lambda head: answer("Cache-Control: private", body=b"yours"))
        self.origin.say(answer("Cache-Control: private", body=b"mine"))
        self.assertEqual(bodies(clients), [b"mine"] + [b"yours"] * 19)
        self.assertEqual(len(self.origin.requests), 20)
        self.assertEqual(self.node.counters.followers_released, 19)

    def test_a_key_whose_answers_cannot_be_shared_is_not_waited_for_for_a_while(self) -> None:
        self.crowd(1)
        self.origin.say(answer("Cache-Control: no-store"))
        waiting = self.crowd(5)
        self.assertEqual(len(self.origin.requests), 6)
        self.assertEqual(self.node.counters.followers, 0)
        for client in waiting:
            client.leave()
        for link in self.origin.links:
            if link.open:
                self.origin.say(answer("Cache-Control: no-store"), link)
        self.node.pass_time(11)
        self.crowd(5)
        self.assertEqual(len(self.origin.requests), 7)

    def test_those_for_whom_another_alternate_is_right_are_let_go(self) -> None:
        first, same = self.crowd(2, "Accept-Language: de")
        other = self.crowd(1, "Accept-Language: fr")[0]
        self.origin.answer(answer(FRESH, "Vary: Accept-Language", body=b"bonjour"))
        self.origin.say(answer(FRESH, "Vary: Accept-Language", body=b"guten Tag"))
        self.assertEqual(bodies([first, same, other]), [b"guten Tag", b"guten Tag", b"bonjour"])
        self.assertEqual(len(self.origin.requests), 2)

    def test_those_for_whom_another_alternate_is_right_do_not_board_in_the_middle(self) -> None:
        self.crowd(1, "Accept-Language: de")
        self.origin.say(HEAD.replace(b"\r\n\r\n", b"\r\nVary: Accept-Language\r\n\r\n") + b"01234")
        self.origin.answer(answer(FRESH, "Vary: Accept-Language", body=b"bonjour"))
        self.assertEqual(bodies(self.crowd(1, "Accept-Language: fr")), [b"bonjour"])

    def test_nobody_waits_for_a_head_longer_than_the_configured_time(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.tsnode.http.collapse_wait_ms INT 2000\n")
        origin = node.at("a.example").answer(None)
        node.client().send(ask("/page"))
        node.client().send(ask("/page"))
        node.pass_time(1.75)
        self.assertEqual(len(origin.requests), 1)
        node.pass_time(0.5)
        self.assertEqual(len(origin.requests), 2)
        self.assertEqual(node.counters.followers_released, 1)

    def test_a_fetch_that_fails_fails_for_all_who_waited(self) -> None:
        clients = self.crowd(5)
        for _ in range(6):
            self.origin.hang_up()
        self.assertEqual([client.answers()[0].status for client in clients], [502] * 5)
        self.assertLess(len(self.origin.requests), 6)

    def test_a_content_that_is_cut_short_is_so_for_all_and_not_stored(self) -> None:
        clients = self.crowd(3)
        self.origin.say(HEAD + b"01234")
        self.origin.hang_up()
        for client in clients:
            self.assertTrue(client.closed)
            self.assertTrue(client.received.endswith(b"01234"))
        self.origin.answer(answer(FRESH, body=b"again"))
        self.assertEqual(self.node.get("http://a.example/page").body, b"again")

    def test_requests_with_credentials_wait_for_nobody(self) -> None:
        self.crowd(1)
        self.crowd(2, "Authorization: Basic eA==")
        self.crowd(1, "Cache-Control: no-cache")
        self.crowd(1, "Range: bytes=0-1")
        self.assertEqual(len(self.origin.requests), 5)

    def test_a_conditional_follower_is_told_that_its_copy_is_current(self) -> None:
        clients = self.crowd(1) + self.crowd(1, 'If-None-Match: "v"')
        self.origin.say(HEAD.replace(b"\r\n\r\n", b'\r\nETag: "v"\r\n\r\n') + b"01234")
        self.assertEqual(clients[1].answers()[0].status, 304)
        self.origin.say(b"56789")
        self.assertEqual(bodies(clients[:1]), [b"0123456789"])

    def test_an_answer_without_content_reaches_everybody_without_content(self) -> None:
        clients = self.crowd(3)
        self.origin.say(b"HTTP/1.1 204 No Content\r\nCache-Control: max-age=60\r\n\r\n")
        for client in clients + self.crowd(1):
            (found,) = client.answers()
            self.assertEqual(found.status, 204)
            self.assertNotIn(b"transfer-encoding", found.fields)
            self.assertNotIn(b"content-length", found.fields)
            self.assertTrue(client.received.endswith(b"\r\n\r\n"))
        self.assertEqual(len(self.origin.requests), 1)

    def test_an_empty_answer_reaches_everybody_as_such(self) -> None:
        clients = self.crowd(2)
        self.origin.say(answer(FRESH, body=b""))
        for client in clients + self.crowd(1):
            (found,) = client.answers()
            self.assertEqual((found.status, found.body, found.fields.get(b"content-length")), (200, b"", b"0"))
        self.assertEqual(len(self.origin.requests), 1)


class Revalidating(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(answer("Cache-Control: max-age=5", 'ETag: "1"'))
        self.node.get("http://a.example/page")
        self.node.pass_time(10)
        self.origin.answer(None)
        self.clients = [self.node.client().send(ask("/page")) for _ in range(10)]

    def test_a_stale_copy_is_revalidated_once_for_all(self) -> None:
        self.assertEqual(len(self.origin.requests), 2)
        self.origin.say(b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=600\r\n\r\n")
        self.assertEqual(bodies(self.clients), [b"hello"] * 10)
        self.assertEqual(len(self.origin.requests), 2)
        self.assertEqual(self.node.counters.cache_hit_revalidated, 10)

    def test_a_stale_copy_is_replaced_once_for_all(self) -> None:
        self.origin.say(answer(FRESH, body=b"newer"))
        self.assertEqual(bodies(self.clients), [b"newer"] * 10)
        self.assertEqual(len(self.origin.requests), 2)

    def test_a_stale_copy_is_served_to_all_when_the_origin_fails(self) -> None:
        for _ in range(6):
            self.origin.hang_up()
        for client in self.clients:
            (found,) = client.answers()
            self.assertEqual((found.status, found.body), (200, b"hello"))
            self.assertIn(b"111", found.fields.get(b"warning") or b"")


class InTheBackground(SynchronousTestCase):
    """Traffic Server, ``background_fill_active_timeout``, ``background_fill_completed_threshold``."""

    def start(self, records: str, sent: bytes = b"01234") -> None:
        """A fill whose only client leaves once ``sent`` of ten octets were there."""
        self.node = NodeInMemory(records)
        self.origin = self.node.at("a.example").answer(None)
        client = self.node.client().send(ask("/page"))
        self.origin.say(HEAD + sent)
        client.leave()

    def is_stored(self) -> bool:
        """Whether the next client is served without the origin."""
        asked = len(self.origin.requests)
        self.origin.answer(answer())
        self.node.get("http://a.example/page")
        return len(self.origin.requests) == asked

    def test_a_fill_goes_on_without_its_client_and_is_counted(self) -> None:
        """http-caching case 50."""
        self.start("")
        self.assertEqual(self.node.counters.background_fill_current_count, 1)
        self.origin.say(b"56789")
        self.assertEqual(self.node.counters.background_fill_current_count, 0)
        self.assertEqual(self.node.counters.background_fill_total_count, 1)
        self.assertTrue(self.is_stored())

    def test_a_fill_that_has_not_come_far_enough_ends_with_its_client(self) -> None:
        self.start("CONFIG proxy.config.http.background_fill_completed_threshold FLOAT 0.6\n")
        self.assertEqual(self.node.counters.current_server_connections, 0)
        self.assertFalse(self.is_stored())

    def test_a_fill_that_has_come_far_enough_goes_on(self) -> None:
        self.start("CONFIG proxy.config.http.background_fill_completed_threshold FLOAT 0.6\n", b"0123456")
        self.origin.say(b"789")
        self.assertTrue(self.is_stored())

    def test_a_fill_without_clients_has_a_limited_time(self) -> None:
        self.start("CONFIG proxy.config.http.background_fill_active_timeout INT 7\n")
        self.node.pass_time(6)
        self.assertEqual(self.node.counters.current_server_connections, 1)
        self.node.pass_time(2)
        self.assertEqual(self.node.counters.current_server_connections, 0)
        self.assertEqual(self.node.counters.background_fill_current_count, 0)
        self.assertFalse(self.is_stored())

    def test_a_fill_that_finds_a_client_again_is_no_background_fill_any_more(self) -> None:
        self.start("CONFIG proxy.config.http.background_fill_active_timeout INT 7\n")
        self.node.pass_time(3)
        again = self.node.client().send(ask("/page"))
        self.assertEqual(self.node.counters.background_fill_current_count, 0)
        self.node.pass_time(6)
        self.origin.say(b"56789")
        self.assertEqual(bodies([again]), [b"0123456789"])
        self.assertEqual(len(self.origin.requests), 1)

    def test_each_time_the_last_client_leaves_the_time_runs_again(self) -> None:
        self.start("CONFIG proxy.config.http.background_fill_active_timeout INT 7\n")
        self.node.pass_time(3)
        self.node.client().send(ask("/page")).leave()
        self.assertEqual(self.node.counters.background_fill_current_count, 1)
        self.node.pass_time(5)
        self.assertEqual(self.node.counters.current_server_connections, 1)
        self.node.pass_time(3)
        self.assertEqual(self.node.counters.current_server_connections, 0)


class TooLarge(SynchronousTestCase):
    """A content that the store cannot keep."""

    def setUp(self) -> None:
        self.node = NodeInMemory(
            "CONFIG proxy.config.cache.ram_cache.size INT 1000000\n"
            "CONFIG proxy.config.cache.ram_cache_cutoff INT 100000\n"
        )
        self.origin = self.node.at("a.example").answer(None)

    def test_one_that_says_so_passes_through_to_each_that_asked(self) -> None:
        body = bytes(300_000)
        clients = [self.node.client().send(ask("/large")) for _ in range(3)]
        self.origin.answer(answer(FRESH, body=body))
        self.origin.say(answer(FRESH, body=body))
        self.assertEqual([len(octets) for octets in bodies(clients)], [len(body)] * 3)
        self.assertEqual(len(self.origin.requests), 3)

    def test_one_that_turns_out_to_be_passes_through_whole(self) -> None:
        clients = [self.node.client().send(ask("/large")) for _ in range(3)]
        self.origin.say(CHUNKED)
        for _ in range(40):
            self.origin.say(chunk(bytes(20_000)))
        self.origin.say(b"0\r\n\r\n")
        self.assertEqual([len(octets) for octets in bodies(clients)], [800_000] * 3)
        self.assertEqual(len(self.origin.requests), 1)

    def test_who_comes_after_its_start_is_gone_fetches_for_itself(self) -> None:
        self.node.client().send(ask("/large"))
        self.origin.say(CHUNKED)
        self.origin.say(chunk(bytes(200_000)))
        self.origin.answer(answer(FRESH, body=b"small now"))
        self.assertEqual(bodies([self.node.client().send(ask("/large"))]), [b"small now"])

    def test_a_slow_client_pauses_the_origin_of_it(self) -> None:
        client = self.node.client().send(ask("/large")).stop_reading()
        self.origin.say(CHUNKED)
        for _ in range(200):
            self.origin.say(chunk(bytes(20_000)))
        held = 4_000_000 - self.origin.transport.unsent
        self.assertLess(held, 1_500_000)
        self.origin.say(b"0\r\n\r\n")
        self.assertEqual(len(bodies([client.read_on()])[0]), 4_000_000)


class MadeInvalid(SynchronousTestCase):
    """RFC 9111 §4.4: what was made invalid while it was asked about is not served for want of something better."""

    def ask_while_deleted(self, lines: str, records: str = "") -> ClientInMemory:
        """A client whose stale copy is being revalidated while somebody deletes what it is of."""
        self.node = NodeInMemory(records)
        self.origin = self.node.at("a.example").answer(answer(lines, 'ETag: "a"'), None, answer())
        self.node.get("http://a.example/page")
        self.node.pass_time(20)
        client = self.node.client().send(ask("/page"))
        self.assertEqual(self.node.get("http://a.example/page", method="DELETE").status, 200)
        return client

    def test_not_when_the_origin_hangs_up(self) -> None:
        client = self.ask_while_deleted("Cache-Control: max-age=10")
        self.origin.answer(*[b"garbage\r\n\r\n"] * 5)
        self.origin.hang_up()
        self.assertEqual([found.status for found in client.answers()], [502])

    def test_not_when_the_origin_is_in_trouble(self) -> None:
        negative = "CONFIG proxy.config.http.negative_revalidating_enabled INT 1\n"
        for lines, records in (
            ("Cache-Control: max-age=10, stale-if-error=99", ""), ("Cache-Control: max-age=10", negative),
        ):  # fmt: skip
            client = self.ask_while_deleted(lines, records)
            self.origin.send(answer(status="503 Busy", body=b"busy"), self.origin.links[0])
            self.node.network.settle()
            self.assertEqual([(found.status, found.body) for found in client.answers()], [(503, b"busy")], lines)
