"""Whether cookies keep an answer out of the cache."""

from __future__ import annotations

__all__ = ["ANY_TYPE", "do_cookies_allow"]

ANY_TYPE = 1
"""The value of ``cache_responses_to_cookies`` with which cookies never matter."""


def do_cookies_allow(mode: int, content_type: bytes | None, *, sets_cookie: bool, public: bool) -> bool:
    """
    Whether an answer may be stored, or served from store, although cookies are involved.

    ``mode`` is ``proxy.config.http.cache.cache_responses_to_cookies``; values it does not have mean 3. They are
    involved where the request has Cookie or the answer has Set-Cookie, which is ``sets_cookie``.

    Source: Traffic Server, records.config.
    """
    is_text = content_type is not None and content_type[:4] == b"text"
    match mode:
        case 0:
            return False
        case 1:
            return True
        case 2:
            return content_type is not None and content_type[:5] == b"image"
        case 4:
            return not is_text or not sets_cookie or public
        case _:
            return not is_text
