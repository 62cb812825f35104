"""Revalidating in the background."""

from __future__ import annotations

from dataclasses import replace

from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tests.caching.samples import NOW, POLICY, URL, dated, stored
from tests.transaction.stand_ins import SETTINGS, Client, Material, World, request
from tsnode.caching.policy import CachingPolicy
from tsnode.hierarchy.next_hop import plan_hops
from tsnode.model.alternate import Alternate
from tsnode.model.errors import UpstreamFailed
from tsnode.model.messages import EMPTY, RequestHead, ResponseHead
from tsnode.model.settings import ProxySettings
from tsnode.model.target import CacheKey
from tsnode.ports import IReply
from tsnode.transaction.refresh import Nobody, refresh

KEY = CacheKey(URL.encode())
CONTENT = b"0123456789"
LINES = dated("Cache-Control: max-age=10, stale-while-revalidate=1000", 'ETag: "a"')


class RefreshCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(self, policy: CachingPolicy = POLICY, settings: ProxySettings = SETTINGS) -> None:
        self.world = World(policy=policy, settings=settings)
        kept = self.world.store.put(KEY, stored(*LINES), CONTENT, None)
        assert kept is not None
        self.old: Alternate = kept
        self.world.clock.advance(100)

    def refresh(self, asked: RequestHead | None = None) -> None:
        self.client = Client()
        refresh(self.world.services, self.world.errand(self.client, asked), self.old)

    @property
    def kept(self) -> Alternate:
        (kept,) = self.world.store.peek(KEY)
        return kept

    @property
    def sent(self) -> bytes:
        """The head of the request that went out last."""
        return self.world.hops.orders[-1].head


class Asking(RefreshCase):
    """RFC 5861 §3."""

    def test_the_next_hop_is_asked_whether_the_copy_holds_and_the_client_is_told_nothing(self) -> None:
        self.refresh()
        self.assertIn(b'If-None-Match: "a"\r\n', self.sent)
        self.world.hops.respond(*dated("Cache-Control: max-age=10"), status=304, body=b"")
        self.assertEqual(self.kept.terms.birth, NOW)
        self.assertEqual(self.kept.response_time, NOW + 100)
        self.assertEqual((self.client.responses, self.client.marks), ([], []))
        self.assertEqual(self.world.counters.refreshes, 1)

    def test_it_is_the_client_s_request_as_one_for_the_whole_answer(self) -> None:
        asked = request(
            "Accept: x", "Range: bytes=0-1", "If-Range: x", "If-Match: y", "Cache-Control: max-stale", "Cookie: a=b",
            "Content-Length: 0", method="HEAD",
        )  # fmt: skip
        self.refresh(asked)
        self.assertTrue(self.sent.startswith(b"GET /x HTTP/1.1\r\n"), self.sent)
        lines = self.sent.split(b"\r\n")
        self.assertLess({b"Accept: x", b"Cookie: a=b"}, set(lines))
        for name in (b"Range", b"If-Range", b"If-Match", b"Cache-Control", b"Content-Length"):
            self.assertFalse([line for line in lines if line.startswith(name + b":")], name)

    def test_credentials_that_do_not_matter_go_with_it(self) -> None:
        self.start(CachingPolicy(ignore_authentication=True))
        self.refresh(request("Authorization: x"))
        self.assertIn(b"Authorization: x\r\n", self.sent)
        self.world.hops.respond(*LINES, body=b"new")
        self.assertEqual(self.kept.length, 3)

    def test_one_is_enough(self) -> None:
        self.refresh()
        self.refresh()
        self.assertEqual((len(self.world.hops.orders), self.world.counters.refreshes), (1, 1))

    def test_a_hop_that_is_marked_down_is_not_asked(self) -> None:
        (hop,) = plan_hops(self.world.errand(Client()).target)
        self.world.health.failed(hop, NOW + 100)
        self.refresh()
        self.assertEqual((self.world.hops.orders, self.world.counters.refreshes), ([], 0))


class Answered(RefreshCase):
    def test_a_new_answer_takes_the_place_of_the_copy(self) -> None:
        self.refresh()
        self.world.hops.respond(*LINES, body=b"new")
        self.assertEqual((self.kept.length, self.world.store.ready(self.kept)), (3, b"new"))

    def test_one_that_comes_slowly_is_stored_to_its_end(self) -> None:
        self.refresh()
        content = self.world.hops.respond(*LINES, body=Material(b"ne"))
        content.push(b"w")
        self.assertEqual(self.kept, self.old)
        content.end()
        self.assertEqual((self.kept.length, self.world.store.ready(self.kept)), (3, b"new"))

    def test_that_is_so_however_much_has_to_be_there_when_a_client_leaves(self) -> None:
        """Traffic Server, ``background_fill_completed_threshold``, is about clients that leave."""
        self.start(settings=replace(SETTINGS, background_fill_threshold=0.5))
        self.refresh()
        content = self.world.hops.respond(*LINES, body=Material(b"n"))
        self.assertEqual(self.world.counters.background_fill_current_count, 1)
        content.end()
        self.assertEqual(self.world.counters.background_fill_current_count, 0)

    def test_one_that_may_not_be_stored_is_not_read(self) -> None:
        self.refresh()
        content = self.world.hops.respond(*dated("Cache-Control: no-store"), body=Material(b"secret"))
        self.assertTrue(content.closed)
        self.assertEqual(self.world.store.peek(KEY), ())

    def test_an_origin_in_trouble_leaves_the_copy(self) -> None:
        for status in (500, 503):
            self.start()
            self.refresh()
            self.world.hops.respond(status=status)
            self.assertEqual(self.kept, self.old)
            self.assertEqual(self.world.counters.refreshes_failed, 1)

    def test_so_does_one_that_cannot_be_reached_and_no_client_is_said_to_have_been_served(self) -> None:
        self.refresh()
        for _ in range(1 + SETTINGS.retries.live):
            self.world.hops.fail(UpstreamFailed("refused", committed=False))
        self.assertEqual(self.kept, self.old)
        counters = self.world.counters
        self.assertEqual((counters.refreshes_failed, counters.cache_hit_stale_served), (1, 0))

    def test_a_defect_is_noted_and_the_copy_stays(self) -> None:
        self.refresh()
        self.world.hops.confuse()
        self.assertEqual(len(self.flushLoggedErrors(AttributeError)), 1)
        self.assertEqual((self.kept, self.world.counters.refreshes_failed), (self.old, 1))


class WithoutClient(SynchronousTestCase):
    def test_it_takes_all_that_a_client_takes_and_does_nothing_with_it(self) -> None:
        client = Client()
        nobody = Nobody(client)
        self.assertTrue(verifyObject(IReply, nobody))
        self.assertIs(nobody.connection, client.connection)
        nobody.when_gone(self.fail)
        nobody.mark("TCP_HIT", "NONE", b"-")
        nobody.inform(ResponseHead(11, 103, b"Early Hints", request().fields, EMPTY, True))
        nobody.close_after_answer()
        content = Material(b"x")
        for each in (content, b"x", None):
            nobody.respond(200, b"HTTP/1.1 200 OK\r\n", 1, each)
        self.assertTrue(content.closed)

    def test_it_comes_from_where_the_client_came_from(self) -> None:
        client = Client()
        client.url = b"http://a.example/x"
        nobody = Nobody(client)
        self.assertEqual(
            (nobody.client, nobody.port, nobody.access, nobody.url),
            (client.client, client.port, client.access, client.url),
        )

    def test_it_never_becomes_a_tunnel(self) -> None:
        self.assertRaises(AssertionError, Nobody(Client()).tunnel, b"")

    def test_a_defect_is_logged(self) -> None:
        Nobody(Client()).broken(Failure(ZeroDivisionError()))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
