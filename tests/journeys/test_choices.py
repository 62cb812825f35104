"""Variables that make a hit take the long way, and clients that go away, as origins see it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.testing.node import NodeInMemory

URL = "http://a.example/x"


class EarlyRevalidation(SynchronousTestCase):
    """Traffic Server 6.2, ``proxy.config.http.cache.fuzz.time``."""

    def asked_after(self, seconds: float, probability: str) -> int:
        node = NodeInMemory(
            "CONFIG proxy.config.http.cache.fuzz.time INT 20\n"
            f"CONFIG proxy.config.http.cache.fuzz.probability FLOAT {probability}\n"
        )
        origin = node.at("a.example").answer(answer("Cache-Control: max-age=60", 'ETag: "a"'))
        client = node.client().send(ask("/x"))
        node.pass_time(seconds)
        for _ in range(3):
            client.send(ask("/x"))
        self.assertEqual(len(client.answers()), 4)
        return len(origin.requests)

    def test_a_copy_near_its_end_is_revalidated_where_chance_is_certain(self) -> None:
        self.assertEqual(self.asked_after(30, "1.0"), 1)
        self.assertEqual(self.asked_after(45, "1.0"), 2)

    def test_without_a_chance_it_never_is(self) -> None:
        self.assertEqual(self.asked_after(45, "0.0"), 1)


class LookUps(SynchronousTestCase):
    """Traffic Server, ``proxy.config.http.doc_in_cache_skip_dns``."""

    def test_a_copy_waits_for_the_address_of_its_host_where_that_is_wanted(self) -> None:
        for skip, seconds in (("0", 1.0), ("1", 0.0)):
            node = NodeInMemory(
                f"CONFIG proxy.config.http.doc_in_cache_skip_dns INT {skip}\n"
                "CONFIG proxy.config.tsnode.dns.positive_lifetime INT 10\n"
            )
            node.at("a.example").answer(answer("Cache-Control: max-age=60"))
            node.get(URL)
            node.pass_time(11)
            node.network.slow_names.add("a.example")
            client, before = node.client().send(ask("/x")), node.now
            while not client.received:
                node.pass_time(0.25)
            self.assertEqual(node.now - before, seconds, skip)
            self.assertEqual(len(node.at("a.example").requests), 1)


class Credentials(SynchronousTestCase):
    """Traffic Server, ``proxy.config.http.auth_server_session_private``."""

    def links_used(self, records: str, *schemes: str) -> list[int]:
        """Which of its connections an origin is asked by, for two clients that take turns, with these credentials."""
        node = NodeInMemory(records)
        origin = node.at("a.example").answer(answer("Cache-Control: no-store"))
        asked: list[int] = []
        clients = node.client(), node.client()
        for number, scheme in enumerate(schemes):
            lines = (f"Authorization: {scheme} x",) if scheme else ()
            clients[number % 2].send(ask("/x", *lines))
            busy = [link for link in origin.links if link.open]
            asked.append(len(busy))
        self.assertEqual(len(origin.requests), len(schemes))
        return asked

    def test_what_one_client_said_on_a_connection_is_no_other_s(self) -> None:
        """RFC 4559 §6: the connection counts as the user's."""
        schemes = ("", "", "NTLM", "Negotiate", "NTLM", "Negotiate", "")
        self.assertEqual(self.links_used("", *schemes), [1, 1, 2, 3, 3, 3, 3])
        self.assertEqual(self.links_used("", "Basic", "Basic", "Basic"), [1, 1, 1])

    def test_it_may_be_shared_all_the_same(self) -> None:
        records = "CONFIG proxy.config.http.auth_server_session_private INT 0"
        self.assertEqual(self.links_used(records, "NTLM", "NTLM", ""), [1, 1, 1])


class ClientsThatLeave(SynchronousTestCase):
    """Traffic Server, ``proxy.config.http.down_server.abort_threshold``."""

    def test_after_a_long_wait_their_origin_counts_as_failing(self) -> None:
        for seconds, tries in ((5, 4), (15, 2)):
            node = NodeInMemory()
            node.at("a.example").answer(None)
            client = node.client().send(ask("/x", "Authorization: Basic eDp5"))
            node.pass_time(seconds)
            client.leave()
            node.network.listeners.clear()
            node.network.attempts.clear()
            self.assertEqual(node.get("http://a.example/y").status, 502)
            self.assertEqual(len(node.network.attempts), tries, seconds)
