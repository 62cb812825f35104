"""Parts on their way into the store."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.transaction.stand_ins import Client, Material, World, request
from tsnode.model.spans import Holding, Span
from tsnode.model.target import CacheKey
from tsnode.stores.memory import MemoryStore
from tsnode.transaction.carry import Carrier

KEY = CacheKey(b"http://a.example/x")
FRESH = ("Cache-Control: max-age=60", 'ETag: "a"')


class PartCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()

    def get(self, *lines: str) -> Client:
        client = Client()
        Carrier(self.world.services).carry(request(*lines), None, client)
        return client

    def bring(self, first: int, octets: bytes | Material, last: int = 0) -> Client:
        """A client that asked for a part of twenty octets, and was brought that."""
        end = first + len(octets) - 1 if isinstance(octets, bytes) else last
        client = self.get(f"Range: bytes={first}-{end}")
        self.world.hops.respond(f"Content-Range: bytes {first}-{end}/20", *FRESH, status=206, body=octets)
        return client

    def held(self) -> Holding | None:
        """The parts of the one alternate that is stored."""
        (alternate,) = self.world.store.peek(KEY)
        return alternate.parts


class Passing(PartCase):
    def test_it_is_the_client_s_at_once_and_stored_at_the_end(self) -> None:
        material = Material()
        client = self.bring(4, material, last=7)
        material.push(b"ab")
        self.assertEqual((client.response.status, client.response.read()), (206, b"ab"))
        self.assertEqual(list(self.world.store.keys()), [])
        material.push(b"cd")
        material.end()
        self.assertEqual(client.response.read(), b"cd")
        self.assertEqual(self.held(), Holding(20, (Span(4, 7),)))
        self.assertEqual(self.world.counters.parts_stored, 1)

    def test_it_is_joined_with_what_is_there_before_and_behind_it(self) -> None:
        for first, octets in ((0, b"abcd"), (8, b"ijkl"), (4, b"efgh")):
            self.assertEqual(self.bring(first, octets).response.read(), octets)
        self.assertEqual(self.held(), Holding(20, (Span(0, 11),)))
        self.assertEqual(self.get("Range: bytes=0-11").response.read(), b"abcdefghijkl")

    def test_what_lies_apart_stays_apart(self) -> None:
        for first, octets in ((10, b"kl"), (0, b"ab"), (15, b"pq")):
            self.bring(first, octets)
        self.assertEqual(self.held(), Holding(20, (Span(0, 1), Span(10, 11), Span(15, 16))))
        for wanted, octets in (("0-1", b"ab"), ("10-11", b"kl"), ("15-16", b"pq")):
            self.assertEqual(self.get(f"Range: bytes={wanted}").response.read(), octets)

    def test_a_store_that_does_not_take_it_changes_nothing_for_the_client(self) -> None:
        self.world = World(store=MemoryStore(0, 0, 0))
        client = self.bring(4, b"abcd")
        self.assertEqual((client.response.status, client.response.read()), (206, b"abcd"))

    def test_one_shorter_than_it_says_is_cut_off_and_not_stored(self) -> None:
        material = Material(b"ab")
        self.bring(4, material, last=7)
        material.end()
        self.assertEqual(list(self.world.store.keys()), [])
