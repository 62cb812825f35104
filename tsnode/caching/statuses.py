"""What a status code alone says about storing an answer (RFC 9110 §15.1)."""

from __future__ import annotations

from typing import Final

__all__ = ["FAILURES", "FORBIDDEN", "GUESSED", "GUESSED_IF_DATED", "NEVER_GUESSED", "NEVER_WHOLE", "UNDERSTOOD"]

NEVER_WHOLE: Final = frozenset({206, 304, 416})
"""They do not come with all of a representation."""

FORBIDDEN: Final = frozenset({412, 417, 428, 429, 431, 511})
"""
They are not stored, whatever their fields say.

Of 428, 429, 431 and 511 RFC 6585 §3 to §6 says so. 412 and 417 answer what one request expected, which is no part of
the key, so that nobody else may have them.
"""

GUESSED: Final = frozenset({200, 203, 300, 301, 410})
"""They are stored without a stated lifetime, as Traffic Server does."""

GUESSED_IF_DATED: Final = frozenset({204, 308, 404, 405, 414, 501})
"""They are, if they have a Last-Modified: the others that RFC 9110 §15.1 lets a cache guess a lifetime for."""

NEVER_GUESSED: Final = frozenset({302, 303, 307, 401, 407})
"""Not even negative caching gives them a lifetime."""

FAILURES: Final = frozenset({500, 502, 503, 504})
"""The origin could not do it now: what is stored may be the better answer (RFC 5861 §4)."""

UNDERSTOOD: Final = frozenset(
    {
        *range(200, 207),
        *range(300, 306), 307, 308,
        *range(400, 418), 421, 422, 426,
        *range(500, 506),
    }
) | FORBIDDEN  # fmt: skip
"""
The final statuses whose caching this node does as their definition says: those of RFC 9110 and of RFC 6585.

Source: RFC 9111 §5.2.2.3.
"""
