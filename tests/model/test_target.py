"""What a request is for, and its key."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis.strategies import binary, integers, none, one_of, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import BadRequest
from tsnode.model.target import Target, cache_key, make_target, parse_authority, parse_target
from tsnode.testing.strategies import hosts, methods, paths, urls


def get(target: bytes, host: bytes = b"") -> Target:
    return parse_target(b"GET", target, host)


class Refusals(SynchronousTestCase):
    def assert_refused(self, reason: bytes, method: bytes, target: bytes, host: bytes = b"") -> None:
        with self.assertRaises(BadRequest) as refused:
            parse_target(method, target, host)
        self.assertEqual((refused.exception.status, refused.exception.reason), (400, reason), target)

    def test_a_target_has_to_be_one_of_the_four_forms(self) -> None:
        """RFC 9112 §3.2."""
        for target in (b"", b"x", b"a.example/", b"a.example:80", b"http:/a", b"http://a.example/#x", b"**"):
            self.assert_refused(b"Invalid HTTP Request", b"GET", target, b"a.example")

    def test_the_asterisk_is_for_options_only(self) -> None:
        """RFC 9112 §3.2.4."""
        self.assert_refused(b"Invalid HTTP Request", b"GET", b"*", b"a.example")

    def test_another_scheme_is_not_served(self) -> None:
        for url in (b"ftp://a.example/", b"file:///etc/passwd"):
            self.assert_refused(b"Unsupported URL Scheme", b"GET", url)

    def test_userinfo_is_refused_rather_than_logged(self) -> None:
        """RFC 9110 §4.2.4."""
        self.assert_refused(b"Userinfo In Target", b"GET", b"http://user:secret@a.example/")
        self.assert_refused(b"Userinfo In Target", b"GET", b"/", b"user@a.example")

    def test_a_host_has_to_be_one(self) -> None:
        for authority in (b"a b", b"[::1", b"::1", b"[x]", b"a.example:80:80", b"a\x00", b"a\n", b"\xff"):
            self.assert_refused(b"Invalid Host", b"GET", b"/", authority)
        self.assert_refused(b"Invalid Host", b"GET", b"http:///x")
        self.assert_refused(b"Invalid Host", b"OPTIONS", b"*", b"")

    def test_a_port_is_from_1_to_65535(self) -> None:
        for port in (b"0", b"65536", b"99999"):
            self.assert_refused(b"Invalid Port", b"GET", b"http://a.example:" + port + b"/")
        self.assert_refused(b"Invalid Host", b"GET", b"http://a.example:000080/")

    def test_a_tunnel_needs_a_port(self) -> None:
        """RFC 9110 §9.3.6."""
        self.assert_refused(b"Invalid Port", b"CONNECT", b"a.example")
        self.assert_refused(b"Invalid Port", b"CONNECT", b"a.example:")
        self.assert_refused(b"Invalid Host", b"CONNECT", b"http://a.example/")


class Forms(SynchronousTestCase):
    """RFC 9112 §3.2."""

    def test_a_path_is_for_the_host_beside_it(self) -> None:
        self.assertEqual(get(b"/x?y", b"A.example"), Target(b"http", b"a.example", 80, b"/x?y", b"http://a.example/x?y"))
        self.assertEqual(get(b"/", b"a.example:8080").url, b"http://a.example:8080/")

    def test_a_path_without_a_host_is_for_nobody_yet(self) -> None:
        self.assertEqual(get(b"/x"), Target(b"http", b"", 80, b"/x", b"http:///x"))

    def test_a_url_names_its_host_itself(self) -> None:
        self.assertEqual(
            get(b"HTTPS://A.Example/X", b"other.example"),
            Target(b"https", b"a.example", 443, b"/X", b"https://a.example/X"),
        )

    def test_web_sockets_have_the_ports_of_the_web(self) -> None:
        self.assertEqual((get(b"ws://a.example/").port, get(b"wss://a.example/").port), (80, 443))

    def test_a_url_without_a_path_is_for_the_root(self) -> None:
        self.assertEqual(get(b"http://a.example").path, b"/")
        self.assertEqual(get(b"http://a.example?x").path, b"/?x")

    def test_a_slash_may_stand_behind_the_path(self) -> None:
        self.assertEqual(get(b"http://a?b/c").path, b"/?b/c")
        for url in (b"http://a#/b", b"http://a/b#c", b"ftp://a.example/b", b"http:/a.example/b"):
            with self.assertRaises(BadRequest):
                get(url)

    def test_options_of_a_url_without_a_path_is_about_the_server(self) -> None:
        """RFC 9112 §3.2.4."""
        for target in (b"*", b"http://a.example"):
            self.assertEqual(parse_target(b"OPTIONS", target, b"a.example").path, b"*")
        self.assertEqual(parse_target(b"OPTIONS", b"http://a.example?x", b"").path, b"/?x")

    def test_a_tunnel_is_to_a_host_and_a_port_and_nothing_else(self) -> None:
        found = parse_target(b"CONNECT", b"A.example:443", b"other.example")
        self.assertEqual((found.scheme, found.host, found.port, found.path), (b"", b"a.example", 443, b""))

    def test_ip_literals_and_names_with_underscores_are_hosts(self) -> None:
        for host in (b"[::1]", b"[fe80::1%25eth0]", b"192.0.2.7", b"a_b.example", b"xn--bcher-kva.example"):
            self.assertEqual(parse_authority(host + b":81", None), (host, 81))
            self.assertEqual(parse_authority(host, 80), (host, 80))

    def test_a_colon_without_a_port_means_the_default(self) -> None:
        """RFC 3986 §3.2.3."""
        self.assertEqual(parse_authority(b"a.example:", 80), (b"a.example", 80))

    @given(hosts(), one_of(none(), integers(1, 65535)), paths(), sampled_from((b"http", b"https")))
    def test_both_forms_of_one_request_are_for_the_same(
        self, host: bytes, port: int | None, path: bytes, scheme: bytes
    ) -> None:
        authority = host if port is None else b"%b:%d" % (host, port)
        absolute = get(b"%b://%b%b" % (scheme, authority, path))
        self.assertEqual(get(absolute.url), absolute)
        if scheme == b"http":
            self.assertEqual(get(path, authority), absolute)

    @given(hosts(), integers(1, 65535), paths())
    def test_the_authority_of_a_target_leads_to_it_again(self, host: bytes, port: int, path: bytes) -> None:
        target = make_target(b"http", host, port, path)
        self.assertEqual(get(path, target.authority), target)

    @given(methods(), one_of(binary(max_size=30), urls(), paths()), one_of(binary(max_size=20), hosts()))
    def test_any_octets_are_a_target_or_refused_and_nothing_else(
        self, method: bytes, target: bytes, host: bytes
    ) -> None:
        with contextlib.suppress(BadRequest):
            found = parse_target(method, target, host)
            self.assertTrue(0 < found.port < 65536)
            self.assertEqual(found.host, found.host.lower())


class Authority(SynchronousTestCase):
    def test_the_default_port_of_the_scheme_is_left_out(self) -> None:
        for scheme, port, authority in (
            (b"http", 80, b"a.example"),
            (b"https", 443, b"a.example"),
            (b"http", 443, b"a.example:443"),
            (b"https", 80, b"a.example:80"),
            (b"", 443, b"a.example:443"),
        ):
            target = make_target(scheme, b"a.example", port, b"/")
            self.assertEqual(target.authority, authority)
            self.assertEqual(target.url, scheme + b"://" + authority + b"/")


class Keys(SynchronousTestCase):
    def test_every_way_to_write_a_url_has_one_key(self) -> None:
        """RFC 9110 §4.2.3."""
        written = (b"http://a.example/x", b"HTTP://A.EXAMPLE/x", b"http://a.example:80/x", b"http://a.example:/x")
        self.assertEqual({cache_key(get(url).url, -1) for url in written}, {b"http://a.example/x"})

    def test_the_path_is_told_apart_by_case(self) -> None:
        small, capital = get(b"http://a.example/x"), get(b"http://a.example/X")
        self.assertNotEqual(cache_key(small.url, -1), cache_key(capital.url, -1))

    def test_a_generation_makes_everything_stored_before_another_one_unfindable(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.generation``."""
        self.assertEqual([cache_key(b"u", number) for number in (-1, 0, 7)], [b"u", b"0 u", b"7 u"])

    @given(urls(), urls(), integers(-1, 99), integers(-1, 99))
    def test_keys_are_equal_where_url_and_generation_are(
        self, url: bytes, other: bytes, generation: int, later: int
    ) -> None:
        equal = cache_key(url, generation) == cache_key(other, later)
        self.assertEqual(equal, (url, generation) == (other, later))
