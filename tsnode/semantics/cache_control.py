"""Cache-Control of requests and responses (RFC 9111 §5.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from tsnode.semantics.lists import split_list, unquote

__all__ = ["SILENT", "CacheControl", "parse_cache_control", "parse_delta_seconds", "says_no_cache"]

_LONGEST_REMEMBERED = 256
_LATEST = 2147483648.0
_DIGITS = re.compile(rb"[0-9]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheControl:
    """
    The directives of one message; those of requests and of responses in one value.

    Durations are seconds, None where the directive is absent. One that cannot be read is 0, so that nothing is taken
    for fresh by mistake; of one that is repeated the stricter counts. ``max_stale`` without a value is infinite.
    ``no_cache`` and ``private`` stand for their forms with a list of fields too, which a cache may take for the plain
    ones (RFC 9111 §5.2.2.4, §5.2.2.7).
    """

    no_store: bool = False
    no_cache: bool = False
    private: bool = False
    public: bool = False
    must_revalidate: bool = False
    proxy_revalidate: bool = False
    only_if_cached: bool = False
    max_age: float | None = None
    s_maxage: float | None = None
    max_stale: float | None = None
    min_fresh: float | None = None


SILENT = CacheControl()
"""What a message without Cache-Control says."""


def parse_delta_seconds(octets: bytes) -> float | None:
    """
    A number of seconds, capped where RFC 9111 §1.2.2 caps it; None where ``octets`` are none.

    Negative numbers, which the grammar does not have, are none either.
    """
    return min(float(octets), _LATEST) if _DIGITS.match(octets) else None


def _duration(argument: bytes) -> float:
    return parse_delta_seconds(unquote(argument.strip(b" \t"))) or 0.0


def _parse(value: bytes) -> CacheControl:
    names: set[bytes] = set()
    least: dict[bytes, float] = {}
    min_fresh: float | None = None
    for directive in split_list(value):
        name, equals, argument = directive.partition(b"=")
        name = name.rstrip(b" \t").lower()
        names.add(name)
        if name in (b"max-age", b"s-maxage"):
            least[name] = min(_duration(argument), least.get(name, inf))
        elif name == b"max-stale":
            least[name] = min(_duration(argument) if equals else inf, least.get(name, inf))
        elif name == b"min-fresh":
            min_fresh = max(_duration(argument), min_fresh or 0.0)
    return CacheControl(
        no_store=b"no-store" in names,
        no_cache=b"no-cache" in names,
        private=b"private" in names,
        public=b"public" in names,
        must_revalidate=b"must-revalidate" in names,
        proxy_revalidate=b"proxy-revalidate" in names,
        only_if_cached=b"only-if-cached" in names,
        max_age=least.get(b"max-age"),
        s_maxage=least.get(b"s-maxage"),
        max_stale=least.get(b"max-stale"),
        min_fresh=min_fresh,
    )


_remembered = lru_cache(maxsize=1024)(_parse)


def parse_cache_control(value: bytes | None) -> CacheControl:
    """What the combined Cache-Control lines of a message say; None is a message without."""
    if value is None:
        return SILENT
    return _remembered(value) if len(value) <= _LONGEST_REMEMBERED else _parse(value)


def says_no_cache(pragma: bytes | None) -> bool:
    """Whether a Pragma field holds ``no-cache``, the form that HTTP/1.0 knows (RFC 9111 §5.4)."""
    if pragma is None:
        return False
    return any(directive.lower() == b"no-cache" for directive in split_list(pragma))
