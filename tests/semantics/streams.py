"""Streams of messages, whole and damaged, and what our readers make of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hypothesis.strategies import DrawFn, SearchStrategy, composite, integers, lists, one_of, sampled_from

from tsnode.model.errors import PeerError
from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, RequestHead, ResponseHead
from tsnode.semantics.reader import Content, End, KnownHeads, ReaderLimits, RequestReader, ResponseReader
from tsnode.testing.strategies import bodies, fields, hosts, methods, paths

__all__ = [
    "LIMITS",
    "Message",
    "Reading",
    "answer_streams",
    "damaged",
    "messages_of",
    "read_answers",
    "read_requests",
    "request_streams",
]

LIMITS = ReaderLimits(head=1200, line=120)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was read to its end: ``trailers`` is None where its framing left no room for an end."""

    head: RequestHead | ResponseHead
    body: bytes
    trailers: Fields | None


@dataclass(frozen=True, slots=True)
class Reading:
    """
    Everything that a stream was read as.

    ``events`` are heads, contents (pieces that follow each other are put together) and trailers; ``refusal`` is status
    and reason of the fault, None where there was none.
    """

    events: tuple[RequestHead | ResponseHead | bytes | Fields, ...]
    refusal: tuple[int, bytes] | None
    unread: int


def _reading(
    reader: RequestReader | ResponseReader, pieces: Iterable[bytes], asked: Sequence[bytes], *, closes: bool
) -> Reading:
    events: list[RequestHead | ResponseHead | bytes | Fields] = []
    methods = iter(asked)

    def pull() -> None:
        while (event := reader.next()) is not None:
            if isinstance(event, Content):
                if events and isinstance(events[-1], bytes):
                    events[-1] += bytes(event.octets)
                else:
                    events.append(bytes(event.octets))
                continue
            events.append(event.trailers if isinstance(event, End) else event)
            final = isinstance(event, ResponseHead) and event.status >= 200 and event.framing is EMPTY
            if isinstance(reader, ResponseReader) and (final or isinstance(event, End)):
                method = next(methods, None)
                if method is None:
                    return
                reader.expect(method)

    refusal = None
    if isinstance(reader, ResponseReader):
        reader.expect(next(methods, b"GET"))
    try:
        for piece in pieces:
            reader.receive(piece)
            pull()
        if isinstance(reader, ResponseReader) and closes:
            reader.close()
            pull()
    except PeerError as fault:
        refusal = (fault.status, fault.reason)
    return Reading(tuple(events), refusal, 0 if refusal else reader.buffered)


def read_requests(*pieces: bytes, limits: ReaderLimits = LIMITS) -> Reading:
    """What a client's stream is read as."""
    return _reading(RequestReader(limits), pieces, (), closes=False)


def read_answers(
    *pieces: bytes, to: Sequence[bytes] = (b"GET",), closes: bool = False, known: KnownHeads | None = None
) -> Reading:
    """What a next hop's stream is read as, being the answers to requests with the methods ``to``."""
    return _reading(ResponseReader(LIMITS, known), pieces, to, closes=closes)


def messages_of(reading: Reading) -> list[Message]:
    """The complete messages of a reading; 1xx heads are messages, too."""
    messages: list[Message] = []
    head: RequestHead | ResponseHead | None = None
    body = b""
    for event in reading.events:
        if isinstance(event, RequestHead | ResponseHead):
            head, body = event, b""
            if event.framing is EMPTY:
                messages.append(Message(event, b"", None))
        elif isinstance(event, bytes):
            body = event
        else:
            assert head is not None, "an end comes after a head"
            messages.append(Message(head, body, event))
    return messages


@composite
def _framed(draw: DrawFn, kinds: tuple[str, ...]) -> tuple[str, bytes, bytes]:
    """How a content is framed: what kind it is, the field lines about it, and the octets behind the head."""
    kind = draw(sampled_from(kinds))
    body = draw(bodies(60))
    if kind == "none":
        return kind, b"", b""
    if kind == "sized":
        return kind, b"Content-Length: %d\r\n" % len(body), body
    if kind == "close":
        return kind, b"", body
    sizes = draw(lists(integers(1, 20), max_size=4))
    chunks = []
    for size in sizes:
        chunk, body = body[:size], body[size:]
        if chunk:
            extension = draw(sampled_from((b"", b";a", b";a=b", b';a="b c"')))
            size_line = draw(sampled_from((b"%x", b"%X", b"00%x"))) % len(chunk) + extension
            chunks += [size_line, b"\r\n", chunk, b"\r\n"]
    trailers = draw(sampled_from((b"", b"X-Sum: 1\r\n", b"Host: b\r\nX-Sum: 2\r\n")))
    coding = draw(sampled_from((b"Transfer-Encoding: chunked\r\n", b"transfer-encoding:\tCHUNKED \r\n")))
    return kind, coding, b"".join(chunks) + b"0\r\n" + trailers + b"\r\n"


@composite
def _requests(draw: DrawFn) -> bytes:
    method = draw(methods().filter(lambda name: name != b"CONNECT"))
    path = draw(paths())
    host = draw(hosts())
    target = draw(sampled_from((path, b"http://" + host + path, b"http://" + host + b":81" + path)))
    version = draw(sampled_from((b"1.1", b"1.1", b"1.1", b"1.0")))
    kinds = ("none", "sized", "chunked") if version == b"1.1" else ("none", "sized")
    _, framing, content = draw(_framed(kinds))
    connection = draw(sampled_from((b"", b"", b"Connection: keep-alive\r\n", b"Connection: close\r\n")))
    empty_lines = draw(sampled_from((b"", b"", b"", b"\r\n", b"\r\n\r\n")))
    lines = draw(fields(4)).render()
    return b"%b%b %b HTTP/%b\r\nHost: %b\r\n%b%b%b\r\n%b" % (
        empty_lines, method, target, version, host, lines, framing, connection, content,
    )  # fmt: skip


def request_streams(most: int = 3) -> SearchStrategy[bytes]:
    """Up to ``most`` requests, one behind the other."""
    return lists(_requests(), min_size=1, max_size=most).map(b"".join)


@composite
def _answers(draw: DrawFn, last: bool) -> bytes:
    version = draw(sampled_from((b"1.1", b"1.1", b"1.0")))
    kinds = ("none", "sized") if version == b"1.0" else ("none", "sized", "chunked")
    kind, framing, content = draw(_framed((*kinds, "close") if last else kinds))
    status = draw(sampled_from((200, 404, 206, 500, 599) if kind != "none" else (204, 304)))
    reason = draw(sampled_from((b" OK", b" Not Found", b" ", b"", b" na\xefve")))
    interim = draw(sampled_from((b"", b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")))
    lines = draw(fields(4)).render()
    return b"%bHTTP/%b %d%b\r\n%b%b\r\n%b" % (interim, version, status, reason, lines, framing, content)


@composite
def answer_streams(draw: DrawFn) -> bytes:
    """One or two answers to GET, one behind the other; only the last one's content may end with the connection."""
    first = draw(_answers(last=False)) if draw(integers(0, 1)) else b""
    return first + draw(_answers(last=True))


_DAMAGE = (
    b"", b"\r", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b"\r\n ", b" ", b"\t", b":", b",", b";",
    b"\x00", b"\x7f", b"\x85", b"\xff", b"0",
    b"5", b"-1", b"+5", b"0x5", b"f" * 17, b"a" * 300, b"#", b"@", b"*", b'"', b"\\", b"/", b"HTTP/1.1", b"HTTP/2.0",
    b"1.0", b"Host: b\r\n", b"Content-Length: 5\r\n", b"Content-Length: 5, 5\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: identity\r\n", b"X: y\r\n", b"Connection: close\r\n",
)  # fmt: skip


@composite
def damaged(draw: DrawFn, streams: SearchStrategy[bytes]) -> bytes:
    """A stream with something put in, taken away or overwritten in a few places, often near the end of a line."""
    octets = draw(streams)
    for _ in range(draw(integers(0, 3))):
        ends = [at for at in range(len(octets)) if octets.startswith(b"\n", at - 1)] or [0]
        place = draw(one_of(integers(0, len(octets)), sampled_from(ends)))
        taken = draw(sampled_from((0, 0, 1, 2)))
        octets = octets[:place] + draw(sampled_from(_DAMAGE)) + octets[place + taken:]
    return octets
