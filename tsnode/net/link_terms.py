"""What the connections to next hops have in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from tsnode.model.counters import Counters
from tsnode.net.deadlines import Deadlines
from tsnode.semantics.reader import KnownHeads, ReaderLimits

__all__ = ["LinkTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTerms:
    """What all links of one node share. Durations in seconds, ``NEVER`` for none."""

    counters: Counters
    deadlines: Deadlines
    limits: ReaderLimits
    known: KnownHeads = field(default_factory=KnownHeads)
    read_ahead: int
    inactivity: float
    active: float
    keep_alive: float
