"""Heads that were met before."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, ResponseHead
from tsnode.semantics.known_heads import KnownHeads

HEAD = ResponseHead(11, 204, b"No Content", Fields(), EMPTY, True)


class Remembering(SynchronousTestCase):
    """What was read once is found by its octets."""

    def test_only_what_was_added_is_found(self) -> None:
        known = KnownHeads()
        self.assertIsNone(known.find(b"a"))
        known.add(b"a", HEAD)
        self.assertIs(known.find(b"a"), HEAD)
        self.assertIsNone(known.find(b"b"))

    def test_large_heads_are_not_remembered(self) -> None:
        known = KnownHeads()
        for length, remembered in ((KnownHeads.LONGEST, True), (KnownHeads.LONGEST + 1, False)):
            known.add(b"a" * length, HEAD)
            self.assertEqual(known.find(b"a" * length) is HEAD, remembered)

    def test_it_never_remembers_more_than_it_may(self) -> None:
        known = KnownHeads()
        heads = [b"%d" % number for number in range(2 * KnownHeads.MOST + 1)]
        for head in heads:
            known.add(head, HEAD)
            self.assertIs(known.find(head), HEAD)
        self.assertLessEqual(sum(known.find(head) is HEAD for head in heads), KnownHeads.MOST)

    def test_what_is_cleared_is_read_again(self) -> None:
        known = KnownHeads()
        known.add(b"a", HEAD)
        known.clear()
        self.assertIsNone(known.find(b"a"))
