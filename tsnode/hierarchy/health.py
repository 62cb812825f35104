"""Which next hops are marked down."""

from __future__ import annotations

from tsnode.model.neighbors import Hop

__all__ = ["Health"]

_MOST = 10_000


class Health:
    """
    Next hops that failed lately, in an explicit table.

    Changed only by what transactions report; the oldest mark goes when there are more than 10,000. ``down_time`` is
    for how long those are marked that fail from now on, in seconds.
    """

    def __init__(self, down_time: float) -> None:
        self.down_time = down_time
        self._down: dict[tuple[bytes, int], float] = {}

    def is_down(self, hop: Hop, now: float) -> bool:
        """Whether ``hop`` failed less than ``proxy.config.http.down_server.cache_time`` seconds ago."""
        if not self._down:
            return False
        until = self._down.get((hop.host, hop.port))
        return until is not None and now < until

    def failed(self, hop: Hop, now: float) -> None:
        """Every try of a request at ``hop`` failed."""
        key = (hop.host, hop.port)
        self._down.pop(key, None)
        if self.down_time > 0:
            if len(self._down) >= _MOST:
                del self._down[next(iter(self._down))]
            self._down[key] = now + self.down_time

    def answered(self, hop: Hop) -> None:
        """``hop`` gave an answer."""
        if self._down:
            self._down.pop((hop.host, hop.port), None)
