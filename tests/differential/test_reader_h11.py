"""
Whatever our readers accept, h11 reads the same way.

Apart from: empty lines before a request (RFC 9112 §2.2) and blanks before a chunk's extension (§7.1.1), which we read
over; a Transfer-Encoding in an answer that has no content whatever it says; and what follows a message in HTTP/1.0,
where h11 knows no keep-alive. h11 gives Content-Length and Transfer-Encoding in a form of its own.
"""

from __future__ import annotations

import re

import h11
from hypothesis import assume, given
from twisted.trial.unittest import SynchronousTestCase

from tests.semantics.streams import (
    Message,
    answer_streams,
    damaged,
    messages_of,
    read_answers,
    read_requests,
    request_streams,
)
from tsnode.model.messages import RequestHead, ResponseHead

Read = tuple[bytes | int, bytes, bytes, list[tuple[bytes, bytes]], bytes]
"""Method and target, or status and reason; version, fields and content."""

_BLANK_BEFORE_EXTENSION = re.compile(rb"\r\n[0-9A-Fa-f]+[ \t]+;")
_FRAMING = (b"content-length", b"transfer-encoding")


def _plain(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in fields if name.lower() not in _FRAMING]


def _theirs(event: h11.Request | h11.Response | h11.InformationalResponse, content: bytes) -> Read:
    fields = _plain(list(event.headers))
    if isinstance(event, h11.Request):
        return event.method, event.target, event.http_version, fields, content
    return event.status_code, event.reason, event.http_version, fields, content


def _ours(message: Message) -> Read:
    head = message.head
    version = b"%d.%d" % divmod(head.version, 10)
    fields = _plain(list(head.fields))
    if isinstance(head, RequestHead):
        return head.method, head.target, version, fields, message.body
    return head.status, head.reason, version, fields, message.body


def _read_by_h11(octets: bytes, *, requests: bool) -> list[Read]:
    """Every complete message of a stream; of answers it is the whole stream up to the connection's end."""
    read: list[Read] = []
    while octets:
        if requests:
            octets = octets.removeprefix(b"\r\n").removeprefix(b"\r\n")
        connection = h11.Connection(h11.SERVER if requests else h11.CLIENT)
        if not requests:
            connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
            connection.send(h11.EndOfMessage())
        connection.receive_data(octets)
        if not requests:
            connection.receive_data(b"")
        try:
            _read_one(connection, read)
        except h11.RemoteProtocolError:
            return read
        rest, _ = connection.trailing_data
        if len(rest) == len(octets):
            return read
        octets = rest
    return read


def _read_one(connection: h11.Connection, read: list[Read]) -> None:
    head: h11.Request | h11.Response | None = None
    content = b""
    while True:
        event = connection.next_event()
        match event:
            case h11.Request() | h11.Response():
                head = event
            case h11.InformationalResponse():
                read.append(_theirs(event, b""))
            case h11.Data():
                content += bytes(event.data)
            case h11.EndOfMessage() if head is not None:
                read.append(_theirs(head, content))
                return
            case _:
                return


class Requests(SynchronousTestCase):
    """RequestReader beside h11."""

    @given(damaged(request_streams()))
    def test_requests_that_we_accept_are_read_the_same_way(self, octets: bytes) -> None:
        assume(not _BLANK_BEFORE_EXTENSION.search(octets))
        theirs = _read_by_h11(octets, requests=True)
        for number, message in enumerate(messages_of(read_requests(octets))):
            self.assertEqual(_ours(message), theirs[number])
            assert isinstance(message.head, RequestHead)
            if not message.head.persistent or message.head.version == 10:
                break


class Answers(SynchronousTestCase):
    """ResponseReader beside h11."""

    @given(damaged(answer_streams()))
    def test_answers_that_we_accept_are_read_the_same_way(self, octets: bytes) -> None:
        assume(not _BLANK_BEFORE_EXTENSION.search(octets))
        theirs = _read_by_h11(octets, requests=False)
        for number, message in enumerate(messages_of(read_answers(octets, to=(b"GET", b"GET"), closes=True))):
            head = message.head
            assert isinstance(head, ResponseHead)
            if head.status in (204, 304) and b"transfer-encoding" in head.fields:
                break
            self.assertEqual(_ours(message), theirs[number])
            if head.status >= 200 and (not head.persistent or head.version == 10):
                break
