"""What answers say of the cache that they came through."""

from __future__ import annotations

import http_sf
from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.testing.node import Answered, NodeInMemory

URL = "http://a.example/page"
NAMED = "CONFIG proxy.config.proxy_name STRING edge\n"
FRESH = "Cache-Control: max-age=60"


class StatusCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(self, records: str = "", cache: str = "") -> None:
        self.node = NodeInMemory(NAMED + records, cache=cache)
        self.origin = self.node.at("a.example")

    def told(self, *lines: str, method: str = "GET", url: str = URL) -> str:
        """The Cache-Status of one answer."""
        return self.status_of(self.node.get(url, *lines, method=method))

    def status_of(self, found: Answered) -> str:
        told = found.fields.get(b"cache-status")
        assert told is not None
        http_sf.parse(told, tltype="list")
        return told.decode()


class CacheStatus(StatusCase):
    """RFC 9211."""

    def test_a_miss_that_is_stored_then_hits_that_count_down(self) -> None:
        self.origin.answer(answer(FRESH))
        self.assertEqual(self.told(), "edge; fwd=uri-miss; stored")
        for later, ttl in ((0, 60), (0.5, 60), (0.5, 59), (58, 1), (1, 0)):
            self.node.pass_time(later)
            self.assertEqual(self.told(), f"edge; hit; ttl={ttl}")
            self.assertEqual(self.told("Max-Forwards: 5"), f"edge; hit; ttl={ttl}")
        self.assertGreater(self.node.counters.plain_hits, 0)

    def test_what_is_not_stored_does_not_say_so(self) -> None:
        self.origin.answer(answer("Cache-Control: no-store"))
        self.assertEqual(self.told(), "edge; fwd=uri-miss")

    def test_a_confirmation_and_a_change(self) -> None:
        tagged = answer("Cache-Control: max-age=1", 'ETag: "a"')
        self.origin.answer(tagged, answer('ETag: "a"', status="304 Not Modified", body=b""), tagged)
        self.told()
        self.node.pass_time(5)
        self.assertEqual(self.told(), "edge; fwd=stale; fwd-status=304; stored")
        self.node.pass_time(3700)
        self.assertEqual(self.told(), "edge; fwd=stale; stored")

    def test_why_it_went_on(self) -> None:
        varied = answer(FRESH, "Vary: Accept-Language")
        self.origin.answer(*[varied] * 9)
        self.told("Accept-Language: en")
        self.assertEqual(self.told("Accept-Language: de"), "edge; fwd=vary-miss; stored")
        self.assertEqual(self.told("Cache-Control: no-cache", "Accept-Language: de"), "edge; fwd=request; stored")
        self.assertEqual(self.told("Accept-Language: de", "Authorization: x"), "edge; fwd=request")
        self.assertEqual(self.told("Content-Length: 0", method="POST"), "edge; fwd=method")
        self.assertEqual(self.told(method="BREW"), "edge; fwd=method")

    def test_a_rule_that_passes_the_cache_by(self) -> None:
        self.start(cache="dest_domain=a.example action=never-cache\n")
        self.origin.answer(answer(FRESH))
        self.assertEqual(self.told(), "edge; fwd=bypass")

    def test_who_shares_a_fetch_says_so(self) -> None:
        self.origin.answer(None)
        clients = [self.node.client().send(ask("/page")) for _ in range(2)]
        self.origin.say(answer(FRESH))
        told = [self.status_of(client.answers()[0]) for client in clients]
        self.assertEqual(told, ["edge; fwd=uri-miss; stored", "edge; fwd=uri-miss; collapsed"])

    def test_a_stale_answer_for_want_of_another(self) -> None:
        self.origin.answer(answer("Cache-Control: max-age=1", 'ETag: "a"'))
        self.told()
        self.node.pass_time(5)
        self.origin.hang_up()
        self.origin.answer(b"garbage\r\n\r\n")
        self.assertEqual(self.told(), "edge; fwd=stale; detail=revalidation-failed")

    def test_ours_comes_behind_those_of_caches_before(self) -> None:
        self.origin.answer(answer(FRESH, "Cache-Status: inner; hit"))
        self.assertEqual(self.told(), "inner; hit, edge; fwd=uri-miss; stored")
        self.assertEqual(self.told(), "inner; hit, edge; hit; ttl=60")

    def test_parts_and_what_completes_them(self) -> None:
        part = ("Content-Range: bytes 0-2/5", 'ETag: "a"', FRESH)
        self.origin.answer(
            answer(*part, status="206 P", body=b"hel"),
            answer("Content-Range: bytes 3-4/5", 'ETag: "a"', FRESH, status="206 P", body=b"lo"),
        )
        self.assertEqual(self.told("Range: bytes=0-2"), "edge; fwd=uri-miss; stored")
        self.assertEqual(self.told("Range: bytes=1-2"), "edge; hit; ttl=60")
        self.assertEqual(self.told(), "edge; fwd=partial; stored")

    def test_answers_made_here(self) -> None:
        self.assertEqual(self.told(method="PURGE"), "edge; detail=local")
        self.assertEqual(self.told("Max-Forwards: 0", method="OPTIONS"), "edge; detail=local")
        self.assertEqual(self.told("Cache-Control: only-if-cached"), "edge; detail=proxy_internal_response")

    def test_it_can_be_switched_off(self) -> None:
        self.start("CONFIG proxy.config.tsnode.http.cache_status INT 0\n")
        self.origin.answer(answer(FRESH))
        for _ in range(2):
            self.assertNotIn(b"cache-status", self.node.get(URL).fields)

    def test_a_time_to_live_by_a_rule_is_what_it_says(self) -> None:
        self.start(cache="dest_domain=a.example ttl-in-cache=90s\n")
        self.origin.answer(answer("Cache-Control: max-age=1", "Age: 20"))
        self.told()
        for lines in ((), ("Max-Forwards: 5",)):
            self.assertEqual(self.told(*lines), "edge; hit; ttl=90")


class ProxyStatus(StatusCase):
    """RFC 9209."""

    def kind(self, url: str, *lines: str, method: str = "GET") -> str:
        """The kind of error that an answer tells."""
        told = self.node.get(url, *lines, method=method).fields.get(b"proxy-status")
        assert told is not None
        http_sf.parse(told, tltype="list")
        return told.decode().partition("error=")[2].partition(";")[0]

    def test_errors_tell_their_kind(self) -> None:
        self.assertEqual(self.kind("http://unknown.invalid/"), "dns_error")
        self.node.network.address_of("closed.example")
        self.assertEqual(self.kind("http://closed.example/"), "connection_refused")
        self.assertEqual(self.kind(URL, "Via: 1.1 edge"), "proxy_loop_detected")
        self.assertEqual(self.kind(URL, "Content-Length: 0", method="PUSH"), "http_request_denied")
        self.origin.answer(b"garbage\r\n\r\n")
        self.assertEqual(self.kind(URL), "http_protocol_error")

    def test_an_origin_that_hangs_up_is_told_as_such(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(ask("/page", "Content-Length: 1", method="POST", body=b"x"))
        self.origin.hang_up()
        (found,) = client.answers(b"POST")
        told = found.fields.get(b"proxy-status")
        assert told is not None
        self.assertIn(b"error=connection_terminated", told)
