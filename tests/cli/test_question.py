"""The words of ``tsnode explain`` as a question."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis.strategies import binary, lists, text
from twisted.trial.unittest import SynchronousTestCase

from tsnode.cli.question import QuestionError, parse_moment, read_answer, read_request
from tsnode.model.messages import EMPTY, RequestHead, ResponseHead, Sized
from tsnode.model.settings import Limits

LIMITS = Limits()


def read(
    url: str, *lines: str, method: str = "GET", limits: Limits = LIMITS, origin_form: bool = False
) -> RequestHead:
    return read_request(method, url, lines, limits, origin_form=origin_form)


class Moments(SynchronousTestCase):
    def test_numbers_and_iso_8601_are_moments(self) -> None:
        for written in ("1795712400", "1795712400.0", "2026-11-26T17:00:00Z", "2026-11-26T18:00:00+01:00"):
            self.assertEqual(parse_moment(written), 1795712400, written)

    def test_anything_else_is_none(self) -> None:
        for written in ("", "noon", "nan", "inf", "-1", "1e300", "2026-13-01", "9999-12-31T23:59:59-23:59"):
            self.assertRaises(QuestionError, parse_moment, written)

    @given(text(max_size=30))
    def test_any_text_is_a_moment_or_refused(self, written: str) -> None:
        try:
            self.assertGreaterEqual(parse_moment(written), 0)
        except QuestionError:
            pass


class Requests(SynchronousTestCase):
    def refused(self, url: str, *lines: str, method: str = "GET", limits: Limits = LIMITS) -> str:
        """Why such a request cannot be asked about."""
        return str(self.assertRaises(QuestionError, read, url, *lines, method=method, limits=limits))

    def test_a_client_of_a_proxy_sends_the_whole_url(self) -> None:
        head = read("http://a.example:81/x?y", "X-1: a b ")
        self.assertEqual((head.method, head.target), (b"GET", b"http://a.example:81/x?y"))
        self.assertEqual(head.fields.lines, ((b"Host", b"a.example:81"), (b"X-1", b"a b")))
        self.assertEqual((head.host, head.framing), (b"a.example:81", EMPTY))

    def test_a_client_that_knows_of_no_proxy_sends_the_path(self) -> None:
        for rest, target in (("", b"/"), ("/x?y", b"/x?y"), ("?y", b"/?y")):
            head = read(f"http://a.example{rest}", origin_form=True)
            self.assertEqual((head.target, head.host), (target, b"a.example"))

    def test_a_host_that_is_given_stays(self) -> None:
        self.assertEqual(read("http://a.example/", "host: b.example", origin_form=True).host, b"b.example")

    def test_connect_is_for_a_host_and_a_port(self) -> None:
        for url in ("a.example:443", "https://a.example/", "https://a.example:443"):
            self.assertEqual(read(url, method="CONNECT").target, b"a.example:443")
        self.assertIn("malformed request target", self.refused("a.example", method="CONNECT"))

    def test_what_no_client_could_send_is_refused_with_the_way_out(self) -> None:
        self.assertIn("begins with http://", self.refused("a.example/x"))
        self.assertIn("%XX", self.refused("http://a.example/a b"))
        self.assertIn("xn--", self.refused("http://é.example/"))
        self.assertIn("is no method", self.refused("http://a.example/", method="G T"))
        for line in ("X", "a b: c", ": c", "X: a\r\nY: b", "X: \0"):
            self.assertIn("'Name: value'", self.refused("http://a.example/", line))

    def test_what_the_node_would_not_read_is_refused_with_its_status(self) -> None:
        self.assertIn("400", self.refused("http://user@a.example/"))
        self.assertIn("400", self.refused("http://a.example/", "Host: a.example", "Host: b.example"))
        self.assertIn("414", self.refused("http://a.example/", limits=Limits(request_line=10)))

    @given(text(max_size=12), text(max_size=20), lists(text(max_size=20), max_size=2))
    def test_any_words_are_a_request_or_refused(self, method: str, url: str, lines: list[str]) -> None:
        for whole in (url, f"http://{url}"):
            try:
                read(whole, *lines, method=method)
            except QuestionError:
                pass


class Answers(SynchronousTestCase):
    def read(self, octets: bytes, method: bytes = b"GET", limits: Limits = LIMITS) -> ResponseHead:
        """The answer in a file of these octets."""
        path = Path(self.mktemp())
        path.write_bytes(octets)
        return read_answer(path, method, limits)

    def refused(self, octets: bytes, limits: Limits = LIMITS) -> str:
        """Why there is no answer in it."""
        return str(self.assertRaises(QuestionError, self.read, octets, limits=limits))

    def test_line_ends_and_the_empty_line_do_not_matter(self) -> None:
        for octets in (
            b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\nA: b\nContent-Length: 5\n\nhello",
            b"HTTP/1.1 200 OK\nA: b\nContent-Length: 5\n",
            b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5",
        ):
            head = self.read(octets)
            self.assertEqual((head.status, head.fields.get(b"a"), head.framing), (200, b"b", Sized(5)), octets)

    def test_interim_answers_are_read_over(self) -> None:
        self.assertEqual(self.read(b"HTTP/1.1 103 Early\n\nHTTP/1.1 204 No\n\n").status, 204)

    def test_what_holds_no_answer_is_refused(self) -> None:
        for octets in (b"", b"hello", b"HTTP/1.1 200 OK\nno field\n\n", b"HTTP/1.1 100 Continue\r\n\r\n"):
            self.assertIn("holds no", self.refused(octets))
        switched = b"HTTP/1.1 101 Switching\nConnection: upgrade\nUpgrade: x\n\n"
        self.assertIn("holds no final answer", self.refused(switched))

    def test_a_head_that_is_too_large_is_refused(self) -> None:
        large = b"HTTP/1.1 200 OK\nX: %b\n\n" % (b"x" * 500)
        self.assertIn("too large", self.refused(large, Limits(response_head=100)))

    def test_a_file_that_cannot_be_read_is_told(self) -> None:
        for path in (Path("/"), Path(self.mktemp())):
            self.assertIn("cannot be read", str(self.assertRaises(QuestionError, read_answer, path, b"GET", LIMITS)))

    @given(binary(max_size=60))
    def test_any_octets_are_an_answer_or_refused(self, octets: bytes) -> None:
        for whole in (octets, b"HTTP/1.1 200 OK\n" + octets):
            try:
                self.read(whole)
            except QuestionError:
                pass
