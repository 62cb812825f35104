"""What of a stored answer goes to a client."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, lists, tuples
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, Ask, ask, dated, moment, stored
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.serving import (
    NotModified,
    Part,
    Parts,
    Plan,
    PreconditionFailed,
    Unsatisfiable,
    Whole,
    plan_answer,
)
from tsnode.model.alternate import Alternate
from tsnode.model.spans import Span

CONTENT = b"0123456789"
ALTERNATE = stored(*dated('ETag: "a"', f"Last-Modified: {moment(-100)}", "Content-Type: text/css", "X: y"))
SEVERAL = CachingPolicy(allow_multi_range=1)


def plan(
    asked: Ask, policy: CachingPolicy = POLICY, alternate: Alternate = ALTERNATE, length: int | None = 10
) -> Plan:
    return plan_answer(alternate, asked.head, asked.facts, length, NOW, policy)


def send(parts: Parts) -> bytes:
    """The content of a multipart answer, as it is sent."""
    pieces = [before + CONTENT[span.first : span.last + 1] for before, span in parts.parts]
    return b"".join(pieces) + parts.closing


class Conditions(SynchronousTestCase):
    """Cases 25 and 26."""

    def test_who_asks_for_nothing_special_gets_it_whole(self) -> None:
        for lines in ((), ("Accept: x",), ('If-None-Match: "b"',), ("Cookie: x",)):
            self.assertEqual(plan(ask(*lines)), Whole(), lines)

    def test_who_has_it_is_told_so_with_the_fields_that_freshen(self) -> None:
        """RFC 9110 §15.4.5."""
        alternate = stored(
            *dated("ETag: \"a\"", "Vary: X", "X: y", "Cache-Control: max-age=5", f"Expires: {moment(5)}",
                   "Content-Location: /z", f"Last-Modified: {moment(-9)}", "Content-Type: a/b")
        )  # fmt: skip
        told = plan(ask('If-None-Match: "a"'), alternate=alternate)
        assert isinstance(told, NotModified)
        self.assertEqual(
            told.head.decode().split("\r\n"),
            ["HTTP/1.1 304 Not Modified", f"Date: {moment(0)}", 'ETag: "a"', "Vary: X", "Cache-Control: max-age=5",
             f"Expires: {moment(5)}", "Content-Location: /z", ""],
        )  # fmt: skip
        self.assertIsInstance(plan(ask(f"If-Modified-Since: {moment(-100)}", method="HEAD")), NotModified)

    def test_who_insists_on_another_gets_none(self) -> None:
        self.assertEqual(plan(ask('If-Match: "b"')), PreconditionFailed())

    def test_conditions_come_before_ranges(self) -> None:
        """RFC 9110 §13.2.2."""
        self.assertIsInstance(plan(ask('If-None-Match: "a"', "Range: bytes=0-1")), NotModified)
        self.assertIsInstance(plan(ask('If-None-Match: "b"', "Range: bytes=0-1")), Part)


class OneRange(SynchronousTestCase):
    """Case 28."""

    def test_a_part_comes_with_the_fields_of_the_whole_and_its_place(self) -> None:
        for value, first, last in (("1-2", 1, 2), ("-3", 7, 9), ("8-99", 8, 9), ("0-", 0, 9), ("9-9", 9, 9)):
            part = plan(ask(f"Range: bytes={value}"))
            assert isinstance(part, Part), value
            self.assertEqual(part.span, Span(first, last), value)
            tail = f"Content-Range: bytes {first}-{last}/10\r\n".encode()
            self.assertEqual(part.head, ALTERNATE.head.replace(b"200 OK", b"206 Partial Content") + tail, value)

    def test_beyond_the_end_there_is_nothing(self) -> None:
        for value in ("10-", "10-20", "-0"):
            unsatisfiable = plan(ask(f"Range: bytes={value}"))
            self.assertEqual(unsatisfiable, Unsatisfiable((b"Content-Range", b"bytes */10")), value)

    def test_a_range_that_cannot_be_read_is_ignored(self) -> None:
        for value in ("bytes=2-1", "lines=1-2", "bytes=x", "x"):
            self.assertEqual(plan(ask(f"Range: {value}")), Whole(), value)

    def test_a_range_of_something_else_is_answered_with_the_whole(self) -> None:
        self.assertEqual(plan(ask("Range: bytes=0-1", 'If-Range: "b"')), Whole())
        self.assertIsInstance(plan(ask("Range: bytes=0-1", 'If-Range: "a"')), Part)

    def test_ranges_are_for_get_of_a_stored_200_in_version_1_1_only(self) -> None:
        line = "Range: bytes=0-1"
        self.assertEqual(plan(ask(line, method="HEAD")), Whole())
        self.assertEqual(plan(ask(line, version=10)), Whole())
        self.assertEqual(plan(ask(line), alternate=stored(*dated(), status=410)), Whole())

    def test_of_a_content_whose_length_is_not_known_there_are_no_parts(self) -> None:
        self.assertEqual(plan(ask("Range: bytes=0-1"), length=None), Whole())


class SeveralRanges(SynchronousTestCase):
    """Case 28; Traffic Server, ``proxy.config.http.allow_multi_range``."""

    def test_the_policy_decides(self) -> None:
        asked = ask("Range: bytes=0-1, 4-5")
        self.assertEqual(plan(asked), Whole())
        self.assertIsInstance(plan(asked, SEVERAL), Parts)
        refusing = CachingPolicy(allow_multi_range=2)
        self.assertIsInstance(plan(asked, refusing), Unsatisfiable)
        self.assertIsInstance(plan(ask("Range: bytes=0-1"), refusing), Part)

    def test_each_part_says_what_and_where_it_is(self) -> None:
        """RFC 9110 §14.6."""
        parts = plan(ask("Range: bytes=0-1, 4-5"), SEVERAL)
        assert isinstance(parts, Parts)
        boundary = parts.head.partition(b"boundary=")[2].partition(b"\r\n")[0]
        self.assertEqual(
            send(parts).split(b"\r\n"),
            [b"--" + boundary, b"Content-Type: text/css", b"Content-Range: bytes 0-1/10", b"", b"01",
             b"--" + boundary, b"Content-Type: text/css", b"Content-Range: bytes 4-5/10", b"", b"45",
             b"--" + boundary + b"--", b""],
        )  # fmt: skip
        self.assertNotIn(b"text/css", parts.head)
        self.assertIn(b"\r\nX: y\r\n", parts.head)

    def test_what_has_no_type_has_none_in_its_parts(self) -> None:
        parts = plan(ask("Range: bytes=0-1, 4-5"), SEVERAL, alternate=stored(*dated()))
        assert isinstance(parts, Parts)
        self.assertNotIn(b"Content-Type", send(parts))
        self.assertIn(b"Content-Type: multipart/byteranges", parts.head)

    def test_what_is_left_of_several_may_be_one_part_or_none(self) -> None:
        part = plan(ask("Range: bytes=4-5, 20-"), SEVERAL)
        assert isinstance(part, Part)
        self.assertEqual(part.span, Span(4, 5))
        self.assertIsInstance(plan(ask("Range: bytes=20-, 30-"), SEVERAL), Unsatisfiable)

    def test_ranges_that_overlap_or_go_back_are_ignored(self) -> None:
        for value in ("0-4, 3-6", "4-5, 0-1"):
            self.assertEqual(plan(ask(f"Range: bytes={value}"), SEVERAL), Whole(), value)

    @given(lists(tuples(integers(0, 12), integers(0, 3)), min_size=1, max_size=5))
    def test_the_length_that_is_told_is_the_length_that_is_sent(self, wanted: list[tuple[int, int]]) -> None:
        ranges = ", ".join(f"{first}-{first + more}" for first, more in sorted(wanted))
        parts = plan(ask(f"Range: bytes={ranges}"), SEVERAL)
        if isinstance(parts, Parts):
            self.assertEqual(len(send(parts)), parts.length)
