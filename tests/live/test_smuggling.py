"""Requests with others hidden in them: the origin sees what the client sent, told by another reader of HTTP."""

from __future__ import annotations

import h11

from tests.live.kit import LiveCase
from tests.live.origin import Visit, respond

_HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: victim.example\r\n\r\n"


class Smuggling(LiveCase):
    """h11 reads at the origin: two readers have to agree on where each request ends."""

    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.seen: list[tuple[bytes, bytes, bytes]] = []
        self.origin = self.start_origin(self.read_requests)
        self.node = self.start_node()

    def read_requests(self, visit: Visit) -> None:
        """Answer what h11 takes for requests, and note method, path and content of each."""
        while True:
            reader = h11.Connection(h11.SERVER)
            head, content = None, b""
            while not isinstance(event := reader.next_event(), h11.EndOfMessage):
                if event is h11.NEED_DATA:
                    octets = visit.read_some()
                    if not octets:
                        return
                    reader.receive_data(octets)
                elif isinstance(event, h11.Request):
                    head = event
                elif isinstance(event, h11.Data):
                    content += bytes(event.data)
            assert head is not None
            self.seen.append((head.method, head.target, content))
            visit.send(respond(b"ok", b"Cache-Control: no-store"))
            rest, _ = reader.trailing_data
            assert not rest, rest

    def send(self, *requests: bytes) -> list[tuple[bytes, bytes, bytes]]:
        """What the origin sees of requests that are sent at once, and of a good one behind them."""
        client = self.connect(self.node.port)
        authority = b"127.0.0.1:%d" % self.origin.port
        last = b"GET http://ORIGIN/last HTTP/1.1\r\nHost: ORIGIN\r\nConnection: close\r\n\r\n"
        client.try_send(b"".join((*requests, last)).replace(b"ORIGIN", authority))
        self.answers = client.read_to_end()
        seen, self.seen = self.seen, []
        return seen

    def head(self, *lines: bytes, method: bytes = b"POST") -> bytes:
        """The head of a request to the origin."""
        return b"\r\n".join([method + b" http://ORIGIN/first HTTP/1.1", b"Host: ORIGIN", *lines, b"", b""])

    def test_a_request_in_content_is_content(self) -> None:
        length = b"Content-Length: %d" % len(_HIDDEN)
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(_HIDDEN), _HIDDEN)
        last = (b"GET", b"/last", b"")
        for method in (b"POST", b"PUT", b"PATCH", b"GET", b"DELETE", b"OPTIONS", b"BREW"):
            expected = [(method, b"/first", _HIDDEN), last]
            self.assertEqual(self.send(self.head(length, method=method) + _HIDDEN), expected, (method, self.answers))
            coded = self.head(b"Transfer-Encoding: chunked", method=method) + chunked
            self.assertEqual(self.send(coded), expected, (method, self.answers))

    def test_a_request_in_extensions_or_trailers_is_nothing(self) -> None:
        coded = self.head(b"Transfer-Encoding: chunked")
        hidden = b"GET /smuggled HTTP/1.1"
        expected = [(b"POST", b"/first", b"hello"), (b"GET", b"/last", b"")]
        self.assertEqual(self.send(coded + b'5;x="' + hidden + b'"\r\nhello\r\n0\r\n\r\n'), expected)
        self.assertEqual(self.send(coded + b"5\r\nhello\r\n0;x=\"" + hidden + b"\"\r\n\r\n"), expected)
        trailers = b"X: " + hidden + b"\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n"
        self.assertEqual(self.send(coded + b"5\r\nhello\r\n0\r\n" + trailers + b"\r\n"), expected)

    def test_framing_cannot_be_taken_away_by_connection(self) -> None:
        """Connection names what is for this node only; the framing of a message is not the sender's to drop."""
        length = b"Content-Length: %d" % len(_HIDDEN)
        expected = [(b"POST", b"/first", _HIDDEN), (b"GET", b"/last", b"")]
        for option in (b"content-length", b"Content-Length, Host", b"transfer-encoding", b"host, x"):
            self.assertEqual(self.send(self.head(length, b"Connection: " + option) + _HIDDEN), expected, option)
        coded = b"%x\r\n%b\r\n0\r\n\r\n" % (len(_HIDDEN), _HIDDEN)
        for option in (b"transfer-encoding", b"content-length"):
            head = self.head(b"Transfer-Encoding: chunked", b"Connection: " + option)
            self.assertEqual(self.send(head + coded), expected, option)

    def test_a_length_beside_a_coding_is_refused_whichever_counts(self) -> None:
        """CL.TE and TE.CL, and codings that only one of two readers would see."""
        content = b"0\r\n\r\n" + _HIDDEN
        length = b"Content-Length: %d" % len(content)
        spellings = [
            b"Transfer-Encoding: chunked",
            b"Transfer-Encoding: xchunked",
            b"Transfer-Encoding : chunked",
            b"Transfer-Encoding:\tchunked",
            b"Transfer-Encoding: \x0bchunked",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
            b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
            b"X: y\nTransfer-Encoding: chunked",
            b"X: y\rTransfer-Encoding: chunked",
            b"X:\r\n Transfer-Encoding: chunked",
            b"Transfer-Encoding\r\n : chunked",
            b" Transfer-Encoding: chunked",
            b"transfer-encoding: CHUNKED",
        ]
        for spelling in spellings:
            for lines in ((length, spelling), (spelling, length)):
                self.assertEqual(self.send(self.head(*lines) + content), [], lines)
                self.assertTrue(self.answers.startswith(b"HTTP/1.1 400 "), lines)
                self.assertEqual(self.answers.count(b"HTTP/1.1 "), 1, lines)

    def test_pipelined_requests_are_answered_one_by_one(self) -> None:
        paths = [b"/%d" % number for number in range(20)]
        requests = [b"GET http://ORIGIN" + path + b" HTTP/1.1\r\nHost: ORIGIN\r\n\r\n" for path in paths]
        seen = self.send(*requests)
        self.assertEqual([path for _, path, _ in seen], [*paths, b"/last"])
        self.assertEqual(self.answers.count(b"HTTP/1.1 200 OK\r\n"), 21)
