"""Answers that clients bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis.strategies import binary, integers, lists, sampled_from
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import dated, stored
from tests.testing.passing import Passing
from tests.transaction.stand_ins import SETTINGS, Client, Material, World, request
from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway
from tsnode.model.messages import CHUNKED, EMPTY, Framing, Sized
from tsnode.model.settings import Limits
from tsnode.model.target import CacheKey
from tsnode.ports import Buffer, IFill
from tsnode.stores.memory import MemoryStore
from tsnode.transaction.carry import Carrier

KEY = CacheKey(b"http://a.example/x")
ENABLED = replace(SETTINGS, push_enabled=True)


def inner(*lines: str, content: bytes = b"hello", status: str = "200 OK", length: int | None = -1) -> bytes:
    """An answer as it is pushed; its length is told right where no other is asked for, not at all for None."""
    told = [] if length is None else [f"Content-Length: {len(content) if length < 0 else length}"]
    head = "\r\n".join([f"HTTP/1.1 {status}", "Cache-Control: max-age=60", *told, *lines, "", ""])
    return head.encode("latin-1") + content


class SlowStore(MemoryStore):
    """A store that has to look on its medium."""

    knows_all = False

    def __init__(self) -> None:
        super().__init__(1_000_000, 1_000_000, 0)
        self.finding: Deferred[Sequence[Alternate]] = Deferred()

    def find(self, key: CacheKey) -> Deferred[Sequence[Alternate]]:
        """See ICacheStore."""
        return self.finding


class HesitantFill(Passing):
    """A fill that wants to be waited for after each write."""

    def __init__(self, fill: IFill) -> None:
        super().__init__(fill)
        self.written: list[bytes] = []
        self.drain: Callable[[], None] = lambda: None

    def write(self, octets: Buffer) -> bool:
        """See IFill."""
        self.written.append(bytes(octets))
        self.fill.write(octets)
        return False

    def when_drained(self, callback: Callable[[], None]) -> None:
        """See IFill."""
        self.drain = callback


class HesitantStore(MemoryStore):
    """A store with such fills; ``fill`` is the last one."""

    fill: HesitantFill

    def begin(self, key: CacheKey, alternate: Alternate, replaced: Alternate | None) -> IFill | None:
        """See ICacheStore."""
        fill = super().begin(key, alternate, replaced)
        if fill is None:
            return None
        self.fill = HesitantFill(fill)
        return self.fill


class PushCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(settings=ENABLED)

    def push(self, *pieces: bytes, lines: Sequence[str] = (), framing: Framing = CHUNKED) -> Client:
        """What a client gets that pushes these octets, which come in these pieces."""
        client = Client()
        asked = request(*lines, method="PUSH", framing=framing)
        content = None if framing is EMPTY else Material(*pieces).end()
        Carrier(self.world.services).carry(asked, content, client)
        self.assertEqual(client.failures, [])
        return client

    def answered(self, client: Client) -> tuple[int, bytes]:
        """Status and reason."""
        _, status, reason = client.response.head.partition(b"\r\n")[0].split(b" ", 2)
        return int(status), reason

    def refused(self, *pieces: bytes, lines: Sequence[str] = (), framing: Framing = CHUNKED) -> bytes:
        """The reason with which these octets are refused."""
        client = self.push(*pieces, lines=lines, framing=framing)
        status, reason = self.answered(client)
        self.assertEqual((status, client.closing), (400, True))
        self.assertEqual(list(self.world.store.keys()), [])
        self.assertEqual(self.world.store.usage().octets, 0)
        self.assertEqual(self.world.hops.orders, [])
        return reason

    def get(self, *lines: str) -> bytes:
        """The content that a client gets without any origin."""
        client = Client()
        Carrier(self.world.services).carry(request(*lines), None, client)
        self.assertEqual(self.world.hops.orders, [])
        return client.response.read()


class Stored(PushCase):
    """Case 43."""

    def test_the_first_one_is_201_and_what_takes_its_place_200(self) -> None:
        first = self.push(inner())
        self.assertEqual((self.answered(first)[0], first.response.length), (201, 0))
        self.assertEqual(self.get(), b"hello")
        second = self.push(inner(content=b"again"))
        self.assertEqual((self.answered(second)[0], second.response.length), (200, 0))
        self.assertEqual(self.get(), b"again")
        self.assertEqual(len(self.world.store.peek(KEY)), 1)
        counters = self.world.counters
        self.assertEqual((counters.cache_writes, counters.pushed_document_total_size), (2, 10))
        self.assertEqual(counters.push_requests, 2)

    def test_an_answer_without_a_length_is_as_long_as_it_is(self) -> None:
        self.assertEqual(self.answered(self.push(inner(length=None)))[0], 201)
        self.assertEqual(self.get(), b"hello")
        (alternate,) = self.world.store.peek(KEY)
        self.assertEqual(alternate.length, 5)

    def test_one_in_the_chunked_coding_is_stored_without_it(self) -> None:
        coded = inner("Transfer-Encoding: chunked", content=b"5\r\nhello\r\n0\r\n\r\n", length=None)
        self.assertEqual(self.answered(self.push(coded))[0], 201)
        self.assertEqual(self.get(), b"hello")

    def test_one_without_content_is_stored_as_such(self) -> None:
        self.assertEqual(self.answered(self.push(inner(content=b"")))[0], 201)
        self.assertEqual(self.answered(self.push(inner(content=b"", length=None), framing=Sized(90)))[0], 200)
        self.assertEqual(self.get(), b"")

    def test_the_time_of_the_push_is_that_of_request_and_answer(self) -> None:
        self.push(inner())
        (alternate,) = self.world.store.peek(KEY)
        now = self.world.clock.seconds()
        self.assertEqual((alternate.request_time, alternate.response_time), (now, now))
        self.assertIn(b"date", alternate.fields)

    def test_it_is_the_answer_to_a_get_with_the_fields_of_the_push(self) -> None:
        self.push(inner("Vary: Accept-Language"), lines=["Accept-Language: de", "Content-Type: text/x"])
        self.assertEqual(self.get("Accept-Language: de"), b"hello")
        (alternate,) = self.world.store.peek(KEY)
        self.assertEqual((alternate.method, alternate.request_fields.lines), (b"GET", ((b"Accept-Language", b"de"),)))

    def test_a_lifetime_that_is_over_is_stored_where_it_can_be_revalidated(self) -> None:
        head = 'HTTP/1.1 200 OK\r\nExpires: 0\r\nETag: "a"\r\nContent-Length: 2\r\n\r\nok'
        self.assertEqual(self.answered(self.push(head.encode()))[0], 201)

    def test_a_client_that_waits_to_be_asked_for_it_is(self) -> None:
        client = self.push(inner(), lines=["Expect: 100-continue"])
        self.assertEqual([head.status for head in client.interim], [100])
        self.assertEqual(self.push(inner()).interim, [])

    def test_the_alternate_that_the_fields_select_is_replaced_whatever_the_store_has_to_look_for(self) -> None:
        store = SlowStore()
        self.world = World(settings=ENABLED, store=store)
        client = self.push(inner())
        self.assertEqual(client.responses, [])
        store.finding.callback([stored(*dated("Cache-Control: max-age=60"))])
        self.assertEqual(self.answered(client)[0], 200)

    def test_a_client_that_left_before_the_store_had_looked_is_forgotten(self) -> None:
        store = SlowStore()
        self.world = World(settings=ENABLED, store=store)
        client = self.push(inner())
        client.gone = True
        store.finding.callback([])
        self.assertEqual((client.responses, list(store.keys())), ([], []))


class Refused(PushCase):
    """Traffic Server, "Pushing Content into the Cache"; case 43, D-8."""

    def test_a_request_that_ends_before_the_inner_head_does(self) -> None:
        self.assertEqual(self.refused(b"HTTP/1.1 200 OK\r\nCache-Co"), b"Bad Content Length")
        self.assertEqual(self.refused(b"HT"), b"Bad Content Length")
        self.assertEqual(self.refused(), b"Bad Content Length")
        self.assertEqual(self.refused(lines=["Content-Length: 0"], framing=EMPTY), b"Bad Content Length")

    def test_what_is_no_answer(self) -> None:
        for octets in (b"hello", b"hello\r\n\r\n", b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 200 OK\r\na b\r\n\r\n", b"\x00"):
            self.assertEqual(self.refused(octets), b"Malformed Pushed Response Header", octets)
        early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
        self.assertEqual(self.refused(early + inner()), b"Malformed Pushed Response Header")

    def test_a_head_that_is_too_large(self) -> None:
        self.world = World(settings=replace(ENABLED, limits=Limits(response_head=100)))
        self.assertEqual(self.refused(inner(f"X: {'y' * 100}")), b"Malformed Pushed Response Header")

    def test_an_answer_that_would_not_be_stored_for_a_get(self) -> None:
        for line, status in (
            ("Cache-Control: no-store", "200 OK"), ("Cache-Control: private", "200 OK"), ("Vary: *", "200 OK"),
            ("WWW-Authenticate: Basic", "200 OK"), ("X: y", "206 Partial Content"),
        ):  # fmt: skip
            self.assertEqual(self.refused(inner(line, status=status)), b"Response Not Cacheable", line)
        for status in ("302 Found", "404 Not Found"):
            head = f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok".encode()
            self.assertEqual(self.refused(head), b"Response Not Cacheable", status)

    def test_a_head_that_brings_too_little_where_some_fields_are_asked_for(self) -> None:
        self.world = World(settings=ENABLED, policy=CachingPolicy(required_headers=2))
        self.assertEqual(self.refused(b"HTTP/1.1 200 OK\r\n\r\nok"), b"Response Not Cacheable")

    def test_a_url_that_is_not_looked_up(self) -> None:
        self.world = World(settings=ENABLED, policy=CachingPolicy(http=False))
        self.assertEqual(self.refused(inner()), b"Request Not Cacheable")

    def test_a_content_shorter_or_longer_than_its_head_says(self) -> None:
        for length in (0, 4, 6, 500):
            self.assertEqual(self.refused(inner(length=length)), b"Bad Content Length", length)
        coded = inner("Transfer-Encoding: chunked", content=b"5\r\nhel", length=None)
        self.assertEqual(self.refused(coded), b"Bad Content Length")
        self.assertEqual(self.refused(inner(), b"!"), b"Bad Content Length")

    def test_what_the_store_does_not_take(self) -> None:
        for content, length in ((b"x" * 5000, -1), (b"x" * 5000, None)):
            self.world = World(settings=ENABLED, store=MemoryStore(20_000, 1000, 0))
            self.assertEqual(self.refused(inner(content=content, length=length)), b"Cache Write Failed", length)
        self.world = World(settings=ENABLED, store=MemoryStore(1000, 1000, 0))
        self.assertEqual(self.refused(inner()), b"Cache Write Failed")

    def test_a_content_that_breaks_off(self) -> None:
        client, content = Client(), Material(inner()[:-2])
        Carrier(self.world.services).carry(request(method="PUSH", framing=CHUNKED), content, client)
        self.assertEqual(client.responses, [])
        content.fail(BadGateway("gone"))
        self.assertEqual((self.answered(client)[1], client.closing), (b"Cache Error", True))
        self.assertEqual((list(self.world.store.keys()), self.world.store.usage().octets), ([], 0))

    def test_a_client_that_leaves(self) -> None:
        client, content = Client(), Material(inner()[:-2])
        Carrier(self.world.services).carry(request(method="PUSH", framing=CHUNKED), content, client)
        client.leave()
        self.assertTrue(content.closed)
        self.assertEqual((client.responses, self.world.store.usage().octets), ([], 0))

    def test_a_client_that_leaves_behind_it_changes_nothing(self) -> None:
        self.push(inner()).leave()
        self.assertEqual(self.get(), b"hello")

    def test_where_it_is_not_enabled_or_not_permitted(self) -> None:
        """Case 44."""
        self.world = World()
        self.assertEqual(self.answered(self.push(inner()))[0], 403)


class Pieces(PushCase):
    """However it comes, it is stored to the octet or not at all."""

    @given(binary(max_size=40), lists(integers(1, 30), max_size=6), sampled_from([-1, None]), integers(-3, 3))
    def test_what_is_stored_is_what_was_meant(
        self, content: bytes, cuts: list[int], length: int | None, more: int
    ) -> None:
        self.world = World(settings=ENABLED)
        told = length if length is None else len(content) + more
        octets = inner(content=content, length=told if told is None or told >= 0 else 0)
        pieces = []
        for cut in cuts:
            pieces.append(octets[:cut])
            octets = octets[cut:]
        client = self.push(*filter(None, (*pieces, octets)))
        right = told is None or max(told, 0) == len(content)
        self.assertEqual(self.answered(client), (201, b"Created") if right else (400, b"Bad Content Length"))
        if right:
            self.assertEqual(self.get(), content)
        else:
            self.assertEqual(list(self.world.store.keys()), [])

    @given(integers(0, 80))
    def test_cut_anywhere_it_is_refused(self, cut: int) -> None:
        self.world = World(settings=ENABLED)
        octets = inner()
        self.assertEqual(self.refused(*filter(None, (octets[: min(cut, len(octets) - 1)],))), b"Bad Content Length")

    def test_a_store_that_takes_no_more_for_now_is_waited_for(self) -> None:
        store = HesitantStore(1_000_000, 1_000_000, 0)
        self.world = World(settings=ENABLED, store=store)
        head, _, _ = inner(content=b"abcdef").partition(b"abc")
        client = self.push(head + b"abc", b"def")
        self.assertEqual((client.responses, store.fill.written), ([], [b"abc"]))
        store.fill.drain()
        store.fill.drain()
        self.assertEqual((self.answered(client)[0], store.fill.written), (201, [b"abc", b"def"]))
        self.assertEqual(self.get(), b"abcdef")
