"""Every answer that the node makes itself because something is wrong."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.testing.node import NodeInMemory

RECORDS = """
CONFIG proxy.config.http.max_post_size INT 10
CONFIG proxy.config.http.allow_multi_range INT 2
CONFIG proxy.config.http.connect_attempts_max_retries INT 0
CONFIG proxy.config.http.connect_attempts_max_retries_dead_server INT 0
CONFIG proxy.config.http.request_line_max_size INT 256
"""
REMAP = "map http://there.example/ http://a.example/\n"
ALLOW = """ip_allow:
- {apply: in, ip_addrs: 127.0.0.1, action: deny, methods: [DELETE]}
- {apply: out, ip_addrs: 10.0.0.1, action: deny, methods: ALL}
"""


class Refusals(SynchronousTestCase):
    """
    Never stored, in English, and without what would make a cache believe otherwise.

    Source: Traffic Server, "Error Messages".
    """

    def setUp(self) -> None:
        self.node = NodeInMemory(RECORDS, ip_allow=ALLOW)
        self.node.at("a.example").answer(answer("Cache-Control: max-age=60", 'ETag: "a"'))

    def refused(self, octets: bytes, status_line: bytes, *, wait: float = 0.0, method: bytes = b"GET") -> None:
        client = self.node.client().send(octets)
        if wait:
            self.node.pass_time(wait)
        self.assertEqual(client.received.split(b"\r\n")[0], b"HTTP/1.1 " + status_line)
        (got,) = client.answers(method)
        self.assertEqual(got.fields.get(b"cache-control"), b"no-store", status_line)
        self.assertEqual(got.fields.all(b"content-language"), (b"en",), status_line)
        self.assertIn(b"date", got.fields)
        self.assertEqual({b"expires", b"last-modified", b"etag"} & set(got.fields.names()), set(), status_line)
        client.leave()

    def test_those_of_requests_that_cannot_be_carried(self) -> None:
        for octets, status_line in (
            (b"GET / HTTP/1.1\r\n\r\n", b"400 Host Header Required"),
            (b"GET / HTTP/2.0\r\n\r\n", b"505 HTTP Version Not Supported"),
            (b"GET /%b HTTP/1.1\r\n" % (b"x" * 300), b"414 URI Too Long"),
            (ask("/", "Transfer-Encoding: gzip, chunked", method="POST"), b"501 Not Implemented"),
            (ask("/", method="POST"), b"411 Content Length Required"),
            (ask("/", "Content-Length: 11", method="POST"), b"413 Request Entity Too Large"),
            (ask("/", method="DELETE"), b"403 Access Denied"),
            (ask("/", "Content-Length: 1", method="PUSH", body=b"x"), b"403 Access Denied"),
            (ask("/", host="10.0.0.1"), b"403 Access Denied"),
            (ask("/", "Cache-Control: only-if-cached"), b"504 Not Cached"),
            (b"CONNECT a.example:1 HTTP/1.1\r\nHost: a.example:1\r\n\r\n", b"403 Tunnel Forbidden"),
        ):
            self.refused(octets, status_line)

    def test_those_of_next_hops_that_bring_nothing(self) -> None:
        """Traffic Server: what each failure is called."""
        self.node.network.silent.add((self.node.network.address_of("silent.example"), 80))
        self.node.at("mute.example").answer(None)
        self.node.at("garbled.example").answer(b"what?\r\n\r\n")
        gone = self.node.at("gone.example")
        gone.answer(None)
        for host, status_line, wait in (
            ("refusing.example", b"502 Connection refused", 0),
            ("garbled.example", b"502 Malformed Server Response Status", 0),
            ("none.invalid", b"500 Cannot find server.", 0),
            ("silent.example", b"504 Connection Timed Out", 31),
            ("mute.example", b"504 Connection Timed Out", 31),
        ):
            self.refused(ask("/", host=host), status_line, wait=wait)
        client = self.node.client().send(ask("/", host="gone.example"))
        gone.hang_up()
        self.assertTrue(client.received.startswith(b"HTTP/1.1 502 Server Hangup\r\n"))
        self.assertIn(b"\r\nContent-Language: en\r\n", client.received)

    def test_those_about_what_is_stored(self) -> None:
        self.node.get("http://a.example/x")
        for octets, status_line, method in (
            (ask("/x", 'If-Match: "b"'), b"412 Precondition Failed", b"GET"),
            (ask("/x", "Range: bytes=9-"), b"416 Requested Range Not Satisfiable", b"GET"),
            (ask("/y", method="PURGE"), b"404 Not Found", b"PURGE"),
            (ask("/z", "Cache-Control: only-if-cached", method="HEAD"), b"504 Not Cached", b"HEAD"),
        ):
            self.refused(octets, status_line, method=method)

    def test_that_of_a_client_that_is_too_slow(self) -> None:
        self.refused(b"GET / HTTP/1.1\r\n", b"408 Request Timeout", wait=121)

    def test_that_of_an_unmapped_url(self) -> None:
        self.node = NodeInMemory("CONFIG proxy.config.url_remap.remap_required INT 1", remap=REMAP)
        self.refused(ask("/"), b"404 Not Found")


class OlderOrigins(SynchronousTestCase):
    def test_one_that_speaks_http_1_0_alone_is_asked_so(self) -> None:
        """RFC 9110 §15.6.6; RFC 9112 §9.3: the connection is not kept after that."""
        node = NodeInMemory()
        origin = node.at("a.example")
        origin.answer(
            lambda head: answer("Cache-Control: no-store") if head.version == 10 else answer(status="505 No")
        )
        for _ in range(2):
            self.assertEqual(node.get("http://a.example/x").status, 200)
        self.assertEqual([head.version for head in origin.requests], [11, 10, 11, 10])
        origin.answer(answer(status="505 No"))
        self.assertEqual(node.get("http://a.example/x").status, 505)
