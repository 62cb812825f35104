"""Structured fields that this node writes."""

from __future__ import annotations

from typing import cast

import http_sf
from hypothesis import given
from hypothesis.strategies import binary
from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.structured import render_name, render_string


class Structured(SynchronousTestCase):
    def test_a_name_is_a_token_where_it_can_be_one(self) -> None:
        for octets, rendered in (
            (b"edge-1.example:8080", b"edge-1.example:8080"), (b"9edge", b'"9edge"'), (b"a b", b'"a b"'), (b"", b'""'),
            (b'a"\\', b'"a\\"\\\\"'),
        ):  # fmt: skip
            self.assertEqual(render_name(octets), rendered)

    @given(binary(max_size=300))
    def test_whatever_is_written_can_be_read(self, octets: bytes) -> None:
        for render in (render_name, render_string):
            value, parameters = cast(tuple[object, object], http_sf.parse(render(octets), tltype="item"))
            self.assertEqual(parameters, {})
            shown = bytes(octet if 32 <= octet < 127 else 63 for octet in octets[:200])
            self.assertEqual(str(value).encode(), octets if render(octets) == octets else shown)
