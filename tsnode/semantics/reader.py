"""
Messages off a connection, strictly.

Both readers are fed octets and asked for what these mean, one event at a time, so that their user can stop between two
messages. The same octets give the same events however they arrive. What could be read in two ways is not read at all:
the reader raises, and goes on raising.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tsnode.model.errors import BadGateway, BadRequest, PeerError
from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, UNTIL_CLOSE, Chunked, Framing, RequestHead, ResponseHead, Sized, UntilClose
from tsnode.semantics.chunked import ChunkedContent
from tsnode.semantics.content import Content, End, SizedContent, UntilCloseContent
from tsnode.semantics.field_lines import FIELD_LINES, TOKEN, HeadScan, split_fields
from tsnode.semantics.framing import read_request_framing, read_response_framing
from tsnode.semantics.unread import Unread

__all__ = ["Content", "End", "KnownHeads", "ReaderLimits", "RequestReader", "ResponseReader"]

_REQUEST_LINE = rb"(" + TOKEN + rb") ([!-~]++) HTTP/1\.([01])\r\n"
_REQUEST = re.compile(_REQUEST_LINE + rb"(" + FIELD_LINES + rb")\r\n")
_ANY_REQUEST_LINE = re.compile(TOKEN + rb" [!-~]++ HTTP/([0-9])\.([0-9])")
_STATUS_LINE = rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*+))?\r\n"
_RESPONSE = re.compile(_STATUS_LINE + rb"(" + FIELD_LINES + rb")\r\n")
_ANY_STATUS_LINE = re.compile(_STATUS_LINE[:-4])
_HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._~!$&'()*+,;=%-]+)(?::[0-9]{0,5})?"
)
_AUTHORITY = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
_EMPTY_LINES = 2
"""How many empty lines before a request are read over (RFC 9112 §2.2)."""

Body = SizedContent | ChunkedContent | UntilCloseContent


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


def _connection_options(fields: Fields, name: bytes) -> list[bytes]:
    value = fields.get(name)
    return [] if value is None else [option.strip(b" \t").lower() for option in value.split(b",")]


def _is_persistent(version: int, fields: Fields) -> bool:
    """Whether the sender lets the connection stay open (RFC 9112 §9.3)."""
    options = _connection_options(fields, b"connection")
    if b"close" in options:
        return False
    if version >= 11:
        return True
    return b"keep-alive" in options or b"keep-alive" in _connection_options(fields, b"proxy-connection")


def _host_of(target: bytes, version: int, fields: Fields) -> bytes:
    """
    The authority that a request is for.

    :raises BadRequest: where Host is missing, doubled or malformed (RFC 9112 §3.2).
    """
    hosts = fields.all(b"host")
    if len(hosts) > 1:
        raise BadRequest("more than one Host")
    if not hosts and version >= 11:
        raise BadRequest("no Host", reason=b"Host Header Required")
    if hosts and _HOST.fullmatch(hosts[0]) is None:
        raise BadRequest("malformed Host")
    absolute = _AUTHORITY.match(target) if target[:1] != b"/" else None
    if absolute is None:
        return hosts[0] if hosts else b""
    if _HOST.fullmatch(absolute[1]) is None:
        raise BadRequest("malformed authority in the request target")
    return absolute[1]


class RequestReader:
    """
    Reads requests.

    A request whose ``framing`` is EMPTY is complete with its head. Any other is followed by its Content and one End.
    """

    __slots__ = ("_body", "_fault", "_limits", "_scan", "_skipped", "_unread")

    def __init__(self, limits: ReaderLimits) -> None:
        self._limits = limits
        self._unread = Unread()
        self._body: Body | None = None
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
            body = self._body
            if body is None:
                return self._head()
            event = body.next(self._unread)
            if isinstance(event, End):
                self._body = None
            return event
        except BadRequest as fault:
            self._fault = fault
            raise

    def _head(self) -> RequestHead | None:
        unread = self._unread
        octets, at = unread.octets, unread.at
        found = _REQUEST.match(octets, at)
        limits = self._limits
        if found is None or found.end() - at > limits.head or found.end(3) - at > limits.line:
            found = self._look_closer()
            if found is None:
                return None
        method, target, minor, lines = found.groups()
        unread.at = found.end()
        self._scan = None
        self._skipped = 0
        version = 11 if minor == b"1" else 10
        fields = split_fields(lines)
        framing = read_request_framing(method, version, fields)
        host = _host_of(target, version, fields)
        if framing is not EMPTY:
            self._body = self._body_of(framing)
        return RequestHead(method, target, version, fields, framing, host, _is_persistent(version, fields))

    def _body_of(self, framing: Framing) -> Body:
        match framing:
            case Sized(length):
                return SizedContent(length)
            case Chunked():
                return ChunkedContent(BadRequest, self._limits.head, _too_large)
            case UntilClose():
                raise AssertionError("no request ends with its connection")

    def _look_closer(self) -> re.Match[bytes] | None:
        """Judge a head that is not complete, or has a fault."""
        unread = self._unread
        while self._scan is None:
            start = unread.octets[unread.at : unread.at + 2]
            if start == b"\r\n" and self._skipped < _EMPTY_LINES:
                self._skipped += 1
                unread.at += 2
            elif start == b"\r" or not start:
                return None
            else:
                self._scan = HeadScan(BadRequest, self._limits.head, _too_large)
        octets, at = unread.octets, unread.at
        line = self._scan.start_line(octets, at, self._limits.line, _too_long)
        if line is not None:
            self._judge(line)
        if not self._scan.is_complete(octets, at):
            return None
        found = _REQUEST.match(octets, at)
        if found is None:
            raise BadRequest("malformed request head")
        return found

    def _judge(self, line: bytes) -> None:
        version = _ANY_REQUEST_LINE.fullmatch(line)
        if version is None:
            raise BadRequest("malformed request line")
        if version[1] != b"1" or version[2] not in b"01":
            raise BadRequest(
                "only HTTP/1.0 and HTTP/1.1 are spoken here", status=505, reason=b"HTTP Version Not Supported"
            )


class KnownHeads:
    """
    Heads of answers to GET that were read before, by their octets, so that the next one need not be read again.

    At most 1,024 of at most 4 KB; when that is full it starts anew.
    """

    MOST = 1024
    LONGEST = 4096

    __slots__ = ("_heads",)

    def __init__(self) -> None:
        self._heads: dict[bytes, ResponseHead] = {}

    def find(self, octets: bytes) -> ResponseHead | None:
        """What these octets were read as; None where they are new."""
        return self._heads.get(octets)

    def add(self, octets: bytes, head: ResponseHead) -> None:
        """Remember what these octets are."""
        if len(octets) <= self.LONGEST:
            if len(self._heads) >= self.MOST:
                self._heads.clear()
            self._heads[octets] = head


class ResponseReader:
    """
    Reads answers. ``known`` may be shared with other readers of the same limits.

    Say with :meth:`expect` what each answer is for before it is read. Heads with a 1xx status come before the final
    one. An answer whose ``framing`` is EMPTY is complete with its head; any other is followed by its Content and one
    End. Behind a 101 nothing more is read: it is what :meth:`rest` gives.
    """

    __slots__ = ("_body", "_fault", "_known", "_limits", "_method", "_scan", "_switched", "_unread")

    def __init__(self, limits: ReaderLimits, known: KnownHeads | None = None) -> None:
        self._limits = limits
        self._known = known if known is not None else KnownHeads()
        self._unread = Unread()
        self._body: Body | None = None
        self._scan: HeadScan | None = None
        self._method = b"GET"
        self._switched = False
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

    def rest(self) -> bytes:
        """Hand over what was not read; nothing is left."""
        return self._unread.rest()

    def take_whole(self) -> bytes | memoryview | None:
        """
        All content of the answer whose head was just read, if that has a length and is here; None otherwise.

        After that the answer is complete: neither its Content nor its End comes any more.
        """
        body = self._body
        if not isinstance(body, SizedContent):
            return None
        octets = body.take_whole(self._unread)
        if octets is not None:
            self._body = None
        return octets

    def close(self) -> None:
        """Nothing more will be received: content that ends with the connection is complete, any other is not."""
        self._unread.closed = True

    def next(self) -> ResponseHead | Content | End | None:
        """
        What comes next; None until more was received.

        :raises BadGateway: at the first fault, and ever after; a fault is also the connection's end in a message.
        """
        if self._fault is not None:
            raise self._fault
        try:
            body = self._body
            event = self._head() if body is None else body.next(self._unread)
            if isinstance(event, End):
                self._body = None
            elif event is None and self._unread.closed and (body is not None or len(self._unread)):
                raise BadGateway("the connection ended in the middle of an answer")
            return event
        except BadGateway as fault:
            self._fault = fault
            raise

    def _head(self) -> ResponseHead | None:
        unread = self._unread
        octets, at = unread.octets, unread.at
        if self._switched or at == len(octets):
            return None
        end = octets.find(b"\r\n\r\n", at) + 4
        known = self._known.find(octets[at:end]) if self._method == b"GET" else None
        if known is not None:
            unread.at = end
            self._scan = None
            if known.framing is not EMPTY:
                self._body = self._body_of(known.framing)
            return known
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
        framing = read_response_framing(self._method, status, version, fields)
        if status == 101:
            self._switched = True
        elif framing is not EMPTY:
            self._body = self._body_of(framing)
        persistent = framing is not UNTIL_CLOSE and _is_persistent(version, fields)
        head = ResponseHead(version, status, reason or b"", fields, framing, persistent)
        if self._method == b"GET" and status >= 200:
            self._known.add(found[0], head)
        return head

    def _body_of(self, framing: Framing) -> Body:
        match framing:
            case Sized(length):
                return SizedContent(length)
            case Chunked():
                return ChunkedContent(BadGateway, self._limits.head, _answer_too_large)
            case UntilClose():
                return UntilCloseContent()

    def _look_closer(self, octets: bytes, at: int) -> re.Match[bytes] | None:
        """Judge a head that is not complete, or has a fault."""
        scan = self._scan
        if scan is None:
            scan = self._scan = HeadScan(BadGateway, self._limits.head, _answer_too_large)
        line = scan.start_line(octets, at, self._limits.head, _answer_too_large)
        if line is not None and _ANY_STATUS_LINE.fullmatch(line) is None:
            raise BadGateway("malformed status line", reason=b"Malformed Server Response Status")
        if not scan.is_complete(octets, at):
            return None
        found = _RESPONSE.match(octets, at)
        if found is None:
            raise BadGateway("malformed answer head")
        return found
