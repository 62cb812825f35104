"""Requests that are answered here whatever is stored."""

from __future__ import annotations

from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import URL, stored
from tests.transaction.stand_ins import Client, World, request
from tsnode.model.errors import StoreError
from tsnode.model.target import CacheKey
from tsnode.stores.memory import MemoryStore
from tsnode.transaction.local import answer_options, answer_trace, is_last_stop, max_forwards, purge

KEY = CacheKey(URL.encode())


class MaxForwards(SynchronousTestCase):
    """RFC 9110 §7.6.2."""

    def test_it_is_a_number_or_not_there(self) -> None:
        for value, number in (("0", 0), ("7", 7), ("007", 7), ("x", None), ("-1", None), ("", None), ("1, 2", None)):
            self.assertEqual(max_forwards(request(f"Max-Forwards: {value}")), number, value)
        self.assertIsNone(max_forwards(request()))

    def test_a_number_without_end_is_a_large_one(self) -> None:
        self.assertEqual(max_forwards(request("Max-Forwards: " + "9" * 10_000)), 9_999_999_999)

    def test_the_last_stop_is_where_none_is_left(self) -> None:
        self.assertTrue(is_last_stop(request("Max-Forwards: 0")))
        for line in ("Max-Forwards: 1", "Max-Forwards: x", "X: 0"):
            self.assertFalse(is_last_stop(request(line)), line)


class Trace(SynchronousTestCase):
    """RFC 9110 §9.3.8."""

    def test_the_request_comes_back_less_its_secrets(self) -> None:
        client = Client()
        asked = request(
            "X-One: 1", "Authorization: secret", "COOKIE: secret", "Proxy-Authorization: secret", "Max-Forwards: 0",
            method="TRACE", version=10,
        )  # fmt: skip
        answer_trace(World().services, asked, client)
        response = client.response
        self.assertEqual((response.status, response.fields.get(b"content-type")), (200, b"message/http"))
        self.assertEqual(
            response.read(), b"TRACE http://a.example/x HTTP/1.0\r\nX-One: 1\r\nMax-Forwards: 0\r\n\r\n"
        )
        self.assertEqual(response.length, len(response.read()))


class Options(SynchronousTestCase):
    """RFC 9110 §9.3.7."""

    def test_the_methods_that_mean_something_here_are_named(self) -> None:
        client = Client()
        answer_options(World().services, client)
        response = client.response
        self.assertEqual((response.status, response.length, response.content), (200, 0, None))
        allowed = (response.fields.get(b"allow") or b"").split(b", ")
        for method in (b"GET", b"HEAD", b"POST", b"CONNECT", b"PURGE"):
            self.assertIn(method, allowed)


class Purge(SynchronousTestCase):
    """Traffic Server, "Removing an Object From the Cache"."""

    def test_what_was_stored_is_gone_and_the_client_told_so(self) -> None:
        world, client = World(), Client()
        world.store.put(KEY, stored(), b"0123456789", None)
        purge(world.services, KEY, client)
        self.assertEqual((client.response.status, client.response.length), (200, 0))
        self.assertEqual(client.marks, [("TCP_HIT", "NONE", b"-")])
        self.assertEqual((list(world.store.peek(KEY)), world.counters.cache_deletes), ([], 1))

    def test_where_nothing_was_stored_that_is_told(self) -> None:
        world, client = World(), Client()
        purge(world.services, KEY, client)
        self.assertEqual((client.response.status, client.marks), (404, [("TCP_MISS", "NONE", b"-")]))
        self.assertEqual(world.counters.cache_deletes, 0)

    def test_two_alternates_are_one_deletion(self) -> None:
        world, client = World(), Client()
        for _ in range(2):
            world.store.put(KEY, stored(), b"0123456789", None)
        purge(world.services, KEY, client)
        self.assertEqual(world.counters.cache_deletes, 1)

    def test_a_medium_that_fails_breaks_the_transaction(self) -> None:
        class Broken(MemoryStore):
            def remove(self, key: CacheKey) -> Deferred[int]:
                return fail(StoreError("unreadable"))

        client = Client()
        purge(World(store=Broken(1000, 1000, 0)).services, KEY, client)
        self.assertEqual(client.responses, [])
        self.assertEqual([str(failure.value) for failure in client.failures], ["unreadable"])
