"""Where requests may go."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer
from tsnode.testing.node import NodeInMemory

_RULES = """
ip_allow:
  - {apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}
  - {apply: out, ip_addrs: 192.0.2.1, action: deny, methods: [GET, CONNECT]}
"""


class Outbound(SynchronousTestCase):
    """Traffic Server's ip_allow.yaml, ``apply: out``."""

    def setUp(self) -> None:
        self.node = NodeInMemory(ip_allow=_RULES)
        self.denied = self.node.at("denied.example").answer(answer())
        self.other = self.node.at("other.example").answer(answer())

    def test_a_method_that_is_denied_there_is_refused_and_nothing_is_sent(self) -> None:
        refused = self.node.get("http://denied.example/")
        self.assertEqual(refused.status, 403)
        self.assertEqual(self.denied.requests, [])
        self.assertEqual(self.node.counters.access_denied, 1)

    def test_other_methods_and_other_addresses_are_not(self) -> None:
        self.assertEqual(self.node.get("http://denied.example/", method="HEAD").status, 200)
        self.assertEqual(self.node.get("http://other.example/").status, 200)

    def test_a_tunnel_is_refused_as_well(self) -> None:
        client = self.node.client().send(b"CONNECT denied.example:443 HTTP/1.1\r\nHost: denied.example:443\r\n\r\n")
        self.assertTrue(client.received.startswith(b"HTTP/1.1 403 "), client.received)

    def test_what_has_no_address_is_told_as_always(self) -> None:
        self.assertEqual(self.node.get("http://no.invalid/").status, 500)
