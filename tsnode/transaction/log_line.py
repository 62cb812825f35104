"""
What the access log says of a transaction, in Traffic Server's ``squid`` format.

``%<cqtq> %<ttms> %<chi> %<crc>/%<pssc> %<psql> %<cqhm> %<cquc> %<caun> %<phr>/%<shn> %<psct>``

The first three are added by :mod:`tsnode.admin.access_log`, which knows when the transaction ended.
"""

from __future__ import annotations

import re

__all__ = ["render_rest"]

_URL_MOST = 8192
_WORD_MOST = 256

_UNSAFE = re.compile(rb"[^!-~]")


def _escaped(octets: bytes, most: int) -> bytes:
    """One word of at most ``most`` octets: what is not a visible ASCII character as ``%XX``, nothing as ``-``."""
    return _UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], octets[:most])[:most] or b"-"


def render_rest(
    code: str,
    status: int,
    size: int,
    method: bytes,
    url: bytes,
    user: bytes,
    hierarchy: str,
    server: bytes,
    content_type: bytes,
) -> bytes:
    """
    Everything behind the client's address.

    Cache result code, ``status`` and ``size`` of the answer with its head in octets, method, URL, authenticated user,
    hierarchy code, next hop, and the media type without its parameters. What is not there is empty or ``-``.
    """
    media_type = content_type.partition(b";")[0].rstrip()
    return b"%b/%03d %d %b %b %b %b/%b %b" % (
        code.encode("ascii"),
        status,
        size,
        _escaped(method, _WORD_MOST),
        _escaped(url, _URL_MOST),
        _escaped(user, _WORD_MOST),
        hierarchy.encode("ascii"),
        _escaped(server, _WORD_MOST),
        _escaped(media_type, _WORD_MOST),
    )
