"""Where a request goes next."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers
from twisted.trial.unittest import SynchronousTestCase

from tsnode.hierarchy.next_hop import plan_hops
from tsnode.model.neighbors import Hop, HopKind
from tsnode.model.target import make_target, parse_target
from tsnode.testing.strategies import hosts, paths


class Origins(SynchronousTestCase):
    def test_without_parents_a_request_goes_to_its_origin(self) -> None:
        target = parse_target(b"GET", b"http://A.example:8080/x", b"")
        self.assertEqual(plan_hops(target), (Hop(b"a.example", 8080, HopKind.ORIGIN),))

    def test_the_port_is_the_default_of_the_scheme_where_none_is_written(self) -> None:
        for url, port in ((b"http://a.example/", 80), (b"https://a.example/", 443)):
            self.assertEqual(plan_hops(parse_target(b"GET", url, b"")), (Hop(b"a.example", port),))

    def test_an_ip_literal_loses_the_brackets_that_only_a_url_needs(self) -> None:
        for host, address in ((b"[2001:db8::1]", b"2001:db8::1"), (b"192.0.2.7", b"192.0.2.7")):
            self.assertEqual(plan_hops(make_target(b"http", host, 80, b"/")), (Hop(address, 80),))

    def test_a_tunnel_goes_where_it_is_asked_for(self) -> None:
        self.assertEqual(plan_hops(parse_target(b"CONNECT", b"[::1]:443", b"")), (Hop(b"::1", 443),))

    @given(hosts(), integers(1, 65535), paths(), paths())
    def test_the_path_does_not_decide(self, host: bytes, port: int, path: bytes, other: bytes) -> None:
        self.assertEqual(
            plan_hops(make_target(b"http", host, port, path)), plan_hops(make_target(b"http", host, port, other))
        )
