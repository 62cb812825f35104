"""CONNECT."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tests.transaction.stand_ins import SETTINGS, Client, End, World
from tsnode.model.addresses import AddressRange
from tsnode.model.errors import PeerError, UpstreamFailed
from tsnode.model.neighbors import Hop
from tsnode.model.settings import ProxySettings, Timeouts
from tsnode.model.target import parse_target
from tsnode.ports import ITunnelEnd
from tsnode.routing.access import NOTHING, AccessRule, AccessRules
from tsnode.transaction.tunnels import open_tunnel

DENYING = AccessRules(outbound=(AccessRule((AddressRange(4, 0, 9),), NOTHING),))


class TunnelCase(SynchronousTestCase):
    def open(
        self, where: str = "A.example:443", settings: ProxySettings = SETTINGS, access: AccessRules | None = None
    ) -> Client:
        self.world = World(settings=settings, access=access or AccessRules())
        client = Client()
        open_tunnel(self.world.services, parse_target(b"CONNECT", where.encode(), b""), client)
        return client


class Ports(TunnelCase):
    """Traffic Server, ``proxy.config.http.connect_ports``."""

    def test_only_those_that_are_configured_can_be_connected_to(self) -> None:
        with self.assertRaises(PeerError) as refused:
            self.open("a.example:22")
        self.assertEqual((refused.exception.status, refused.exception.reason), (403, b"Tunnel Forbidden"))
        self.assertEqual(self.world.hops.connections, [])
        for port in (443, 563):
            self.open(f"a.example:{port}")
            self.assertEqual(len(self.world.hops.connections), 1)

    def test_all_can_where_that_is_configured(self) -> None:
        self.open("a.example:22", replace(SETTINGS, any_connect_port=True))
        self.assertEqual([hop for hop, _ in self.world.hops.connections], [Hop(b"a.example", 22)])


class Opening(TunnelCase):
    """RFC 9110 §9.3.6."""

    def test_the_other_end_is_connected_to_within_the_configured_time(self) -> None:
        self.open(settings=replace(SETTINGS, timeouts=Timeouts(connect=7.0)))
        self.assertEqual(self.world.hops.connections, [(Hop(b"a.example", 443), 7.0)])

    def test_the_client_is_told_once_it_is_there_and_then_both_are_one(self) -> None:
        client, far = self.open(), End()
        self.assertEqual(client.tunnels, [])
        self.world.hops.connected(far)
        ((head, near),) = client.tunnels
        self.assertEqual(head, b"HTTP/1.1 200 Connection Established\r\n\r\n")
        self.assertEqual(far.spliced, [near])
        self.assertEqual(client.marks, [("TCP_MISS", "DIRECT", b"a.example")])

    def test_what_cannot_be_connected_to_is_told(self) -> None:
        client = self.open()
        self.world.hops.refuse(UpstreamFailed("refused", committed=False))
        self.assertEqual((client.response.status, client.tunnels), (502, []))
        self.assertEqual(client.marks, [("ERR_CONNECT_FAIL", "DIRECT", b"a.example")])

    def test_a_defect_is_not_told_as_the_other_end_s_fault(self) -> None:
        client = self.open()
        self.world.hops.refuse(ZeroDivisionError())
        self.assertEqual(client.responses, [])
        self.assertEqual([failure.type for failure in client.failures], [ZeroDivisionError])

    def test_a_defect_after_the_connection_was_made_is_noted_as_well(self) -> None:
        class Broken(End):
            def splice(self, other: ITunnelEnd) -> None:
                raise ZeroDivisionError

        client = self.open()
        self.world.hops.connected(Broken())
        self.assertEqual([failure.type for failure in client.failures], [ZeroDivisionError])


class Leaving(TunnelCase):
    def test_a_client_that_leaves_takes_the_attempt_with_it(self) -> None:
        client = self.open()
        client.leave()
        self.assertEqual((self.world.hops.cancelled, client.responses), (1, []))

    def test_a_connection_that_comes_too_late_is_let_go(self) -> None:
        client, far = self.open(), End()
        client.gone = True
        self.world.hops.connected(far)
        self.assertEqual((far.abandoned, far.spliced, client.tunnels), (True, [], []))


class Denied(TunnelCase):
    """Traffic Server's ip_allow.yaml, ``apply: out``."""

    def test_nothing_is_connected_to_before_its_addresses_are_known_to_be_permitted(self) -> None:
        self.open(access=DENYING)
        self.assertEqual((self.world.names.asked, self.world.hops.connections), ([b"a.example"], []))
        self.world.names.found("0.0.1.0")
        self.assertEqual(len(self.world.hops.connections), 1)

    def test_one_address_that_is_not_is_enough_to_refuse(self) -> None:
        client = self.open(access=DENYING)
        self.world.names.found("0.0.1.0", "0.0.0.7")
        self.assertEqual((client.response.status, self.world.hops.connections), (403, []))
        self.assertEqual(self.world.counters.access_denied, 1)

    def test_a_client_that_leaves_meanwhile_is_not_connected_for(self) -> None:
        client = self.open(access=DENYING)
        client.leave()
        self.world.names.found("0.0.1.0")
        self.assertEqual(self.world.hops.connections, [])
