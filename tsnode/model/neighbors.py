"""Who a request may be sent on to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tsnode.model.addresses import Address
from tsnode.model.errors import Place

__all__ = ["Hop", "HopKind", "IcpNeighbor", "NeighborKind"]


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


class NeighborKind(Enum):
    """What a neighbor is to us; the value is the number in icp.config. ``LOCAL`` is this node itself."""

    PARENT = 1
    SIBLING = 2
    LOCAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class IcpNeighbor:
    """
    One entry of icp.config: a cache that speaks ICP.

    ``address`` None: the ``host`` has to be looked up; where there is an address, ``host`` is a mere name for it and
    may be empty. ``proxy_port`` is where it takes requests (TCP), ``icp_port`` where it is asked (UDP).
    ``group`` is the multicast group that it is asked through, with packets of this ``ttl``; None: it is asked itself.

    Source: Traffic Server 6.2, icp.config.
    """

    host: str
    address: Address | None
    kind: NeighborKind
    proxy_port: int
    icp_port: int
    group: Address | None = None
    ttl: int = 1
    place: Place = field(compare=False)
