"""Hypothesis strategies for the entries of icp.config, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    composite,
    from_regex,
    integers,
    just,
    lists,
    one_of,
    sampled_from,
)

from tsnode.model.addresses import Address
from tsnode.model.errors import Place
from tsnode.model.neighbors import IcpNeighbor, NeighborKind

__all__ = ["icp_neighbors", "render_icp"]

_DOCUMENTATION = 0x20010DB8 << 96


def _addresses() -> SearchStrategy[Address]:
    return one_of(
        integers(1, 40).map(lambda number: Address(4, 0xC0000200 + number)),
        integers(1, 40).map(lambda number: Address(6, _DOCUMENTATION + number)),
    )


def _groups() -> SearchStrategy[Address]:
    return one_of(
        integers(0, 9).map(lambda number: Address(4, 0xEF801000 + number)),
        integers(0, 9).map(lambda number: Address(6, (0xFF05 << 112) + number)),
    )


def _hosts() -> SearchStrategy[str]:
    return from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,4}(?:\.[a-z]{1,3}){0,2}", fullmatch=True)


@composite
def _neighbors(draw: DrawFn) -> IcpNeighbor:
    address = draw(one_of(just(None), _addresses()))
    ports = one_of(integers(1, 65535), just(8080))
    return IcpNeighbor(
        host=draw(_hosts() if address is None else one_of(just(""), _hosts())),
        address=address,
        kind=draw(sampled_from(NeighborKind)),
        proxy_port=draw(ports),
        icp_port=draw(ports),
        group=draw(one_of(just(None), _groups())),
        ttl=draw(integers(1, 255)),
        place=Place("icp.config"),
    )


def _identity(neighbor: IcpNeighbor) -> tuple[Address | str, int]:
    return neighbor.address or neighbor.host.lower(), neighbor.icp_port


def icp_neighbors(most: int = 6) -> SearchStrategy[tuple[IcpNeighbor, ...]]:
    """The neighbors of a file, none of them twice; their places say nothing."""
    return lists(_neighbors(), max_size=most, unique_by=_identity).map(tuple)


def render_icp(neighbors: Iterable[IcpNeighbor], *, separator: str = "|", closed: bool = True) -> str:
    """
    A file with these neighbors, one a line; ``closed``: with a separator at the end.

    A colon separates nothing where there are IPv6 addresses, and a blank nothing where there is no host.
    """
    end = separator if closed else ""
    return "".join(separator.join(_render_fields(neighbor)) + end + "\n" for neighbor in neighbors)


def _render_fields(neighbor: IcpNeighbor) -> tuple[str, ...]:
    return (
        neighbor.host,
        str(neighbor.address or "0.0.0.0"),
        str(neighbor.kind.value),
        str(neighbor.proxy_port),
        str(neighbor.icp_port),
        str(int(neighbor.group is not None)),
        str(neighbor.group or "0.0.0.0"),
        str(neighbor.ttl),
    )
