"""Cache-Control for one kind of cache: targeted fields such as CDN-Cache-Control (RFC 9213)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import cast

from http_sf import StructuredFieldError, parse

from tsnode.semantics.cache_control import CacheControl, gather_directives

__all__ = ["parse_targeted"]

_LONGEST_REMEMBERED = 256
_UNREADABLE = b'"'


def _argument(name: str, value: object) -> bytes | None:
    """A member's value as an argument of Cache-Control; what is of another type than the directive's is unreadable."""
    if value is True:
        return None
    if name in ("no-cache", "private"):
        return b'"%b"' % value.encode("ascii") if isinstance(value, str) else _UNREADABLE
    return b"%d" % value if isinstance(value, int) else _UNREADABLE


def _parse(value: bytes) -> CacheControl | None:
    try:
        dictionary = cast("dict[str, tuple[object, object]]", parse(value, tltype="dictionary"))
    except StructuredFieldError:
        return None
    if not dictionary:
        return None
    said = gather_directives(
        [(name.encode("ascii"), _argument(name, each)) for name, (each, _) in dictionary.items() if each is not False]
    )
    return replace(said, alone=True)


_remembered = lru_cache(maxsize=256)(_parse)


def parse_targeted(value: bytes) -> CacheControl | None:
    """
    What the combined lines of a targeted field say; None where that is nothing, or no dictionary of structured fields.

    A member that is false is taken as absent, parameters say nothing.

    Source: RFC 9213 §2.1; RFC 9651 §3.2.
    """
    return _remembered(value) if len(value) <= _LONGEST_REMEMBERED else _parse(value)
