"""Cache-Status and Proxy-Status."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.request_facts import NotLookupable
from tsnode.caching.reuse import WhyForward, WhyRevalidate
from tsnode.model.errors import BadRequest, PeerError
from tsnode.model.settings import ProxySettings
from tsnode.transaction.status import (
    Forwarded,
    describe_error,
    describe_forwarded,
    describe_hit,
    describe_local,
    hit_prefix,
    why_forwarded,
)

EDGE = ProxySettings(via_name=b"edge")
SILENT = ProxySettings(cache_status=False)


class CacheStatus(SynchronousTestCase):
    """RFC 9211."""

    def test_a_hit_tells_for_how_long_it_is_fresh(self) -> None:
        self.assertEqual(describe_hit(EDGE, 59.0), b"Cache-Status: edge; hit; ttl=59\r\n")
        self.assertEqual(describe_hit(EDGE, -0.5), b"Cache-Status: edge; hit; ttl=-1\r\n")
        self.assertEqual(hit_prefix(EDGE), b"Cache-Status: edge; hit; ttl=")

    def test_what_was_forwarded_tells_why_and_what_became_of_it(self) -> None:
        for told, line in (
            (describe_forwarded(EDGE, Forwarded.URI_MISS), b"fwd=uri-miss"),
            (describe_forwarded(EDGE, Forwarded.URI_MISS, stored=True), b"fwd=uri-miss; stored"),
            (describe_forwarded(EDGE, Forwarded.VARY_MISS, collapsed=True), b"fwd=vary-miss; collapsed"),
            (
                describe_forwarded(EDGE, Forwarded.STALE, stored=True, status=304),
                b"fwd=stale; fwd-status=304; stored",
            ),
            (describe_forwarded(EDGE, Forwarded.STALE, detail=b"x"), b"fwd=stale; detail=x"),
        ):
            self.assertEqual(told, b"Cache-Status: edge; %b\r\n" % line)

    def test_every_reason_has_its_name(self) -> None:
        for because in (*WhyForward, *WhyRevalidate):
            self.assertIsInstance(why_forwarded(because), Forwarded)
        self.assertIs(why_forwarded(NotLookupable.METHOD), Forwarded.METHOD)
        self.assertIs(why_forwarded(NotLookupable.DYNAMIC), Forwarded.BYPASS)
        self.assertIs(why_forwarded(None), Forwarded.BYPASS)

    def test_a_name_that_is_no_token_is_a_string(self) -> None:
        self.assertEqual(describe_local(ProxySettings(via_name=b"9 b")), b'Cache-Status: "9 b"; detail=local\r\n')

    def test_where_it_is_not_wanted_nothing_is_told(self) -> None:
        """``proxy.config.tsnode.http.cache_status``."""
        told = (
            describe_hit(SILENT, 1), describe_forwarded(SILENT, Forwarded.STALE), describe_local(SILENT),
            hit_prefix(SILENT),
        )  # fmt: skip
        self.assertEqual(told, (b"", b"", b"", b""))
        self.assertEqual([name for name, _ in describe_error(SILENT, BadRequest("x"))], [b"Proxy-Status"])


class ProxyStatus(SynchronousTestCase):
    """RFC 9209."""

    def test_an_error_tells_its_kind_and_what_was_wrong(self) -> None:
        error = PeerError('no "such" host \u00e9', kind=b"dns_error")
        self.assertEqual(
            describe_error(EDGE, error, Forwarded.URI_MISS),
            (
                (b"Proxy-Status", b'edge; error=dns_error; details="no \\"such\\" host ??"'),
                (b"Cache-Status", b"edge; fwd=uri-miss; detail=dns_error"),
            ),
        )

    def test_before_the_cache_was_looked_at_nothing_was_forwarded(self) -> None:
        _, (_, told) = describe_error(EDGE, BadRequest("x"))
        self.assertEqual(told, b"edge; detail=http_request_error")
