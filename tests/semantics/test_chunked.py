"""The chunked transfer coding."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, integers, lists
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import BadGateway, BadRequest, PeerError
from tsnode.model.fields import Fields
from tsnode.semantics.chunked import ChunkedContent
from tsnode.semantics.content import Content, End
from tsnode.semantics.unread import Unread
from tsnode.testing.strategies import Cuts, cuts


def too_large() -> PeerError:
    """What these tests get for more than 100 octets of trailers."""
    return BadRequest("too large", status=431)


def read(*pieces: bytes) -> tuple[bytes, Fields | None, bytes]:
    """The content, the trailers (None before the end) and what was left."""
    unread = Unread()
    content = ChunkedContent(BadRequest, 100, too_large)
    found = b""
    for number, piece in enumerate(pieces):
        unread.receive(piece)
        while (event := content.next(unread)) is not None:
            if isinstance(event, End):
                return found, event.trailers, unread.rest() + b"".join(pieces[number + 1:])
            assert isinstance(event, Content)
            found += bytes(event.octets)
    return found, None, unread.rest()


class Chunks(SynchronousTestCase):
    """RFC 9112 §7.1."""

    def refused(self, octets: bytes) -> int:
        """The status that ``octets`` are refused with."""
        fault: BadRequest = self.assertRaises(BadRequest, read, octets)
        return fault.status

    @given(lists(binary(min_size=1, max_size=40), max_size=5), binary(max_size=10), cuts())
    def test_what_was_chunked_comes_out_in_one(self, chunks: list[bytes], rest: bytes, cut: Cuts) -> None:
        octets = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n" + rest
        self.assertEqual(read(*cut.apply(octets)), (b"".join(chunks), Fields(), rest))

    def test_sizes_are_hexadecimal_in_any_case_with_zeros_before(self) -> None:
        for size in (b"a", b"A", b"0a", b"000000000000000a"):
            self.assertEqual(read(size + b"\r\n0123456789\r\n")[0], b"0123456789")

    def test_a_size_with_anything_else_in_it_is_refused(self) -> None:
        for size in (
            b"", b" 5", b"5 ", b"+5", b"-5", b"0x5", b"5h", b"5,5", b"5\t", b"5\x00", b"\xb25", b"5_0", b"5\r",
            b"00000000000000005", b"8000000000000000", b"ffffffffffffffff",
        ):  # fmt: skip
            self.assertEqual(self.refused(size + b"\r\nhello\r\n"), 400, size)

    def test_the_largest_size_is_that_of_a_signed_64_bit_number(self) -> None:
        self.assertEqual(read(b"7fffffffffffffff\r\nhello")[0], b"hello")

    def test_a_bare_lf_ends_no_line(self) -> None:
        for octets in (b"5\nhello\r\n", b"5\r\nhello\n", b"5\r\nhello\r\n0\n", b"5;a\n"):
            self.assertEqual(self.refused(octets), 400, octets)

    def test_a_chunk_that_is_longer_than_its_size_is_refused_at_once(self) -> None:
        for octets in (b"5\r\nhello!", b"5\r\nhello\rX", b"5\r\nhello0\r\n\r\n"):
            self.assertEqual(self.refused(octets), 400, octets)

    def test_what_is_missing_is_waited_for(self) -> None:
        for octets in (b"", b"5", b"5;a", b"5\r", b"5\r\n", b"5\r\nhello", b"5\r\nhello\r", b"5\r\nhello\r\n0\r\n\r"):
            self.assertIsNone(read(octets)[1], octets)

    @given(binary(max_size=60), cuts())
    def test_whatever_the_octets_they_are_read_or_refused(self, octets: bytes, cut: Cuts) -> None:
        try:
            content, trailers, _ = read(*cut.apply(octets))
        except BadRequest:
            return
        self.assertLess(len(content), max(1, len(octets)))
        self.assertTrue(trailers is None or len(octets) >= 5)

    def test_the_fault_is_of_the_family_that_was_asked_for(self) -> None:
        unread = Unread()
        unread.receive(b"x\r\n")
        self.assertRaises(BadGateway, ChunkedContent(BadGateway, 100, too_large).next, unread)


class Extensions(SynchronousTestCase):
    """RFC 9112 §7.1.1."""

    def test_extensions_are_read_over(self) -> None:
        for extension in (b";a", b";a=b", b" ; a = b", b';a="b;\\""', b";a;b=c;d", b';a=""'):
            octets = b"5" + extension + b"\r\nhello\r\n0;x=y\r\n\r\n"
            self.assertEqual(read(octets), (b"hello", Fields(), b""), extension)

    def test_what_is_no_extension_is_refused(self) -> None:
        for extension in (
            b";", b";=b", b";a=", b';a="b', b";a b", b";a=b=c", b";\x01", b";a=\x00", b';a="\x7f"', b";a\rb", b" ;",
        ):  # fmt: skip
            error = self.assertRaises(BadRequest, read, b"5" + extension + b"\r\nhello\r\n")
            self.assertEqual(error.status, 400, extension)

    def test_a_line_has_at_most_4096_octets(self) -> None:
        longest = b"5;" + b"a" * 4092 + b"\r\nhello"
        self.assertEqual(read(longest)[0], b"hello")
        self.assertRaises(BadRequest, read, b"5;a" + longest[2:])

    @given(integers(4096, 6000))
    def test_a_line_that_is_too_long_is_refused_before_it_ends(self, length: int) -> None:
        self.assertRaises(BadRequest, read, b"5;".ljust(length, b"a"))


class Trailers(SynchronousTestCase):
    """RFC 9112 §7.1.2, RFC 9110 §6.5."""

    def trailers(self, lines: bytes) -> Fields | None:
        """The trailers of an empty content."""
        return read(b"0\r\n" + lines + b"\r\n")[1]

    def test_trailers_come_with_the_end(self) -> None:
        self.assertEqual(self.trailers(b"A: b\r\nC:d \r\n"), Fields([(b"A", b"b"), (b"C", b"d")]))

    def test_fields_that_would_have_been_needed_before_are_dropped(self) -> None:
        for name in (
            b"Transfer-Encoding", b"content-length", b"HOST", b"Content-Type", b"Content-Encoding", b"Content-Range",
            b"Cache-Control", b"Authorization", b"Set-Cookie", b"Connection", b"Trailer", b"TE", b"Date", b"Vary",
        ):  # fmt: skip
            self.assertEqual(self.trailers(name + b": x\r\nX: y\r\n"), Fields([(b"X", b"y")]), name)

    def test_what_is_no_field_line_is_refused(self) -> None:
        for line in (b"A\r\n", b"A : b\r\n", b" A: b\r\n", b"A: b\n", b"A: \x00\r\n", b": b\r\n", b"A: b\r\n c\r\n"):
            self.assertRaises(BadRequest, self.trailers, line)

    def test_they_are_bounded(self) -> None:
        fits = b"A: ".ljust(96, b"b") + b"\r\n"
        self.assertEqual(self.trailers(fits), Fields([(b"A", b"b" * 93)]))
        error = self.assertRaises(BadRequest, self.trailers, b"A" + fits)
        self.assertEqual(error.status, 431)
