"""References to other resources in the fields of a response (RFC 3986 §5)."""

from __future__ import annotations

import re

from tsnode.model.errors import BadRequest
from tsnode.model.target import Target, make_target, parse_target

__all__ = ["is_same_origin", "resolve_reference"]

_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")


def _without_dots(path: bytes) -> bytes:
    """A path that starts with ``/``, its ``.`` and ``..`` segments resolved (RFC 3986 §5.2.4)."""
    if b"/." not in path:
        return path
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            if kept:
                kept.pop()
        elif segment != b".":
            kept.append(segment)
    if segments[-1] in (b".", b".."):
        kept.append(b"")
    return b"/" + b"/".join(kept)


def resolve_reference(base: Target, reference: bytes) -> Target | None:
    """
    What ``reference`` names when it is found in an answer for ``base``; None where it is nothing we could fetch.

    Fragments are left out.

    Source: RFC 3986 §5.2, RFC 9110 §10.2.2.
    """
    reference = reference.partition(b"#")[0]
    if _SCHEME.match(reference):
        absolute = reference
    elif reference[:2] == b"//":
        absolute = base.scheme + b":" + reference
    else:
        path, mark, query = base.path.partition(b"?")
        if reference:
            named, mark, query = reference.partition(b"?")
            if named[:1] == b"/":
                path = named
            elif named:
                path = path.rpartition(b"/")[0] + b"/" + named
        return make_target(base.scheme, base.host, base.port, _without_dots(path) + mark + query)
    try:
        target = parse_target(b"GET", absolute, b"")
    except BadRequest:
        return None
    path, mark, query = target.path.partition(b"?")
    return make_target(target.scheme, target.host, target.port, _without_dots(path) + mark + query)


def is_same_origin(one: Target, other: Target) -> bool:
    """Whether two targets share scheme, host and port (RFC 9110 §4.3.1)."""
    return one.scheme == other.scheme and one.host == other.host and one.port == other.port
