"""What clients ask and origins answer in the stories."""

from __future__ import annotations

from email.utils import formatdate

__all__ = ["answer", "ask", "chunked", "http_date"]


def http_date(seconds: float) -> str:
    """A time as HTTP writes it."""
    return formatdate(seconds, usegmt=True)


def answer(*lines: str, status: str = "200 OK", body: bytes = b"hello") -> bytes:
    """An answer with a Content-Length and further field ``lines``."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines, "", ""])
    return head.encode("latin-1") + body


def chunked(*lines: str, status: str = "200 OK", body: bytes = b"hello", trailers: bytes = b"") -> bytes:
    """An answer in the chunked coding, a chunk of at most four octets after the other."""
    head = "\r\n".join([f"HTTP/1.1 {status}", "Transfer-Encoding: chunked", *lines, "", ""])
    chunks = [body[at : at + 4] for at in range(0, len(body), 4)]
    coded = b"".join([b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks])
    return head.encode("latin-1") + coded + b"0\r\n" + trailers + b"\r\n"


def ask(
    path: str, *lines: str, method: str = "GET", host: str = "a.example", version: str = "1.1", body: bytes = b""
) -> bytes:
    """A request to a forward proxy, with further field ``lines`` and ``body`` as it stands."""
    head = "\r\n".join([f"{method} http://{host}{path} HTTP/{version}", f"Host: {host}", *lines, "", ""])
    return head.encode("latin-1") + body
