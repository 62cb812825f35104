"""Who a request may be sent on to."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import Place
from tsnode.model.neighbors import Hop, HopKind, IcpNeighbor, NeighborKind


class Hops(SynchronousTestCase):
    def test_a_hop_is_an_origin_unless_it_is_said_to_be_something_else(self) -> None:
        self.assertIs(Hop(b"a.example", 80).kind, HopKind.ORIGIN)

    def test_links_to_the_same_place_can_be_shared_and_others_cannot(self) -> None:
        """Hops are what links are kept by."""
        self.assertEqual(len({Hop(b"a.example", 80), Hop(b"a.example", 80, HopKind.ORIGIN)}), 1)
        others = {Hop(b"a.example", 80), Hop(b"a.example", 81), Hop(b"b.example", 80)}
        self.assertEqual(len({*others, Hop(b"a.example", 80, HopKind.PARENT)}), 4)

    def test_a_kind_is_told_by_its_code_in_squid_s_log(self) -> None:
        """Traffic Server, "Squid Hierarchy Codes"."""
        self.assertEqual([kind.value for kind in HopKind], ["DIRECT", "PARENT_HIT"])


class Neighbors(SynchronousTestCase):
    def test_where_in_a_file_a_neighbor_stands_does_not_make_it_another_one(self) -> None:
        """So that a reload can tell which ones have changed."""

        def neighbor(line: int, port: int) -> IcpNeighbor:
            kind, place = NeighborKind.SIBLING, Place("i", line)
            return IcpNeighbor(host="h", address=None, kind=kind, proxy_port=port, icp_port=3130, place=place)

        self.assertEqual(neighbor(1, 8080), neighbor(2, 8080))
        self.assertNotEqual(neighbor(1, 8080), neighbor(1, 8081))

    def test_a_kind_of_neighbor_is_told_by_its_number_in_icp_config(self) -> None:
        self.assertEqual([kind.value for kind in NeighborKind], [1, 2, 3])
