"""Answers that the node makes itself, because it cannot or must not bring another."""

from __future__ import annotations

from html import escape

from tsnode.model.errors import PeerError

__all__ = ["render_last_answer", "render_refusal", "status_line"]

_REASONS = {
    200: b"OK",
    301: b"Moved Permanently",
    302: b"Moved Temporarily",
    307: b"Temporary Redirect",
    404: b"Not Found",
}


def status_line(status: int, reason: bytes = b"") -> bytes:
    """A status line with its CRLF; a reason is filled in where the status has one here."""
    return b"HTTP/1.1 %d %b\r\n" % (status, reason or _REASONS.get(status, b""))


def render_refusal(status: int, reason: bytes, problem: str, *lines: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """
    The head (without framing) and the page of an answer made here.

    ``lines`` are further field lines. The page tells the reader what happened; it never holds octets of the request.

    Source: Traffic Server, "Error Messages": never stored, in English, HTML.
    """
    title = escape(f"{status} {reason.decode('latin-1')}")
    page = (
        f"<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head>\n"
        f"<body><h1>{title}</h1>\n<p>{escape(problem)}</p>\n</body></html>\n"
    ).encode()
    head = status_line(status, reason) + (
        b"Cache-Control: no-store\r\nContent-Type: text/html; charset=utf-8\r\nContent-Language: en\r\n"
    )
    return head + b"".join([b"%b: %b\r\n" % line for line in lines]), page


def render_last_answer(fault: PeerError) -> bytes:
    """A whole answer to what could not be read, after which the connection is closed."""
    head, page = render_refusal(fault.status, fault.reason, str(fault))
    return head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(page) + page
