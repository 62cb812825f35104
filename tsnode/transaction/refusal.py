"""Answers that the node makes itself, because it cannot or must not bring another."""

from __future__ import annotations

from html import escape

from tsnode.model.errors import PeerError
from tsnode.semantics.dates import render_date

__all__ = ["begin_head", "render_last_answer", "render_refusal"]

_REASONS = {
    200: b"OK",
    201: b"Created",
    301: b"Moved Permanently",
    302: b"Moved Temporarily",
    307: b"Temporary Redirect",
    404: b"Not Found",
}
_LANGUAGE = b"Content-Language: en\r\n"


def begin_head(status: int, now: float, reason: bytes = b"", told: bytes = b"") -> bytes:
    """
    The start of a head that is made here: it has a Date (``now``, seconds since the epoch) and is never stored.

    A reason is filled in where the status has one here. ``told`` are further lines, each with its CRLF. Errors are in
    English, whether or not a page follows.
    """
    line = b"HTTP/1.1 %d %b" % (status, reason or _REASONS.get(status, b""))
    language = _LANGUAGE if status >= 400 else b""
    return b"%b\r\nDate: %b\r\nCache-Control: no-store\r\n%b%b" % (line, render_date(now), language, told)


def render_refusal(
    status: int, reason: bytes, problem: str, now: float, *lines: tuple[bytes, bytes]
) -> tuple[bytes, bytes]:
    """
    The head (without framing) and the page of an answer made here at ``now``.

    ``lines`` are further field lines. The page tells the reader what happened: ``problem``, escaped.

    Source: Traffic Server, "Error Messages": never stored, in English, HTML.
    """
    title = escape(f"{status} {reason.decode('latin-1')}")
    page = (
        f"<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head>\n"
        f"<body><h1>{title}</h1>\n<p>{escape(problem)}</p>\n</body></html>\n"
    ).encode()
    head = begin_head(status, now, reason) + b"Content-Type: text/html; charset=utf-8\r\n"
    if status < 400:
        head += _LANGUAGE
    return head + b"".join([b"%b: %b\r\n" % line for line in lines]), page


def render_last_answer(fault: PeerError, now: float) -> bytes:
    """A whole answer to what could not be read, after which the connection is closed."""
    head, page = render_refusal(fault.status, fault.reason, str(fault), now)
    return head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(page) + page
