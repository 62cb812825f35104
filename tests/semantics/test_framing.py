"""Where content ends, and whether the connection outlives it."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import BadGateway, BadRequest
from tsnode.model.fields import Fields
from tsnode.model.messages import CHUNKED, EMPTY, UNTIL_CLOSE, Framing, Sized
from tsnode.semantics.framing import is_persistent, read_request_framing, read_response_framing


def lengths(*values: bytes) -> Fields:
    """One Content-Length line for each value."""
    return Fields([(b"Content-Length", value) for value in values])


def codings(*values: bytes) -> Fields:
    """One Transfer-Encoding line for each value."""
    return Fields([(b"Transfer-Encoding", value) for value in values])


NO_LENGTHS = (
    b"", b"-1", b"+5", b"5,5", b"5, 5", b"0x5", b"5 5", b"5.0", b"1e3", b"five", b"\xb2", b"\xd9\xa5", b"5;", b'"5"',
    b"9223372036854775808", b"00000000000000000005", b"99999999999999999999",
)  # fmt: skip
NOT_CHUNKED = (
    b"", b",", b"chunked,", b",chunked", b"chunked, chunked", b"chunked,gzip", b"gzip", b"identity", b'"chunked"',
    b"chunked;a=b", b"chunked x", b"x chunked", b"gzip,,chunked", b"chunked\x0b", b"xchunked", b"gzip;q=1, chunked",
)  # fmt: skip


class Requests(SynchronousTestCase):
    """RFC 9112 §6.3 for requests."""

    def refused(self, fields: Fields, *, method: bytes = b"POST", version: int = 11) -> tuple[int, bytes]:
        """Status and reason of the refusal."""
        fault: BadRequest = self.assertRaises(BadRequest, read_request_framing, method, version, fields)
        return fault.status, fault.reason

    def test_a_request_that_says_nothing_has_no_content(self) -> None:
        self.assertIs(read_request_framing(b"POST", 11, Fields()), EMPTY)

    @given(integers(1, 2**63 - 1))
    def test_a_length_is_a_decimal_number(self, length: int) -> None:
        self.assertEqual(read_request_framing(b"POST", 10, lengths(b"%d" % length)), Sized(length))

    def test_no_content_is_the_same_however_it_is_said(self) -> None:
        for zero in (b"0", b"000"):
            self.assertIs(read_request_framing(b"GET", 11, lengths(zero)), EMPTY)

    def test_anything_else_is_no_length(self) -> None:
        for value in NO_LENGTHS:
            self.assertEqual(self.refused(lengths(value)), (400, b"Invalid Content Length"), value)

    def test_a_length_may_not_be_said_twice(self) -> None:
        for again in (b"5", b"6"):
            self.assertEqual(self.refused(lengths(b"5", again)), (400, b"Invalid Content Length"))

    def test_chunked_is_understood_in_any_case(self) -> None:
        for value in (b"chunked", b"CHUNKED", b"Chunked"):
            self.assertIs(read_request_framing(b"POST", 11, codings(value)), CHUNKED)

    def test_codings_before_chunked_are_not_implemented(self) -> None:
        for values in ((b"gzip, chunked",), (b"gzip", b"chunked"), (b"identity , CHUNKED",), (b"br,gzip,chunked",)):
            self.assertEqual(self.refused(codings(*values)), (501, b"Not Implemented"), values)

    def test_what_is_not_chunked_at_last_and_once_is_refused(self) -> None:
        for value in NOT_CHUNKED:
            self.assertEqual(self.refused(codings(value)), (400, b"Invalid HTTP Request"), value)
        self.assertEqual(self.refused(codings(b"chunked", b"chunked"))[0], 400)
        self.assertEqual(self.refused(codings(b"chunked", b""))[0], 400)

    def test_a_length_and_a_coding_exclude_each_other(self) -> None:
        self.assertEqual(self.refused(codings(b"chunked").plus((b"content-length", b"5")))[0], 400)

    def test_http_1_0_has_no_codings(self) -> None:
        self.assertEqual(self.refused(codings(b"chunked"), version=10)[0], 400)

    def test_connect_has_no_content(self) -> None:
        for fields in (lengths(b"0"), lengths(b"5"), codings(b"chunked")):
            self.assertEqual(self.refused(fields, method=b"CONNECT")[0], 400)


class Answers(SynchronousTestCase):
    """RFC 9112 §6.3 for responses."""

    def framing(self, fields: Fields, *, method: bytes = b"GET", status: int = 200, version: int = 11) -> Framing:
        """What is read from those fields."""
        return read_response_framing(method, status, version, fields)

    def refused(self, fields: Fields, *, method: bytes = b"GET", version: int = 11) -> int:
        """The status of the refusal."""
        fault: BadGateway = self.assertRaises(BadGateway, read_response_framing, method, 200, version, fields)
        return fault.status

    def test_without_a_word_content_ends_with_the_connection(self) -> None:
        self.assertIs(self.framing(Fields()), UNTIL_CLOSE)

    def test_lengths_and_chunks_are_understood(self) -> None:
        self.assertEqual(self.framing(lengths(b"5")), Sized(5))
        self.assertIs(self.framing(lengths(b"0")), EMPTY)
        self.assertIs(self.framing(codings(b"Chunked")), CHUNKED)

    def test_some_answers_have_no_content_whatever_they_say(self) -> None:
        for fields in (Fields(), lengths(b"5"), codings(b"chunked")):
            for status in (100, 101, 103, 204, 304):
                self.assertIs(self.framing(fields, status=status), EMPTY)
            self.assertIs(self.framing(fields, method=b"HEAD"), EMPTY)
            self.assertIs(self.framing(fields, method=b"CONNECT", status=299), EMPTY)

    def test_an_answer_that_refuses_a_tunnel_has_content(self) -> None:
        self.assertEqual(self.framing(lengths(b"5"), method=b"CONNECT", status=403), Sized(5))

    def test_anything_else_is_no_length(self) -> None:
        for value in NO_LENGTHS:
            self.assertEqual(self.refused(lengths(value)), 502, value)
            self.assertEqual(self.refused(lengths(value), method=b"HEAD"), 502, value)

    def test_a_length_may_be_said_twice_if_it_is_the_same(self) -> None:
        self.assertEqual(self.framing(lengths(b"5", b"5", b"5")), Sized(5))
        self.assertEqual(self.refused(lengths(b"5", b"6")), 502)
        self.assertEqual(self.refused(lengths(b"5", b"6"), method=b"HEAD"), 502)

    def test_no_coding_but_chunked_is_trusted(self) -> None:
        for value in (*NOT_CHUNKED, b"gzip, chunked"):
            self.assertEqual(self.refused(codings(value)), 502, value)
        self.assertEqual(self.refused(codings(b"chunked", b"chunked")), 502)
        self.assertEqual(self.refused(codings(b"chunked"), version=10), 502)
        self.assertEqual(self.refused(codings(b"chunked").plus((b"Content-Length", b"5"))), 502)


class Persistence(SynchronousTestCase):
    """RFC 9112 §9.3."""

    def persists(self, version: int, *values: bytes, proxy: bytes | None = None) -> bool:
        """Whether those Connection lines, and that Proxy-Connection line, let the connection stay open."""
        fields = Fields([(b"Connection", value) for value in values])
        if proxy is not None:
            fields = fields.plus((b"Proxy-Connection", proxy))
        return is_persistent(version, fields)

    def test_http_1_1_stays_open_unless_told_otherwise(self) -> None:
        self.assertTrue(self.persists(11))
        self.assertTrue(self.persists(11, b"upgrade, x"))
        self.assertFalse(self.persists(11, b"close"))

    def test_http_1_0_closes_unless_told_otherwise(self) -> None:
        self.assertFalse(self.persists(10))
        self.assertFalse(self.persists(10, b"x"))
        self.assertTrue(self.persists(10, b"Keep-Alive"))

    def test_close_is_stronger_wherever_it_is_said(self) -> None:
        for values in ((b"close, keep-alive",), (b"keep-alive", b"x,\tClose "), (b"keep-alive,close",)):
            self.assertFalse(self.persists(11, *values))
            self.assertFalse(self.persists(10, *values))

    def test_proxy_connection_is_understood_likewise(self) -> None:
        self.assertTrue(self.persists(10, proxy=b"keep-alive"))
        self.assertTrue(self.persists(10, b"x", proxy=b"keep-alive"))
        self.assertFalse(self.persists(11, proxy=b"close"))
        self.assertFalse(self.persists(11, b"keep-alive", proxy=b"close"))

    def test_only_a_whole_option_counts(self) -> None:
        self.assertTrue(self.persists(11, b"closed, not-close"))
        self.assertFalse(self.persists(10, b"no-keep-alive"))
