"""Address classes and what is done with redirects to them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import Address, parse_address
from tsnode.model.redirects import AddressClass, RedirectAction, Redirects, class_of

CLASSES = {
    AddressClass.LOOPBACK: ("127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"),
    AddressClass.PRIVATE: ("10.0.0.0", "100.64.0.1", "100.127.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1",
                           "fc00::1", "fdff::1", "::ffff:10.0.0.1"),
    AddressClass.MULTICAST: ("224.0.0.1", "239.255.255.255", "ff02::1", "ffff::1"),
    AddressClass.LINK_LOCAL: ("169.254.169.254", "fe80::1", "febf::1"),
    AddressClass.ROUTABLE: ("8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1"),
    AddressClass.OTHER: ("0.0.0.0", "::", "192.0.2.1", "240.0.0.1", "255.255.255.255", "2001:db8::1"),
}  # fmt: skip


def classify(text: str, *own: str) -> AddressClass:
    address = parse_address(text)
    assert address is not None

    def is_own(asked: Address) -> bool:
        return str(asked) in own

    return class_of(address, is_own)


class Classes(SynchronousTestCase):
    def test_every_address_has_one(self) -> None:
        """Traffic Server, ``proxy.config.http.redirect.actions``."""
        for kind, texts in CLASSES.items():
            for text in texts:
                self.assertIs(classify(text), kind, text)

    def test_addresses_of_this_machine_are_its_own_whatever_they_are_else(self) -> None:
        for text in ("8.8.8.8", "10.1.1.1", "192.0.2.1"):
            self.assertIs(classify(text, text), AddressClass.SELF, text)

    def test_loopback_and_multicast_addresses_are_no_interface_s(self) -> None:
        self.assertIs(classify("127.0.0.1", "127.0.0.1"), AddressClass.LOOPBACK)
        self.assertIs(classify("224.0.0.1", "224.0.0.1"), AddressClass.MULTICAST)


class Actions(SynchronousTestCase):
    def test_only_the_public_network_is_gone_to_without_a_word(self) -> None:
        following = Redirects(most=1)
        followed = [kind for kind in AddressClass if following.action_for(kind) is RedirectAction.FOLLOW]
        self.assertEqual(followed, [AddressClass.ROUTABLE])
        self.assertIs(following.action_for(AddressClass.LOOPBACK), RedirectAction.RETURN)

    def test_what_is_said_about_others_holds_for_those_not_named(self) -> None:
        actions = ((AddressClass.OTHER, RedirectAction.REJECT), (AddressClass.SELF, RedirectAction.RETURN))
        redirects = Redirects(most=1, actions=actions)
        self.assertIs(redirects.action_for(AddressClass.SELF), RedirectAction.RETURN)
        self.assertIs(redirects.action_for(AddressClass.ROUTABLE), RedirectAction.REJECT)
        self.assertIs(redirects.action_for(AddressClass.OTHER), RedirectAction.REJECT)
