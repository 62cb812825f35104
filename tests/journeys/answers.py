"""Answers that origins give in the stories."""

from __future__ import annotations

from email.utils import formatdate

__all__ = ["answer", "http_date"]


def http_date(seconds: float) -> str:
    """A time as HTTP writes it."""
    return formatdate(seconds, usegmt=True)


def answer(*lines: str, status: str = "200 OK", body: bytes = b"hello") -> bytes:
    """An answer with a Content-Length and further field ``lines``."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines, "", ""])
    return head.encode("latin-1") + body
