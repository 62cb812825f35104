"""Hypothesis strategies for the values of :mod:`tsnode.model`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    binary,
    booleans,
    builds,
    composite,
    floats,
    from_regex,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
    tuples,
)

from tsnode.model.alternate import Alternate, Terms
from tsnode.model.fields import Fields, Line
from tsnode.model.messages import CHUNKED, EMPTY, UNTIL_CLOSE, Framing, RequestHead, ResponseHead, Sized

__all__ = [
    "Cuts",
    "alternates",
    "bodies",
    "cuts",
    "field_lines",
    "field_names",
    "field_values",
    "fields",
    "hosts",
    "methods",
    "paths",
    "request_heads",
    "response_heads",
    "terms",
    "times",
    "urls",
]

_KNOWN_METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PURGE", b"PUSH")
_KNOWN_NAMES = (
    b"Accept", b"Accept-Encoding", b"Accept-Language", b"Cache-Control", b"Content-Type", b"Cookie", b"Date", b"ETag",
    b"Expires", b"Last-Modified", b"Pragma", b"Set-Cookie", b"User-Agent", b"Vary", b"Via", b"Warning",
)  # fmt: skip
_FRAMING_NAMES = frozenset({b"content-length", b"transfer-encoding", b"connection", b"host", b"trailer", b"te"})
_NO_CONTENT = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where to cut a stream of octets; places beyond its end count from its start again."""

    places: tuple[int, ...]

    def apply(self, octets: bytes) -> list[bytes]:
        """``octets`` in pieces, none of them empty."""
        if not octets:
            return []
        places = sorted({place % len(octets) for place in self.places} | {0, len(octets)})
        return [octets[start:end] for start, end in pairwise(places)]


def cuts() -> SearchStrategy[Cuts]:
    """Some cuts anywhere, or one behind every octet."""
    return builds(Cuts, one_of(lists(integers(0, 4096), max_size=8).map(tuple), just(tuple(range(4096)))))


def times() -> SearchStrategy[float]:
    """Seconds since the epoch, within a few days: whole ones, halves, and what lies between."""
    start = 1_700_000_000
    return one_of(integers(start, start + 400_000).map(float), floats(start, start + 400_000))


def methods() -> SearchStrategy[bytes]:
    """Methods: those that mean something to a cache, and any token (RFC 9110 §9.1)."""
    return one_of(sampled_from(_KNOWN_METHODS), _tokens())


def _tokens() -> SearchStrategy[bytes]:
    return from_regex(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", fullmatch=True)


def field_names() -> SearchStrategy[bytes]:
    """Field names, but none that says how a message is framed or connected."""
    return one_of(sampled_from(_KNOWN_NAMES), _tokens().filter(lambda name: name.lower() not in _FRAMING_NAMES))


def field_values() -> SearchStrategy[bytes]:
    """Field values: visible octets with single blanks and tabs inside, also none at all (RFC 9110 §5.5)."""
    return from_regex(rb"(?:[!-~\x80-\xff]+(?:[ \t][!-~\x80-\xff]+){0,3})?", fullmatch=True)


def field_lines() -> SearchStrategy[Line]:
    """One field line."""
    return tuples(field_names(), field_values())


def fields(most: int = 6) -> SearchStrategy[Fields]:
    """Up to ``most`` field lines; names repeat, in any case."""
    return lists(field_lines(), max_size=most).map(Fields)


def hosts() -> SearchStrategy[bytes]:
    """Lower-case host names and addresses as they stand in a URL."""
    named = from_regex(rb"[a-z][a-z0-9-]{0,8}(?:\.[a-z][a-z0-9]{0,5}){0,2}", fullmatch=True)
    return one_of(named, sampled_from((b"192.0.2.7", b"[2001:db8::1]")))


def paths() -> SearchStrategy[bytes]:
    """Paths, some with a query."""
    return from_regex(rb"/[!$-.0-;=@-Z_a-z~/]{0,12}(?:\?[!$-;=@-Z_a-z~]{0,8})?", fullmatch=True)


def urls() -> SearchStrategy[bytes]:
    """Canonical http URLs."""
    return builds(lambda host, path: b"http://" + host + path, hosts(), paths())


def bodies(most: int = 512) -> SearchStrategy[bytes]:
    """Contents of up to ``most`` octets, those that look like line ends and chunk sizes among them."""
    return one_of(binary(max_size=most), lists(sampled_from((b"\r\n", b"0", b"a")), max_size=most // 2).map(b"".join))


def _sizes() -> SearchStrategy[int]:
    return one_of(integers(0, 64), integers(0, 1 << 40))


def _framing_lines(framing: Framing, persistent: bool) -> tuple[Line, ...]:
    """How a sender states them."""
    lines: list[Line] = []
    if framing == CHUNKED:
        lines.append((b"Transfer-Encoding", b"chunked"))
    elif isinstance(framing, Sized) and framing is not EMPTY:
        lines.append((b"Content-Length", b"%d" % framing.length))
    if not persistent:
        lines.append((b"Connection", b"close"))
    return tuple(lines)


@composite
def request_heads(draw: DrawFn) -> RequestHead:
    """Requests as a correct HTTP/1.1 client sends them, fields and the rest in agreement."""
    host, path = draw(hosts()), draw(paths())
    target = draw(sampled_from((path, b"http://" + host + path)))
    framing = draw(one_of(just(EMPTY), just(CHUNKED), builds(Sized, _sizes())))
    persistent = draw(booleans())
    lines = draw(fields()).plus((b"Host", host), *_framing_lines(framing, persistent))
    return RequestHead(draw(methods()), target, 11, lines, framing, host, persistent)


@composite
def response_heads(draw: DrawFn) -> ResponseHead:
    """Final responses as a correct HTTP/1.1 server sends them to a GET, fields and the rest in agreement."""
    status = draw(one_of(sampled_from((200, 203, 204, 206, 301, 302, 304, 404, 410, 500, 503)), integers(200, 599)))
    persistent = draw(booleans())
    framing: Framing = EMPTY
    if status not in _NO_CONTENT:
        framing = draw(one_of(builds(Sized, _sizes()), just(CHUNKED), just(UNTIL_CLOSE)))
    if framing == UNTIL_CLOSE:
        persistent = False
    reason = draw(from_regex(rb"(?:[A-Za-z]{1,8}(?: [A-Za-z]{1,8})?)?", fullmatch=True))
    lines = draw(fields()).plus(*_framing_lines(framing, persistent))
    return ResponseHead(11, status, reason, lines, framing, persistent)


def terms() -> SearchStrategy[Terms]:
    """Terms of use, in every combination."""
    return builds(
        Terms,
        birth=times(),
        lifetime=one_of(just(0.0), floats(0, 1e6)),
        explicit=booleans(),
        vary=one_of(none(), just(()), lists(field_names().map(bytes.lower), min_size=1, max_size=3).map(tuple)),
        no_cache=booleans(),
        must_revalidate=booleans(),
        stale_forbidden=booleans(),
        public=booleans(),
        etag=one_of(none(), from_regex(rb'(?:W/)?"[!#-~]{0,8}"', fullmatch=True)),
        last_modified=one_of(none(), just(b"Sun, 06 Nov 1994 08:49:37 GMT")),
    )


@composite
def alternates(draw: DrawFn, url: SearchStrategy[bytes] | None = None, length: int | None = None) -> Alternate:
    """Answers as a store gets them: no content yet, of a ``length`` that may be unknown."""
    stored = draw(fields()).without((b"set-cookie", b"date")).plus((b"Date", b"Sun, 06 Nov 1994 08:49:37 GMT"))
    request_time = draw(times())
    return Alternate(
        url=draw(url if url is not None else urls()),
        method=b"GET",
        status=200,
        reason=b"OK",
        fields=stored,
        request_fields=draw(fields(3)),
        request_time=request_time,
        response_time=request_time + draw(floats(0, 30)),
        length=length,
        terms=draw(terms()),
        head=b"HTTP/1.1 200 OK\r\n" + stored.render(),
    )
