"""Heads of responses on the wire."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.fields import Fields
from tsnode.semantics.heads import render_head


class Rendering(SynchronousTestCase):
    """RFC 9112 §4, §5."""

    def test_status_line_and_field_lines_each_end_with_crlf(self) -> None:
        self.assertEqual(
            render_head(200, b"OK", Fields([(b"A", b"1"), (b"b", b""), (b"A", b"2")])),
            b"HTTP/1.1 200 OK\r\nA: 1\r\nb: \r\nA: 2\r\n",
        )

    def test_a_head_without_fields_is_a_status_line(self) -> None:
        self.assertEqual(render_head(412, b"", Fields()), b"HTTP/1.1 412 \r\n")
