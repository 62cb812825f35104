"""A request as it goes to the next hop."""

from __future__ import annotations

from collections.abc import Sequence

from tsnode.model.fields import Line
from tsnode.model.messages import Chunked, RequestHead, Sized
from tsnode.model.settings import ProxySettings
from tsnode.model.target import Target
from tsnode.semantics.hop_by_hop import end_to_end

__all__ = ["CONDITIONS", "render_request"]

CONDITIONS = frozenset({b"if-modified-since", b"if-none-match", b"if-match", b"if-unmodified-since", b"if-range"})
"""Fields that make a request conditional (RFC 9110 §13.1)."""

_OURS = frozenset({b"host", b"via", b"content-length"})
_CLIENT_IP = b"client-ip"
_FORWARDED_FOR = b"x-forwarded-for"


def render_request(
    request: RequestHead,
    target: Target,
    host: bytes,
    client: bytes,
    settings: ProxySettings,
    *,
    drop: frozenset[bytes] = frozenset(),
    extra: Sequence[Line] = (),
    upgrade: bool = False,
) -> bytes:
    """
    The head of ``request`` in origin-form, to its empty line.

    ``host`` is the Host field to send. Fields named in ``drop`` (lower case) are left out, ``extra`` lines added.
    ``upgrade`` passes the wish for another protocol on (RFC 9110 §7.8).

    Source: RFC 9110 §7.6, RFC 9112 §3.2.1.
    """
    lines = [b"%b %b HTTP/1.1\r\nHost: %b\r\n" % (request.method, target.path, host)]
    add = lines.append
    via = b""
    forwarded = b""
    skip = _OURS | drop if drop else _OURS
    for name, value in end_to_end(request.fields).lines:
        lower = name.lower()
        if lower in skip:
            if lower == b"via":
                via = b"%b, %b" % (via, value) if via else value
            continue
        if lower == _FORWARDED_FOR and settings.forwarded_for:
            forwarded = b"%b, %b" % (forwarded, value) if forwarded else value
            continue
        if lower == _CLIENT_IP and (settings.insert_client_ip == 1 or settings.remove_client_ip):
            continue
        add(b"%b: %b\r\n" % (name, value))
    if settings.insert_client_ip and not settings.remove_client_ip:
        if settings.insert_client_ip == 1 or _CLIENT_IP not in request.fields:
            add(b"Client-ip: %b\r\n" % client)
    if settings.forwarded_for:
        add(b"X-Forwarded-For: %b\r\n" % (b"%b, %b" % (forwarded, client) if forwarded else client))
    if settings.request_via:
        ours = b"1.%d %b (%b)" % (request.version - 10, settings.via_name, settings.request_via_text)
        via = b"%b, %b" % (via, ours) if via else ours
    if via:
        add(b"Via: %b\r\n" % via)
    for line in extra:
        add(b"%b: %b\r\n" % line)
    match request.framing:
        case Sized(length):
            if length or b"content-length" in request.fields:
                add(b"Content-Length: %d\r\n" % length)
        case Chunked():
            add(b"Transfer-Encoding: chunked\r\n")
        case _:
            raise AssertionError("a request never ends with its connection")
    if upgrade:
        add(b"Connection: upgrade\r\nUpgrade: %b\r\n" % (request.fields.get(b"upgrade") or b""))
    add(b"\r\n")
    return b"".join(lines)
