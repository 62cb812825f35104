"""What is held of a content."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, lists, tuples
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.spans import MOST_SPANS, Holding, Span

SIZE = 60
SPANS = tuples(integers(0, SIZE - 1), integers(0, SIZE - 1)).map(sorted).map(lambda ends: Span(*ends))


def octets(spans: tuple[Span, ...]) -> list[int]:
    """The numbers of all octets of some spans, in their order."""
    return [number for span in spans for number in range(span.first, span.last + 1)]


class Holdings(SynchronousTestCase):
    @given(lists(SPANS, max_size=8), SPANS)
    def test_it_is_what_was_added_in_order_and_says_where_each_octet_is(self, added: list[Span], wanted: Span) -> None:
        holding = Holding(SIZE, ())
        for span in added:
            holding = holding.plus(span)
        held = octets(holding.spans)
        self.assertEqual(held, sorted(set(octets(tuple(added)))))
        self.assertEqual((holding.length, holding.complete), (len(held), len(held) == SIZE))
        for one, other in zip(holding.spans, holding.spans[1:], strict=False):
            self.assertLess(one.last + 1, other.first)
        lacking = [number for number in range(wanted.first, wanted.last + 1) if number not in held]
        missing, offset = holding.missing(wanted), holding.offset(wanted)
        if lacking:
            self.assertEqual((missing, offset), (Span(lacking[0], lacking[-1]), None))
        else:
            self.assertIsNone(missing)
            assert offset is not None
            self.assertEqual(held[offset : offset + wanted.length], octets((wanted,)))

    def test_of_too_many_spans_the_shortest_are_given_up_but_never_the_new_one(self) -> None:
        holding = Holding(10_000, ())
        for number in range(MOST_SPANS):
            holding = holding.plus(Span(number * 100, number * 100 + 10 + number))
        holding = holding.plus(Span(9_000, 9_000))
        self.assertEqual(len(holding.spans), MOST_SPANS)
        self.assertIsNotNone(holding.offset(Span(9_000, 9_000)))
        self.assertIsNone(holding.offset(Span(0, 0)))
