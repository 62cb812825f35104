"""The strategies give what they promise."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.alternate import Alternate
from tsnode.model.fields import Fields
from tsnode.model.messages import CHUNKED, UNTIL_CLOSE, RequestHead, ResponseHead, Sized
from tsnode.model.target import cache_key, parse_target
from tsnode.testing.strategies import Cuts, alternates, bodies, cuts, fields, request_heads, response_heads, urls


class Cutting(SynchronousTestCase):
    @given(binary(max_size=5000), cuts())
    def test_the_pieces_are_the_whole_and_none_is_empty(self, octets: bytes, where: Cuts) -> None:
        pieces = where.apply(octets)
        self.assertEqual(b"".join(pieces), octets)
        self.assertNotIn(b"", pieces)

    def test_places_count_from_the_start_again_behind_the_end(self) -> None:
        self.assertEqual(Cuts((2, 9)).apply(b"abcdef"), [b"ab", b"c", b"def"])


class Messages(SynchronousTestCase):
    @given(request_heads())
    def test_a_request_is_for_its_host_and_says_how_it_is_framed(self, head: RequestHead) -> None:
        self.assertEqual(parse_target(b"GET", head.target, head.host).host, head.host)
        self.assertEqual(head.fields.get(b"host"), head.host)
        self.assertEqual(b"transfer-encoding" in head.fields, head.framing == CHUNKED)
        self.assertEqual(head.persistent, head.fields.get(b"connection") != b"close")

    @given(response_heads())
    def test_a_response_says_how_it_is_framed(self, head: ResponseHead) -> None:
        length = head.fields.get(b"content-length")
        if length is not None:
            self.assertEqual(head.framing, Sized(int(length)))
        if head.framing == UNTIL_CLOSE:
            self.assertFalse(head.persistent)
        if head.status in (204, 304):
            self.assertEqual(head.framing, Sized(0))

    @given(fields())
    def test_fields_survive_being_written_and_split_at_their_colons(self, several: Fields) -> None:
        lines = several.render().split(b"\r\n")[:-1]
        self.assertEqual(Fields((name, value) for name, _, value in (line.partition(b": ") for line in lines)), several)

    @given(bodies(64))
    def test_a_body_is_no_longer_than_asked(self, octets: bytes) -> None:
        self.assertLessEqual(len(octets), 64)


class Stored(SynchronousTestCase):
    @given(alternates())
    def test_an_alternate_s_head_is_its_status_line_and_fields(self, alternate: Alternate) -> None:
        self.assertEqual(alternate.head, b"HTTP/1.1 200 OK\r\n" + alternate.fields.render())
        self.assertIn(b"date", alternate.fields)
        self.assertNotIn(b"set-cookie", alternate.fields)

    @given(urls())
    def test_a_url_is_canonical(self, url: bytes) -> None:
        self.assertEqual(cache_key(parse_target(b"GET", url, b"").url, -1), url)
