"""Entity tags and their two comparisons (RFC 9110 §8.8.3)."""

from __future__ import annotations

import re

__all__ = ["is_strong", "matches_any", "opaque_tag", "strongly_equal", "weakly_equal"]

# tags that lack their quotes are met with; whoever sends one back means the one that was sent
_LISTED = re.compile(rb'(W/)?("[^"]*"|[^\s",]+)')


def opaque_tag(tag: bytes) -> bytes:
    """An entity tag without the mark of weakness."""
    return tag[2:] if tag[:2] == b"W/" else tag


def is_strong(tag: bytes | None) -> bool:
    """Whether ``tag`` changes with every octet of the content; no tag is not."""
    return tag is not None and tag[:2] != b"W/"


def weakly_equal(one: bytes, other: bytes) -> bool:
    """Whether two tags name equivalent representations, either of them weak or not."""
    return opaque_tag(one) == opaque_tag(other)


def strongly_equal(one: bytes, other: bytes) -> bool:
    """Whether two tags name the same octets; a weak tag never does."""
    return one == other and is_strong(one)


def matches_any(listed: bytes, tag: bytes | None, *, strong: bool) -> bool:
    """
    Whether a list of tags, as in If-Match and If-None-Match, holds ``tag``; ``*`` holds whatever exists.

    ``tag`` is None for a representation that has none, which only ``*`` holds.

    Source: RFC 9110 §13.1.1, §13.1.2.
    """
    if listed == b"*":
        return True
    if tag is None:
        return False
    equal = strongly_equal if strong else weakly_equal
    if listed == tag:
        return equal(listed, tag)
    return any(equal(mark + opaque, tag) for mark, opaque in _LISTED.findall(listed))
