"""A request as it goes to the next hop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tsnode.model.fields import Fields, Line
from tsnode.model.messages import Chunked, RequestHead, Sized
from tsnode.model.settings import ProxySettings
from tsnode.model.target import Target
from tsnode.semantics.hop_by_hop import end_to_end
from tsnode.semantics.via import render_via
from tsnode.transaction.local import max_forwards

__all__ = ["CONDITIONS", "render_request"]

CONDITIONS = frozenset({b"if-modified-since", b"if-none-match", b"if-match", b"if-unmodified-since", b"if-range"})
"""Fields that make a request conditional (RFC 9110 §13.1)."""

_OURS = frozenset({b"host", b"via", b"content-length"})
_NOTHING: frozenset[bytes] = frozenset()
_LATEST = b"%b %b HTTP/1.1\r\n"
_BEFORE = b"%b %b HTTP/1.0\r\n"
_CLIENT_IP = b"client-ip"
_FORWARDED_FOR = b"x-forwarded-for"
_MAX_FORWARDS = b"max-forwards"
_COUNTED_DOWN = frozenset({b"TRACE", b"OPTIONS", b"DELETE"})


def render_request(
    request: RequestHead,
    target: Target,
    host: bytes,
    client: bytes,
    settings: ProxySettings,
    *,
    drop: frozenset[bytes] = _NOTHING,
    extra: Sequence[Line] = (),
    upgrade: bool = False,
    version: int = 11,
    codes: bytes = b"",
) -> bytes:
    """
    The head of ``request`` in origin-form, to its empty line.

    ``host`` is the Host field to send. Fields named in ``drop`` (lower case) are left out, ``extra`` lines added.
    ``upgrade`` passes the wish for another protocol on (RFC 9110 §7.8). ``version`` is 11, or 10 for a next hop that
    takes nothing else.
    ``codes`` is what Via tells behind the product.

    Source: RFC 9110 §7.6, RFC 9112 §3.2.1.
    """
    lines = [(_LATEST if version == 11 else _BEFORE) % (request.method, target.path)]
    add = lines.append
    if drop or request.method != b"GET":
        add(_passed_lines(request, host, client, settings, drop, codes))
    else:
        add(_known_lines(request, host, client, settings, codes))
    for name, value in extra:
        add(b"%b: %b\r\n" % (name, value))
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


class _Known(NamedTuple):
    """Lines of a GET that were rendered before, and what they depend on beside the fields that keep them."""

    settings: ProxySettings
    host: bytes
    client: bytes
    version: int
    codes: bytes
    lines: bytes


def _known_lines(
    request: RequestHead, host: bytes, client: bytes, settings: ProxySettings, codes: bytes
) -> bytes:
    """What :func:`_passed_lines` gives for a GET; where its fields are those of an earlier one, without the work."""
    fields, version = request.fields, request.version
    known = fields.memo
    if (
        isinstance(known, _Known)
        and known.settings is settings
        and known.host == host
        and known.client == client
        and known.version == version
        and known.codes == codes
    ):
        return known.lines
    lines = _passed_lines(request, host, client, settings, _NOTHING, codes)
    fields.memo = _Known(settings, host, client, version, codes, lines)
    return lines


def _passed_lines(
    request: RequestHead,
    host: bytes,
    client: bytes,
    settings: ProxySettings,
    drop: frozenset[bytes],
    codes: bytes,
) -> bytes:
    """Host, the client's own fields that go on, and those that this node writes; each with its CRLF."""
    lines = [b"Host: %b\r\n" % host]
    add = lines.append
    fields = end_to_end(request.fields)
    ours = _lines_of_ours(request, fields, client, settings, codes)
    skip = _OURS | drop if drop else _OURS
    if len(ours) > 1 or (ours and ours[0][0] not in skip):
        skip = skip.union([name for name, _ in ours])
    if settings.remove_client_ip:
        skip |= {_CLIENT_IP}
    if request.version < 11:
        # an expectation of HTTP/1.0 means nothing (RFC 9110 §10.1.1)
        skip |= {b"expect"}
    for name, value in fields.lines:
        if name.lower() not in skip:
            add(b"%b: %b\r\n" % (name, value))
    for _, line in ours:
        add(line)
    return b"".join(lines)


def _lines_of_ours(
    request: RequestHead, fields: Fields, client: bytes, settings: ProxySettings, codes: bytes
) -> list[tuple[bytes, bytes]]:
    """Lines that this node writes in the place of the client's, by their names in lower case, with their CRLF."""
    ours = []
    insert = settings.insert_client_ip == 1 or (settings.insert_client_ip == 2 and _CLIENT_IP not in fields)
    if insert and not settings.remove_client_ip:
        ours.append((_CLIENT_IP, b"Client-ip: %b\r\n" % client))
    if settings.forwarded_for:
        before = fields.get(_FORWARDED_FOR)
        through = client if before is None else b"%b, %b" % (before, client)
        ours.append((_FORWARDED_FOR, b"X-Forwarded-For: %b\r\n" % through))
    if settings.user_agent:
        ours.append((b"user-agent", b"User-Agent: %b\r\n" % settings.user_agent))
    via = fields.get(b"via")
    if settings.request_via:
        here = render_via(request.version, settings.via_name, settings.request_via_text + codes)
        via = here if via is None else b"%b, %b" % (via, here)
    if via is not None:
        ours.append((b"via", b"Via: %b\r\n" % via))
    if request.method in _COUNTED_DOWN and (left := max_forwards(request)):
        ours.append((_MAX_FORWARDS, b"Max-Forwards: %d\r\n" % (left - 1)))
    return ours
