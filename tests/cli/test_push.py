"""``tsnode push``."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from click.testing import CliRunner
from twisted.trial.unittest import SynchronousTestCase

from tests.live.origin import Origin, Visit
from tsnode.cli.push import render_push
from tsnode.cli.tsnode import main
from tsnode.model.messages import RequestHead, ResponseHead, Sized
from tsnode.semantics.reader import Content, ReaderLimits, RequestReader, ResponseReader

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
URL = "http://www.example.com/picture.png"


class Command(SynchronousTestCase):
    def setUp(self) -> None:
        self.file = Path(self.mktemp()).with_suffix(".png")
        self.file.write_bytes(b"\x89PNG" + bytes(100_000))

    def push(self, *arguments: str, answer: bytes = CREATED) -> bytes:
        """What a node that answers so is sent when the file is pushed with further arguments; the result is kept."""
        received = []

        def serve(visit: Visit) -> None:
            head = visit.read_until(b"\r\n\r\n")
            (length,) = (line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            received.append(head + visit.read_exactly(int(length.partition(b":")[2])))
            visit.send(answer)

        node = Origin(serve)
        words = ["push", "-f", str(self.file), "-u", URL, "-p", f"127.0.0.1:{node.port}", *arguments]
        self.result = CliRunner().invoke(main, words)
        self.assertEqual(node.stop(), [])
        return received[0]

    def test_what_is_sent_is_a_push_with_a_whole_answer_in_it(self) -> None:
        received = self.push("-H", "Cache-Control: max-age=60", "-R", "Accept-Language: de")
        self.assertEqual((self.result.exit_code, self.result.stdout), (0, "201 Created\n"))
        outer = RequestReader(ReaderLimits(10_000, 10_000))
        outer.receive(received)
        head = outer.next()
        assert isinstance(head, RequestHead)
        self.assertEqual((head.method, head.target, head.host), (b"PUSH", URL.encode(), b"www.example.com"))
        self.assertEqual(head.fields.get(b"accept-language"), b"de")
        content = outer.next()
        assert isinstance(content, Content)
        self.assertEqual(head.framing, Sized(len(content.octets)))
        inner = ResponseReader(ReaderLimits(10_000, 10_000))
        inner.expect(b"GET")
        inner.receive(bytes(content.octets))
        answer = inner.next()
        assert isinstance(answer, ResponseHead)
        told = [answer.fields.get(name) for name in (b"content-type", b"cache-control")]
        self.assertEqual((answer.status, told), (200, [b"image/png", b"max-age=60"]))
        body = inner.take_whole()
        assert body is not None
        self.assertEqual(bytes(body), self.file.read_bytes())

    def test_a_refusal_is_told_and_is_status_1(self) -> None:
        self.push(answer=b"HTTP/1.1 403 Access Denied\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual((self.result.exit_code, self.result.stdout), (1, "403 Access Denied\n"))

    def test_an_answer_that_is_none_is_told(self) -> None:
        for answer in (b"", b"what?\r\n\r\n"):
            self.push(answer=answer)
            self.assertEqual(self.result.exit_code, 1)
            self.assertRegex(self.result.stderr, r"^127\.0\.0\.1:\d+: .")

    def test_a_node_that_is_not_there_is_told(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["push", "-f", str(self.file), "-u", f"http://127.0.0.1:{port}/x"])
        self.assertEqual(result.exit_code, 1)
        self.assertIn(f"127.0.0.1:{port}: ", result.stderr)

    def test_the_heads_are_shown_where_that_is_wanted(self) -> None:
        self.push("-v")
        self.assertTrue(self.result.stdout.startswith(f"PUSH {URL} HTTP/1.1\n"), self.result.stdout)

    def test_what_cannot_be_sent_is_refused_before_anything_is(self) -> None:
        for words, told in (
            (["-u", "ftp://a/"], "is not a whole http URL"), (["-u", "/x"], "is not a whole http URL"),
            (["-u", "http://a b/"], "is not a whole http URL"), (["-u", "http://a:x/"], "--url"),
            (["-u", URL, "-p", "a"], "is not HOST:PORT"), (["-u", URL, "-p", "a:x"], "is not HOST:PORT"),
            (["-u", URL, "-p", "a:80/x"], "is not HOST:PORT"), (["-u", URL, "-H", "x"], "is no field line"),
            (["-u", URL, "-H", "a: b\r\nc: d"], "is no field line"),
            (["-u", URL, "-R", "a: \u20ac"], "is no field line"),
            (["-u", URL, "-t", "text/\u20ac"], "is no field line"),
            (["-u", URL, "-t", "a/b\r\nc: d"], "is no field line"),
            (["-u", "http://user@a/"], "is not a whole http URL"), (["-u", "http://a/\x7f"], "is not a whole http URL"),
            (["-u", "http://a/#part"], "is not a whole http URL"),
            (["-u", URL, "--timeout", "nan"], "--timeout"), (["-u", URL, "--timeout", "1e300"], "--timeout"),
        ):  # fmt: skip
            result = CliRunner().invoke(main, ["push", "-f", str(self.file), *words])
            self.assertEqual(result.exit_code, 2, words)
            self.assertIn(told, result.stderr, words)

    def test_what_is_no_regular_file_is_not_waited_for(self) -> None:
        pipe = Path(self.mktemp())
        os.mkfifo(pipe)
        for other in (pipe, Path("/dev/zero")):
            result = CliRunner().invoke(main, ["push", "-f", str(other), "-u", URL, "-p", "127.0.0.1:1"])
            self.assertEqual(result.exit_code, 2)
            self.assertIn("is no regular file", result.stderr)

    def test_a_node_whose_name_can_be_none_is_told(self) -> None:
        for name in ("a..example", "a" * 64):
            result = CliRunner().invoke(main, ["push", "-f", str(self.file), "-u", f"http://{name}/x"])
            self.assertEqual(result.exit_code, 1, result.exception)
            self.assertTrue(result.stderr.startswith(f"{name}:80: "), result.stderr)

    def test_both_lengths_are_right_whatever_is_said_besides(self) -> None:
        octets = render_push("http://a/", 7, "text/plain", ("X: y",), ("Z: w",))
        outer, _, inner = octets.partition(b"\r\n\r\n")
        self.assertIn(b"\r\nContent-Length: %d\r\n" % (len(inner) + 7), outer)
        self.assertIn(b"\r\nContent-Length: 7\r\n", inner)
