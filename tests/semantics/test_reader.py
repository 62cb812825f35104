"""Whole messages off a connection."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis.strategies import binary, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.semantics.streams import (
    LIMITS,
    answer_streams,
    damaged,
    messages_of,
    read_answers,
    read_requests,
    request_streams,
)
from tsnode.model.errors import BadGateway, BadRequest
from tsnode.model.fields import Fields
from tsnode.model.messages import CHUNKED, EMPTY, UNTIL_CLOSE, RequestHead, ResponseHead, Sized
from tsnode.semantics.reader import Content, End, KnownHeads, ReaderLimits, RequestReader, ResponseReader
from tsnode.testing.strategies import Cuts, cuts

GET = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def request(line: bytes, *lines: bytes) -> bytes:
    """A request head of those lines, to a host."""
    return b"\r\n".join((line, b"Host: a.example", *lines, b"", b""))


def answer(*lines: bytes, status: bytes = b"200") -> bytes:
    """An answer's head."""
    return b"\r\n".join((b"HTTP/1.1 " + status + b" OK", *lines, b"", b""))


class Requests(SynchronousTestCase):
    """RFC 9112 §2, §3, §6."""

    def head(self, octets: bytes) -> RequestHead:
        """The one head that ``octets`` are."""
        reading = read_requests(octets)
        head = reading.events[0]
        assert isinstance(head, RequestHead)
        self.assertEqual((len(reading.events), reading.refusal, reading.unread), (1, None, 0))
        return head

    def test_a_head_is_told_as_it_was_received(self) -> None:
        fields = Fields([(b"Host", b"a.example"), (b"X-a", b"b c")])
        self.assertEqual(
            self.head(b"BREW /pot?x HTTP/1.0\r\nHost:a.example\r\nX-a: b c \r\n\r\n"),
            RequestHead(b"BREW", b"/pot?x", 10, fields, EMPTY, b"a.example", False),
        )

    def test_the_host_is_the_targets_where_that_has_one(self) -> None:
        for line, host in (
            (b"GET / HTTP/1.1", b"a.example"),
            (b"GET http://B.example:81/ HTTP/1.1", b"B.example:81"),
            (b"OPTIONS * HTTP/1.1", b"a.example"),
            (b"CONNECT c.example:443 HTTP/1.1", b"c.example:443"),
        ):
            self.assertEqual(self.head(request(line)).host, host)
        self.assertEqual(self.head(b"GET / HTTP/1.0\r\n\r\n").host, b"")

    def test_the_connection_stays_open_if_the_client_lets_it(self) -> None:
        for line, said, persistent in (
            (b"GET / HTTP/1.1", b"X: y", True),
            (b"GET / HTTP/1.1", b"Connection: close", False),
            (b"GET / HTTP/1.0", b"X: y", False),
            (b"GET / HTTP/1.0", b"Proxy-Connection: keep-alive", True),
        ):
            self.assertEqual(self.head(request(line, said)).persistent, persistent)

    def test_a_request_without_content_is_complete_with_its_head(self) -> None:
        reader = RequestReader(LIMITS)
        reader.receive(GET + GET)
        for _ in range(2):
            head = reader.next()
            assert isinstance(head, RequestHead)
            self.assertIs(head.framing, EMPTY)
        self.assertIsNone(reader.next())

    def test_content_of_a_length_comes_as_it_arrives(self) -> None:
        reader = RequestReader(LIMITS)
        reader.receive(POST[:-3])
        head = reader.next()
        assert isinstance(head, RequestHead)
        self.assertEqual(head.framing, Sized(5))
        self.assertEqual([reader.next(), reader.next()], [Content(b"he"), None])
        reader.receive(b"llo" + GET)
        self.assertEqual([reader.next(), reader.next()], [Content(b"llo"), End(Fields())])
        self.assertEqual(reader.buffered, len(GET))

    def test_content_in_chunks_ends_with_its_trailers(self) -> None:
        octets = request(b"POST / HTTP/1.1", b"Transfer-Encoding: chunked") + b"2\r\nab\r\n1\r\nc\r\n0\r\nX: y\r\n\r\n"
        head, content, trailers = read_requests(octets).events
        assert isinstance(head, RequestHead)
        self.assertEqual((head.framing, content, trailers), (CHUNKED, b"abc", Fields([(b"X", b"y")])))

    def test_one_message_a_call_so_that_the_rest_can_be_something_else(self) -> None:
        reader = RequestReader(LIMITS)
        reader.receive(request(b"CONNECT a:443 HTTP/1.1") + b"\x16\x03\x01")
        self.assertIsInstance(reader.next(), RequestHead)
        self.assertEqual(reader.rest(), b"\x16\x03\x01")
        self.assertEqual(reader.buffered, 0)

    def test_a_few_empty_lines_before_a_request_are_read_over(self) -> None:
        self.assertEqual(read_requests(b"\r\n\r\n" + GET + b"\r\n" + GET), read_requests(GET + GET))
        self.assertEqual(read_requests(b"\r\n\r\n\r\n" + GET).refusal, (400, b"Invalid HTTP Request"))

    @given(damaged(request_streams()), cuts())
    def test_a_stream_reads_the_same_however_it_is_cut(self, octets: bytes, cut: Cuts) -> None:
        self.assertEqual(read_requests(*cut.apply(octets)), read_requests(octets))

    @given(request_streams(most=1))
    def test_requests_behind_each_other_are_read_as_alone(self, octets: bytes) -> None:
        alone = read_requests(octets)
        self.assertEqual(len(messages_of(alone)), 1)
        self.assertEqual(read_requests(octets, octets).events, alone.events * 2)

    @given(binary(max_size=60), cuts())
    def test_whatever_the_octets_they_are_read_or_refused(self, octets: bytes, cut: Cuts) -> None:
        refusal = read_requests(*cut.apply(octets)).refusal
        self.assertIn(refusal, (None, (400, b"Invalid HTTP Request"), (414, b"URI Too Long")))


class RefusedRequests(SynchronousTestCase):
    """What could be read in two ways is not read at all."""

    def refusals(self, octets: bytes) -> set[tuple[int, bytes] | None]:
        """Status and reason of the refusal, of the octets in one and one by one."""
        return {read_requests(octets).refusal, read_requests(*(bytes([octet]) for octet in octets)).refusal}

    def test_each_fault_has_its_status(self) -> None:
        chunked = b"Transfer-Encoding: chunked"
        for octets, status, reason in (
            (b"GET / HTTP/1.1\r\n\r\n", 400, b"Host Header Required"),
            (request(b"GET / HTTP/1.1", b"Host: a.example"), 400, b"Invalid HTTP Request"),
            (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, b"Invalid HTTP Request"),
            (b"GET http://a/ HTTP/1.1\r\n\r\n", 400, b"Host Header Required"),
            (b"GET http://a/ HTTP/1.1\r\nHost: \r\n\r\n", 400, b"Invalid HTTP Request"),
            (request(b"GET /"), 400, b"Invalid HTTP Request"),
            (request(b"GET a HTTP/1.1"), 400, b"Invalid HTTP Request"),
            (request(b"GET http://u@a.example/ HTTP/1.1"), 400, b"Invalid HTTP Request"),
            (request(b"CONNECT / HTTP/1.1"), 400, b"Invalid HTTP Request"),
            (request(b"G T / HTTP/1.1"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTP/1.1"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTTP/2.0"), 505, b"HTTP Version Not Supported"),
            (request(b"GET / HTTP/1.1", b"A\x01: b"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTTP/1.1", b"A: b\x00"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTTP/1.1", b"A: b", b" c"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTTP/1.1", b"A : b"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTTP/1.1", b"A: b\rc"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTTP/1.1", b"A: b\nc: d"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTTP/1.1", b"A"), 400, b"Invalid HTTP Request"),
            (request(b"GET / HTTP/1.1", b": b"), 400, b"Invalid HTTP Request"),
            (request(b"POST / HTTP/1.1", b"Content-Length: +5"), 400, b"Invalid Content Length"),
            (request(b"POST / HTTP/1.1", b"Content-Length: 5", b"Content-Length: 5"), 400, b"Invalid Content Length"),
            (request(b"POST / HTTP/1.1", b"Content-Length: 5", chunked), 400, b"Invalid HTTP Request"),
            (request(b"POST / HTTP/1.1", chunked, chunked), 400, b"Invalid HTTP Request"),
            (request(b"POST / HTTP/1.1", b"Transfer-Encoding: gzip, chunked"), 501, b"Not Implemented"),
            (request(b"POST / HTTP/1.0", chunked), 400, b"Invalid HTTP Request"),
            (request(b"CONNECT a:443 HTTP/1.1", chunked), 400, b"Invalid HTTP Request"),
            (request(b"POST / HTTP/1.1", chunked) + b"0x5\r\n", 400, b"Invalid HTTP Request"),
            (request(b"POST / HTTP/1.1", chunked) + b"0\r\n A: b\r\n\r\n", 400, b"Invalid HTTP Request"),
        ):
            self.assertEqual(self.refusals(octets), {(status, reason)}, octets)

    def test_limits_count_to_the_octet(self) -> None:
        line = LIMITS.line - len(b"GET / HTTP/1.1")
        self.assertIsNone(read_requests(request(b"GET /" + b"a" * line + b" HTTP/1.1")).refusal)
        self.assertEqual(self.refusals(request(b"GET /" + b"a" * (line + 1) + b" HTTP/1.1")), {(414, b"URI Too Long")})
        head = LIMITS.head - len(request(b"GET / HTTP/1.1", b"A: "))
        self.assertIsNone(read_requests(request(b"GET / HTTP/1.1", b"A: " + b"b" * head)).refusal)
        too_large = request(b"GET / HTTP/1.1", b"A: " + b"b" * (head + 1))
        self.assertEqual(self.refusals(too_large), {(431, b"Request Header Fields Too Large")})

    def test_empty_lines_do_not_count_for_the_limits(self) -> None:
        head = LIMITS.head - len(request(b"GET / HTTP/1.1", b"A: "))
        self.assertIsNone(read_requests(b"\r\n" + request(b"GET / HTTP/1.1", b"A: " + b"b" * head)).refusal)

    def test_endless_lines_and_heads_are_refused_before_they_end(self) -> None:
        self.assertEqual(read_requests(b"a" * (LIMITS.line + 2)).refusal, (414, b"URI Too Long"))
        endless = b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * LIMITS.head
        self.assertEqual(read_requests(endless).refusal, (431, b"Request Header Fields Too Large"))
        trailers = request(b"POST / HTTP/1.1", b"Transfer-Encoding: chunked") + b"0\r\n" + b"A: b\r\n" * LIMITS.head
        self.assertEqual(read_requests(trailers).refusal, (431, b"Request Header Fields Too Large"))

    def test_a_fault_is_told_as_soon_as_it_is_certain(self) -> None:
        for octets in (
            b"\x16\x03", b"GET /\n", b"GET /a b HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost : a\r\n", b"\r\n\r\n\r\n",
        ):  # fmt: skip
            self.assertEqual(read_requests(octets).refusal, (400, b"Invalid HTTP Request"), octets)

    def test_after_a_fault_nothing_is_read_any_more(self) -> None:
        reader = RequestReader(LIMITS)
        reader.receive(b"GET\r\n")
        fault = self.assertRaises(BadRequest, reader.next)
        reader.receive(GET)
        self.assertIs(self.assertRaises(BadRequest, reader.next), fault)

    def test_content_before_a_fault_is_handed_over(self) -> None:
        reader = RequestReader(LIMITS)
        reader.receive(request(b"POST / HTTP/1.1", b"Transfer-Encoding: chunked") + b"1\r\na\r\nz")
        self.assertIsInstance(reader.next(), RequestHead)
        self.assertEqual(reader.next(), Content(b"a"))
        self.assertIsNone(reader.next())
        reader.receive(b"\r\n")
        self.assertRaises(BadRequest, reader.next)


class Answers(SynchronousTestCase):
    """RFC 9112 §4, §6."""

    def head(self, octets: bytes, method: bytes = b"GET") -> ResponseHead:
        """The first head in ``octets``."""
        head = read_answers(octets, to=(method,)).events[0]
        assert isinstance(head, ResponseHead)
        return head

    def test_a_head_is_told_as_it_was_received(self) -> None:
        self.assertEqual(
            self.head(b"HTTP/1.0 299 So \xe4 so\r\nX:  y\r\nContent-Length: 5\r\n\r\n"),
            ResponseHead(10, 299, b"So \xe4 so", Fields([(b"X", b"y"), (b"Content-Length", b"5")]), Sized(5), False),
        )

    def test_the_reason_may_be_missing(self) -> None:
        for line in (b"HTTP/1.1 200", b"HTTP/1.1 200 "):
            self.assertEqual(self.head(line + b"\r\n\r\n").reason, b"")

    def test_each_framing_ends_as_it_should(self) -> None:
        self.assertEqual(read_answers(OK).events[1:], (b"hello", Fields()))
        chunked = answer(b"Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\nX: y\r\n\r\n"
        self.assertEqual(read_answers(chunked).events[1:], (b"hello", Fields([(b"X", b"y")])))
        until_close = answer() + b"hello"
        self.assertIs(self.head(until_close).framing, UNTIL_CLOSE)
        self.assertEqual(read_answers(until_close).events[1:], (b"hello",))
        self.assertEqual(read_answers(until_close, closes=True).events[1:], (b"hello", Fields()))

    def test_an_answer_without_content_is_complete_with_its_head(self) -> None:
        for method, octets in (
            (b"HEAD", answer(b"Content-Length: 5")), (b"GET", answer(b"Content-Length: 5", status=b"304")),
            (b"GET", answer(status=b"204")), (b"GET", answer(b"Content-Length: 0")),
        ):  # fmt: skip
            reading = read_answers(octets + b"surplus", to=(method,))
            self.assertEqual((len(reading.events), reading.unread), (1, len(b"surplus")), octets)

    def test_interim_heads_come_before_the_final_one(self) -> None:
        octets = answer(b"Content-Length: 7", status=b"100") + answer(status=b"103") + OK
        heads = [event.status for event in read_answers(octets).events if isinstance(event, ResponseHead)]
        self.assertEqual(heads, [100, 103, 200])

    def test_only_what_is_expected_is_read(self) -> None:
        reader = ResponseReader(LIMITS)
        reader.receive(OK + OK)
        self.assertIsNone(reader.next())
        reader.expect(b"GET")
        self.assertIsInstance(reader.next(), ResponseHead)
        self.assertEqual([reader.next(), reader.next(), reader.next()], [Content(b"hello"), End(Fields()), None])
        self.assertEqual(reader.buffered, len(OK))

    def test_nothing_is_read_behind_an_answer_that_opens_a_tunnel(self) -> None:
        for method, octets in ((b"GET", answer(status=b"101")), (b"CONNECT", answer(b"Content-Length: 5"))):
            reader = ResponseReader(LIMITS)
            reader.expect(method)
            reader.receive(octets + OK)
            head = reader.next()
            assert isinstance(head, ResponseHead)
            self.assertFalse(head.persistent)
            self.assertIsNone(reader.next())
            self.assertEqual(reader.rest(), OK)

    def test_the_connection_can_be_used_again_if_the_answer_lets_it(self) -> None:
        for octets, persistent in (
            (OK, True), (answer(b"Content-Length: 0", b"Connection: close"), False), (answer(), False),
            (answer(b"Content-Length: 0").replace(b"1.1", b"1.0"), False), (answer(status=b"204"), True),
            (answer(b"Content-Length: 0", b"Connection: keep-alive").replace(b"1.1", b"1.0"), True),
        ):  # fmt: skip
            self.assertEqual(self.head(octets).persistent, persistent, octets)

    def test_content_that_is_here_can_be_taken_whole(self) -> None:
        reader = ResponseReader(LIMITS)
        reader.expect(b"GET")
        reader.receive(OK[:-1])
        self.assertIsNone(reader.take_whole())
        reader.next()
        self.assertIsNone(reader.take_whole())
        reader.receive(OK[-1:] + b"surplus")
        self.assertEqual(reader.take_whole(), b"hello")
        self.assertIsNone(reader.next())
        self.assertEqual(reader.buffered, len(b"surplus"))

    @given(damaged(answer_streams()), sampled_from((b"GET", b"HEAD")), sampled_from((b"", b"HTTP/1.1 2")))
    def test_an_answer_taken_at_once_is_the_one_that_is_read(self, octets: bytes, method: bytes, before: bytes) -> None:
        known = KnownHeads()
        slow, quick = ResponseReader(LIMITS, known), ResponseReader(LIMITS, known)
        for reader in (slow, quick):
            reader.expect(method)
        quick.receive(before)
        with contextlib.suppress(BadGateway):
            slow.receive(octets)
            head = slow.next()
            whole = slow.take_whole()
            found = quick.receive_whole(octets)
            if found is None:
                return
            self.assertEqual((method, before, slow.buffered), (b"GET", b"", 0))
            self.assertEqual((found[0], bytes(found[1])), (head, bytes(whole or b"")))
            self.assertEqual((quick.buffered, quick.next()), (0, None))

    def test_an_answer_is_taken_at_once_when_its_head_came_before(self) -> None:
        reader = ResponseReader(LIMITS)
        reader.expect(b"GET")
        self.assertIsNone(reader.receive_whole(OK))
        reader.receive(OK)
        head = reader.next()
        reader.take_whole()
        self.assertIsNone(reader.receive_whole(OK), "nothing was asked")
        reader.expect(b"GET")
        for octets in (OK[:-1], OK + b"x", OK.replace(b"200", b"203")):
            self.assertIsNone(reader.receive_whole(octets))
        self.assertEqual(reader.receive_whole(OK), (head, b"hello"))

    def test_behind_an_answer_that_ends_the_connection_nothing_is_taken_at_once(self) -> None:
        for octets in (answer(b"Content-Length: 2", b"Connection: close") + b"ok", answer() + b"ok"):
            known = KnownHeads()
            first, second = ResponseReader(LIMITS, known), ResponseReader(LIMITS, known)
            for reader in (first, second):
                reader.expect(b"GET")
                self.assertIsNone(reader.receive_whole(octets))
                reader.receive(octets)
                reader.next()

    def test_content_without_a_length_is_never_whole(self) -> None:
        for octets in (answer() + b"hello", answer(b"Transfer-Encoding: chunked") + b"0\r\n\r\n"):
            reader = ResponseReader(LIMITS)
            reader.expect(b"GET")
            reader.receive(octets)
            reader.next()
            self.assertIsNone(reader.take_whole())

    @given(damaged(answer_streams()), cuts())
    def test_a_stream_reads_the_same_however_it_is_cut(self, octets: bytes, cut: Cuts) -> None:
        for closes in (True, False):
            whole = read_answers(octets, to=(b"GET", b"GET"), closes=closes)
            self.assertEqual(read_answers(*cut.apply(octets), to=(b"GET", b"GET"), closes=closes), whole)

    @given(binary(max_size=60), cuts())
    def test_whatever_the_octets_they_are_read_or_refused(self, octets: bytes, cut: Cuts) -> None:
        refusal = read_answers(*cut.apply(b"HTTP/1.1 200" + octets), closes=True).refusal
        self.assertIn(refusal, (None, (502, b"Bad Gateway"), (502, b"Malformed Server Response Status")))


class RefusedAnswers(SynchronousTestCase):
    """A next hop that cannot be understood is not guessed at."""

    def test_a_malformed_status_line_is_refused(self) -> None:
        for line in (
            b"", b"HTTP/1.1", b"HTTP/1.1 20", b"HTTP/1.1 2000 OK", b"HTTP/1.1 099 OK", b"HTTP/1.1 600 OK",
            b"HTTP/1.1 abc OK", b"HTTP/1.1  200 OK", b" HTTP/1.1 200 OK", b"HTTP/1.2 200 OK", b"HTTP/2.0 200 OK",
            b"HTTP/0.9 200 OK", b"http/1.1 200 OK", b"ICY 200 OK", b"HTTP/1.1 200OK", b"HTTP/1.1\t200 OK",
        ):  # fmt: skip
            refusal = read_answers(line + b"\r\nContent-Length: 0\r\n\r\n").refusal
            self.assertEqual(refusal, (502, b"Malformed Server Response Status"), line)

    def test_malformed_fields_are_refused(self) -> None:
        for line in (
            b"A", b"A : b", b" A: b", b"A: b\nC: d", b"A: b\rc", b"A: \x00", b"A: b\r\n c", b"Content-Length: x",
        ):  # fmt: skip
            self.assertEqual(read_answers(answer(line)).refusal, (502, b"Bad Gateway"), line)

    def test_endless_heads_and_trailers_are_refused_before_they_end(self) -> None:
        for octets in (
            b"HTTP/1.1 200 " + b"a" * LIMITS.head,
            b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * LIMITS.head,
            answer(b"A: " + b"b" * LIMITS.head),
            answer(b"Transfer-Encoding: chunked") + b"0\r\n" + b"A: b\r\n" * LIMITS.head,
        ):
            self.assertEqual(read_answers(octets).refusal, (502, b"Malformed Server Response"), octets)

    def test_a_large_head_within_the_limit_is_read(self) -> None:
        line = b"A: ".ljust(LIMITS.head - len(answer(b"")), b"b")
        self.assertIsNone(read_answers(answer(line)).refusal)
        self.assertEqual(read_answers(answer(line + b"b")).refusal, (502, b"Malformed Server Response"))

    def test_a_connection_that_ends_before_the_answer_does_is_a_fault(self) -> None:
        chunked = answer(b"Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n"
        for whole in (OK, chunked, answer(status=b"100") + OK):
            for length in range(len(whole)):
                self.assertEqual(read_answers(whole[:length], closes=True).refusal, (502, b"Bad Gateway"), length)
            self.assertIsNone(read_answers(whole, closes=True).refusal)

    def test_after_a_fault_nothing_is_read_any_more(self) -> None:
        reader = ResponseReader(LIMITS)
        reader.expect(b"GET")
        reader.receive(b"nonsense\r\n")
        fault = self.assertRaises(BadGateway, reader.next)
        reader.receive(OK)
        reader.expect(b"GET")
        self.assertIs(self.assertRaises(BadGateway, reader.next), fault)


class Remembering(SynchronousTestCase):
    """A head that was read before need not be read again."""

    def read(self, known: KnownHeads, octets: bytes, method: bytes = b"GET") -> tuple[ResponseHead, object]:
        """The first head that a new reader finds in ``octets``, and what follows it."""
        reader = ResponseReader(LIMITS, known)
        reader.expect(method)
        reader.receive(octets)
        head = reader.next()
        assert isinstance(head, ResponseHead)
        return head, reader.next()

    def test_the_same_octets_are_the_same_head_with_their_own_content(self) -> None:
        known = KnownHeads()
        first, _ = self.read(known, OK)
        second, content = self.read(known, OK[:-5] + b"world")
        self.assertIs(second, first)
        self.assertEqual(content, Content(b"world"))

    def test_an_answer_to_anything_but_get_is_read_for_itself(self) -> None:
        known = KnownHeads()
        self.read(known, OK)
        head, after = self.read(known, OK, b"HEAD")
        self.assertIs(head.framing, EMPTY)
        self.assertIsNone(after)
        again, _ = self.read(known, OK)
        self.assertEqual(again.framing, Sized(5))

    def test_interim_heads_and_tunnels_are_not_mistaken_for_final_heads(self) -> None:
        known = KnownHeads()
        for _ in range(2):
            head, after = self.read(known, answer(status=b"103") + OK)
            self.assertEqual(head.status, 103)
            self.assertIsInstance(after, ResponseHead)

    def test_a_known_head_without_content_is_complete(self) -> None:
        known = KnownHeads()
        for _ in range(2):
            head, after = self.read(known, answer(status=b"304") + OK)
            self.assertEqual((head.status, after), (304, None))

    @given(damaged(answer_streams()), cuts())
    def test_what_is_remembered_changes_nothing(self, octets: bytes, cut: Cuts) -> None:
        known = KnownHeads()
        plain = read_answers(octets, to=(b"GET", b"GET"))
        for pieces in ([octets], cut.apply(octets)):
            self.assertEqual(read_answers(*pieces, to=(b"GET", b"GET"), known=known), plain)


class Limits(SynchronousTestCase):
    """Heads as large as the limits allow."""

    def test_a_head_above_the_limit_of_a_line_is_read_if_its_line_is_not(self) -> None:
        octets = request(b"GET / HTTP/1.1", b"A: " + b"b" * 60)
        limits = ReaderLimits(head=len(octets), line=len(b"GET / HTTP/1.1"))
        self.assertEqual(len(read_requests(octets, limits=limits).events), 1)
