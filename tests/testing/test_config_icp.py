"""What neighbors of icp.config are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import find
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import parse_address
from tsnode.model.errors import Place
from tsnode.model.neighbors import IcpNeighbor, NeighborKind
from tsnode.testing.config_icp import icp_neighbors, render_icp


class Neighbors(SynchronousTestCase):
    def test_neighbors_of_every_kind_are_drawn(self) -> None:
        find(icp_neighbors(), lambda drawn: {one.kind for one in drawn} == set(NeighborKind))
        find(icp_neighbors(1), lambda drawn: any(one.address is None and one.group is not None for one in drawn))
        find(icp_neighbors(1), lambda drawn: any(one.address is not None and not one.host for one in drawn))
        self.assertEqual(find(icp_neighbors(), lambda drawn: True), ())

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
