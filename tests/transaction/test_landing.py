"""What becomes of an answer."""

from __future__ import annotations

from dataclasses import replace

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, answer, ask, dated, stored
from tests.transaction.stand_ins import SETTINGS, Client, Material, World, request
from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Alternate
from tsnode.model.messages import CHUNKED, EMPTY, RequestHead, ResponseHead, Sized
from tsnode.model.neighbors import Hop
from tsnode.model.target import CacheKey
from tsnode.ports import Answer
from tsnode.stores.memory import MemoryStore
from tsnode.testing.fills import take_all
from tsnode.transaction.carry import Carrier
from tsnode.transaction.flights import Aboard, Confirmed, Crashed, Flight, Outcome, Released
from tsnode.transaction.landing import land

KEY = CacheKey(b"http://a.example/x")
HOP = Hop(b"a.example", 80)
LIFETIME = "Cache-Control: max-age=60"
CONTENT = b"0123456789"


class LandingCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(self, store: MemoryStore | None = None, policy: CachingPolicy = POLICY) -> None:
        self.world = World(store=store, policy=policy)
        self.client = Client()
        self.flight: Flight | None = None
        self.content = Material()

    def keep(self, *lines: str) -> Alternate:
        """A copy in the store; it is stale by the time that its successor comes."""
        kept = self.world.store.put(KEY, stored(*dated(*lines)), CONTENT, None)
        assert kept is not None
        self.world.clock.advance(100)
        return kept

    def follow(self, *lines: str) -> Deferred[Outcome]:
        """Somebody else who asks for the same."""
        if self.flight is None:
            self.flight = self.world.flights.take_off(KEY, request())
        boarded = self.world.flights.board(KEY, request(*lines))
        assert boarded is not None
        return boarded

    def land(
        self,
        *lines: str,
        status: int = 200,
        whole: bytes | None = CONTENT,
        length: int | None = None,
        asked: RequestHead | None = None,
        stale: Alternate | None = None,
        replaces: Alternate | None = None,
    ) -> None:
        """An answer comes: with a ``whole`` content, or with one that is still to come, of this ``length``."""
        now = self.world.clock.seconds()
        if status == 304 or whole == b"":
            head, whole = replace_framing(answer(*lines, status=status, length=0)), None
            self.content.end()
        elif whole is not None:
            head = answer(*lines, status=status, length=len(whole))
            self.content = Material(whole).end()
        else:
            framing = CHUNKED if length is None else Sized(length)
            head = ResponseHead(11, status, b"OK", answer(*lines).fields, framing, True)
        came = Answer(head=head, content=self.content, request_time=now, response_time=now, whole=whole)
        errand = self.world.errand(self.client, asked)
        land(self.world.services, errand, came, HOP, stale, replaces, self.flight)

    @property
    def kept(self) -> list[bytes]:
        """Contents that are found in the store."""
        return [self.world.store.ready(found) or b"" for found in self.world.store.peek(KEY)]

    def assert_answered(self, status: int, body: bytes, code: str) -> None:
        self.assertEqual((self.client.response.status, self.client.response.read()), (status, body))
        self.assertEqual(self.client.marks[-1], (code, "DIRECT", b"a.example"))

    def assert_no_more_places(self) -> None:
        self.assertIsNone(self.world.flights.board(KEY, request()))


def replace_framing(head: ResponseHead) -> ResponseHead:
    """The same without content."""
    return ResponseHead(head.version, head.status, head.reason, head.fields, EMPTY, True)


class Misses(LandingCase):
    def test_what_came_whole_is_stored_and_sent(self) -> None:
        self.land(*dated(LIFETIME))
        self.assert_answered(200, CONTENT, "TCP_MISS")
        self.assertEqual((self.kept, self.world.counters.cache_writes), ([CONTENT], 1))

    def test_what_comes_slowly_is_sent_as_it_comes_and_stored_once_it_is_whole(self) -> None:
        self.land(*dated(LIFETIME), whole=None)
        self.content.push(b"01234")
        self.assert_answered(200, b"01234", "TCP_MISS")
        self.assertEqual(self.kept, [])
        self.content.push(b"56789")
        self.content.end()
        self.assertEqual((self.client.response.read(), self.kept), (b"56789", [CONTENT]))

    def test_an_answer_without_octets_is_stored_too(self) -> None:
        self.land(*dated(LIFETIME), whole=b"")
        self.assert_answered(200, b"", "TCP_MISS")
        self.assertEqual(self.kept, [b""])

    def test_what_may_not_be_stored_is_sent_only(self) -> None:
        self.land(*dated("Cache-Control: no-store"))
        self.assert_answered(200, CONTENT, "TCP_MISS")
        self.assertEqual((self.kept, self.world.counters.cache_writes), ([], 0))

    def test_what_the_store_does_not_take_is_sent_only(self) -> None:
        for whole in (bytes(2000), None):
            self.start(MemoryStore(1000, 1000, 0))
            waiting = self.follow()
            self.land(*dated(LIFETIME), whole=whole, length=2000)
            if whole is None:
                self.content.push(bytes(2000))
                self.content.end()
            self.assert_answered(200, bytes(2000), "TCP_MISS")
            self.assertEqual((self.kept, self.world.counters.cache_writes), ([], 0))
            self.assertEqual(self.successResultOf(waiting), Released())

    def test_why_it_was_a_miss_is_counted(self) -> None:
        for asked, name in (
            (request(), "cache_miss_cold"),
            (request("Cookie: x"), "cache_miss_cold"),
            (request("Cache-Control: no-cache"), "cache_miss_client_no_cache"),
            (request('If-None-Match: "x"'), "cache_miss_ims"),
            (request(method="OPTIONS"), "cache_miss_client_not_cacheable"),
        ):
            self.start()
            self.land(*dated(LIFETIME), asked=asked)
            counters = self.world.counters
            missed = {each for each in dir(counters) if each.startswith("cache_miss") and getattr(counters, each)}
            self.assertEqual(missed, {name})

    def test_the_copy_that_it_replaces_goes(self) -> None:
        old = self.keep(LIFETIME)
        self.land(*dated(LIFETIME), whole=b"new content", replaces=old)
        self.assertEqual(self.kept, [b"new content"])

    def test_a_post_that_tells_what_is_at_its_url_now_drops_all_that_was_stored_and_is_stored_itself(self) -> None:
        """RFC 9110 §9.3.3; RFC 9111 §4.4."""
        other = CacheKey(b"http://a.example/y")
        for whole in (CONTENT, None):
            self.start()
            for asked in ("X-Foo: a", "X-Foo: b"):
                alternate = stored(*dated(LIFETIME, "Vary: X-Foo"), request=ask(asked))
                self.world.store.put(KEY, alternate, b"old", None)
            self.world.store.put(other, stored(*dated(LIFETIME), request=ask(url="http://a.example/y")), b"old", None)
            lines = dated(LIFETIME, "Content-Location: /x", "Location: /y")
            self.land(*lines, whole=whole, asked=request(method="POST"))
            if whole is None:
                self.content.push(CONTENT)
                self.content.end()
            self.assertEqual((self.kept, self.client.response.read()), ([CONTENT], CONTENT))
            self.assertEqual(self.world.store.peek(KEY)[0].method, b"GET")
            self.assertEqual((self.world.store.peek(other), self.world.counters.cache_deletes), ((), 2))

    def test_what_a_change_names_is_what_its_origin_calls_so(self) -> None:
        """RFC 9111 §4.4; Traffic Server, remap.config."""
        self.world = World(
            remap="map http://public.example/ http://a.example/\nreverse_map http://a.example/ http://public.example/"
        )
        other = CacheKey(b"http://a.example/y")
        self.world.store.put(other, stored(*dated(LIFETIME), request=ask(url="http://a.example/y")), b"old", None)
        Carrier(self.world.services).carry(
            request("Content-Length: 0", method="POST", url="http://public.example/x"), None, self.client
        )
        self.world.hops.respond("Location: http://a.example/y", status=201)
        self.assertEqual(self.client.response.fields.get(b"location"), b"http://public.example/y")
        self.assertEqual(self.world.store.peek(other), ())

    def test_what_is_for_one_client_goes_to_that_alone(self) -> None:
        """RFC 9111 §5.2.2.7; Traffic Server, Set-Cookie."""
        for whole in (CONTENT, None):
            self.start()
            waiting = self.follow()
            self.land(*dated('Cache-Control: max-age=60, private="x-a"', "X-A: 1", "Set-Cookie: a=b"), whole=whole)
            response = self.client.response.fields
            self.assertEqual((response.get(b"x-a"), response.get(b"set-cookie")), (b"1", b"a=b"))
            outcome = self.successResultOf(waiting)
            assert isinstance(outcome, Confirmed | Aboard)
            self.assertFalse({b"x-a", b"set-cookie"} & set(outcome.alternate.fields.names()))

    def test_so_does_what_was_stored_meanwhile_for_the_same_request(self) -> None:
        """RFC 9111 §4."""
        self.keep(LIFETIME)
        self.land(*dated(LIFETIME), whole=b"new content")
        self.assertEqual(self.kept, [b"new content"])

    def test_a_change_drops_what_is_stored_about_what_was_changed(self) -> None:
        """RFC 9111 §4.4."""
        self.keep(LIFETIME)
        self.land(asked=request(method="POST"))
        self.assertEqual((self.kept, self.world.counters.cache_deletes), ([], 1))


class OnBoard(LandingCase):
    """Those who wait for the same."""

    def test_they_share_what_came_whole(self) -> None:
        waiting = self.follow()
        self.land(*dated(LIFETIME))
        outcome = self.successResultOf(waiting)
        assert isinstance(outcome, Confirmed)
        self.assertEqual(self.world.store.ready(outcome.alternate), CONTENT)
        self.assertFalse(outcome.revalidated)
        self.assert_no_more_places()

    def test_they_share_what_comes_slowly_from_its_start(self) -> None:
        waiting = self.follow()
        self.land(*dated(LIFETIME), whole=None)
        self.content.push(CONTENT)
        outcome = self.successResultOf(waiting)
        assert isinstance(outcome, Aboard)
        reader = outcome.fill.read()
        self.content.end()
        self.assertEqual(take_all(reader), CONTENT)
        self.assert_no_more_places()

    def test_they_are_let_go_where_it_is_not_for_them(self) -> None:
        waiting = self.follow()
        self.land(*dated("Cache-Control: private"))
        self.assertEqual(self.successResultOf(waiting), Released())
        self.assert_no_more_places()

    def test_they_are_told_that_the_copy_holds(self) -> None:
        old = self.keep(LIFETIME, 'ETag: "a"')
        waiting = self.follow()
        self.land(status=304, stale=old)
        outcome = self.successResultOf(waiting)
        assert isinstance(outcome, Confirmed)
        self.assertTrue(outcome.revalidated)

    def test_they_are_let_go_where_the_copy_may_not_be_kept_or_nothing_was_said_about_it(self) -> None:
        for lines, status in ((("Cache-Control: no-store",), 304), ((), 500)):
            self.start()
            old = self.keep(LIFETIME, 'ETag: "a"')
            waiting = self.follow()
            self.land(*lines, status=status, stale=old)
            self.assertEqual(self.successResultOf(waiting), Released(), status)


class Revalidated(LandingCase):
    """RFC 9111 §4.3.3; Traffic Server, "HTTP Proxy Caching"."""

    def test_a_copy_that_holds_is_fresh_again_and_served(self) -> None:
        old = self.keep(LIFETIME, 'ETag: "a"')
        self.land(LIFETIME, "X-New: 1", status=304, stale=old)
        self.assert_answered(200, CONTENT, "TCP_REFRESH_HIT")
        self.assertEqual(self.client.response.fields.get(b"x-new"), b"1")
        (kept,) = self.world.store.peek(KEY)
        self.assertEqual((kept.terms.birth, kept.fields.get(b"x-new")), (NOW + 100, b"1"))
        counters = self.world.counters
        self.assertEqual((counters.cache_hit_revalidated, counters.cache_updates), (1, 1))
        self.assertTrue(self.content.closed)

    def test_one_that_holds_but_may_not_be_kept_is_served_a_last_time(self) -> None:
        old = self.keep(LIFETIME, 'ETag: "a"')
        self.land("Cache-Control: no-store", status=304, stale=old)
        self.assert_answered(200, CONTENT, "TCP_REFRESH_HIT")
        self.assertEqual((self.kept, self.world.counters.cache_updates), ([], 0))

    def test_a_new_answer_takes_its_place(self) -> None:
        old = self.keep(LIFETIME, 'ETag: "a"')
        self.land(*dated(LIFETIME), whole=b"new content", stale=old)
        self.assert_answered(200, b"new content", "TCP_REFRESH_MISS")
        self.assertEqual((self.kept, self.world.counters.cache_miss_changed), ([b"new content"], 1))

    def test_a_new_answer_that_may_not_be_stored_drops_it(self) -> None:
        old = self.keep(LIFETIME, 'ETag: "a"')
        self.land(*dated("Cache-Control: no-store"), whole=b"secret", stale=old)
        self.assert_answered(200, b"secret", "TCP_REFRESH_MISS")
        self.assertEqual((self.kept, self.world.counters.cache_miss_changed), ([], 1))

    def test_an_origin_in_trouble_is_passed_on_and_the_copy_stays(self) -> None:
        old = self.keep(LIFETIME, 'ETag: "a"')
        self.land(status=500, whole=b"oops", stale=old)
        self.assert_answered(500, b"oops", "TCP_REFRESH_MISS")
        self.assertEqual(self.kept, [CONTENT])

    def test_an_origin_in_trouble_lets_the_copy_live_longer_where_that_is_configured(self) -> None:
        """Traffic Server, ``proxy.config.http.negative_revalidating_enabled``."""
        self.start(policy=CachingPolicy(negative_revalidating_enabled=True, negative_revalidating_lifetime=500))
        old = self.keep(LIFETIME, 'ETag: "a"')
        waiting = self.follow()
        self.land(status=500, whole=b"oops", stale=old)
        self.assert_answered(200, CONTENT, "TCP_REFRESH_FAIL_HIT")
        self.assertIsInstance(self.successResultOf(waiting), Confirmed)
        counters = self.world.counters
        self.assertEqual((counters.cache_updates, counters.cache_hit_stale_served), (1, 1))
        self.assertEqual(counters.cache_hit_revalidated, 0)

    def test_a_new_answer_is_logged_by_what_the_client_wanted(self) -> None:
        """Traffic Server, "Squid Result Codes"."""
        for line, code, count in (
            ("Cache-Control: no-cache", "TCP_CLIENT_REFRESH_MISS", "client_no_cache"),
            ('If-None-Match: "z"', "TCP_IMS_MISS", "ims"), ("Cookie: x", "TCP_REFRESH_MISS", "changed"),
        ):  # fmt: skip
            self.start()
            self.land(whole=b"new", stale=self.keep(LIFETIME, 'ETag: "a"'), asked=request(line))
            self.assert_answered(200, b"new", code)
            self.assertEqual(getattr(self.world.counters, f"cache_miss_{count}"), 1)

    def test_what_a_confirmation_brings_for_one_client_goes_to_that_alone(self) -> None:
        old = self.keep(LIFETIME, 'ETag: "a"')
        waiting = self.follow()
        self.land(LIFETIME, "Set-Cookie: a=b", status=304, stale=old, asked=request('If-None-Match: "a"'))
        self.assertEqual(self.client.response.status, 304)
        self.assertEqual(self.client.response.fields.get(b"set-cookie"), b"a=b")
        outcome = self.successResultOf(waiting)
        assert isinstance(outcome, Confirmed)
        self.assertNotIn(b"set-cookie", outcome.alternate.fields)

    def test_the_copy_is_served_instead_of_an_error_where_its_origin_lets_it(self) -> None:
        """RFC 5861 §4."""
        old = self.keep("Cache-Control: max-age=60, stale-if-error=60", 'ETag: "a"')
        waiting = self.follow()
        self.land(status=503, whole=b"oops", stale=old)
        self.assert_answered(200, CONTENT, "TCP_REFRESH_FAIL_HIT")
        self.assertTrue((self.client.response.fields.get(b"warning") or b"").startswith(b"111 "))
        self.assertIsInstance(self.successResultOf(waiting), Crashed)
        self.assertEqual((self.kept, self.world.counters.cache_hit_stale_served), ([CONTENT], 1))
        self.assertTrue(self.content.closed)

    def test_where_only_the_client_takes_it_so_the_others_ask_for_themselves(self) -> None:
        """RFC 5861 §4."""
        old = self.keep(LIFETIME, 'ETag: "a"')
        waiting = self.follow()
        self.land(status=503, whole=b"oops", stale=old, asked=request("Cache-Control: stale-if-error=60"))
        self.assert_answered(200, CONTENT, "TCP_REFRESH_FAIL_HIT")
        self.assertEqual(self.successResultOf(waiting), Released())

    def test_the_copy_is_served_instead_of_an_error_with_nobody_waiting(self) -> None:
        old = self.keep("Cache-Control: max-age=60, stale-if-error=60", 'ETag: "a"')
        self.land(status=500, whole=b"oops", stale=old)
        self.assert_answered(200, CONTENT, "TCP_REFRESH_FAIL_HIT")

    def test_a_304_that_nobody_asked_for_is_passed_on_with_a_warning(self) -> None:
        old = self.keep(LIFETIME)
        self.land(status=304, stale=old)
        self.assertEqual(self.client.response.status, 304)
        self.assertTrue((self.client.response.fields.get(b"warning") or b"").startswith(b"199 "))
        self.assertEqual(self.kept, [CONTENT])


class Presentation(LandingCase):
    def test_what_is_stored_is_what_clients_are_shown(self) -> None:
        """Traffic Server, ``proxy.config.http.response_server_enabled``."""
        self.world = World(settings=replace(SETTINGS, server_text=b"node"))
        self.land(*dated(LIFETIME, "Server: origin"))
        (kept,) = self.world.store.peek(KEY)
        self.assertEqual((kept.fields.get(b"server"), self.client.response.fields.get(b"server")), (b"node", b"node"))

    def test_others_get_the_answer_that_selects_them_only(self) -> None:
        waiting = self.follow("Accept-Language: fr")
        self.land(*dated(LIFETIME, "Vary: Accept-Language"), asked=ask("Accept-Language: en").head)
        self.assertEqual(self.successResultOf(waiting), Released())
