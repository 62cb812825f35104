"""The lane's reader: a head that is one plain GET and nothing else, by one expression."""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

__all__ = ["PlainGet", "read_plain_get"]


def _any_case(name: str) -> bytes:
    """An expression for ``name`` whatever the case of its letters; cheaper than the flag for it."""
    return b"".join(
        b"[%c%c]" % (ord(char), ord(char.upper())) if char.isalpha() else re.escape(char.encode()) for char in name
    )


def _begins_like_one_of(names: tuple[str, ...]) -> bytes:
    """
    An expression for the place before a name that begins with one of ``names``.

    The sets of their first three letters keep almost every other name from being compared with any of them.
    """
    letters = [sorted({case for name in names for case in (name[at], name[at].upper())}) for at in range(3)]
    sets = b"".join(b"[" + re.escape("".join(each)).encode() + b"]" for each in letters)
    branches = []
    for letter, group in groupby(sorted(names), key=lambda name: name[0]):
        rests = b"|".join(_any_case(name[1:]) for name in group)
        branches.append(_any_case(letter) + rb"(?:" + rests + rb")")
    return rb"(?=" + sets + rb")(?:" + b"|".join(branches) + rb")"


_TELLING = (
    "authorization:", "cache-control:", "cdn-loop:", "connection:", "content-length:", "content-encoding:", "cookie:",
    "expect:", "host:", "http2-settings:", "if-", "keep-alive:", "max-forwards:", "pragma:", "proxy-", "range:", "te:",
    "trailer:", "transfer-encoding:", "upgrade:", "via:",
)  # fmt: skip
"""Beginnings of fields that mean more than a plain GET."""

_HOST = rb"[0-9A-Za-z._-]+(?::[0-9]{1,5})?"
# what stands in a value is looked at in one go for the whole head
_ANY = rb"(?!" + _begins_like_one_of(_TELLING) + rb")[!#$%&'*+\-.^_`|~0-9A-Za-z]++:.*+(?<=\r)\n"
_KEEP_ALIVE = (
    rb"(?:" + _any_case("proxy-") + rb")?" + _any_case("connection:") + rb"[\t ]*" + _any_case("keep-alive")
    + rb"[\t ]*\r\n"
)  # fmt: skip
_LINES = rb"(?:" + _ANY + rb"|" + _KEEP_ALIVE + rb")*"
_PLAIN_GET = re.compile(
    rb"GET (?:(/[!\"$-~]*+)|(http://" + _HOST + rb"(?:/[!\"$-~]*+)?)) HTTP/1\.1\r\n"
    + _LINES + _any_case("host:") + rb"[\t ]*(" + _HOST + rb")[\t ]*\r\n" + _LINES + rb"\r\n\Z"
)  # fmt: skip
_IN_LINES = bytes(octet for octet in range(256) if octet == 9 or 31 < octet != 127)
"""What a line may be made of: no control octets but HTAB."""


class PlainGet(NamedTuple):
    """A plain GET: its target, and the value of its Host where the target does not name one itself."""

    target: bytes
    host: bytes | None


def read_plain_get(octets: bytes) -> PlainGet | None:
    """
    The plain GET that ``octets`` are, exactly; None where they are anything else, or only perhaps one.

    Whenever this gives a value, :class:`tsnode.semantics.reader.RequestReader` reads the same octets as a GET for the
    same, with no field that asks for more than the answer.
    """
    found = _PLAIN_GET.match(octets)
    if found is None:
        return None
    ends = octets.translate(None, _IN_LINES)
    if len(ends) != 2 * ends.count(b"\r\n"):
        return None
    path, url, host = found.groups()
    # past the class's own constructor, which takes longer than all the rest
    return tuple.__new__(PlainGet, (path, host) if url is None else (url, None))
