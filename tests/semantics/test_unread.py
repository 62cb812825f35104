"""What was received and not read yet."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, integers, lists
from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.unread import Unread


class Taking(SynchronousTestCase):
    """Octets are handed over in their order, copied only where that is cheap."""

    @given(lists(binary(max_size=9000), max_size=5), lists(integers(1, 9000), max_size=8))
    def test_what_comes_out_is_what_went_in(self, pieces: list[bytes], sizes: list[int]) -> None:
        unread = Unread()
        taken = b""
        for piece in pieces:
            unread.receive(piece)
            for size in sizes:
                octets = unread.take(size)
                self.assertLessEqual(len(octets or b""), size)
                taken += octets or b""
        self.assertEqual(taken + unread.rest(), b"".join(pieces))
        self.assertEqual(len(unread), 0)

    def test_all_that_was_received_is_handed_over_as_it_is(self) -> None:
        received = b"a" * 10_000
        unread = Unread()
        unread.receive(received)
        self.assertIs(unread.take(20_000), received)

    def test_much_is_handed_over_as_a_view_and_little_as_a_copy(self) -> None:
        received = b"a" * 10_000
        unread = Unread()
        unread.receive(received)
        much = unread.take(9_000)
        assert isinstance(much, memoryview)
        self.assertIs(much.obj, received)
        self.assertEqual(unread.take(2_000), b"a" * 1_000)

    def test_where_nothing_is_nothing_is_handed_over(self) -> None:
        unread = Unread()
        self.assertIsNone(unread.take(1))
        unread.receive(b"ab")
        unread.take(2)
        self.assertIsNone(unread.take(1))
        self.assertEqual(unread.rest(), b"")

    def test_what_was_read_in_place_is_not_handed_over(self) -> None:
        unread = Unread()
        unread.receive(b"abc")
        unread.at = 1
        self.assertEqual(len(unread), 2)
        unread.receive(b"d")
        self.assertEqual(unread.rest(), b"bcd")
