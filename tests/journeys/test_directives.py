"""What origins and clients say with the directives that came after HTTP/1.1, from the first octet to the last."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer
from tsnode.testing.node import Answered, NodeInMemory

URL = "http://a.example/page"
STALE = b'110 tsnode "Response is Stale"'


class DirectiveCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(self, records: str = "", remap: str = "") -> None:
        self.node = NodeInMemory(records, remap)
        self.origin = self.node.at("a.example")

    def get(self, *lines: str, method: str = "GET") -> Answered:
        return self.node.get(URL, *lines, method=method)

    def age(self, seconds: float, *directives: str) -> None:
        """An answer with a lifetime of 10 s and these directives is stored, and so old by now."""
        said = ", ".join(("max-age=10", *directives))
        self.origin.answer(answer(f"Cache-Control: {said}", 'ETag: "v1"'))
        self.get()
        self.node.pass_time(seconds)

    @property
    def asked(self) -> int:
        return len(self.origin.requests)


class StaleWhileRevalidate(DirectiveCase):
    """RFC 5861 §3."""

    def test_a_stale_copy_is_served_at_once_and_refreshed_behind_it(self) -> None:
        self.age(20, "stale-while-revalidate=30")
        self.origin.answer(None)
        for _ in range(3):
            served = self.get()
            self.assertEqual((served.status, served.body), (200, b"hello"))
            self.assertEqual((served.fields.get(b"age"), served.fields.get(b"warning")), (b"20", STALE))
        self.assertEqual(self.asked, 2)
        self.assertEqual(self.origin.requests[1].fields.get(b"if-none-match"), b'"v1"')
        self.origin.say(answer("Cache-Control: max-age=10", 'ETag: "v2"', body=b"new"))
        fresh = self.get()
        self.assertEqual((fresh.body, fresh.fields.get(b"age"), fresh.fields.get(b"warning")), (b"new", b"0", None))
        self.assertEqual((self.asked, self.node.counters.refreshes), (2, 1))
        self.assertEqual(self.node.counters.served_while_revalidated, 3)

    def test_a_confirmation_makes_it_fresh_again(self) -> None:
        self.age(20, "stale-while-revalidate=30")
        self.origin.answer(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n')
        self.get()
        self.assertEqual((self.get().fields.get(b"age"), self.asked), (b"0", 2))

    def test_past_its_time_the_origin_is_asked_first(self) -> None:
        self.age(41, "stale-while-revalidate=30")
        self.origin.answer(answer("Cache-Control: max-age=10", body=b"new"))
        self.assertEqual(self.get().body, b"new")
        self.assertEqual(self.node.counters.refreshes, 0)

    def test_a_client_that_comes_after_its_time_waits_for_the_refresh_under_way(self) -> None:
        self.age(20, "stale-while-revalidate=30")
        self.origin.answer(None)
        self.get()
        self.node.pass_time(21)
        client = self.node.client().send(b"GET http://a.example/page HTTP/1.1\r\nHost: a.example\r\n\r\n")
        self.assertEqual(client.received, b"")
        self.origin.say(answer("Cache-Control: max-age=10", body=b"new"))
        self.assertEqual(client.answers()[0].body, b"new")
        self.assertEqual(self.asked, 2)

    def test_while_the_origin_fails_the_copy_stays_and_it_is_not_asked_all_the_time(self) -> None:
        self.age(20, "stale-while-revalidate=100")
        self.origin.answer(answer(status="503 Busy", body=b"busy"))
        for _ in range(5):
            self.assertEqual(self.get().body, b"hello")
        self.assertEqual((self.asked, self.node.counters.refreshes_failed), (2, 1))
        self.node.pass_time(11)
        self.origin.answer(answer("Cache-Control: max-age=10", body=b"new"))
        self.assertEqual(self.get().body, b"hello")
        self.assertEqual(self.get().body, b"new")

    def test_what_is_gone_at_the_origin_is_gone_here_after_that(self) -> None:
        self.age(20, "stale-while-revalidate=100")
        self.origin.answer(answer(status="404 Not Found", body=b"gone"))
        self.assertEqual(self.get().body, b"hello")
        self.assertEqual(self.get().status, 404)

    def test_a_part_is_served_and_all_of_it_refreshed(self) -> None:
        self.age(20, "stale-while-revalidate=30")
        self.origin.answer(answer("Cache-Control: max-age=10", body=b"world"))
        part = self.get("Range: bytes=0-1")
        self.assertEqual((part.status, part.body, part.fields.get(b"warning")), (206, b"he", STALE))
        self.assertEqual(self.get().body, b"world")
        self.assertNotIn(b"range", self.origin.requests[1].fields)

    def test_it_goes_on_when_the_client_leaves(self) -> None:
        self.age(20, "stale-while-revalidate=30")
        self.origin.answer(None)
        self.node.client().send(b"GET http://a.example/page HTTP/1.1\r\nHost: a.example\r\n\r\n").leave()
        self.origin.say(answer("Cache-Control: max-age=10", body=b"new"))
        self.assertEqual(self.get().body, b"new")


class StaleIfError(DirectiveCase):
    """RFC 5861 §4."""

    def test_a_stale_copy_is_served_instead_of_an_error(self) -> None:
        self.age(20, "stale-if-error=30")
        self.origin.answer(answer(status="503 Busy", body=b"busy"))
        served = self.get()
        self.assertEqual((served.status, served.body), (200, b"hello"))
        self.assertEqual(served.fields.get(b"warning"), b'111 tsnode "Revalidation Failed"')
        self.node.pass_time(30)
        self.assertEqual(self.get().status, 503)

    def test_so_it_is_where_the_origin_cannot_be_reached_however_short_the_operator_keeps_stale_ones(self) -> None:
        self.start("CONFIG proxy.config.http.cache.max_stale_age INT 5")
        self.age(20, "stale-if-error=30")
        self.origin.hang_up()
        self.node.network.listeners.clear()
        self.assertEqual(self.get().body, b"hello")
        self.node.pass_time(30)
        self.assertEqual(self.get().status, 502)

    def test_it_does_not_override_must_revalidate(self) -> None:
        for directive in ("must-revalidate", "proxy-revalidate", "s-maxage=10"):
            self.start()
            self.age(20, "stale-if-error=30", directive)
            self.origin.answer(answer(status="503 Busy", body=b"busy"))
            self.assertEqual(self.get().status, 503, directive)


class ForOneClient(DirectiveCase):
    """RFC 9111 §5.2.2.4, §5.2.2.7."""

    def test_a_cookie_reaches_the_client_it_is_for_and_no_other(self) -> None:
        """Case 20."""
        self.origin.answer(answer("Cache-Control: max-age=10", "Set-Cookie: a=1"))
        self.assertEqual(self.get().fields.get(b"set-cookie"), b"a=1")
        self.assertNotIn(b"set-cookie", self.get().fields)
        self.assertNotIn(b"set-cookie", self.get("Range: bytes=0-1").fields)
        self.assertEqual(self.asked, 1)

    def test_a_client_that_asked_for_a_part_of_what_is_stored_whole_gets_its_cookie_too(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.range.write``."""
        whole = answer("Cache-Control: max-age=10", "Set-Cookie: a=1")
        for first, rest in ((whole, b""), (whole[:-2], whole[-2:])):
            self.start("CONFIG proxy.config.http.cache.range.write INT 1")
            self.origin.answer(first)
            client = self.node.client().send(
                b"GET http://a.example/page HTTP/1.1\r\nHost: a.example\r\nRange: bytes=0-3\r\n\r\n"
            )
            self.origin.say(rest)
            (found,) = client.answers()
            self.assertEqual((found.status, found.body, found.fields.get(b"set-cookie")), (206, b"hell", b"a=1"))
            again = self.get("Range: bytes=0-3")
            self.assertEqual((again.status, again.fields.get(b"set-cookie"), self.asked), (206, None, 1))

    def test_fields_that_private_lists_are_for_the_first_client(self) -> None:
        self.origin.answer(answer('Cache-Control: max-age=10, private="X-A, x-b"', "X-A: 1", "X-B: 2", "X-C: 3"))
        first, second = self.get(), self.get()
        self.assertEqual([first.fields.get(name) for name in (b"x-a", b"x-b", b"x-c")], [b"1", b"2", b"3"])
        self.assertEqual([second.fields.get(name) for name in (b"x-a", b"x-b", b"x-c")], [None, None, b"3"])
        self.assertEqual((second.fields.get(b"cache-control"), self.asked), (b'max-age=10, private="X-A, x-b"', 1))

    def test_fields_that_no_cache_lists_come_with_a_confirmation_only(self) -> None:
        self.origin.answer(
            answer('Cache-Control: max-age=10, no-cache="X-A"', "X-A: 1", 'ETag: "v1"'),
            b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nX-A: 2\r\n\r\n',
        )
        self.assertEqual(self.get().fields.get(b"x-a"), b"1")
        self.assertNotIn(b"x-a", self.get().fields)
        self.assertEqual(self.asked, 1)
        self.node.pass_time(11)
        self.assertEqual(self.get().fields.get(b"x-a"), b"2")
        self.assertNotIn(b"x-a", self.get().fields)
        self.assertEqual(self.asked, 2)

    def test_a_list_that_cannot_be_read_keeps_all_of_it_out(self) -> None:
        self.origin.answer(answer('Cache-Control: max-age=10, private="X-A X-B', "X-A: 1"))
        self.get()
        self.get()
        self.assertEqual(self.asked, 2)


class Understood(DirectiveCase):
    """RFC 9111 §5.2.2.3; RFC 6585."""

    def test_must_understand_takes_the_place_of_no_store_where_the_status_is_known(self) -> None:
        for status, fetched in (("200 OK", 1), ("404 Not Found", 1), ("299 Odd", 2), ("599 Odd", 2)):
            self.start()
            self.origin.answer(answer("Cache-Control: must-understand, no-store, max-age=60", status=status))
            self.get()
            self.get()
            self.assertEqual(self.asked, fetched, status)

    def test_a_client_that_asks_too_much_is_told_so_each_time(self) -> None:
        self.origin.answer(answer("Cache-Control: max-age=60", status="429 Too Many Requests"))
        self.get()
        self.get()
        self.assertEqual(self.asked, 2)


class Immutable(DirectiveCase):
    """RFC 8246."""

    def test_a_reload_is_answered_here_and_a_forced_one_is_not(self) -> None:
        self.age(5, "immutable")
        self.assertEqual((self.get("Cache-Control: max-age=0").fields.get(b"age"), self.asked), (b"5", 1))
        self.get("Cache-Control: no-cache", "Pragma: no-cache")
        self.assertEqual(self.asked, 2)


class Targeted(DirectiveCase):
    """RFC 9213."""

    LINES = ("Cache-Control: no-store", "CDN-Cache-Control: max-age=10", "Expires: 0")

    def fetched(self, *lines: str, records: str = "", remap: str = "map http://a.example/ http://a.example/") -> int:
        """How often the origin is asked for two requests."""
        self.start(records, remap)
        self.origin.answer(answer(*lines))
        first, second = self.get(), self.get()
        for line in lines:
            name, _, value = line.partition(": ")
            for got in (first, second):
                self.assertEqual(got.fields.get(name.lower().encode()), value.encode(), name)
        return self.asked

    def test_for_a_site_that_this_node_stands_in_for_they_count_and_go_on_with_the_rest(self) -> None:
        self.assertEqual(self.fetched(*self.LINES), 1)
        self.assertEqual(self.fetched("Cache-Control: max-age=10", "CDN-Cache-Control: no-store"), 2)

    def test_for_others_they_say_nothing(self) -> None:
        self.assertEqual(self.fetched(*self.LINES, remap=""), 2)

    def test_one_that_cannot_be_read_says_nothing(self) -> None:
        self.assertEqual(self.fetched("Cache-Control: max-age=10", "CDN-Cache-Control: no-store, &&"), 1)
        self.assertEqual(self.fetched("Cache-Control: max-age=10", "CDN-Cache-Control: No-Store"), 1)

    def test_the_operator_says_which_count(self) -> None:
        variable = "CONFIG proxy.config.http.cache.targeted_cache_control_headers STRING"
        other = ("Cache-Control: no-store", "Mine-Cache-Control: max-age=10", "CDN-Cache-Control: no-store")
        self.assertEqual(self.fetched(*other, records=f"{variable} Mine-Cache-Control, CDN-Cache-Control"), 1)
        self.assertEqual(self.fetched(*other, records=f"{variable} CDN-Cache-Control, Mine-Cache-Control"), 2)
        self.assertEqual(self.fetched(*self.LINES, records=f"{variable} NULL"), 2)
