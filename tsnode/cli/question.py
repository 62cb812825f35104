"""The words of ``tsnode explain`` as a question: what a client would send, and an answer read from a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tsnode.model.errors import BadGateway, BadRequest, TsnodeError
from tsnode.model.messages import RequestHead, ResponseHead
from tsnode.model.settings import Limits
from tsnode.semantics.reader import Content, End, ReaderLimits, RequestReader, ResponseReader

__all__ = ["QuestionError", "parse_moment", "read_answer", "read_request"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[!-~]+")
_VISIBLE = re.compile(r"[!-~]+")
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*?)[ \t]*")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1[0-9]{2} ")
_EARLIEST, _LATEST = 0.0, 253402300799.0
_DEFAULT_PORTS = {"http": 80, "https": 443}


class QuestionError(TsnodeError):
    """What was asked cannot be read; ``str()`` tells why and what would do."""


def parse_moment(text: str) -> float:
    """
    Seconds since the epoch, from a number or from ISO 8601; without an offset that is local time.

    :raises QuestionError: where it is neither, or not from 1970 to 9999.
    """
    try:
        moment = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text).timestamp()
        except (ValueError, OverflowError, OSError) as fault:
            raise QuestionError(f"{text!r} is no time: 2026-11-26T17:00:00Z and 1795712400 are") from fault
    if not _EARLIEST <= moment <= _LATEST:
        raise QuestionError(f"{text!r} is no time from 1970 to {datetime.fromtimestamp(_LATEST, UTC).year}")
    return moment


def read_request(method: str, url: str, lines: Sequence[str], limits: Limits, *, origin_form: bool) -> RequestHead:
    """
    The request that a client sends for ``url`` with the field ``lines``, as the node reads it.

    A client that knows of the proxy sends the whole URL, one that does not (``origin_form``) the path only. For
    CONNECT host and port are enough. Host is added unless a line has it.

    :raises QuestionError: where no client could send that, or the node would not read it as one request.
    """
    if _METHOD.fullmatch(method) is None:
        raise QuestionError(f"{method!r} is no method: letters, digits and !#$%&'*+-.^_`|~ are in one")
    scheme, _, rest = url.partition("://")
    if method == "CONNECT" and "://" not in url:
        scheme, rest = "", url
    elif "://" not in url:
        raise QuestionError(f"{url!r} has no scheme: a URL begins with http:// or https://")
    if _VISIBLE.fullmatch(url) is None or (scheme and _URL.fullmatch(url) is None):
        raise QuestionError(f"{url!r} is no URL: blanks and what is not ASCII are written as %XX, hosts as xn--…")
    fields = [_read_field(line) for line in lines]
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    target = url
    if method == "CONNECT":
        named = re.search(r":[0-9]+\Z", authority) is not None
        target = authority if named else f"{authority}:{_DEFAULT_PORTS.get(scheme.lower(), '')}"
    elif origin_form:
        target = path if path.startswith("/") else f"/{path}"
    if not any(name.lower() == "host" for name, _ in fields):
        fields.insert(0, ("Host", authority))
    head = "".join([f"{method} {target} HTTP/1.1\r\n", *[f"{name}: {value}\r\n" for name, value in fields], "\r\n"])
    reader = RequestReader(ReaderLimits(head=limits.request_head, line=limits.request_line))
    reader.receive(head.encode("utf-8", "surrogateescape"))
    try:
        request = reader.next()
    except BadRequest as fault:
        reason = fault.reason.decode("ascii")
        raise QuestionError(f"the node refuses to read such a request: {fault} ({fault.status} {reason})") from fault
    assert isinstance(request, RequestHead), "a head with its empty line is whole"
    return request


def _read_field(line: str) -> tuple[str, str]:
    found = _FIELD.fullmatch(line)
    if found is None:
        raise QuestionError(f"{line!r} is no header line: 'Name: value' is, on one line, the name without blanks")
    return found[1], found[2]


def read_answer(path: Path, method: bytes, limits: Limits) -> ResponseHead:
    """
    The final answer in a file, as the node reads it; content may follow its head.

    Where the first line ends with LF alone all lines of the head may; a missing empty line at its end is added.

    :raises QuestionError: where it cannot be read, or there is no answer in it.
    """
    try:
        with path.open("rb") as file:
            # what is behind the longest head there may be is content, or too much
            octets = file.read(limits.response_head + 1)
    except OSError as fault:
        raise QuestionError(f"{path} cannot be read: {fault.strerror}") from fault
    reader = ResponseReader(ReaderLimits(head=limits.response_head, line=limits.response_head))
    reader.expect(method)
    reader.receive(_with_line_ends(octets))
    reader.close()
    try:
        event: ResponseHead | Content | End | None = reader.next()
        while isinstance(event, ResponseHead) and event.status < 200 and event.status != 101:
            event = reader.next()
    except BadGateway as fault:
        raise QuestionError(f"{path} holds no answer that the node would take: {fault}") from fault
    if not isinstance(event, ResponseHead) or event.status < 200:
        raise QuestionError(f"{path} holds no final answer: it begins with a line like HTTP/1.1 200 OK")
    return event


def _with_line_ends(octets: bytes) -> bytes:
    """An answer with CRLF where it has LF throughout, and with an empty line behind its head."""
    heads = []
    while True:
        blank = _BLANK_LINE.search(octets)
        head, rest = (octets, b"") if blank is None else (octets[: blank.start()], octets[blank.end() :])
        head = head.removesuffix(b"\n").removesuffix(b"\r")
        if not octets.partition(b"\n")[0].endswith(b"\r"):
            head = head.replace(b"\n", b"\r\n")
        heads.append(head + b"\r\n\r\n")
        if not rest or _INTERIM.match(head) is None:
            return b"".join(heads) + rest
        octets = rest
