"""What this node writes of structured fields (RFC 9651)."""

from __future__ import annotations

import re

__all__ = ["render_name", "render_string"]

_TOKEN = re.compile(rb"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*\Z")
_ESCAPED = re.compile(rb'(["\\])')
_UNSEEN = re.compile(rb"[^\x20-\x7e]")
_LONGEST = 200


def render_string(octets: bytes) -> bytes:
    """A String of at most 200 octets; what it cannot hold becomes a question mark (RFC 9651 §4.1.6)."""
    return b'"%b"' % _ESCAPED.sub(rb"\\\1", _UNSEEN.sub(b"?", octets[:_LONGEST]))


def render_name(octets: bytes) -> bytes:
    """A Token where ``octets`` can be one, else a String (RFC 9651 §4.1.7)."""
    return octets if _TOKEN.match(octets) else render_string(octets)
