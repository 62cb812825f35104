"""What is stored, served, revalidated and dropped."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, http_date
from tsnode.testing.node import NodeInMemory

URL = "http://a.example/page"


def forward_node() -> NodeInMemory:
    """A forward proxy."""
    return NodeInMemory()


class Hits(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = forward_node()
        self.origin = self.node.at("a.example")

    def test_the_second_request_is_served_from_the_cache_with_its_age(self) -> None:
        self.origin.answer(answer("Cache-Control: max-age=60", "ETag: \"v1\""))
        first = self.node.get(URL)
        self.node.pass_time(7)
        second = self.node.get(URL)
        self.assertEqual((first.status, first.body), (200, b"hello"))
        self.assertEqual((second.status, second.body), (200, b"hello"))
        self.assertEqual(second.fields.get(b"age"), b"7")
        self.assertEqual(len(self.origin.requests), 1)
        self.assertEqual(self.node.counters.plain_hits, 1)

    def test_the_long_way_serves_the_same_octets_as_the_lane(self) -> None:
        self.origin.answer(answer("Cache-Control: max-age=60", "X-One: 1", "X-Two: 2"))
        self.node.get(URL)
        plain = self.node.client().send(b"GET http://a.example/page HTTP/1.1\r\nHost: a.example\r\n\r\n")
        longer = self.node.client().send(
            b"GET http://a.example/page HTTP/1.1\r\nHost: a.example\r\nMax-Forwards: 5\r\n\r\n"
        )
        self.assertEqual(self.node.counters.plain_hits, 1)
        self.assertEqual(sorted(plain.received.split(b"\r\n")), sorted(longer.received.split(b"\r\n")))

    def test_a_head_is_served_from_a_stored_get(self) -> None:
        """http-caching case 27."""
        self.origin.answer(answer("Cache-Control: max-age=60"))
        self.node.get(URL)
        head = self.node.get(URL, method="HEAD")
        self.assertEqual((head.status, head.fields.get(b"content-length"), head.body), (200, b"5", b""))
        self.assertEqual(len(self.origin.requests), 1)

    def test_a_range_is_cut_out_of_what_is_stored(self) -> None:
        """http-caching case 28."""
        self.origin.answer(answer("Cache-Control: max-age=60"))
        self.node.get(URL)
        part = self.node.get(URL, "Range: bytes=1-2")
        self.assertEqual((part.status, part.fields.get(b"content-range"), part.body), (206, b"bytes 1-2/5", b"el"))
        beyond = self.node.get(URL, "Range: bytes=9-")
        self.assertEqual((beyond.status, beyond.fields.get(b"content-range")), (416, b"bytes */5"))
        self.assertEqual(self.node.get(URL, "Range: bytes=-3").body, b"llo")

    def test_a_condition_that_holds_is_answered_here(self) -> None:
        """http-caching cases 25 and 26."""
        self.origin.answer(answer("Cache-Control: max-age=60", "ETag: \"v1\"", "Vary: X-None"))
        self.node.get(URL)
        unchanged = self.node.get(URL, "If-None-Match: \"v1\"")
        self.assertEqual((unchanged.status, unchanged.body), (304, b""))
        self.assertEqual(unchanged.fields.get(b"etag"), b'"v1"')
        self.assertEqual(self.node.get(URL, "If-None-Match: \"v2\"").status, 200)
        self.assertEqual(self.node.get(URL, "If-Match: \"v2\"").status, 412)
        self.assertEqual(len(self.origin.requests), 1)

    def test_only_if_cached_is_never_fetched(self) -> None:
        """http-caching case 30."""
        self.assertEqual(self.node.get(URL, "Cache-Control: only-if-cached").status, 504)
        self.assertEqual(self.origin.requests, [])

    def test_two_values_of_a_selecting_field_are_two_answers(self) -> None:
        """http-caching case 38."""
        self.origin.answer(lambda head: answer("Cache-Control: max-age=60", "Vary: X-Foo",
                                               body=head.fields.get(b"x-foo") or b"none"))
        for value in ("a", "b"):
            self.assertEqual(self.node.get(URL, f"X-Foo: {value}").body, value.encode())
        self.assertEqual(self.node.get(URL).body, b"none")
        self.assertEqual(self.node.get(URL, "X-Foo: A").body, b"a")
        self.assertEqual(len(self.origin.requests), 3)

    def test_what_may_not_be_stored_is_fetched_each_time(self) -> None:
        for line in ("Cache-Control: no-store", "Cache-Control: private", "Pragma: no-cache", "Vary: *"):
            self.origin.requests.clear()
            self.origin.answer(answer("Last-Modified: Mon, 01 Jan 2018 00:00:00 GMT", line))
            url = f"http://a.example/{line.replace(' ', '')}"
            self.node.get(url)
            self.node.get(url)
            self.assertEqual(len(self.origin.requests), 2, line)


class Revalidation(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = forward_node()
        self.origin = self.node.at("a.example")
        self.modified = http_date(self.node.now - 100_000)
        self.origin.answer(answer("Cache-Control: max-age=10", "ETag: \"v1\"", f"Last-Modified: {self.modified}"))
        self.node.get(URL)
        self.node.pass_time(20)

    def test_a_304_makes_the_copy_fresh_again_with_its_new_fields(self) -> None:
        """http-caching cases 31 and 32."""
        self.origin.answer(b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=100\r\nX-New: 1\r\n\r\n")
        again = self.node.get(URL)
        self.assertEqual((again.status, again.body, again.fields.get(b"x-new")), (200, b"hello", b"1"))
        asked = self.origin.requests[-1].fields
        self.assertEqual(asked.get(b"if-none-match"), b'"v1"')
        self.assertEqual(asked.get(b"if-modified-since"), self.modified.encode())
        self.node.pass_time(50)
        self.assertEqual(self.node.get(URL).body, b"hello")
        self.assertEqual(len(self.origin.requests), 2)

    def test_a_new_answer_takes_the_place_of_the_copy(self) -> None:
        """http-caching case 33."""
        self.origin.answer(answer("Cache-Control: max-age=100", body=b"new"))
        self.assertEqual(self.node.get(URL).body, b"new")
        self.assertEqual(self.node.get(URL).body, b"new")
        self.assertEqual(len(self.origin.requests), 2)
        self.assertEqual(self.node.counters.plain_hits, 1)

    def test_a_copy_whose_original_is_gone_goes_too(self) -> None:
        """http-caching case 33."""
        self.origin.answer(answer(status="404 Not Found", body=b"gone"))
        self.assertEqual(self.node.get(URL).status, 404)
        self.assertEqual(self.node.get(URL).status, 404)
        self.assertEqual(len(self.origin.requests), 3)
        self.assertNotIn(b"if-none-match", self.origin.requests[-1].fields)

    def test_a_stale_copy_is_served_with_a_warning_while_the_origin_is_away(self) -> None:
        """http-caching case 34."""
        self.origin.hang_up()
        self.node.network.listeners.clear()
        stale = self.node.get(URL)
        self.assertEqual((stale.status, stale.body), (200, b"hello"))
        self.assertIn(b"111", stale.fields.get(b"warning") or b"")

    def test_a_client_condition_is_held_against_what_the_origin_confirmed(self) -> None:
        self.origin.answer(b"HTTP/1.1 304 Not Modified\r\n\r\n")
        self.assertEqual(self.node.get(URL, "If-None-Match: \"v1\"").status, 304)


class Invalidation(SynchronousTestCase):
    def test_a_successful_post_drops_the_copy_and_a_failed_one_does_not(self) -> None:
        """http-caching case 42."""
        node = forward_node()
        origin = node.at("a.example")
        origin.answer(answer("Cache-Control: max-age=100"))
        node.get(URL)
        origin.answer(answer(status="500 Oops"))
        self.assertEqual(node.get(URL, "Content-Length: 2", method="POST", body=b"ab").status, 500)
        self.assertEqual(node.get(URL).body, b"hello")
        origin.answer(answer())
        self.assertEqual(node.get(URL, "Content-Length: 2", method="POST", body=b"ab").status, 200)
        self.assertEqual(origin.bodies[-1], b"ab")
        before = len(origin.requests)
        node.get(URL)
        self.assertEqual(len(origin.requests), before + 1)

    def test_a_purge_finds_something_once(self) -> None:
        """http-caching case 41."""
        node = forward_node()
        node.at("a.example").answer(answer("Cache-Control: max-age=100"))
        node.get(URL)
        self.assertEqual(node.get(URL, method="PURGE").status, 200)
        self.assertEqual(node.get(URL, method="PURGE").status, 404)
        self.assertEqual(len(node.at("a.example").requests), 1)
