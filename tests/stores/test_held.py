"""Contents in memory."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis.strategies import integers, lists
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.fields import Fields
from tsnode.ports import Buffer, Flow
from tsnode.stores.held import WHOLE_MOST, Excerpt, gather, overhead
from tsnode.testing.fills import KEY, make_alternate, take_all


class Gathering(SynchronousTestCase):
    """The pieces that a content is kept in."""

    @given(lists(integers(1, 40_000), max_size=120))
    def test_nothing_is_lost_and_no_piece_is_too_long(self, sizes: list[int]) -> None:
        octets: list[Buffer] = [bytes([number % 256]) * size for number, size in enumerate(sizes)]
        pieces = gather(octets, sum(sizes))
        self.assertEqual(b"".join(pieces), b"".join(octets))
        if sum(sizes) <= WHOLE_MOST:
            self.assertEqual(len(pieces), 1)
        else:
            self.assertLessEqual(max(map(len, pieces)), WHOLE_MOST)
            # two small ones side by side would have been joined, unless that were too long
            self.assertTrue(all(len(one) + len(other) >= 16384 for one, other in pairwise(pieces)))

    def test_large_pieces_of_a_long_content_are_not_copied(self) -> None:
        large = b"x" * WHOLE_MOST
        pieces = gather([b"a", large, b"b", b"c"], WHOLE_MOST + 3)
        self.assertEqual([len(piece) for piece in pieces], [1, WHOLE_MOST, 2])
        self.assertIs(pieces[1], large)

    def test_a_view_does_not_keep_what_it_is_a_part_of(self) -> None:
        buffer = b"x" * (4 * WHOLE_MOST)
        for length in (1000, WHOLE_MOST + 1):
            pieces = gather([memoryview(buffer)[:length]], length)
            self.assertEqual([type(piece) for piece in pieces], [bytes])
            self.assertEqual(sum(map(len, pieces)), length)


class Excerpts(SynchronousTestCase):
    """Reading parts."""

    @given(lists(integers(1, 50), min_size=1, max_size=6), integers(0, 300), integers(0, 300))
    def test_a_part_is_what_slicing_gives_and_nothing_empty(self, sizes: list[int], start: int, length: int) -> None:
        pieces = tuple(bytes(range(size)) for size in sizes)
        whole = b"".join(pieces)
        start %= len(whole) + 1
        length %= len(whole) - start + 1
        reader = Excerpt(pieces, start, length)
        taken = []
        while reader.flow is Flow.OPEN:
            octets = reader.take()
            assert octets
            taken.append(bytes(octets))
        self.assertEqual(b"".join(taken), whole[start : start + length])
        self.assertIs(reader.flow, Flow.ENDED)
        self.assertIsNone(reader.take())

    def test_a_whole_piece_is_given_as_it_is(self) -> None:
        piece = b"x" * 100
        self.assertIs(Excerpt((piece, b"y"), 0, 100).take(), piece)

    def test_who_closed_gets_nothing_more_and_is_never_called(self) -> None:
        reader = Excerpt((b"one", b"two"), 0, 6)
        called: list[None] = []
        reader.take()
        reader.notify(lambda: called.append(None))
        for _ in range(2):
            reader.close()
        self.assertEqual(take_all(reader), b"")
        self.assertEqual(called, [])


class Overhead(SynchronousTestCase):
    """What is counted beside the content."""

    def test_everything_a_peer_can_make_longer_counts(self) -> None:
        plain = make_alternate()
        least = overhead(KEY, plain, 0)
        for longer in (
            replace(plain, head=plain.head + b"x" * 1000),
            replace(plain, request_fields=Fields(((b"Cookie", b"x" * 1000),))),
            replace(plain, fields=plain.fields.plus(*[(b"X", b"")] * 5)),
        ):
            self.assertGreaterEqual(overhead(KEY, longer, 0), least + 1000)
