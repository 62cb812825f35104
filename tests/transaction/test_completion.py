"""Answers made of stored parts, and of what they lacked."""

from __future__ import annotations

from tests.transaction.stand_ins import Client, Material, World
from tests.transaction.test_parts import FRESH, KEY, PartCase
from tsnode.model.errors import UpstreamFailed
from tsnode.stores.memory import MemoryStore


class Completion(PartCase):
    def complete(self, *lines: str) -> Client:
        """A client that wants more than octets 4 to 7, which are stored."""
        self.bring(4, b"efgh")
        return self.get(*lines)

    def order(self) -> dict[bytes, bytes]:
        """The fields of what the origin was asked last."""
        lines = self.world.hops.orders[-1].head.split(b"\r\n")[1:-2]
        pairs = (line.partition(b": ") for line in lines)
        return {name.lower(): value for name, _, value in pairs}

    def test_what_is_held_and_what_comes_are_one_answer(self) -> None:
        client = self.complete("Range: bytes=2-5")
        self.assertEqual((self.order()[b"range"], self.order()[b"if-range"]), (b"bytes=2-3", b'"a"'))
        self.world.hops.respond("Content-Range: bytes 2-3/20", *FRESH, status=206, body=b"cd")
        self.assertEqual((client.response.status, client.response.length), (206, 4))
        self.assertEqual(client.response.fields.get(b"content-range"), b"bytes 2-5/20")
        self.assertEqual(client.response.read(), b"cdef")
        self.assertEqual(client.marks[-1], ("TCP_MISS", "DIRECT", b"a.example"))

    def test_what_is_held_comes_before_the_rest_is_there(self) -> None:
        client = self.complete("Range: bytes=4-9")
        material = Material()
        self.world.hops.respond("Content-Range: bytes 8-9/20", *FRESH, status=206, body=material)
        self.assertEqual(client.response.read(), b"efgh")
        material.push(b"ij")
        material.end()
        self.assertEqual(client.response.read(), b"ij")
        held = self.held()
        assert held is not None
        self.assertEqual(held.length, 6)

    def test_a_client_that_leaves_does_not_keep_it_from_being_stored(self) -> None:
        client = self.complete("Range: bytes=4-9")
        material = Material()
        self.world.hops.respond("Content-Range: bytes 8-9/20", *FRESH, status=206, body=material)
        content = client.response.content
        assert content is not None
        assert not isinstance(content, bytes)
        content.close()
        material.push(b"ij")
        material.end()
        held = self.held()
        assert held is not None
        self.assertEqual(held.length, 6)

    def test_a_next_hop_that_cannot_be_reached_is_told(self) -> None:
        client = self.complete("Range: bytes=4-9")
        for _ in range(4):
            self.world.hops.fail(UpstreamFailed("refused", committed=False))
        self.assertEqual(client.response.status, 502)
        self.assertEqual(self.get("Range: bytes=4-7").response.read(), b"efgh")

    def test_what_does_not_fit_is_dropped_and_the_client_s_own_request_sent(self) -> None:
        client = self.complete("Range: bytes=4-9")
        self.world.hops.respond("Content-Range: bytes 8-9/21", *FRESH, status=206, body=b"ij")
        self.assertEqual(self.world.store.peek(KEY), ())
        self.assertEqual((self.order()[b"range"], b"if-range" in self.order()), (b"bytes=4-9", False))
        self.world.hops.respond("Content-Range: bytes 4-9/21", *FRESH, status=206, body=b"EFGHIJ")
        self.assertEqual(client.response.read(), b"EFGHIJ")

    def test_an_error_of_the_origin_leaves_the_parts(self) -> None:
        client = self.complete("Range: bytes=4-9")
        self.world.hops.respond(status=503, body=b"busy")
        self.assertEqual((client.response.status, client.response.read()), (503, b"busy"))
        self.assertEqual(self.get("Range: bytes=4-7").response.read(), b"efgh")

    def test_what_the_store_does_not_take_is_answered_all_the_same(self) -> None:
        self.world = World(store=MemoryStore(1_000_000, 1_000_000, 0, longest=5))
        client = self.complete("Range: bytes=4-9")
        self.world.hops.respond("Content-Range: bytes 8-9/20", *FRESH, status=206, body=b"ij")
        self.assertEqual(client.response.read(), b"efghij")

    def test_what_is_held_is_a_hit(self) -> None:
        self.bring(4, b"efgh")
        client = self.get("Range: bytes=5-6")
        self.assertEqual(client.marks, [("TCP_MEM_HIT", "NONE", b"-")])
        self.assertEqual((self.world.counters.parts_served, self.world.counters.cache_hit_fresh), (1, 1))
