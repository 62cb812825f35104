"""What neighbors of icp.config are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import parse_address
from tsnode.model.errors import Place
from tsnode.model.neighbors import IcpNeighbor, NeighborKind
from tsnode.testing.config_icp import icp_neighbors, render_icp


class Neighbors(SynchronousTestCase):
    def test_neighbors_of_every_kind_are_drawn(self) -> None:
        drawn: list[IcpNeighbor] = []

        @given(icp_neighbors())
        def draw(neighbors: tuple[IcpNeighbor, ...]) -> None:
            drawn.extend(neighbors)

        draw()
        self.assertEqual({neighbor.kind for neighbor in drawn}, set(NeighborKind))
        self.assertEqual({neighbor.group is None for neighbor in drawn}, {True, False})
        self.assertEqual({(bool(neighbor.host), neighbor.address is None) for neighbor in drawn},
                         {(True, True), (True, False), (False, False)})  # fmt: skip

    @given(icp_neighbors())
    def test_no_neighbor_is_drawn_twice(self, neighbors: tuple[IcpNeighbor, ...]) -> None:
        self.assertEqual(len({(one.address or one.host.lower(), one.icp_port) for one in neighbors}), len(neighbors))

    def test_a_neighbor_is_one_line(self) -> None:
        group = parse_address("239.128.16.128")
        neighbor = IcpNeighbor(
            host="h", address=None, kind=NeighborKind.PARENT, proxy_port=80, icp_port=3130, group=group, ttl=2,
            place=Place("i"),
        )  # fmt: skip
        self.assertEqual(render_icp([neighbor]), "h|0.0.0.0|1|80|3130|1|239.128.16.128|2|\n")
        self.assertEqual(
            render_icp([neighbor], separator=":", closed=False), "h:0.0.0.0:1:80:3130:1:239.128.16.128:2\n"
        )
