"""Which addresses are this machine's own."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import Address, parse_address
from tsnode.net.own_addresses import SystemAddresses


def at(text: str) -> Address:
    address = parse_address(text)
    assert address is not None
    return address


class OwnAddresses(SynchronousTestCase):
    def test_the_machine_answers_at_its_own(self) -> None:
        self.assertTrue(SystemAddresses().is_own(at("127.0.0.1")))

    def test_nobody_else_s_is_its_own(self) -> None:
        # of documentation, multicast, broadcast, and where no way leads to
        for text in ("192.0.2.77", "2001:db8::77", "224.0.0.1", "255.255.255.255"):
            self.assertFalse(SystemAddresses().is_own(at(text)), text)
