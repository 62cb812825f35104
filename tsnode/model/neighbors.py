"""Who a request may be sent on to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Hop", "HopKind"]


class HopKind(Enum):
    """What a next hop is to us; the value is the hierarchy code of the access log."""

    ORIGIN = "DIRECT"
    PARENT = "PARENT_HIT"


@dataclass(frozen=True, slots=True)
class Hop:
    """A next hop: a host name or address (IP literals without brackets), a port, and what it is to us."""

    host: bytes
    port: int
    kind: HopKind = HopKind.ORIGIN
