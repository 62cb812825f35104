"""Cache-Control of requests and responses (RFC 9111 §5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from tsnode.semantics.field_lines import TOKEN
from tsnode.semantics.lists import split_list, unquote

__all__ = [
    "SILENT",
    "CacheControl",
    "gather_directives",
    "parse_age",
    "parse_cache_control",
    "parse_delta_seconds",
    "says_no_cache",
]

_LONGEST_REMEMBERED = 256
_LATEST = 2147483648.0
_DIGITS = re.compile(rb"[0-9]+\Z")
_NAME = re.compile(TOKEN + rb"\Z")
_CLOSED = re.compile(rb'(?:[^"]|"(?:[^"\\]|\\.)*")*\Z', re.DOTALL)
_DURATIONS = frozenset({b"max-age", b"s-maxage", b"stale-while-revalidate", b"stale-if-error"})
_LISTING = frozenset({b"no-cache", b"private"})
# without these nobody could tell any more how a stored answer may be used
_DECIDING = frozenset(
    {
        b"age",
        b"cache-control",
        b"content-encoding",
        b"content-length",
        b"content-range",
        b"content-type",
        b"date",
        b"etag",
        b"expires",
        b"last-modified",
        b"pragma",
        b"vary",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheControl:
    """
    The directives of one message; those of requests and of responses in one value.

    Durations are seconds, None where the directive is absent. One that cannot be read is 0, so that nothing is taken
    for fresh by mistake; of one that is repeated the stricter counts. ``max_stale`` without a value is infinite.
    ``no_cache_fields`` and ``private_fields`` are the lower-case names that the forms with a list of fields have, and
    empty where the plain form stands as well. A list that cannot be read, or that names what decides about the use of
    the answer, makes it the plain form. ``alone``: these directives stand in the place of Expires and Pragma, too.

    Source: RFC 9111 §5.2; RFC 5861 §3, §4; RFC 8246 §2; RFC 9213 §2.2.
    """

    no_store: bool = False
    no_cache: bool = False
    private: bool = False
    public: bool = False
    must_revalidate: bool = False
    proxy_revalidate: bool = False
    must_understand: bool = False
    immutable: bool = False
    only_if_cached: bool = False
    no_cache_fields: tuple[bytes, ...] = ()
    private_fields: tuple[bytes, ...] = ()
    max_age: float | None = None
    s_maxage: float | None = None
    max_stale: float | None = None
    min_fresh: float | None = None
    stale_while_revalidate: float | None = None
    stale_if_error: float | None = None
    alone: bool = False


SILENT = CacheControl()
"""What a message without Cache-Control says."""


def parse_delta_seconds(octets: bytes) -> float | None:
    """
    A number of seconds, capped where RFC 9111 §1.2.2 caps it; None where ``octets`` are none.

    Negative numbers, which the grammar does not have, are none either.
    """
    return min(float(octets), _LATEST) if _DIGITS.match(octets) else None


def parse_age(octets: bytes | None) -> float | None:
    """
    What an Age field says, in seconds: of a list its first element; None where it says nothing that can be read.

    Source: RFC 9111 §5.1.
    """
    return None if octets is None else parse_delta_seconds(octets.partition(b",")[0].rstrip(b" \t"))


def _duration(argument: bytes | None) -> float:
    return 0.0 if argument is None else parse_delta_seconds(unquote(argument.strip(b" \t"))) or 0.0


def _read_names(argument: bytes | None) -> set[bytes] | None:
    """The field names that a directive lists, in lower case; None where there is no list of such names."""
    listed = (argument or b"").strip(b" \t")
    if listed[:1] == b'"':
        if len(listed) < 2 or listed[-1:] != b'"':
            return None
        listed = unquote(listed)
    names = {name for part in listed.lower().split(b",") if (name := part.strip(b" \t"))}
    if not names or not _DECIDING.isdisjoint(names) or not all(map(_NAME.match, names)):
        return None
    return names


def gather_directives(directives: Iterable[tuple[bytes, bytes | None]]) -> CacheControl:
    """What directives say together, each its name in lower case and its argument, None where it has none."""
    names: set[bytes] = set()
    least: dict[bytes, float] = {}
    listed: dict[bytes, set[bytes]] = {}
    min_fresh: float | None = None
    for name, argument in directives:
        if name in _DURATIONS:
            least[name] = min(_duration(argument), least.get(name, inf))
        elif name == b"max-stale":
            least[name] = min(inf if argument is None else _duration(argument), least.get(name, inf))
        elif name == b"min-fresh":
            min_fresh = max(_duration(argument), min_fresh or 0.0)
        elif name in _LISTING and (fields := _read_names(argument)) is not None:
            listed.setdefault(name, set()).update(fields)
        else:
            names.add(name)
    return CacheControl(
        no_store=b"no-store" in names,
        no_cache=b"no-cache" in names,
        private=b"private" in names,
        public=b"public" in names,
        must_revalidate=b"must-revalidate" in names,
        proxy_revalidate=b"proxy-revalidate" in names,
        must_understand=b"must-understand" in names,
        immutable=b"immutable" in names,
        only_if_cached=b"only-if-cached" in names,
        no_cache_fields=() if b"no-cache" in names else tuple(sorted(listed.get(b"no-cache", ()))),
        private_fields=() if b"private" in names else tuple(sorted(listed.get(b"private", ()))),
        max_age=least.get(b"max-age"),
        s_maxage=least.get(b"s-maxage"),
        max_stale=least.get(b"max-stale"),
        min_fresh=min_fresh,
        stale_while_revalidate=least.get(b"stale-while-revalidate"),
        stale_if_error=least.get(b"stale-if-error"),
    )


def _split(value: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    directives = split_list(value)
    if directives and not _CLOSED.match(directives[-1]):
        # a quote that is never closed hides no prohibition behind it
        directives += directives.pop().split(b",")
    for directive in directives:
        name, equals, argument = directive.partition(b"=")
        yield name.strip(b" \t").lower(), argument if equals else None


def _parse(value: bytes) -> CacheControl:
    return gather_directives(_split(value))


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
