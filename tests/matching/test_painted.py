"""Ranges that are painted over each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.matching.painted import PaintedRanges
from tsnode.model.addresses import Address, AddressRange

numbers = st.integers(0, 30)
ranges = st.builds(
    lambda version, ends: AddressRange(version, min(ends), max(ends)),
    st.sampled_from((4, 6)),
    st.tuples(numbers, numbers),
)


class Painting(SynchronousTestCase):
    def test_no_ranges_own_nothing(self) -> None:
        painted = PaintedRanges(())
        self.assertEqual((painted.first, painted.owner(Address(4, 0))), (None, None))

    def test_an_earlier_range_shows_on_both_sides_of_a_later_one(self) -> None:
        painted = PaintedRanges([(3, AddressRange(4, 0, 9)), (5, AddressRange(4, 4, 5))])
        self.assertEqual([painted.owner(Address(4, at)) for at in (3, 4, 5, 6, 9, 10)], [3, 5, 5, 3, 3, None])
        self.assertEqual(painted.first, 3)

    @given(st.lists(ranges, max_size=8), st.integers(0, 32), st.sampled_from((4, 6)))
    def test_the_last_range_that_holds_an_address_owns_it(
        self, painted: list[AddressRange], number: int, version: int
    ) -> None:
        address = Address(version, number)
        owners = [at for at, each in enumerate(painted) if each.holds(address)]
        self.assertEqual(PaintedRanges(enumerate(painted)).owner(address), owners[-1] if owners else None)
