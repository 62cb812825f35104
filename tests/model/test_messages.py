"""Heads of messages."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.messages import CHUNKED, EMPTY, UNTIL_CLOSE, Chunked, ResponseHead, Sized, UntilClose
from tsnode.testing.strategies import response_heads


def copy_of(head: ResponseHead) -> ResponseHead:
    """The same head, read once more."""
    return ResponseHead(head.version, head.status, head.reason, head.fields, head.framing, head.persistent)


class Framings(SynchronousTestCase):
    def test_a_message_without_content_is_one_of_length_nothing(self) -> None:
        self.assertEqual(EMPTY, Sized(0))
        self.assertNotEqual(EMPTY, Sized(1))

    def test_ways_to_end_are_told_apart_by_what_they_are(self) -> None:
        self.assertEqual((CHUNKED, UNTIL_CLOSE), (Chunked(), UntilClose()))
        self.assertEqual(len({EMPTY, CHUNKED, UNTIL_CLOSE, Sized(7)}), 4)


class Remembered(SynchronousTestCase):
    """What others worked out from a head is kept beside it."""

    @given(response_heads())
    def test_it_is_no_part_of_the_head(self, head: ResponseHead) -> None:
        other = copy_of(head)
        head.memo.storing = "worked out"
        self.assertEqual(head, other)
        self.assertNotIn("worked out", repr(head))

    @given(response_heads())
    def test_it_goes_with_the_head_it_was_worked_out_from(self, head: ResponseHead) -> None:
        head.memo.adjusted, head.memo.adjusted_for, head.memo.storing = head, "settings", "worked out"
        memo = copy_of(head).memo
        self.assertEqual((memo.adjusted, memo.adjusted_for, memo.storing), (None, None, None))
