"""The Via field: who a message came through (RFC 9110 §7.6.3)."""

from __future__ import annotations

import re
from functools import lru_cache

from tsnode.model.fields import Fields

__all__ = ["has_been_here", "render_via"]

# matches at every octet, so that a value is gone through once whatever it is
_PIECE = re.compile(rb"[^\\(),]++|\\.|.", re.DOTALL)


@lru_cache(maxsize=64)
def render_via(version: int, name: bytes, text: bytes) -> bytes:
    """Our element of the field: ``version`` 10 or 11 as it was received, our name, and a comment."""
    return b"1.%d %b (%b)" % (version - 10, name, text)


def has_been_here(fields: Fields, name: bytes) -> bool:
    """Whether one of the nodes that a message came through is called ``name``; its case does not matter."""
    value = fields.get(b"via")
    if value is None:
        return False
    ours = name.lower()
    value = value.lower()
    if ours not in value:
        return False
    for element in _uncommented(value).split(b","):
        words = element.split()
        if len(words) >= 2 and words[1] == ours:
            return True
    return False


def _uncommented(value: bytes) -> bytes:
    """
    ``value`` with a blank for each comment; with all of it where one is never closed.

    Otherwise whoever opens a comment and leaves it open would hide all nodes that come after.
    """
    kept: list[bytes] = []
    depth = 0
    for piece in _PIECE.findall(value):
        if piece == b"(":
            depth += 1
        elif piece == b")" and depth:
            depth -= 1
            kept.append(b" ")
        elif not depth:
            kept.append(piece)
    return value if depth else b"".join(kept)
