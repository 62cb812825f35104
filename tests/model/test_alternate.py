"""What a stored answer is made of."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.alternate import Alternate
from tsnode.testing.strategies import alternates


class Renderings(SynchronousTestCase):
    """What whoever serves an alternate keeps beside it."""

    @given(alternates())
    def test_they_are_no_part_of_what_an_alternate_is(self, alternate: Alternate) -> None:
        other = replace(alternate)
        alternate.memo.rendering = b"rendered"
        self.assertEqual(alternate, other)
        self.assertNotIn("rendered", repr(alternate))

    @given(alternates())
    def test_an_alternate_made_from_another_starts_without_them(self, alternate: Alternate) -> None:
        alternate.memo.rendering = b"rendered"
        self.assertIsNone(replace(alternate, length=7).memo.rendering)
        self.assertEqual(alternate.memo.rendering, b"rendered")
