"""Where a request goes next: an ordered plan, computed once."""

from __future__ import annotations

from functools import lru_cache

from tsnode.model.neighbors import Hop
from tsnode.model.target import Target

__all__ = ["plan_hops"]


def plan_hops(target: Target) -> tuple[Hop, ...]:
    """The next hops to try for ``target``, in order. Without parents that is its origin."""
    return _origin(target.host, target.port)


@lru_cache(maxsize=1024)
def _origin(host: bytes, port: int) -> tuple[Hop, ...]:
    return (Hop(host[1:-1] if host[:1] == b"[" else host, port),)
