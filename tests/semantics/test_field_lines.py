"""Field lines, and the scan for the first fault."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hypothesis import given
from hypothesis.strategies import binary
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import BadRequest, PeerError
from tsnode.model.fields import Fields
from tsnode.semantics.field_lines import FIELD_LINES, TOKEN, HeadScan, LastLines, split_fields
from tsnode.testing.strategies import Cuts, cuts, fields


def too_large() -> PeerError:
    """More than the head may have."""
    return BadRequest("too large", status=431)


def too_long() -> PeerError:
    """More than the first line may have."""
    return BadRequest("too long", status=414)


class Expressions(SynchronousTestCase):
    """RFC 9110 §5.1, §5.5, §5.6.2."""

    def test_a_token_has_no_separators_no_blanks_and_no_octets_above_ascii(self) -> None:
        allowed = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for octet in range(256):
            self.assertEqual(re.fullmatch(TOKEN, bytes([octet])) is not None, octet in allowed, octet)

    def test_a_value_has_no_control_octets_but_tabs(self) -> None:
        for octet in range(256):
            refused = (octet < 0x20 and octet != 0x09) or octet == 0x7F
            line = b"a: b%cc\r\n" % octet
            self.assertEqual(re.fullmatch(FIELD_LINES, line) is None, refused, octet)


class Splitting(SynchronousTestCase):
    """From octets to fields."""

    @given(fields())
    def test_fields_that_were_rendered_are_split_again(self, known: Fields) -> None:
        split = split_fields(known.render())
        self.assertEqual(split, known)
        self.assertEqual(set(split.names()), set(known.names()))
        for name in known.names():
            self.assertEqual(split.all(name), known.all(name))

    def test_values_come_without_the_blanks_around_them(self) -> None:
        self.assertEqual(split_fields(b"A:b\r\nC: \td e\t \r\nF:\r\nG::\r\n").lines, (
            (b"A", b"b"), (b"C", b"d e"), (b"F", b""), (b"G", b":"),
        ))  # fmt: skip

    def test_a_sender_that_repeats_its_lines_has_the_same_fields(self) -> None:
        last = LastLines()
        self.assertEqual(len(last.split(b"")), 0)
        first = last.split(b"A: b\r\n")
        self.assertEqual(first, Fields([(b"A", b"b")]))
        self.assertIs(last.split(b"A: b\r\n"), first)
        self.assertEqual(last.split(b"A: c\r\n"), Fields([(b"A", b"c")]))

    def test_no_lines_are_no_fields(self) -> None:
        self.assertEqual(split_fields(b""), Fields())


class Scanning(SynchronousTestCase):
    """The first fault in the stream decides, wherever the stream is cut."""

    def judge(self, pieces: Iterable[bytes], *, head: int = 100) -> tuple[list[bytes], object]:
        """The start lines that were given, and whether the head is complete or the status that it is refused with."""
        scan = HeadScan(BadRequest, head, too_large)
        lines: list[bytes] = []
        octets = b"before"
        complete = False
        try:
            for piece in pieces:
                octets += piece
                line = scan.start_line(octets, 6, 20, too_long)
                if line is not None:
                    lines.append(line)
                complete = scan.is_complete(octets, 6)
                if complete:
                    break
        except BadRequest as fault:
            return lines, fault.status
        return lines, complete

    def test_a_head_is_complete_with_its_empty_line(self) -> None:
        self.assertEqual(self.judge([b"start\r\nA: b\r\n\r\nrest"]), ([b"start"], True))
        self.assertEqual(self.judge([b"start\r\n\r\n"]), ([b"start"], True))
        for octets in (b"", b"start", b"start\r", b"start\r\n", b"start\r\nA: b", b"start\r\nA: b\r\n\r"):
            self.assertFalse(self.judge([octets])[1], octets)

    def test_the_start_line_is_given_once(self) -> None:
        self.assertEqual(self.judge([b"sta", b"rt\r", b"\nA: ", b"b\r\n", b"\r\n"]), ([b"start"], True))

    def test_a_fault_is_found_as_soon_as_it_is_certain(self) -> None:
        for octets in (
            b"s\x00", b"s\n", b"s\rt", b"start\r\r\n", b"start\r\nA\r\n", b"start\r\n A: b\r\n", b"start\r\nA: b\n",
        ):  # fmt: skip
            self.assertEqual(self.judge([octets])[1], 400, octets)

    def test_what_comes_first_decides(self) -> None:
        self.assertEqual(self.judge([b"s" * 23])[1], 414)
        self.assertEqual(self.judge([b"s\x00".ljust(23, b"s")])[1], 400)
        self.assertEqual(self.judge([b"s" * 23 + b"\x00"])[1], 414)
        self.assertEqual(self.judge([b"start\r\nA: ".ljust(101, b"b")])[1], 431)
        self.assertEqual(self.judge([b"start\r\nA\r\n".ljust(101, b"b")])[1], 400)

    def test_limits_count_the_octets_that_they_say(self) -> None:
        self.assertEqual(self.judge([b"s" * 20 + b"\r\n\r\n"])[1], True)
        self.assertEqual(self.judge([b"s" * 21 + b"\r\n\r\n"])[1], 414)
        self.assertEqual(self.judge([b"start\r\nA: ".ljust(96, b"b") + b"\r\n\r\n"])[1], True)
        self.assertEqual(self.judge([b"start\r\nA: ".ljust(97, b"b") + b"\r\n\r\n"])[1], 431)

    def test_a_start_line_longer_than_a_whole_head_may_be_is_too_long(self) -> None:
        self.assertEqual(self.judge([b"s" * 15], head=15)[1], 414)

    @given(binary(max_size=30), cuts())
    def test_the_judgment_does_not_depend_on_the_cuts(self, octets: bytes, cut: Cuts) -> None:
        head = b"start\r\nA: b\r\n" + octets + b"\r\n\r\n"
        self.assertEqual(self.judge(cut.apply(head)), self.judge([head]))
