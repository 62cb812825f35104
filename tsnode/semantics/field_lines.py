"""Field lines and the lines around them, as octets: what is well-formed, and where the first fault is."""

from __future__ import annotations

import re
from collections.abc import Callable

from tsnode.model.errors import PeerError
from tsnode.model.fields import Fields

__all__ = ["FIELD_LINES", "TOKEN", "HeadScan", "LastLines", "split_fields"]

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
"""Expression of a token (RFC 9110 §5.6.2). Possessive: no separator can be part of one."""

_FIELD_LINE = TOKEN + rb":[\t\x20-\x7e\x80-\xff]*+"

FIELD_LINES = rb"(?:" + _FIELD_LINE + rb"\r\n)*"
"""Expression of any number of field lines, each with its CRLF (RFC 9112 §5); no folding, no space before the colon."""

_ONE_FIELD_LINE = re.compile(_FIELD_LINE)
# what no line may contain: control octets but HTAB, CR without LF, LF without CR; a CR at the very end is still open
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)|(?<!\r)\n")


def split_fields(lines: bytes) -> Fields:
    """The fields of octets that match :data:`FIELD_LINES`."""
    split = []
    index = {}
    octets = lines.split(b"\r\n")
    del octets[-1]
    for line in octets:
        name, _, value = line.partition(b":")
        value = value.strip()
        split.append((name, value))
        index[name.lower()] = value
    # where a name occurs twice, the fields index themselves when they are asked
    return Fields(split, index if len(index) == len(split) else None)


class LastLines:
    """:func:`split_fields` for one sender, who mostly sends the lines of its last message again."""

    __slots__ = ("_fields", "_lines")

    def __init__(self) -> None:
        self._lines = b""
        self._fields = Fields()

    def split(self, lines: bytes) -> Fields:
        """The fields of ``lines``; the very same ones, with all that was made of them, where these are the last."""
        if lines != self._lines:
            self._lines, self._fields = lines, split_fields(lines)
        return self._fields


class HeadScan:
    """
    Looks for the first fault in a head, or in a trailer section, that arrives in pieces.

    A line is judged as soon as it is complete, and octets that may stand nowhere are found even before. So what comes
    first in the stream decides, wherever the stream was cut. Each octet is looked at once, however small the pieces.

    ``fault`` makes the error for malformed lines, ``too_large`` that for more than ``head`` octets.
    """

    __slots__ = ("_fault", "_head", "_line_at", "_seen", "_too_large")

    def __init__(self, fault: type[PeerError], head: int, too_large: Callable[[], PeerError]) -> None:
        self._fault = fault
        self._head = head
        self._too_large = too_large
        # both relative to the start of the head: where the next line begins, and up to where was looked
        self._line_at = 0
        self._seen = 0

    def start_line(self, octets: bytes, at: int, most: int, too_long: Callable[[], PeerError]) -> bytes | None:
        """
        The first line of the head that starts at ``at``, once: None while it is incomplete, or was given already.

        :raises PeerError: ``too_long()`` where it has more than ``most`` octets less its CRLF.
        """
        if self._line_at:
            return None
        return self._next_line(octets, at, min(most + 2, self._head), too_long)

    def is_complete(self, octets: bytes, at: int) -> bool:
        """
        Whether the empty line has come; judges the field lines before it.

        :raises PeerError: at the first fault.
        """
        while (line := self._next_line(octets, at, self._head, self._too_large)) is not None:
            if not line:
                return True
            if _ONE_FIELD_LINE.fullmatch(line) is None:
                raise self._fault("malformed field line")
        return False

    def _next_line(self, octets: bytes, at: int, most: int, excess: Callable[[], PeerError]) -> bytes | None:
        stop = min(len(octets), at + most)
        end = octets.find(b"\r\n", at + self._seen, stop)
        # to the LF and not only to the CR, so that a second CR before it is seen
        if _FORBIDDEN.search(octets, at + self._seen, stop if end < 0 else end + 2):
            raise self._fault("control octet, or CR or LF alone")
        if end < 0:
            if stop - at == most:
                raise excess()
            self._seen = max(self._line_at, stop - at - 1)
            return None
        line = octets[at + self._line_at:end]
        self._line_at = self._seen = end + 2 - at
        return line
