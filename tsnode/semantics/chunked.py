"""The chunked transfer coding, undone (RFC 9112 §7.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import assert_never

from tsnode.model.errors import PeerError
from tsnode.semantics.content import END, Content, End
from tsnode.semantics.field_lines import FIELD_LINES, TOKEN, HeadScan, split_fields
from tsnode.semantics.unread import Unread

__all__ = ["ChunkedContent"]

_LONGEST_LINE = 4096
"""The most octets of a line with a chunk's size and extensions, its CRLF included."""
_LARGEST = 2**63 - 1
"""The size that no chunk may exceed: what a signed 64-bit counter holds, here or at the next recipient."""

# extensions are read over (RFC 9112 §7.1.1), but what is none is not taken for one
_QUOTED = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"'
_EXTENSION = rb"[\t ]*+;[\t ]*+" + TOKEN + rb"(?:[\t ]*+=[\t ]*+(?:" + TOKEN + rb"|" + _QUOTED + rb"))?"
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,16}+)(?:" + _EXTENSION + rb")*\r\n")
_TRAILERS = re.compile(rb"(" + FIELD_LINES + rb")\r\n")

_NO_TRAILERS = frozenset({
    # framing and the connection
    b"connection", b"content-length", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding",
    b"upgrade",
    # where it goes, and what is asked of whoever takes it
    b"cache-control", b"expect", b"host", b"if-match", b"if-modified-since", b"if-none-match", b"if-range",
    b"if-unmodified-since", b"max-forwards", b"pragma", b"range",
    # who is asking
    b"authorization", b"cookie", b"proxy-authenticate", b"proxy-authorization", b"set-cookie", b"www-authenticate",
    # what the answer is good for
    b"age", b"date", b"expires", b"location", b"retry-after", b"vary", b"warning",
    # how the content is to be understood
    b"content-encoding", b"content-range", b"content-type",
})
"""Fields that would have had to be known before the content (RFC 9110 §6.5.1); in trailers they are dropped."""


class _Expected(Enum):
    """What the next octet belongs to."""

    SIZE_LINE = 0
    DATA = 1
    DATA_END = 2
    TRAILERS = 3


class ChunkedContent:
    """
    Content in chunks. Extensions are dropped, and so are trailers that may not be sent as such.

    ``fault`` makes the error for what cannot be read, ``too_large`` that for a trailer section of more than
    ``trailers`` octets.
    """

    __slots__ = ("_expected", "_fault", "_left", "_scan")

    def __init__(self, fault: type[PeerError], trailers: int, too_large: Callable[[], PeerError]) -> None:
        self._fault = fault
        self._scan = HeadScan(fault, trailers, too_large)
        self._expected = _Expected.SIZE_LINE
        self._left = 0

    def next(self, unread: Unread) -> Content | End | None:
        """
        What comes next; None while it is not there. Not to be called after the end.

        :raises PeerError: where it is not in the chunked coding.
        """
        while True:
            match self._expected:
                case _Expected.SIZE_LINE:
                    found = self._read_size(unread)
                case _Expected.DATA:
                    return self._read_data(unread)
                case _Expected.DATA_END:
                    found = self._read_data_end(unread)
                case _Expected.TRAILERS:
                    return self._read_trailers(unread)
                case impossible:
                    assert_never(impossible)
            if not found:
                return None

    def _read_size(self, unread: Unread) -> bool:
        octets, at = unread.octets, unread.at
        end = octets.find(b"\n", at, at + _LONGEST_LINE) + 1
        if end == 0:
            if len(octets) - at >= _LONGEST_LINE:
                raise self._fault("line with a chunk's size is too long")
            return False
        found = _SIZE_LINE.fullmatch(octets, at, end)
        if found is None:
            raise self._fault("malformed chunk size or extension")
        size = int(found[1], 16)
        if size > _LARGEST:
            raise self._fault("chunk size out of range")
        unread.at = end
        self._left = size
        self._expected = _Expected.DATA if size else _Expected.TRAILERS
        return True

    def _read_data(self, unread: Unread) -> Content | None:
        octets = unread.take(self._left)
        if octets is None:
            return None
        self._left -= len(octets)
        if self._left == 0:
            self._expected = _Expected.DATA_END
        return Content(octets)

    def _read_data_end(self, unread: Unread) -> bool:
        end = unread.octets[unread.at:unread.at + 2]
        if end == b"\r\n":
            unread.at += 2
            self._expected = _Expected.SIZE_LINE
            return True
        if end not in (b"", b"\r"):
            raise self._fault("chunk longer than its size")
        return False

    def _read_trailers(self, unread: Unread) -> End | None:
        octets, at = unread.octets, unread.at
        if octets.startswith(b"\r\n", at):
            unread.at = at + 2
            return END
        if not self._scan.is_complete(octets, at):
            return None
        found = _TRAILERS.match(octets, at)
        assert found is not None
        unread.at = found.end()
        return End(split_fields(found[1]).without(_NO_TRAILERS))
