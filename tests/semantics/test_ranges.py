"""Byte ranges, as asked for and as they can be had."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, integers, lists, none, one_of, tuples
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.spans import Span
from tsnode.semantics.ranges import MOST_RANGES, ByteRange, are_in_order, parse_ranges, satisfiable_spans

NUMBER = integers(min_value=0, max_value=60)
RANGE = one_of(
    tuples(NUMBER, NUMBER).map(lambda ends: ByteRange(min(ends), max(ends))),
    NUMBER.map(lambda first: ByteRange(first, None)),
    NUMBER.map(lambda suffix: ByteRange(None, suffix)),
)


def render(asked: ByteRange) -> bytes:
    ends = (b"" if end is None else b"%d" % end for end in (asked.first, asked.last))
    return b"-".join(ends)


def octets_asked_for(asked: ByteRange, content: bytes) -> bytes:
    """What RFC 9110 §14.1.2 says a range selects, in other words than the module has."""
    if asked.first is None:
        return content[max(0, len(content) - (asked.last or 0)) :]
    return content[asked.first : None if asked.last is None else asked.last + 1]


class Parsing(SynchronousTestCase):
    """RFC 9110 §14.1.2."""

    def test_each_form_is_read(self) -> None:
        for value, ranges in (
            (b"bytes=0-4", (ByteRange(0, 4),)),
            (b"bytes=5-", (ByteRange(5, None),)),
            (b"bytes=-3", (ByteRange(None, 3),)),
            (b"Bytes = 0-0 , 2-2,,-1", (ByteRange(0, 0), ByteRange(2, 2), ByteRange(None, 1))),
        ):
            self.assertEqual(parse_ranges(value), ranges, value)

    def test_what_is_to_be_ignored_is_none(self) -> None:
        for value in (
            b"", b"bytes", b"bytes=", b"bytes=,", b"bytes=-", b"bytes=4-2", b"bytes=a-b", b"bytes=1", b"lines=1-2",
            b"bytes=1-2, x", b"bytes=1--2", b"bytes=+1-2", b"bytes=0-" + b"9" * 5000,
            b"bytes=" + b"1-2," * (MOST_RANGES + 1),
        ):  # fmt: skip
            self.assertIsNone(parse_ranges(value), value[:30])

    def test_the_most_ranges_are_read(self) -> None:
        self.assertEqual(parse_ranges(b"bytes=" + b"1-2," * MOST_RANGES), (ByteRange(1, 2),) * MOST_RANGES)

    @given(lists(RANGE, min_size=1, max_size=MOST_RANGES))
    def test_what_was_rendered_is_read_again(self, ranges: list[ByteRange]) -> None:
        self.assertEqual(parse_ranges(b"bytes=" + b",".join(map(render, ranges))), tuple(ranges))

    @given(one_of(binary(max_size=30), binary(max_size=30).map(lambda octets: b"bytes=" + octets)))
    def test_whatever_the_octets_ranges_do_not_end_before_they_begin(self, value: bytes) -> None:
        for asked in parse_ranges(value) or ():
            self.assertTrue(asked.first is None or asked.last is None or asked.first <= asked.last)


class Satisfying(SynchronousTestCase):
    """RFC 9110 §14.1.2, §15.5.17."""

    @given(lists(RANGE, max_size=5), integers(min_value=0, max_value=40))
    def test_spans_are_the_octets_that_the_ranges_select(self, ranges: list[ByteRange], length: int) -> None:
        content = bytes(range(length))
        selected = [octets_asked_for(asked, content) for asked in ranges]
        spans = satisfiable_spans(ranges, length)
        self.assertEqual([content[span.first : span.last + 1] for span in spans], [part for part in selected if part])
        self.assertEqual([span.length for span in spans], [len(part) for part in selected if part])

    @given(lists(tuples(NUMBER, one_of(none(), NUMBER)), max_size=5))
    def test_an_empty_content_satisfies_nothing(self, ends: list[tuple[int, int | None]]) -> None:
        self.assertEqual(satisfiable_spans([ByteRange(*each) for each in ends], 0), ())


class Order(SynchronousTestCase):
    def test_spans_that_overlap_or_go_back_are_not_in_order(self) -> None:
        for spans, in_order in (
            ([], True),
            ([Span(5, 9)], True),
            ([Span(0, 4), Span(5, 9)], True),
            ([Span(0, 4), Span(4, 9)], False),
            ([Span(5, 9), Span(0, 4)], False),
        ):
            self.assertIs(are_in_order(spans), in_order, spans)
