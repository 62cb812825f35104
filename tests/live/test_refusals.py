"""Requests that could be read in two ways, or not at all: refused, the connection closed, and never passed on."""

from __future__ import annotations

import re

from tests.live.kit import LiveCase
from tests.live.origin import answer_with, respond, swallow

_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [^\r\n]+\r\n")
_NEXT = b"GET http://ORIGIN/smuggled HTTP/1.1\r\nHost: ORIGIN\r\n\r\n"
"""Follows every refused request, which the node must not take for one."""

_CLOSED_WITHIN = 5.0
"""Seconds after which a connection that was not closed counts as open."""

_HEAD = b"GET http://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n"
_POST = b"POST http://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n"
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"


class Refusals(LiveCase):
    """One node; after each refusal it is as good as new."""

    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.origin = self.start_origin(answer_with(respond(b"ok")))
        self.node = self.start_node()
        self.authority = b"127.0.0.1:%d" % self.origin.port

    def refused(self, octets: bytes) -> str:
        """What is wrong with the way a request is refused; else its status."""
        client = self.connect(self.node.port)
        client.try_send(octets.replace(b"ORIGIN", self.authority))
        client.socket.settimeout(_CLOSED_WITHIN)
        try:
            answer = client.read_to_end()
        except TimeoutError:
            return "the connection stays open"
        client.close()
        head, _, page = answer.partition(b"\r\n\r\n")
        status = _STATUS.match(head)
        if status is None:
            return f"no answer: {answer[:100]!r}"
        if b"\r\nConnection: close" not in head:
            return f"the client may think that the connection stays: {head!r}"
        if b"\r\nContent-Length: %d\r\n" % len(page) not in head + b"\r\n":
            return f"something behind the refusal: {answer!r}"
        return status[1].decode("ascii")

    def check(self, status: int, *cases: bytes) -> None:
        """Each case is refused with that status, and nothing of it reaches the origin; then a good request does."""
        outcomes = {case[:120]: self.refused(case + _NEXT) for case in cases}
        self.assertEqual(outcomes, dict.fromkeys(outcomes, str(status)))
        self.assertEqual(self.origin.received, b"")
        client = self.connect(self.node.port)
        client.get(self.origin.url("/good"))
        self.assertEqual(client.read_answer().content, b"ok")
        self.assertRegex(self.origin.received, rb"\AGET /good HTTP/1\.1\r\n")

    def test_the_host_is_there_once_and_is_one(self) -> None:
        self.check(
            400,
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET http://ORIGIN/ HTTP/1.1\r\n\r\n",
            _HEAD + b"Host: ORIGIN\r\n\r\n",
            _HEAD + b"host: other.example\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: ORIGIN, ORIGIN\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: ORIGIN/path\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: user@ORIGIN\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1:99999\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1:80:80\r\n\r\n",
        )

    def test_a_request_line_has_three_parts_and_two_spaces(self) -> None:
        rest = b"\r\nHost: ORIGIN\r\n\r\n"
        self.check(
            400,
            b"GET" + rest,
            b"GET " + rest,
            b"GET  http://ORIGIN/ HTTP/1.1" + rest,
            b"GET http://ORIGIN/  HTTP/1.1" + rest,
            b"GET http://ORIGIN/ HTTP/1.1 " + rest,
            b" GET http://ORIGIN/ HTTP/1.1" + rest,
            b"GET\thttp://ORIGIN/\tHTTP/1.1" + rest,
            b"GET http://ORIGIN/a b HTTP/1.1" + rest,
            b"GET http://ORIGIN/\x00 HTTP/1.1" + rest,
            b"GET http://ORIGIN/\x7f HTTP/1.1" + rest,
            b"GET http://ORIGIN/\xe4 HTTP/1.1" + rest,
            b"GET http://ORIGIN/ http/1.1" + rest,
            b"GET http://ORIGIN/ HTTP/1" + rest,
            b"GET http://ORIGIN/ HTTP/1.1.1" + rest,
            b"GET http://ORIGIN/ HTTP/01.1" + rest,
            b"GET http://ORIGIN/ HTTPS/1.1" + rest,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello TLS\r\n\r\n",
        )

    def test_a_method_is_a_token(self) -> None:
        rest = b" http://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n"
        self.check(400, *(method + rest for method in (b"GE(T", b"G\x00T", b"GET:", b'"GET"', b"G\xc3\xa9T", b"{GET}")))

    def test_a_target_is_one_of_four_forms_without_a_user(self) -> None:
        self.check(
            400,
            b"GET http://user@ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"GET http://user:secret@ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"GET http:///path HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"GET path HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"GET ftp://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"GET * HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"GET http://ORIGIN:0x50/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"CONNECT http://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"CONNECT 127.0.0.1 HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
            b"CONNECT user@127.0.0.1:443 HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
        )

    def test_a_version_has_to_be_named(self) -> None:
        """HTTP/0.9 is not spoken."""
        self.check(400, b"GET /\r\n", b"GET http://ORIGIN/\r\n", b"GET http://ORIGIN/\r\nHost: ORIGIN\r\n\r\n")

    def test_only_http_1_0_and_1_1_are_spoken(self) -> None:
        rest = b"\r\nHost: ORIGIN\r\n\r\n"
        versions = (b"0.9", b"1.2", b"1.9", b"2.0", b"3.1", b"9.9")
        self.check(505, *(b"GET http://ORIGIN/ HTTP/" + version + rest for version in versions))

    def test_names_and_values_have_no_control_octets(self) -> None:
        lines = [
            b": nameless",
            b"X\x00Y: value",
            b"X\x7fY: value",
            b"X Y: value",
            b"X\tY: value",
            b"X\xe4: value",
            b"X(Y): value",
            b"X: val\x00ue",
            b"X: val\x01ue",
            b"X: val\x7fue",
            b"X: val\x0bue",
            b"no colon at all",
        ]
        self.check(400, *(_HEAD + line + b"\r\n\r\n" for line in lines))

    def test_lines_are_not_folded_and_end_in_crlf(self) -> None:
        self.check(
            400,
            _HEAD + b"X: one\r\n two\r\n\r\n",
            _HEAD + b"X: one\r\n\ttwo\r\n\r\n",
            _HEAD + b"X: one\r\n \r\n\r\n",
            b"GET http://ORIGIN/ HTTP/1.1\r\n Host: ORIGIN\r\n\r\n",
            _HEAD + b"X: one\nY: two\r\n\r\n",
            _HEAD + b"X: one\rY: two\r\n\r\n",
            _HEAD + b"X: one\r\r\n\r\n",
            _HEAD + b"X: one\n\n",
            b"GET http://ORIGIN/ HTTP/1.1\nHost: ORIGIN\n\n",
            b"GET http://ORIGIN/ HTTP/1.1\rHost: ORIGIN\r\n\r\n",
            b"\nGET http://ORIGIN/ HTTP/1.1\r\nHost: ORIGIN\r\n\r\n",
        )

    def test_no_space_is_before_the_colon(self) -> None:
        lines = (b"X : value", b"X\t: value", b"Content-Length : 5", b"Transfer-Encoding : chunked", b"Host : ORIGIN")
        self.check(400, *(_POST + line + b"\r\n\r\nhello" for line in lines))

    def test_a_content_length_is_one_number(self) -> None:
        values = [
            b"+5", b"-5", b"", b"5, 5", b"5,6", b"0x5", b"5 5", b"5.0", b"5;", b"1_0", b"9223372036854775808",
            b"18446744073709551621", b"1" * 40, b"five", b"\xb2",
        ]  # fmt: skip
        cases = [_POST + b"Content-Length: " + value + b"\r\n\r\nhello" for value in values]
        cases.append(_POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello")
        cases.append(_POST + b"Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello")
        self.check(400, *cases)

    def test_a_length_and_a_coding_exclude_each_other(self) -> None:
        chunk = b"\r\n\r\n0\r\n\r\n"
        self.check(
            400,
            _POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked" + chunk,
            _POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5" + chunk,
            _POST + b"Transfer-Encoding: identity\r\nContent-Length: 5" + chunk,
            _POST + b"tRANSFER-eNCODING: CHUNKED\r\nContent-Length: 0" + chunk,
        )

    def test_a_coding_is_chunked_once_and_last(self) -> None:
        values = [
            b"identity", b"gzip", b"chunked, gzip", b"chunked, chunked", b"chunked, identity", b"xchunked", b"chunked;",
            b"chunked;q=1", b'"chunked"', b"chunked,", b",chunked", b"chunked\x0b", b"", b"chun\tked", b"cow",
        ]  # fmt: skip
        cases = [_POST + b"Transfer-Encoding: " + value + b"\r\n\r\n0\r\n\r\n" for value in values]
        doubled = b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
        self.check(400, *cases, _POST + doubled)

    def test_codings_before_chunked_are_not_implemented(self) -> None:
        """RFC 9112 §6.1."""
        values = (b"gzip, chunked", b"GZIP,Chunked", b"identity, chunked", b"deflate , gzip\t,  chunked")
        cases = [_POST + b"Transfer-Encoding: " + value + b"\r\n\r\n0\r\n\r\n" for value in values]
        self.check(501, *cases, _POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")

    def test_http_1_0_has_no_codings(self) -> None:
        head = b"POST http://ORIGIN/ HTTP/1.0\r\nHost: ORIGIN\r\nTransfer-Encoding: "
        self.check(400, *(head + value + b"\r\n\r\n0\r\n\r\n" for value in (b"chunked", b"identity", b"gzip, chunked")))

    def test_a_head_has_a_size_limit(self) -> None:
        self.check(
            431,
            _HEAD + b"X: " + b"x" * 131072 + b"\r\n\r\n",
            _HEAD + b"X: y\r\n" * 30000 + b"\r\n",
            # without an end, and with a name that never ends
            _HEAD + b"x" * 140000,
        )

    def test_a_target_has_a_size_limit(self) -> None:
        rest = b" HTTP/1.1\r\nHost: ORIGIN\r\n\r\n"
        self.check(414, b"GET http://ORIGIN/" + b"x" * 65535 + rest, b"GET " + b"/" * 140000)

    def test_a_large_head_below_the_limit_is_served(self) -> None:
        client = self.connect(self.node.port)
        client.get(self.origin.url(), "X: " + "x" * 130000)
        self.assertEqual(client.read_answer().content, b"ok")
        self.assertIn(b"X: " + b"x" * 130000 + b"\r\n", self.origin.received)


class BadChunks(LiveCase):
    """Chunked content that goes wrong after the head was accepted: the origin never takes it for whole."""

    maxDiff = None

    def test_faults_within_chunks_end_both_connections(self) -> None:
        origin = self.start_origin(swallow)
        node = self.start_node()
        authority = b"127.0.0.1:%d" % origin.port
        cases = [
            b"g\r\n", b" 5\r\nhello\r\n", b"5 \r\nhello\r\n", b"-5\r\nhello\r\n", b"+5\r\nhello\r\n",
            b"0x5\r\nhello\r\n", b"5\nhello\r\n", b"5\rhello\r\n", b"\r\nhello\r\n", b"5\r\nhello",
            b"5\r\nhello, world\r\n", b"5\r\nhello\n", b"10000000000000000\r\nhello\r\n",
            b"00000000000000000000000000000000000005\r\nhello\r\n", b"5;a=\x00\r\nhello\r\n", b"5;\nhello\r\n",
            b"5;" + b"x" * 140000,
        ]  # fmt: skip
        answers = {}
        for case in cases:
            client = self.connect(node.port)
            client.try_send((_CHUNKED + case + _NEXT).replace(b"ORIGIN", authority))
            answers[case[:80]] = client.read_to_end()
        wrong = {
            case: answer
            for case, answer in answers.items()
            if _STATUS.match(answer) is None or b"\r\nConnection: close\r\n" not in answer or answer[9:10] != b"4"
        }
        self.assertEqual(wrong, {})
        for visit in origin.visits:
            self.assertNotIn(b"0\r\n\r\n", visit.received, "the origin saw an end")
            self.assertNotIn(b"smuggled", visit.received)
            # none where the fault was seen before the request had gone out
            self.assertLessEqual(visit.received.count(b"HTTP/1.1\r\n"), 1)
