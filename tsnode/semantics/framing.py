"""Where a message's content ends, and whether the connection outlives it, as the head says (RFC 9112 §6, §9.3)."""

from __future__ import annotations

import re

from tsnode.model.errors import BadGateway, BadRequest, PeerError
from tsnode.model.fields import Fields
from tsnode.model.messages import CHUNKED, EMPTY, UNTIL_CLOSE, Framing, Sized

__all__ = ["is_persistent", "read_request_framing", "read_response_framing"]

_LARGEST = 2**63 - 1
_MOST_DIGITS = 19
_INVALID_LENGTH = b"Invalid Content Length"
_CODING = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def _sized(value: bytes, fault: type[PeerError], reason: bytes | None = None) -> Framing:
    # of octets only ASCII digits are digits
    if not value.isdigit() or len(value) > _MOST_DIGITS or (length := int(value)) > _LARGEST:
        raise fault("Content-Length is not a number that can be", reason=reason)
    return Sized(length) if length else EMPTY


def read_request_framing(method: bytes, version: int, fields: Fields) -> Framing:
    """
    The framing of a request's content. Whatever could be read in two ways is refused.

    :raises BadRequest: 501 where codings other than chunked are applied, else 400.

    Source: RFC 9112 §6.1, §6.3.
    """
    codings = fields.all(b"transfer-encoding")
    lengths = fields.all(b"content-length")
    if not codings and not lengths:
        return EMPTY
    if method == b"CONNECT":
        raise BadRequest("CONNECT has no content")
    if not codings:
        if len(lengths) > 1:
            raise BadRequest("more than one Content-Length", reason=_INVALID_LENGTH)
        return _sized(lengths[0], BadRequest, _INVALID_LENGTH)
    if lengths:
        raise BadRequest("Content-Length and Transfer-Encoding exclude each other")
    if version < 11:
        raise BadRequest("there is no Transfer-Encoding in HTTP/1.0")
    if len(codings) == 1 and codings[0].lower() == b"chunked":
        return CHUNKED
    named = [coding.strip(b" \t").lower() for value in codings for coding in value.split(b",")]
    if all(map(_CODING.fullmatch, named)) and named[-1] == b"chunked" and b"chunked" not in named[:-1]:
        raise BadRequest("of the transfer codings only chunked is known", status=501, reason=b"Not Implemented")
    raise BadRequest("Transfer-Encoding is not chunked")


def read_response_framing(method: bytes, status: int, version: int, fields: Fields) -> Framing:
    """
    The framing of an answer to a request with ``method``.

    Answers that have no content are EMPTY whatever they announce; what they announce has to make sense all the same.

    :raises BadGateway: where the content's end is in doubt.

    Source: RFC 9112 §6.3.
    """
    codings = fields.all(b"transfer-encoding")
    lengths = fields.all(b"content-length")
    if len(lengths) > 1 and len(set(lengths)) > 1:
        raise BadGateway("two different Content-Lengths")
    framing = _sized(lengths[0], BadGateway) if lengths else UNTIL_CLOSE
    if method == b"HEAD" or status < 200 or status == 204 or status == 304:
        return EMPTY
    if method == b"CONNECT" and status < 300:
        return EMPTY
    if codings:
        if lengths:
            raise BadGateway("Content-Length and Transfer-Encoding exclude each other")
        if version < 11 or len(codings) > 1 or codings[0].lower() != b"chunked":
            raise BadGateway("Transfer-Encoding is not chunked")
        return CHUNKED
    return framing


def is_persistent(version: int, fields: Fields) -> bool:
    """
    Whether the sender lets the connection stay open after this message.

    Proxy-Connection is understood like Connection: either can close, and either keeps an HTTP/1.0 connection open.

    Source: RFC 9112 §9.3, appendix C.2.2.
    """
    said = fields.get(b"connection")
    also = fields.get(b"proxy-connection")
    if also is not None:
        said = also if said is None else b"%b,%b" % (said, also)
    if said is None:
        return version == 11
    options = [option.strip(b" \t") for option in said.lower().split(b",")]
    return b"close" not in options and (version == 11 or b"keep-alive" in options)
