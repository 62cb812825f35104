"""
Whatever our readers accept, llhttp reads the same way.

Apart from: methods that llhttp does not know, schemes with anything but letters in them, blanks before a chunk's
extension (RFC 9112 §7.1.1 has them read over) and a Content-Length that an answer says twice.
"""

from __future__ import annotations

import re
from typing import Any

import httptools
from hypothesis import assume, given, settings
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

Read = tuple[bytes | int, bytes, int, list[tuple[bytes, bytes]], bytes]
"""Method and target, or status and reason; version, fields and content."""

_METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PURGE", b"TRACE", b"PATCH"})
_BLANK_BEFORE_EXTENSION = re.compile(rb"\r\n[0-9A-Fa-f]+[ \t]+;")


class Oracle:
    """Collects what llhttp reads; ``read`` holds one entry a message, the last one perhaps without all its content."""

    def __init__(self, requests: bool) -> None:
        self.read: list[Read] = []
        self._about = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._in_trailers = False
        self._parser: Any = httptools.HttpRequestParser(self) if requests else httptools.HttpResponseParser(self)
        self._requests = requests

    def feed(self, octets: bytes) -> Oracle:
        """Read as much of a stream as llhttp accepts."""
        try:
            self._parser.feed_data(octets)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            # what it read before is compared all the same
            pass
        return self

    def on_message_begin(self) -> None:
        self._about, self._fields, self._in_trailers = b"", [], False

    def on_url(self, octets: bytes) -> None:
        self._about += octets

    def on_status(self, octets: bytes) -> None:
        self._about += octets

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_trailers:
            # llhttp leaves the blanks behind a value where they are
            self._fields.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self._in_trailers = True
        first = self._parser.get_method() if self._requests else self._parser.get_status_code()
        version = int(self._parser.get_http_version().replace(".", ""))
        self.read.append((first, self._about, version, self._fields, b""))

    def on_body(self, octets: bytes) -> None:
        first, about, version, fields, content = self.read[-1]
        self.read[-1] = (first, about, version, fields, content + octets)


def _ours(message: Message) -> Read:
    head = message.head
    if isinstance(head, RequestHead):
        return head.method, head.target, head.version, list(head.fields), message.body
    return head.status, head.reason, head.version, list(head.fields), message.body


class Requests(SynchronousTestCase):
    """RequestReader beside llhttp."""

    @settings(max_examples=2 * settings().max_examples)
    @given(damaged(request_streams()))
    def test_requests_that_we_accept_are_read_the_same_way(self, octets: bytes) -> None:
        assume(not _BLANK_BEFORE_EXTENSION.search(octets))
        theirs = Oracle(requests=True).feed(octets).read
        for number, message in enumerate(messages_of(read_requests(octets))):
            head = message.head
            assert isinstance(head, RequestHead)
            if head.method not in _METHODS or not re.match(rb"[A-Za-z]+:|[/*]", head.target):
                break
            self.assertEqual(_ours(message), theirs[number])
            if not head.persistent:
                break


class Answers(SynchronousTestCase):
    """ResponseReader beside llhttp."""

    @settings(max_examples=2 * settings().max_examples)
    @given(damaged(answer_streams()))
    def test_answers_that_we_accept_are_read_the_same_way(self, octets: bytes) -> None:
        assume(not _BLANK_BEFORE_EXTENSION.search(octets))
        theirs = Oracle(requests=False).feed(octets).read
        for number, message in enumerate(messages_of(read_answers(octets, to=(b"GET", b"GET"), closes=True))):
            head = message.head
            assert isinstance(head, ResponseHead)
            if len(head.fields.all(b"content-length")) > 1:
                break
            self.assertEqual(_ours(message), theirs[number])
            if head.status >= 200 and not head.persistent:
                break
