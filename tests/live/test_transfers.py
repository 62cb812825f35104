"""Content of every kind goes through unchanged, also where it is larger than the node may be."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

from tests.live.kit import LOOPBACK, LiveCase, Node, missing

_MEGABYTE = 1 << 20
_LARGE = 100 * _MEGABYTE


class Transfers(LiveCase):
    """curl through a node, from and to nginx."""

    skip = missing("curl", "nginx")

    def setUp(self) -> None:
        super().setUp()
        self.www = self.folder / "www"
        self.www.mkdir()
        (self.www / "up").mkdir()
        self.url = f"http://{LOOPBACK}:{self.start_nginx(_LOCATIONS)}"
        self.node = self.start_node()
        self.addCleanup(self.drop_large_files)

    def drop_large_files(self) -> None:
        """Leave the logs of this test, but not its content."""
        for path in self.folder.rglob("*"):
            if path.is_file() and path.stat().st_size >= _MEGABYTE:
                path.unlink()

    def large_file(self, path: Path) -> Path:
        """A file of 100 MB in which no two places look the same."""
        path.write_bytes(random.Random(7).randbytes(_LARGE))
        return path

    def assert_same(self, one: Path, other: Path) -> None:
        """Two files have the same octets. They are too large to be printed."""
        self.assertEqual(other.stat().st_size, one.stat().st_size)
        self.assertTrue(one.read_bytes() == other.read_bytes(), "the octets differ")

    def grown(self, node: Node, before: int) -> float:
        """How many megabytes more than ``before`` the node ever had."""
        return (node.memory("VmHWM") - before) / _MEGABYTE

    def test_a_large_download_is_identical_and_never_held_whole(self) -> None:
        there = self.large_file(self.www / "large")
        here = self.folder / "here"
        before = self.node.memory()
        self.curl(self.node, "-o", str(here), f"{self.url}/large")
        self.assertLess(self.grown(self.node, before), 64)
        self.assert_same(there, here)

    def test_a_large_upload_is_identical_and_never_held_whole(self) -> None:
        here = self.large_file(self.folder / "here")
        before = self.node.memory()
        self.curl(self.node, "-T", str(here), f"{self.url}/up/large")
        self.assertLess(self.grown(self.node, before), 64)
        self.assert_same(here, self.www / "up" / "large")

    def test_a_large_upload_in_chunks_is_identical(self) -> None:
        here = self.large_file(self.folder / "here")
        before = self.node.memory()
        self.curl(self.node, "-H", "Transfer-Encoding: chunked", "-T", str(here), f"{self.url}/up/large")
        self.assertLess(self.grown(self.node, before), 64)
        self.assert_same(here, self.www / "up" / "large")

    def test_a_slow_reader_makes_the_origin_wait(self) -> None:
        """Nothing that is too large to keep is read much faster than it is sent."""
        self.large_file(self.www / "large")
        before = self.node.memory()
        client = self.connect(self.node.port, receive_buffer=4096)
        client.get(f"{self.url}/large", "Connection: close")
        client.read_until(b"\r\n\r\n")
        # time for others to be served while that one reads nothing more
        (self.www / "small").write_bytes(b"small")
        for _ in range(20):
            self.assertEqual(self.curl(self.node, f"{self.url}/small"), b"small")
        self.assertLess(self.grown(self.node, before), 64)
        self.assertEqual(self.requests_at_nginx().count("GET /large HTTP/1.1"), 0, "nginx has sent all of it")

    def test_a_range_of_a_stored_answer_costs_the_origin_nothing(self) -> None:
        (self.www / "page").write_bytes(bytes(range(256)) * 16)
        self.curl(self.node, f"{self.url}/page")
        answer = self.curl(self.node, "-i", "-r", "250-259", f"{self.url}/page")
        head, _, content = answer.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 206 "), head)
        self.assertIn(b"\r\nContent-Range: bytes 250-259/4096", head)
        self.assertEqual(content, bytes([250, 251, 252, 253, 254, 255, 0, 1, 2, 3]))
        self.assertEqual(self.requests_at_nginx(), ["GET /page HTTP/1.1"])

    def test_a_range_of_what_is_not_stored_comes_from_the_origin(self) -> None:
        (self.www / "page").write_bytes(b"0123456789")
        self.assertEqual(self.curl(self.node, "-r", "2-4", f"{self.url}/page"), b"234")
        self.assertEqual(self.curl(self.node, f"{self.url}/page"), b"0123456789")

    def test_head_tells_the_length_and_brings_nothing(self) -> None:
        (self.www / "page").write_bytes(b"x" * 1234)
        for _ in range(2):
            answer = self.curl(self.node, "-I", f"{self.url}/page")
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
            self.assertIn(b"\r\nContent-Length: 1234\r\n", answer)
            self.assertTrue(answer.endswith(b"\r\n\r\n"), answer)
            self.curl(self.node, f"{self.url}/page")
        self.assertEqual(self.requests_at_nginx(), ["HEAD /page HTTP/1.1", "GET /page HTTP/1.1"])

    def test_a_conditional_request_is_answered_from_the_store(self) -> None:
        (self.www / "page").write_bytes(b"content")
        first = self.curl(self.node, "-i", f"{self.url}/page")
        etag = first.partition(b"\r\nETag: ")[2].partition(b"\r\n")[0].decode()
        again = self.curl(self.node, "-i", "-H", f"If-None-Match: {etag}", f"{self.url}/page")
        self.assertTrue(again.startswith(b"HTTP/1.1 304 "), again)
        other = self.curl(self.node, "-i", "-H", 'If-None-Match: "other"', f"{self.url}/page")
        self.assertTrue(other.startswith(b"HTTP/1.1 200 "), other)
        self.assertEqual(self.requests_at_nginx(), ["GET /page HTTP/1.1"])

    def test_compressed_and_plain_content_are_alternates_of_one_url(self) -> None:
        page = b"all the same line\n" * 500
        (self.www / "page").write_bytes(page)
        for _ in range(2):
            packed = self.curl(self.node, "-H", "Accept-Encoding: gzip", f"{self.url}/page")
            self.assertEqual(gzip.decompress(packed), page)
            self.assertEqual(self.curl(self.node, f"{self.url}/page"), page)
        self.assertEqual(self.requests_at_nginx(), ["GET /page HTTP/1.1"] * 2)

    def test_http_1_0_gets_no_chunks_and_a_closed_connection(self) -> None:
        page = b"all the same line\n" * 500
        (self.www / "page").write_bytes(page)
        for _ in range(2):
            # curl would ask its proxy to keep the connection
            wishes = ("-H", "Proxy-Connection:", "-H", "Accept-Encoding: gzip")
            answer = self.curl(self.node, "-0", "-i", *wishes, f"{self.url}/page")
            head, _, content = answer.partition(b"\r\n\r\n")
            self.assertNotIn(b"\r\nTransfer-Encoding:", head)
            self.assertIn(b"\r\nConnection: close", head)
            self.assertEqual(gzip.decompress(content), page)
        self.assertEqual(self.curl(self.node, "-0", f"{self.url}/page"), page)


_LOCATIONS = """
    gzip on; gzip_types text/plain; gzip_vary on; gzip_http_version 1.0; gzip_proxied any;
    location / { expires 1h; }
    location /up/ { dav_methods PUT; }
"""
