"""The first line of a request, and the host that a request is for (RFC 9112 §3)."""

from __future__ import annotations

import re

from tsnode.model.errors import BadRequest
from tsnode.model.fields import Fields
from tsnode.semantics.field_lines import TOKEN

__all__ = ["REQUEST_LINE", "check_form", "judge_request_line", "read_host"]

# a host, and a port that may be missing (RFC 9110 §7.2); no userinfo
_NAME = rb"(?:\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._~!$&'()*+,;=%-]++)"
_AUTHORITY = _NAME + rb"(?::[0-9]{0,5})?"
_HOST = re.compile(_AUTHORITY)
_CONNECT_TARGET = re.compile(_NAME + rb":[0-9]{1,5}")
# a fragment is no part of any form
_TARGET = rb"(?:[A-Za-z][A-Za-z0-9+.-]*+://(" + _AUTHORITY + rb")(?=[/? ]))?[!\"$-~]*+"

REQUEST_LINE = rb"(" + TOKEN + rb") (" + _TARGET + rb") HTTP/([0-9]\.[0-9])"
"""
Expression of a request line without its CRLF.

Its groups: method, target, authority of a target in absolute-form, version. What it matches still has to pass
:func:`check_form`.
"""

_REQUEST_LINE = re.compile(REQUEST_LINE)


def check_form(method: bytes, target: bytes, authority: bytes | None) -> None:
    """
    Hold a request target to the forms that its method takes.

    :raises BadRequest: where it has none of them.

    Source: RFC 9112 §3.2.
    """
    if method == b"CONNECT":
        right = _CONNECT_TARGET.fullmatch(target) is not None
    else:
        right = authority is not None or target[:1] == b"/" or (target == b"*" and method == b"OPTIONS")
    if not right:
        raise BadRequest("malformed request target")


def judge_request_line(line: bytes) -> None:
    """
    Look for the fault of a request line.

    :raises BadRequest: 505 for other versions than 1.0 and 1.1, else 400.
    """
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise BadRequest("malformed request line")
    method, target, authority, version = found.groups()
    if version not in (b"1.0", b"1.1"):
        raise BadRequest(
            "only HTTP/1.0 and HTTP/1.1 are spoken here", status=505, reason=b"HTTP Version Not Supported"
        )
    check_form(method, target, authority)


def read_host(version: int, fields: Fields) -> bytes:
    """
    What Host says; empty where HTTP/1.0 goes without.

    :raises BadRequest: where it is missing, malformed or said twice.

    Source: RFC 9112 §3.2.
    """
    host = fields.get(b"host")
    if host is None:
        if version == 11:
            raise BadRequest("no Host", reason=b"Host Header Required")
        return b""
    # two lines are combined with a blank between them, which no host contains
    if _HOST.fullmatch(host) is None:
        raise BadRequest("malformed Host, or more than one")
    return host
