"""Following redirects in the place of the client."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import URL, dated, stored
from tests.transaction.stand_ins import SETTINGS, Client, Material, World, request
from tsnode.model.addresses import AddressRange
from tsnode.model.alternate import Alternate
from tsnode.model.errors import UpstreamFailed
from tsnode.model.messages import CHUNKED, Sized
from tsnode.model.neighbors import Hop
from tsnode.model.redirects import AddressClass, RedirectAction, Redirects
from tsnode.model.target import CacheKey
from tsnode.ports import IContent
from tsnode.routing.access import NOTHING, AccessRule, AccessRules
from tsnode.testing.fills import take_all
from tsnode.transaction.copied import Copied
from tsnode.transaction.fetch import fetch_alone
from tsnode.transaction.redirects import keep_copy
from tsnode.transaction.sharing import fetch_shared

PUBLIC = "8.8.8.8"
KEY = CacheKey(URL.encode())
TO_B = "Location: http://b.example/y"
LIFETIME = "Cache-Control: max-age=60"


class RedirectCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(
        self, *, most: int = 2, copied: int = 9, access: AccessRules | None = None, actions: str = ""
    ) -> None:
        redirects = Redirects(most=most, copied=copied)
        if actions:
            kind, _, action = actions.partition(":")
            redirects = replace(redirects, actions=((AddressClass(kind), RedirectAction(action)),))
        self.world = World(settings=replace(SETTINGS, redirects=redirects), access=access or AccessRules())
        self.hops, self.names = self.world.hops, self.world.names
        self.client = Client()

    def ask(
        self, *lines: str, method: str = "GET", content: IContent | None = None, stale: Alternate | None = None
    ) -> None:
        asked = request(*lines, method=method, framing=Sized(0) if content is None else CHUNKED)
        fetch_alone(self.world.services, self.world.errand(self.client, asked, content), stale)

    def lead(self, *lines: str, status: int = 302, at: str = PUBLIC) -> Material:
        """Answer with a redirect, and find its host at an address."""
        content = self.hops.respond(*(lines or (TO_B,)), status=status, body=b"away")
        self.names.found(at)
        return content

    @property
    def heads(self) -> list[bytes]:
        return [order.head for order in self.hops.orders]


class Following(RedirectCase):
    def test_the_client_gets_what_is_at_the_end(self) -> None:
        """Traffic Server, ``number_of_redirections``."""
        self.ask("X: 1")
        content = self.lead()
        self.assertTrue(content.closed)
        self.lead("Location: z")
        self.hops.respond()
        self.assertEqual((self.client.response.status, self.client.response.read()), (200, b"hello"))
        self.assertEqual(self.names.asked, [b"b.example", b"b.example"])
        self.assertEqual([order.hop for order in self.hops.orders[1:]], [Hop(b"8.8.8.8", 80)] * 2)
        self.assertTrue(self.heads[1].startswith(b"GET /y HTTP/1.1\r\nHost: b.example\r\n"))
        self.assertTrue(self.heads[2].startswith(b"GET /z HTTP/1.1\r\nHost: b.example\r\n"))
        self.assertIn(b"\r\nX: 1\r\n", self.heads[2])
        self.assertEqual(self.world.counters.redirects_followed, 2)

    def test_it_is_stored_under_the_url_that_was_asked_for(self) -> None:
        self.ask()
        self.lead()
        self.hops.respond(*dated(LIFETIME))
        self.assertEqual([kept.status for kept in self.world.store.peek(KEY)], [200])
        self.assertEqual(list(self.world.store.keys()), [KEY])

    def test_one_too_many_is_the_client_s(self) -> None:
        self.start(most=1)
        self.ask()
        self.lead()
        self.hops.respond("Location: /z", status=307)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (307, 2))
        self.assertEqual(self.client.response.fields.get(b"location"), b"/z")

    def test_everyone_on_board_gets_the_answer(self) -> None:
        other = Client()
        for client in (self.client, other):
            fetch_shared(self.world.services, self.world.errand(client), None)
        self.lead()
        self.hops.respond(*dated(LIFETIME))
        self.assertEqual([client.response.status for client in (self.client, other)], [200, 200])

    def test_without_the_setting_the_client_gets_every_redirect(self) -> None:
        self.world = World()
        self.hops = self.world.hops
        self.ask()
        self.hops.respond(TO_B, status=302)
        self.assertEqual((self.client.response.status, self.world.names.asked), (302, []))

    def test_a_stale_copy_is_replaced_and_nothing_conditional_is_asked_elsewhere(self) -> None:
        kept = self.world.store.put(KEY, stored(*dated(LIFETIME, 'ETag: "a"')), b"0123456789", None)
        self.world.clock.advance(100)
        self.ask(stale=kept)
        self.lead()
        self.assertIn(b"If-None-Match", self.heads[0])
        self.assertNotIn(b"If-None-Match", self.heads[1])
        self.hops.respond(*dated(LIFETIME, 'ETag: "b"'))
        self.assertEqual([each.terms.etag for each in self.world.store.peek(KEY)], [b'"b"'])

    def test_a_copy_is_not_confirmed_by_who_was_not_asked(self) -> None:
        self.ask('If-None-Match: "a"')
        self.lead()
        self.hops.respond(status=304)
        self.assertEqual(self.client.response.status, 502)

    def test_of_a_part_nothing_is_kept(self) -> None:
        self.ask("Range: bytes=0-4")
        self.lead()
        self.hops.respond(*dated(LIFETIME, "Content-Range: bytes 0-4/9", 'ETag: "a"'), status=206)
        self.assertEqual((self.client.response.status, list(self.world.store.keys())), (206, []))


class Destinations(RedirectCase):
    def test_a_redirect_to_where_none_may_lead_is_the_client_s(self) -> None:
        for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "198.51.100.1", "0.0.0.0"):
            self.start()
            self.ask()
            content = self.lead(at=address)
            self.assertEqual((self.client.response.status, len(self.hops.orders)), (302, 1), address)
            self.assertFalse(content.closed)

    def test_it_may_be_refused_instead(self) -> None:
        self.start(actions="loopback:reject")
        self.ask()
        self.assertTrue(self.lead(at="127.0.0.1").closed)
        self.assertEqual(self.client.response.status, 403)

    def test_addresses_of_this_machine_have_a_word_of_their_own(self) -> None:
        self.start(actions="self:follow")
        self.ask()
        self.lead(at="198.51.100.1")
        self.assertEqual(self.hops.orders[1].hop, Hop(b"198.51.100.1", 80))

    def test_ip_allow_decides_about_the_address_as_well(self) -> None:
        """Traffic Server, ip_allow.yaml, ``apply: out``."""
        self.start(access=AccessRules(outbound=(AccessRule((AddressRange(4, 0x08080808, 0x08080808),), NOTHING),)))
        self.ask()
        self.names.found("9.9.9.9")
        self.lead()
        self.names.found(PUBLIC)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (403, 1))

    def test_a_host_without_an_address_leaves_the_redirect_to_the_client(self) -> None:
        self.ask()
        self.hops.respond(TO_B, status=302)
        self.names.fail(UpstreamFailed("no address", committed=False, status=500))
        self.assertEqual(self.client.response.status, 302)

    def test_a_defect_is_noted(self) -> None:
        self.ask()
        self.hops.respond(TO_B, status=302)
        self.names.fail(ZeroDivisionError())
        self.assertEqual(len(self.client.failures), 1)

    def test_an_address_that_is_none_is_not_gone_to(self) -> None:
        self.ask()
        self.lead(at="nowhere")
        self.assertEqual(self.client.response.status, 302)

    def test_nobody_is_asked_for_who_left(self) -> None:
        self.ask()
        content = self.hops.respond(TO_B, status=302)
        self.client.leave()
        self.names.found(PUBLIC)
        self.assertEqual((len(self.hops.orders), content.closed, self.client.responses), (1, True, []))


class Contents(RedirectCase):
    def post(self, *octets: bytes) -> None:
        self.ask("Content-Type: a/b", method="POST", content=Material(*octets).end())

    def take(self, number: int) -> bytes:
        content = self.hops.orders[number].content
        assert content is not None
        return take_all(content)

    def test_a_short_one_is_sent_once_more_as_often_as_it_takes(self) -> None:
        """Traffic Server, ``post_copy_size``."""
        self.post(b"1234", b"56789")
        for number in range(2):
            self.assertEqual(self.take(number), b"123456789")
            self.lead(status=307)
        self.assertEqual(self.take(2), b"123456789")
        self.assertEqual(self.hops.orders[2].framing, Sized(9))
        self.assertIn(b"\r\nContent-Length: 9\r\n", self.heads[2])

    def test_a_longer_one_leaves_the_redirect_to_the_client(self) -> None:
        self.post(b"1234567890")
        self.take(0)
        self.hops.respond(TO_B, status=308)
        self.assertEqual((self.client.response.status, self.names.asked), (308, []))

    def test_one_that_was_not_taken_whole_does_so_too(self) -> None:
        self.post(b"1234")
        self.hops.respond(TO_B, status=307)
        self.assertEqual(self.client.response.status, 307)

    def test_none_is_sent_to_what_is_seen_instead(self) -> None:
        """RFC 9110 §15.4.4."""
        self.post(b"1234567890")
        self.take(0)
        self.lead(status=303)
        self.assertEqual((self.hops.orders[1].method, self.hops.orders[1].content), (b"GET", None))
        self.assertNotIn(b"Content-", self.heads[1])

    def test_an_empty_one_is_none(self) -> None:
        self.post()
        self.take(0)
        self.lead(status=307)
        self.assertEqual((self.hops.orders[1].method, self.hops.orders[1].content), (b"POST", None))

    def test_only_what_may_have_to_be_sent_again_is_copied(self) -> None:
        errand = self.world.errand(self.client)
        self.assertIs(keep_copy(errand), errand)
        copied = keep_copy(errand._replace(content=Material()))
        self.assertIsInstance(copied.content, Copied)
        self.assertIs(keep_copy(copied), copied)
        without = errand._replace(content=Material(), settings=SETTINGS)
        self.assertIs(keep_copy(without), without)
