"""Heads of responses as they stand on the wire."""

from __future__ import annotations

from tsnode.model.fields import Fields

__all__ = ["render_head"]


def render_head(status: int, reason: bytes, fields: Fields) -> bytes:
    """The status line and the field lines, each with its CRLF, without the empty line (RFC 9112 §4, §5)."""
    lines = [b"HTTP/1.1 %d %b" % (status, reason)]
    lines += [b": ".join(line) for line in fields.lines]
    lines.append(b"")
    return b"\r\n".join(lines)
