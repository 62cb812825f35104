"""Accept-Encoding, brought to one of a few values so that fewer alternates are stored."""

from __future__ import annotations

from functools import lru_cache

from tsnode.semantics.lists import parse_weights

__all__ = ["normalize_accept_encoding"]

_LONGEST_REMEMBERED = 256
_GZIP = (b"gzip", b"x-gzip")
_BR = (b"br",)


def normalize_accept_encoding(value: bytes, mode: int) -> bytes | None:
    """
    What becomes of an Accept-Encoding field; None where it is to be left out.

    ``mode`` 0 leaves it; 1 makes it ``gzip`` where that is accepted; 2 ``br``, else ``gzip``; 3 both, or one of them.

    Source: Traffic Server, ``proxy.config.http.normalize_ae``.
    """
    if not mode:
        return value
    return _remembered(value, mode) if len(value) <= _LONGEST_REMEMBERED else _normalize(value, mode)


def _normalize(value: bytes, mode: int) -> bytes | None:
    weights = parse_weights(value)

    def accepts(names: tuple[bytes, ...]) -> bool:
        return any(weights.get(name, 0) > 0 for name in names)

    gzip, br = accepts(_GZIP), accepts(_BR) and mode > 1
    if br and gzip and mode == 3:
        return b"br, gzip"
    if br:
        return b"br"
    return b"gzip" if gzip else None


_remembered = lru_cache(maxsize=1024)(_normalize)
