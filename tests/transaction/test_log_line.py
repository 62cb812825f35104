"""What the access log says of a transaction."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary
from twisted.trial.unittest import SynchronousTestCase

from tsnode.transaction.log_line import render_rest


class Rest(SynchronousTestCase):
    """What stands behind the client's address."""

    def test_it_is_traffic_server_s_squid_format(self) -> None:
        """Seen: ``1795202617.537 0 127.0.0.1 TCP_HIT/200 255 GET http://example.test/w4 - NONE/- -``."""
        self.assertEqual(
            render_rest("TCP_HIT", 200, 255, b"GET", b"http://example.test/w4", b"-", "NONE", b"-", b"-"),
            b"TCP_HIT/200 255 GET http://example.test/w4 - NONE/- -",
        )

    def test_what_is_missing_is_a_dash(self) -> None:
        rest = render_rest("ERR_CLIENT_ABORT", 0, 0, b"", b"", b"", "NONE", b"", b"")
        self.assertEqual(rest, b"ERR_CLIENT_ABORT/000 0 - - - NONE/- -")

    def test_a_media_type_is_logged_without_its_parameters(self) -> None:
        """As Traffic Server does."""
        rest = render_rest("TCP_MISS", 200, 1, b"GET", b"/", b"-", "DIRECT", b"a.example", b"text/html ; charset=utf-8")
        self.assertTrue(rest.endswith(b" DIRECT/a.example text/html"))

    def test_what_could_break_a_line_is_escaped(self) -> None:
        rest = render_rest("TCP_MISS", 200, 1, b"G\nT", b"/a b\r\n\x1b[31m\xff\x7f", b"x y", "DIRECT", b"a\tb", b"\x00")
        self.assertEqual(rest, b"TCP_MISS/200 1 G%0AT /a%20b%0D%0A%1B[31m%FF%7F x%20y DIRECT/a%09b %00")

    def test_a_long_url_is_cut(self) -> None:
        for url in (b"/" * 100_000, b"\xff" * 100_000):
            rest = render_rest("TCP_MISS", 414, 1, b"GET", url, b"-", "NONE", b"-", b"-")
            self.assertEqual(len(rest.split(b" ")[3]), 8192)

    @given(binary(max_size=50), binary(max_size=50), binary(max_size=50), binary(max_size=50), binary(max_size=50))
    def test_whatever_a_peer_says_there_are_seven_words(
        self, method: bytes, url: bytes, user: bytes, server: bytes, content_type: bytes
    ) -> None:
        rest = render_rest("TCP_MISS", 200, 7, method, url, user, "DIRECT", server, content_type)
        self.assertRegex(rest, rb"\A[!-~]+( [!-~]+){6}\Z")
