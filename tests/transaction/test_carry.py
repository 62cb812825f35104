"""The journey of one request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import dated, stored
from tests.transaction.stand_ins import SETTINGS, Client, End, Material, World, request
from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Alternate
from tsnode.model.errors import StoreError, UpstreamFailed
from tsnode.model.messages import CHUNKED, RequestHead, Sized
from tsnode.model.neighbors import Hop
from tsnode.model.settings import Limits
from tsnode.model.target import CacheKey
from tsnode.ports import IContent
from tsnode.routing.access import Allowed
from tsnode.stores.memory import MemoryStore
from tsnode.transaction.carry import Carrier, is_shared
from tsnode.transaction.regimes import Regime
from tsnode.transaction.services import Asked

KEY = CacheKey(b"http://a.example/x")
LIFETIME = "Cache-Control: max-age=60"
CONTENT = b"0123456789"


class OnMedium(MemoryStore):
    """A store that has no content at hand."""

    def ready(self, alternate: Alternate) -> bytes | None:
        """See ICacheStore."""
        return None


class SlowStore(MemoryStore):
    """A store that has to look on its medium, and says what is there when told to."""

    knows_all = False

    def __init__(self) -> None:
        super().__init__(1_000_000, 1_000_000, 0)
        self.finding: Deferred[Sequence[Alternate]] = Deferred()
        self.knows_some = False

    def peek(self, key: CacheKey) -> Sequence[Alternate]:
        """See ICacheStore."""
        return super().peek(key) if self.knows_some else ()

    def find(self, key: CacheKey) -> Deferred[Sequence[Alternate]]:
        """See ICacheStore."""
        return self.finding


class CarryCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()

    def carry(self, asked: RequestHead, content: IContent | None = None, access: Allowed | None = None) -> Client:
        client = Client()
        if access is not None:
            client.access = access
        Carrier(self.world.services).carry(asked, content, client)
        return client

    def get(self, *lines: str) -> Client:
        return self.carry(request(*lines))

    def keep(self, *lines: str, content: bytes = CONTENT, later: float = 0) -> None:
        """Store an answer; that much time goes by."""
        kept = stored(*dated(LIFETIME, *lines))
        self.assertIsNotNone(self.world.store.put(KEY, replace(kept, length=len(content)), content, None))
        self.world.clock.advance(later)

    @property
    def sent(self) -> list[bytes]:
        """The first lines of what next hops were asked."""
        return [order.head.split(b"\r\n")[0] for order in self.world.hops.orders]


class TurnedAway(CarryCase):
    def assert_refused(self, client: Client, status: int, *, closing: bool) -> None:
        self.assertEqual((client.response.status, client.closing), (status, closing))
        self.assertEqual((self.sent, self.world.hops.connections), ([], []))

    def test_what_makes_no_sense_ends_the_connection(self) -> None:
        for target in (b"ftp://a.example/", b"*", b"http://a b/"):
            self.assert_refused(self.carry(replace_target(request(), target)), 400, closing=True)

    def test_methods_are_for_those_who_may_use_them(self) -> None:
        """Traffic Server's ip_allow.yaml."""
        only_get = Allowed(frozenset({b"GET"}), only=True)
        self.assert_refused(self.carry(request(method="PUT", framing=CHUNKED), Material(), only_get), 403, closing=True)
        self.assertEqual(self.world.counters.access_denied, 1)
        self.carry(request(), None, only_get)
        self.assertEqual(self.sent, [b"GET /x HTTP/1.1"])

    def test_a_push_needs_to_be_enabled(self) -> None:
        """Traffic Server, ``proxy.config.http.push_method_enabled``."""
        push = request("Content-Length: 3", method="PUSH", framing=Sized(3))
        self.assert_refused(self.carry(push, Material(b"abc").end()), 403, closing=False)

    def test_an_enabled_push_is_not_sent_to_an_origin(self) -> None:
        """It is meant for this cache."""
        self.world = World(settings=replace(SETTINGS, push_enabled=True))
        push = request("Content-Length: 3", method="PUSH", framing=Sized(3))
        self.assert_refused(self.carry(push, Material(b"abc").end()), 400, closing=True)
        self.assertEqual(self.sent, [])

    def test_a_request_that_has_been_here_goes_no_further(self) -> None:
        """RFC 9110 §7.6.3."""
        self.world = World(settings=replace(SETTINGS, via_name=b"edge"))
        client = self.get("Via: 1.1 other, 1.1 edge (tsnode)")
        self.assert_refused(client, 400, closing=True)
        self.assertIn(b"400 Cycle Detected", client.response.head)
        self.assertEqual(self.world.counters.loops, 1)
        self.get("Via: 1.1 edges")
        self.assertEqual(len(self.sent), 1)

    def test_content_has_to_have_a_length_where_that_is_asked_for(self) -> None:
        """Traffic Server, ``proxy.config.http.post.check.content_length.enabled``."""
        for method in ("POST", "PUT"):
            self.assert_refused(self.carry(request(method=method)), 411, closing=True)
        self.carry(request("Content-Length: 0", method="POST"))
        self.carry(request(method="POST", framing=CHUNKED), Material())
        self.carry(request(method="PATCH"))
        self.assertEqual(len(self.sent), 3)
        self.world = World(settings=replace(SETTINGS, require_length=False))
        self.carry(request(method="POST"))
        self.assertEqual(len(self.sent), 1)

    def test_content_can_be_too_large(self) -> None:
        """Traffic Server, ``proxy.config.http.max_post_size``."""
        self.world = World(settings=replace(SETTINGS, limits=Limits(request_content=9)))
        self.assert_refused(self.carry(request(method="POST", framing=Sized(10)), Material()), 413, closing=True)
        self.carry(request(method="POST", framing=Sized(9)), Material())
        self.assertEqual(len(self.sent), 1)

    def test_what_is_only_wanted_from_the_cache_is_not_fetched(self) -> None:
        """RFC 9111 §5.2.1.7."""
        client = self.get("Cache-Control: only-if-cached")
        self.assert_refused(client, 504, closing=False)
        self.assertIn(b"504 Not Cached", client.response.head)


def replace_target(head: RequestHead, target: bytes) -> RequestHead:
    """The same request for something else."""
    return RequestHead(head.method, target, head.version, head.fields, head.framing, head.host, head.persistent)


class Counted(CarryCase):
    def test_each_method_has_its_counter(self) -> None:
        for method, name in (
            ("GET", "get_requests"), ("HEAD", "head_requests"), ("POST", "post_requests"), ("PUT", "put_requests"),
            ("DELETE", "delete_requests"), ("PURGE", "purge_requests"), ("PUSH", "push_requests"),
            ("OPTIONS", "options_requests"), ("TRACE", "trace_requests"), ("PATCH", "extension_method_requests"),
            ("get", "extension_method_requests"),
        ):  # fmt: skip
            self.setUp()
            self.carry(request(method=method))
            counted = {
                each for each in dir(self.world.counters)
                if each.endswith("_requests") and each != "invalid_client_requests"
                and getattr(self.world.counters, each)
            }  # fmt: skip
            self.assertEqual(counted, {name}, method)

    def test_a_tunnel_is_one_too(self) -> None:
        self.carry(request(method="CONNECT", url="a.example:443"))
        self.assertEqual(self.world.counters.connect_requests, 1)

    def test_only_where_the_cache_is_asked_that_is_counted(self) -> None:
        self.get()
        self.carry(request(method="OPTIONS"))
        self.assertEqual(self.world.counters.cache_lookups, 1)


class AnsweredHere(CarryCase):
    def test_trace_and_options_that_may_go_no_further(self) -> None:
        """RFC 9110 §7.6.2."""
        trace = self.carry(request("Max-Forwards: 0", method="TRACE"))
        options = self.carry(request("Max-Forwards: 0", method="OPTIONS"))
        self.assertEqual(trace.response.fields.get(b"content-type"), b"message/http")
        self.assertIsNotNone(options.response.fields.get(b"allow"))
        self.assertEqual(self.sent, [])

    def test_those_that_may_go_on_do(self) -> None:
        self.carry(request("Max-Forwards: 1", method="TRACE"))
        self.carry(request(method="OPTIONS"))
        self.assertEqual(len(self.sent), 2)

    def test_a_purge_and_a_delete_that_may_go_no_further_drop_what_is_stored(self) -> None:
        for asked in (request(method="PURGE"), request("Max-Forwards: 0", method="DELETE")):
            self.keep()
            self.assertEqual([self.carry(asked).response.status for _ in range(2)], [200, 404])
        self.assertEqual(self.sent, [])

    def test_a_delete_that_may_go_on_does_and_a_get_purges_nothing_wherever_it_ends(self) -> None:
        self.keep()
        self.assertEqual(self.get("Max-Forwards: 0").response.read(), CONTENT)
        self.assertEqual(self.carry(request(method="DELETE")).responses, [])
        self.assertEqual(self.sent, [b"DELETE /x HTTP/1.1"])

    def test_a_tunnel_is_opened(self) -> None:
        self.carry(request(method="CONNECT", url="a.example:443"))
        self.assertEqual([hop for hop, _ in self.world.hops.connections], [Hop(b"a.example", 443)])


class Chance(CarryCase):
    """Traffic Server 6.2, ``proxy.config.http.cache.fuzz.probability``."""

    def test_it_decides_for_each_request_whether_a_copy_is_revalidated_early(self) -> None:
        self.world = World(policy=CachingPolicy(fuzz_time=30, fuzz_probability=0.25))
        self.world.store.put(KEY, stored(*dated(LIFETIME, 'ETag: "a"')), CONTENT, None)
        self.world.clock.advance(40)
        for drawn, asked in ((0.25, 0), (0.9, 0), (0.2, 1)):
            self.world.drawn = drawn
            self.get()
            self.assertEqual(len(self.world.hops.orders), asked, drawn)


class Names(CarryCase):
    """Traffic Server, ``proxy.config.http.doc_in_cache_skip_dns``."""

    def setUp(self) -> None:
        self.world = World(policy=CachingPolicy(doc_in_cache_skip_dns=False))
        self.world.store.put(KEY, stored(*dated(LIFETIME)), CONTENT, None)

    def test_a_copy_is_served_once_its_host_was_looked_up(self) -> None:
        client = self.get()
        self.assertEqual((client.responses, self.world.names.asked), ([], [b"a.example"]))
        self.world.names.found("192.0.2.1")
        self.assertEqual((client.response.status, client.response.read()), (200, CONTENT))

    def test_it_is_served_where_the_host_has_no_address_too(self) -> None:
        client = self.get()
        self.world.names.fail(UpstreamFailed("no address", committed=False, status=500))
        self.assertEqual(client.response.status, 200)

    def test_a_request_that_wants_nothing_else_is_refused_then(self) -> None:
        client = self.carry(request("Cache-Control: only-if-cached", url="http://a.example/other"))
        self.world.names.found("192.0.2.1")
        self.assertEqual(client.response.status, 504)

    def test_a_name_that_is_known_takes_no_time(self) -> None:
        self.world.names.remembered = ("192.0.2.1",)
        self.assertEqual((self.get().response.status, self.world.names.asked), (200, []))

    def test_a_defect_is_noted(self) -> None:
        client = self.get()
        self.world.names.fail(ZeroDivisionError())
        self.assertEqual(len(client.failures), 1)


class PastTheCache(CarryCase):
    def test_a_wish_for_another_protocol_passes_it_by(self) -> None:
        """RFC 9110 §7.8."""
        self.keep()
        client = self.get("Connection: Upgrade", "Upgrade: websocket")
        self.assertTrue(self.world.hops.orders[0].upgrade)
        self.world.hops.respond(status=101, tunnel=End())
        self.assertEqual(len(client.tunnels), 1)

    def test_a_wish_that_connection_does_not_name_or_of_an_old_client_is_none(self) -> None:
        self.keep()
        for asked in (
            request("Upgrade: websocket"), request("Connection: x", "Upgrade: websocket"),
            request("Connection: upgrade", "Upgrade: websocket", version=10),
        ):  # fmt: skip
            self.assertEqual(self.carry(asked).response.read(), CONTENT)

    def test_where_the_cache_is_off_everyone_asks_the_origin(self) -> None:
        self.world = World(policy=CachingPolicy(http=False))
        for _ in range(2):
            self.get()
        self.assertEqual((len(self.sent), self.world.counters.cache_lookups), (2, 0))


class Hits(CarryCase):
    """RFC 9111 §4."""

    def test_a_fresh_copy_is_served(self) -> None:
        self.keep(later=7)
        client = self.get("Accept: x")
        self.assertEqual((client.response.read(), client.response.fields.get(b"age")), (CONTENT, b"7"))
        self.assertEqual(client.marks, [("TCP_MEM_HIT", "NONE", b"-")])
        counters = self.world.counters
        self.assertEqual((counters.cache_hit_fresh, counters.cache_hit_mem_fresh, counters.cache_hit_ims), (1, 1, 0))
        self.assertEqual((self.sent, client.url), ([], KEY))

    def test_one_that_has_to_be_read_from_its_medium_is_a_hit_all_the_same(self) -> None:
        self.world = World(store=OnMedium(1_000_000, 1_000_000, 0))
        self.keep()
        client = self.get()
        self.assertEqual(client.response.read(), CONTENT)
        self.assertEqual(client.marks, [("TCP_HIT", "NONE", b"-")])
        self.assertEqual((self.world.counters.cache_hit_fresh, self.world.counters.cache_hit_mem_fresh), (1, 0))

    def test_who_has_it_already_is_told_so(self) -> None:
        self.keep('ETag: "a"')
        client = self.get('If-None-Match: "a"')
        self.assertEqual(client.response.status, 304)
        self.assertEqual(client.marks, [("TCP_IMS_HIT", "NONE", b"-")])
        self.assertEqual((self.world.counters.cache_hit_ims, self.world.counters.cache_hit_fresh), (1, 0))

    def test_who_has_another_one_gets_what_is_fresh_and_is_logged_the_same_way(self) -> None:
        """Traffic Server, ``HttpTransactHeaders::generate_and_set_squid_codes``."""
        self.keep('ETag: "a"')
        client = self.get('If-None-Match: "b"')
        self.assertEqual((client.response.status, client.marks), (200, [("TCP_IMS_HIT", "NONE", b"-")]))
        self.assertEqual((self.world.counters.cache_hit_ims, self.world.counters.cache_hit_fresh), (1, 0))

    def test_what_a_client_takes_stale_goes_out_with_a_warning(self) -> None:
        self.keep(later=100)
        client = self.get("Cache-Control: max-stale")
        self.assertTrue((client.response.fields.get(b"warning") or b"").startswith(b"113 "))

    def test_the_lane_s_long_way_is_the_same(self) -> None:
        """A plain GET whose target is known already."""
        self.keep()
        client = Client()
        errand = self.world.errand(client)
        asked = Asked(errand.target, errand.facts, errand.host, None, Regime(errand.policy, errand.settings))
        Carrier(self.world.services).carry_plain(errand.request, asked, client)
        self.assertEqual((client.response.read(), client.url), (CONTENT, KEY))
        self.assertEqual((self.world.counters.get_requests, self.world.counters.cache_lookups), (1, 1))


class Fetched(CarryCase):
    def test_what_is_not_stored_is_fetched_once_for_all(self) -> None:
        clients = [self.get() for _ in range(3)]
        self.world.hops.respond(LIFETIME)
        self.assertEqual([client.response.read() for client in clients], [b"hello"] * 3)
        self.assertEqual(self.sent, [b"GET /x HTTP/1.1"])

    def test_what_may_be_for_one_client_only_is_fetched_by_each(self) -> None:
        for line in ("Authorization: x", "Cache-Control: no-store", "Range: bytes=0-1"):
            self.setUp()
            for _ in range(2):
                self.get(line)
            self.assertEqual(len(self.sent), 2, line)

    def test_a_client_that_wants_a_new_copy_gets_one_in_the_place_of_the_old(self) -> None:
        self.keep('ETag: "a"')
        client = self.get("Cache-Control: no-cache")
        self.world.hops.respond(LIFETIME)
        self.assertEqual(client.response.read(), b"hello")
        self.assertEqual([self.world.store.ready(kept) for kept in self.world.store.peek(KEY)], [b"hello"])

    def test_a_stale_copy_is_revalidated_once_for_all(self) -> None:
        self.keep('ETag: "a"', later=100)
        clients = [self.get() for _ in range(2)]
        self.assertEqual(len(self.sent), 1)
        self.assertIn(b'If-None-Match: "a"', self.world.hops.orders[0].head)
        self.world.hops.respond(status=304, body=b"")
        self.assertEqual([client.response.read() for client in clients], [CONTENT] * 2)

    def test_what_is_asked_because_of_one_client_s_cookies_is_asked_for_it_alone(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.cache_responses_to_cookies``."""
        self.keep('ETag: "a"', "Content-Type: text/html")
        for _ in range(2):
            self.get("Cookie: x")
        self.assertEqual(len(self.sent), 2)

    def test_while_the_origin_is_marked_down_a_stale_copy_is_served_without_asking(self) -> None:
        self.keep(later=100)
        self.world.health.failed(Hop(b"a.example", 80), self.world.clock.seconds())
        client = self.get()
        self.assertEqual((client.response.read(), self.sent), (CONTENT, []))
        self.assertEqual(client.marks, [("TCP_REFRESH_FAIL_HIT", "DIRECT", b"a.example")])

    def test_a_copy_that_may_not_be_served_stale_is_asked_for_all_the_same(self) -> None:
        self.keep("Cache-Control: must-revalidate", later=100)
        self.world.health.failed(Hop(b"a.example", 80), self.world.clock.seconds())
        self.assertEqual((self.get().responses, len(self.sent)), ([], 1))


class SlowStores(CarryCase):
    """What is known at once is used at once; what is not is waited for."""

    def setUp(self) -> None:
        self.store = SlowStore()
        self.world = World(store=self.store)

    def found(self, *lines: str) -> None:
        self.keep(*lines)
        self.store.knows_some = True
        self.store.finding.callback(self.store.peek(KEY))

    def test_what_is_known_without_looking_is_used_at_once(self) -> None:
        self.keep()
        self.store.knows_some = True
        self.assertEqual(self.get().response.read(), CONTENT)

    def test_the_answer_comes_when_the_medium_has_it(self) -> None:
        client = self.get()
        self.assertEqual((client.responses, self.sent), ([], []))
        self.found()
        self.assertEqual(client.response.read(), CONTENT)

    def test_what_is_not_there_is_fetched_then(self) -> None:
        self.get()
        self.store.finding.callback(())
        self.assertEqual(len(self.sent), 1)

    def test_what_cannot_be_served_is_refused_then(self) -> None:
        client = self.get("Cache-Control: only-if-cached")
        self.store.finding.callback(())
        self.assertEqual(client.response.status, 504)

    def test_a_medium_that_fails_breaks_the_transaction(self) -> None:
        client = self.get()
        self.store.finding.errback(StoreError("unreadable"))
        self.assertEqual([str(failure.value) for failure in client.failures], ["unreadable"])


class MappedRequests(CarryCase):
    """Traffic Server's remap.config."""

    RULES = """
map http://www.example/ http://origin.example:8080/base/
redirect http://old.example/ http://new.example/
redirect_temporary http://busy.example/ http://new.example/
map http://closed.example/ http://origin.example/ @action=deny @src_ip=192.0.2.0-192.0.2.255
"""

    def setUp(self) -> None:
        self.world = World(remap=self.RULES)

    def ask(self, host: str, version: int = 11) -> Client:
        return self.carry(request(f"Host: {host}", url="/x", host=host, version=version))

    def test_the_origin_is_asked_by_its_own_name(self) -> None:
        client = self.ask("www.example")
        (order,) = self.world.hops.orders
        self.assertEqual(order.hop, Hop(b"origin.example", 8080))
        self.assertTrue(order.head.startswith(b"GET /base/x HTTP/1.1\r\nHost: origin.example:8080\r\n"))
        self.assertEqual(client.url, b"http://origin.example:8080/base/x")

    def test_the_client_s_name_for_it_is_kept_where_that_is_configured(self) -> None:
        """``proxy.config.url_remap.pristine_host_hdr``."""
        self.world = World(remap=self.RULES, settings=replace(SETTINGS, pristine_host=True))
        self.ask("www.example")
        (order,) = self.world.hops.orders
        self.assertIn(b"\r\nHost: www.example\r\n", order.head)
        self.world.hops.respond(LIFETIME)
        self.assertEqual(list(self.world.store.keys()), [b"http://www.example/base/x"])

    def test_a_client_that_names_no_host_has_none_that_could_be_kept(self) -> None:
        self.world = World(remap="map / http://origin.example/", settings=replace(SETTINGS, pristine_host=True))
        self.carry(request(url="/x", version=10))
        self.assertIn(b"\r\nHost: origin.example\r\n", self.world.hops.orders[0].head)

    def test_a_redirect_is_answered_here(self) -> None:
        for host, version, status in (("old.example", 11, 301), ("busy.example", 11, 307), ("busy.example", 10, 302)):
            client = self.ask(host, version)
            self.assertEqual(client.response.status, status)
            self.assertEqual(client.response.fields.get(b"location"), b"http://new.example/x")
            self.assertEqual(client.marks, [("TCP_HIT_REDIRECT", "NONE", b"-")])
        self.assertEqual(self.sent, [])

    def test_what_a_rule_denies_is_refused(self) -> None:
        client = self.ask("closed.example")
        self.assertEqual((client.response.status, self.sent), (403, []))

    def test_what_no_rule_is_for_is_not_found_and_the_connection_stays(self) -> None:
        client = self.ask("unknown.example")
        self.assertEqual((client.response.status, client.closing, self.sent), (404, False, []))


class Sharing(SynchronousTestCase):
    """Whether others may have the answer too."""

    def shared(self, *lines: str, method: str = "GET", content: IContent | None = None) -> bool:
        return is_shared(World().errand(Client(), request(*lines, method=method), content))

    def test_a_get_that_says_nothing_against_it_is_shared(self) -> None:
        for lines in ((), ("Cookie: x",), ('If-None-Match: "a"',), ("Cache-Control: max-stale",)):
            self.assertTrue(self.shared(*lines), lines)

    def test_credentials_ranges_and_wishes_about_caching_are_not(self) -> None:
        for line in ("Authorization: x", "Range: bytes=0-1", "Cache-Control: no-cache", "Cache-Control: no-store"):
            self.assertFalse(self.shared(line), line)

    def test_nor_are_other_methods_and_requests_with_content(self) -> None:
        for method in ("HEAD", "POST", "DELETE"):
            self.assertFalse(self.shared(method=method), method)
        for lines in ((), ("Cookie: x",)):
            self.assertFalse(self.shared(*lines, content=Material()))
