"""URLs that look as if a program made the answer anew each time."""

from __future__ import annotations

__all__ = ["looks_dynamic"]


def looks_dynamic(path: bytes) -> bool:
    """
    Whether a path with its query looks dynamic: a query, parameters, an ``asp`` ending, or ``cgi`` anywhere.

    Source: Traffic Server, ``proxy.config.http.cache.cache_urls_that_look_dynamic``.
    """
    if b"?" in path or b";" in path:
        return True
    path = path.lower()
    return b"cgi" in path or (path.endswith(b"asp") and len(path) > len(b"/asp"))
