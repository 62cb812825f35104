"""Request lines and hosts."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis.strategies import binary
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import BadRequest
from tsnode.model.fields import Fields
from tsnode.semantics.request_line import REQUEST_LINE, check_form, judge_request_line, read_host


class RequestLines(SynchronousTestCase):
    """RFC 9112 §3."""

    def refused(self, line: bytes) -> int | None:
        """The status that a line is refused with, if it is."""
        try:
            judge_request_line(line)
        except BadRequest as fault:
            return fault.status
        return None

    def test_every_form_of_target_is_accepted_where_it_belongs(self) -> None:
        for line in (
            b"GET / HTTP/1.1", b"GET /a?b HTTP/1.0", b"PURGE http://a.example/ HTTP/1.1",
            b"GET http://a HTTP/1.1", b"GET HTTP://a.example:80?b HTTP/1.1", b"GET http://[2001:db8::1]:81/ HTTP/1.1",
            b"OPTIONS * HTTP/1.1", b"OPTIONS http://a HTTP/1.1", b"CONNECT a.example:443 HTTP/1.1",
            b"CONNECT [::1]:1 HTTP/1.1", b"!#$%&'*+-.^_`|~09azAZ /[]{}|\\^`\"<> HTTP/1.1", b"GET //a HTTP/1.1",
        ):  # fmt: skip
            self.assertIsNone(self.refused(line), line)

    def test_a_target_of_no_form_or_another_methods_is_refused(self) -> None:
        for line in (
            b"GET * HTTP/1.1", b"GET a.example:443 HTTP/1.1", b"GET a HTTP/1.1", b"GET http:a HTTP/1.1",
            b"GET http:///a HTTP/1.1", b"GET http:// HTTP/1.1", b"GET 1http://a/ HTTP/1.1", b"GET ?a HTTP/1.1",
            b"CONNECT / HTTP/1.1", b"CONNECT a.example HTTP/1.1", b"CONNECT a.example: HTTP/1.1",
            b"CONNECT http://a.example:443 HTTP/1.1", b"CONNECT :443 HTTP/1.1", b"CONNECT * HTTP/1.1",
        ):  # fmt: skip
            self.assertEqual(self.refused(line), 400, line)

    def test_userinfo_is_refused(self) -> None:
        for line in (
            b"GET http://u@a.example/ HTTP/1.1", b"GET http://u:p@a.example/ HTTP/1.1", b"GET http://@a/ HTTP/1.1",
            b"CONNECT u@a.example:443 HTTP/1.1",
        ):  # fmt: skip
            self.assertEqual(self.refused(line), 400, line)

    def test_an_at_sign_behind_the_authority_is_no_userinfo(self) -> None:
        self.assertIsNone(self.refused(b"GET http://a.example/@b?c@d HTTP/1.1"))

    def test_a_malformed_line_is_refused(self) -> None:
        for line in (
            b"", b"GET", b"GET /", b"GET  / HTTP/1.1", b"GET /  HTTP/1.1", b" GET / HTTP/1.1", b"GET / HTTP/1.1 ",
            b"GET\t/ HTTP/1.1", b"GET /a b HTTP/1.1", b"GET / HTTP/1", b"GET / HTTP/1.", b"GET / HTTP/11",
            b"GET / HTTP/1.10", b"GET / HTTP/ 1.1", b"GET / http/1.1", b"GET / HTP/1.1", b"GET / HTTPS/1.1",
            b"GET /a#b HTTP/1.1", b"GET http://a#b HTTP/1.1", b"G(T / HTTP/1.1", b"G\xc9T / HTTP/1.1",
            b"GET /\xc3\xa9 HTTP/1.1", b"GET /\x00 HTTP/1.1",
        ):  # fmt: skip
            self.assertEqual(self.refused(line), 400, line)

    def test_other_versions_are_not_supported(self) -> None:
        for version in (b"0.9", b"1.2", b"2.0", b"3.0", b"9.9"):
            self.assertEqual(self.refused(b"GET / HTTP/" + version), 505, version)
        self.assertEqual(self.refused(b"PRI * HTTP/2.0"), 505)

    @given(binary(max_size=30))
    def test_whatever_the_octets_they_are_accepted_or_refused(self, octets: bytes) -> None:
        line = b"GET http://a" + octets + b" HTTP/1.1"
        accepted = self.refused(line) is None
        self.assertTrue(accepted or self.refused(line) == 400)
        if accepted:
            found = re.fullmatch(REQUEST_LINE, line)
            assert found is not None
            self.assertEqual(found[2], b"http://a" + octets)
            check_form(found[1], found[2], found[3])


class Hosts(SynchronousTestCase):
    """RFC 9112 §3.2."""

    def refused(self, *values: bytes, version: int = 11) -> bytes:
        """The reason for which those Host lines are refused."""
        fields = Fields([(b"Host", value) for value in values])
        fault: BadRequest = self.assertRaises(BadRequest, read_host, version, fields)
        self.assertEqual(fault.status, 400)
        return fault.reason

    def test_a_host_is_a_name_or_an_address_and_perhaps_a_port(self) -> None:
        for value in (
            b"a", b"A.Example:80", b"192.0.2.7:", b"[2001:db8::1]", b"[::1]:8080", b"a_b-c~d!", b"%41", b"a:00080",
        ):  # fmt: skip
            self.assertEqual(read_host(11, Fields([(b"host", value)])), value)

    def test_anything_else_is_refused(self) -> None:
        for value in (
            b"", b":80", b"a b", b"a/b", b"a?b", b"a#b", b"u@a", b"a:b", b"a:1:2", b"a:123456", b"::1", b"[::1", b"[]",
            b"[::1]a", b"a\\b", b"\xc3\xa9", b"a\tb", b"http://a",
        ):  # fmt: skip
            for version in (10, 11):
                self.assertEqual(self.refused(value, version=version), b"Invalid HTTP Request", value)

    def test_it_may_be_said_only_once(self) -> None:
        for again in (b"a", b"b", b""):
            self.assertEqual(self.refused(b"a", again), b"Invalid HTTP Request")

    def test_only_http_1_0_goes_without(self) -> None:
        self.assertEqual(read_host(10, Fields()), b"")
        self.assertEqual(self.refused(), b"Host Header Required")
