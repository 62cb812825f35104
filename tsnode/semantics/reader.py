"""
Messages off a connection, strictly.

Both readers are fed octets and asked for what these mean, one event at a time, so that their user can stop between two
messages. The same octets give the same events however they arrive. What could be read in two ways is not read at all:
the reader raises, and goes on raising.

One expression matches a whole head. Only what it does not match is looked at line by line, by a
:class:`tsnode.semantics.field_lines.HeadScan`: there the fault that comes first in the stream decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from tsnode.model.errors import BadGateway, BadRequest, PeerError
from tsnode.model.messages import EMPTY, UNTIL_CLOSE, Chunked, Framing, RequestHead, ResponseHead, Sized, UntilClose
from tsnode.semantics.chunked import ChunkedContent
from tsnode.semantics.content import Content, End, SizedContent, UntilCloseContent
from tsnode.semantics.field_lines import FIELD_LINES, HeadScan, split_fields
from tsnode.semantics.framing import is_persistent, read_request_framing, read_response_framing
from tsnode.semantics.known_heads import KnownHeads
from tsnode.semantics.request_line import REQUEST_LINE, check_form, judge_request_line, read_host
from tsnode.semantics.unread import WORTH_A_VIEW, Unread

__all__ = ["Content", "End", "KnownHeads", "ReaderLimits", "RequestReader", "ResponseReader"]

_REQUEST = re.compile(REQUEST_LINE + rb"\r\n(" + FIELD_LINES + rb")\r\n")
_STATUS_LINE = rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*+))?"
_RESPONSE = re.compile(_STATUS_LINE + rb"\r\n(" + FIELD_LINES + rb")\r\n")
_ANY_STATUS_LINE = re.compile(_STATUS_LINE)
_VERSIONS = {b"1.0": 10, b"1.1": 11}
_DECISIVE = frozenset({b"connection", b"content-length", b"proxy-connection", b"transfer-encoding"})
"""Fields without any of which a request has no content, and is persistent if its version is."""
_EMPTY_LINES = 2
"""How many empty lines before a request are read over (RFC 9112 §2.2)."""

_Incoming = SizedContent | ChunkedContent | UntilCloseContent


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """The most octets of a head with its empty line, and of its first line without the CRLF."""

    head: int
    line: int


def _too_long() -> PeerError:
    return BadRequest("request line too long", status=414, reason=b"URI Too Long")


def _too_large() -> PeerError:
    return BadRequest("head too large", status=431, reason=b"Request Header Fields Too Large")


def _answer_too_large() -> PeerError:
    return BadGateway("the answer's head is too large", reason=b"Malformed Server Response")


def _incoming(
    framing: Framing, fault: type[PeerError], trailers: int, too_large: Callable[[], PeerError]
) -> _Incoming:
    match framing:
        case Sized():
            return SizedContent(framing.length)
        case Chunked():
            return ChunkedContent(fault, trailers, too_large)
        case UntilClose():
            return UntilCloseContent()
        case impossible:
            assert_never(impossible)


class RequestReader:
    """
    Reads requests.

    A request whose ``framing`` is EMPTY is complete with its head. Any other is followed by its Content and one End.
    """

    __slots__ = ("_content", "_fault", "_least", "_limits", "_scan", "_skipped", "_unread")

    def __init__(self, limits: ReaderLimits) -> None:
        self._limits = limits
        self._least = min(limits.head, limits.line)
        self._unread = Unread()
        self._content: _Incoming | None = None
        self._scan: HeadScan | None = None
        self._skipped = 0
        self._fault: BadRequest | None = None

    @property
    def buffered(self) -> int:
        """Octets received and not read yet."""
        return len(self._unread)

    def receive(self, octets: bytes) -> None:
        """Append what came."""
        self._unread.receive(octets)

    def rest(self) -> bytes:
        """Hand over what was not read; nothing is left."""
        return self._unread.rest()

    def next(self) -> RequestHead | Content | End | None:
        """
        What comes next; None until more was received.

        :raises BadRequest: at the first fault, and ever after.
        """
        if self._fault is not None:
            raise self._fault
        try:
            content = self._content
            if content is None:
                return self._head()
            event = content.next(self._unread)
            if isinstance(event, End):
                self._content = None
            return event
        except BadRequest as fault:
            self._fault = fault
            raise

    def _head(self) -> RequestHead | None:
        unread = self._unread
        octets, at = unread.octets, unread.at
        if at == len(octets):
            return None
        found = _REQUEST.match(octets, at) if self._scan is None else None
        if found is None or found.end() - at > self._least or found[4] not in _VERSIONS:
            found = self._look_closer()
            if found is None:
                return None
        method, target, authority, number, lines = found.groups()
        unread.at = found.end()
        self._scan = None
        self._skipped = 0
        version = _VERSIONS[number]
        fields = split_fields(lines)
        framing: Framing = EMPTY
        persistent = version == 11
        if not _DECISIVE.isdisjoint(fields.names()):
            framing = read_request_framing(method, version, fields)
            persistent = is_persistent(version, fields)
        host = read_host(version, fields)
        if authority is not None:
            host = authority
        if target[:1] != b"/" or method == b"CONNECT":
            check_form(method, target, authority)
            if method == b"CONNECT":
                host = target
        if framing is not EMPTY:
            self._content = _incoming(framing, BadRequest, self._limits.head, _too_large)
        return RequestHead(method, target, version, fields, framing, host, persistent)

    def _look_closer(self) -> re.Match[bytes] | None:
        """Judge a head that is not complete, has a fault, or is large."""
        unread = self._unread
        if self._scan is None and not self._skip_empty_lines():
            return None
        scan = self._scan
        if scan is None:
            scan = self._scan = HeadScan(BadRequest, self._limits.head, _too_large)
        octets, at = unread.octets, unread.at
        line = scan.start_line(octets, at, self._limits.line, _too_long)
        if line is not None:
            judge_request_line(line)
        if not scan.is_complete(octets, at):
            return None
        found = _REQUEST.match(octets, at)
        assert found is not None, "lines that are all in order make a head"
        return found

    def _skip_empty_lines(self) -> bool:
        """Whether something else follows already."""
        unread = self._unread
        while unread.octets.startswith(b"\r\n", unread.at) and self._skipped < _EMPTY_LINES:
            self._skipped += 1
            unread.at += 2
        return unread.octets[unread.at:] not in (b"", b"\r")


class ResponseReader:
    """
    Reads answers. ``known`` may be shared with other readers of the same limits.

    Say with :meth:`expect` what each answer is for before it is read; without that nothing is. Heads with a 1xx status
    come before the final one. An answer whose ``framing`` is EMPTY is complete with its head; any other is followed by
    its Content and one End. Behind a 101, or a 2xx to CONNECT, there is no HTTP: it is what :meth:`rest` gives.
    """

    __slots__ = ("_content", "_fault", "_known", "_limits", "_method", "_scan", "_unread")

    def __init__(self, limits: ReaderLimits, known: KnownHeads | None = None) -> None:
        self._limits = limits
        self._known = known if known is not None else KnownHeads()
        self._unread = Unread()
        self._content: _Incoming | None = None
        self._scan: HeadScan | None = None
        # of the request whose final head is to come
        self._method: bytes | None = None
        self._fault: BadGateway | None = None

    @property
    def buffered(self) -> int:
        """Octets received and not read yet."""
        return len(self._unread)

    def expect(self, method: bytes) -> None:
        """The next answer is for a request with ``method``."""
        self._method = method

    def receive(self, octets: bytes) -> None:
        """Append what came."""
        self._unread.receive(octets)

    def receive_whole(self, octets: bytes) -> tuple[ResponseHead, bytes | memoryview] | None:
        """
        The whole answer to a GET that ``octets`` are, head and content, if the connection stays open behind it.

        A shortcut through :meth:`receive`, :meth:`next` and :meth:`take_whole`, which give the same. It is for heads
        that are known; where this gives None, nothing has happened.
        """
        unread = self._unread
        if self._method != b"GET" or self._content is not None or unread.at != len(unread.octets):
            return None
        start = octets.find(b"\r\n\r\n") + 4
        head = self._known.find(octets[:start])
        if head is None or not head.persistent or not isinstance(head.framing, Sized):
            return None
        if head.framing.length != len(octets) - start:
            return None
        self._method = None
        return head, octets[start:] if len(octets) <= WORTH_A_VIEW else memoryview(octets)[start:]

    def rest(self) -> bytes:
        """Hand over what was not read; nothing is left."""
        return self._unread.rest()

    def take_whole(self) -> bytes | memoryview | None:
        """
        All content of the answer whose head was just read, if that has a length and is here; None otherwise.

        After that the answer is complete: neither its Content nor its End comes any more.
        """
        content = self._content
        if not isinstance(content, SizedContent):
            return None
        octets = content.take_whole(self._unread)
        if octets is not None:
            self._content = None
        return octets

    def close(self) -> None:
        """Nothing more will be received: content that ends with the connection is complete, any other is not."""
        self._unread.closed = True

    def next(self) -> ResponseHead | Content | End | None:
        """
        What comes next; None until more was received, or while no answer is expected.

        :raises BadGateway: at the first fault, and ever after; a fault is also the connection's end before or in an
            answer.
        """
        if self._fault is not None:
            raise self._fault
        try:
            content = self._content
            event: ResponseHead | Content | End | None
            if content is not None:
                event = content.next(self._unread)
                if isinstance(event, End):
                    self._content = None
            elif self._method is not None:
                event = self._head(self._method)
            else:
                return None
            if event is None and self._unread.closed:
                raise BadGateway("the connection ended before the answer did", kind=b"connection_terminated")
            return event
        except BadGateway as fault:
            self._fault = fault
            raise

    def _head(self, method: bytes) -> ResponseHead | None:
        unread = self._unread
        octets, at = unread.octets, unread.at
        if at == len(octets):
            return None
        found = None
        if self._scan is None:
            if method == b"GET":
                end = octets.find(b"\r\n\r\n", at) + 4
                head = self._known.find(octets[at:end])
                if head is not None:
                    unread.at = end
                    self._begin(head)
                    return head
            found = _RESPONSE.match(octets, at)
        if found is None or found.end() - at > self._limits.head:
            found = self._look_closer(octets, at)
            if found is None:
                return None
        minor, digits, reason, lines = found.groups()
        unread.at = found.end()
        self._scan = None
        version = 11 if minor == b"1" else 10
        status = int(digits)
        fields = split_fields(lines)
        framing = read_response_framing(method, status, version, fields)
        switched = status == 101 or (method == b"CONNECT" and 200 <= status < 300)
        persistent = not switched and framing is not UNTIL_CLOSE and is_persistent(version, fields)
        head = ResponseHead(version, status, reason or b"", fields, framing, persistent)
        if method == b"GET" and status >= 200:
            self._known.add(found[0], head)
        self._begin(head)
        return head

    def _begin(self, head: ResponseHead) -> None:
        """What follows ``head``: content, another head, or nothing that was asked for."""
        if head.status >= 200 or head.status == 101:
            self._method = None
        if head.framing is not EMPTY:
            self._content = _incoming(head.framing, BadGateway, self._limits.head, _answer_too_large)

    def _look_closer(self, octets: bytes, at: int) -> re.Match[bytes] | None:
        """Judge a head that is not complete, has a fault, or is large."""
        scan = self._scan
        if scan is None:
            scan = self._scan = HeadScan(BadGateway, self._limits.head, _answer_too_large)
        line = scan.start_line(octets, at, self._limits.head, _answer_too_large)
        if line is not None and _ANY_STATUS_LINE.fullmatch(line) is None:
            raise BadGateway("malformed status line", reason=b"Malformed Server Response Status")
        if not scan.is_complete(octets, at):
            return None
        found = _RESPONSE.match(octets, at)
        assert found is not None, "lines that are all in order make a head"
        return found
