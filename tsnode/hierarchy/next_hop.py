"""Where a request goes next: an ordered plan, computed once."""

from __future__ import annotations

from tsnode.model.neighbors import Hop
from tsnode.model.target import Target

__all__ = ["plan_hops"]


def plan_hops(target: Target) -> tuple[Hop, ...]:
    """The next hops to try for ``target``, in order. Without parents that is its origin."""
    host = target.host
    return (Hop(host[1:-1] if host[:1] == b"[" else host, target.port),)
