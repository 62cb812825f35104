"""The Via field: who a message came through (RFC 9110 §7.6.3)."""

from __future__ import annotations

import re

from tsnode.model.fields import Fields

__all__ = ["has_been_here", "render_via"]

# one comment without another in it; taking these away again and again takes nested ones away from the inside
_COMMENT = re.compile(rb"\((?:[^()\\]|\\.)*\)")
_DEEPEST = 8


def render_via(version: int, name: bytes, text: bytes) -> bytes:
    """Our element of the field: ``version`` 10 or 11 as it was received, our name, and a comment."""
    return b"1.%d %b (%b)" % (version - 10, name, text)


def has_been_here(fields: Fields, name: bytes) -> bool:
    """Whether one of the nodes that a message came through is called ``name``; its case does not matter."""
    value = fields.get(b"via")
    if value is None:
        return False
    ours = name.lower()
    if ours not in value.lower():
        return False
    for _ in range(_DEEPEST):
        value, count = _COMMENT.subn(b" ", value)
        if not count:
            break
    for element in value.lower().split(b","):
        words = element.split()
        if len(words) >= 2 and words[1] == ours:
            return True
    return False
