"""Names to addresses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis.strategies import binary, booleans, ip_addresses, lists
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import (
    IHostnameResolver,
    IHostResolution,
    IResolutionReceiver,
)
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from tsnode.model.errors import UpstreamFailed
from tsnode.net.resolver import CachingResolver, order_addresses
from tsnode.ports import IResolver


@implementer(IHostnameResolver)
class Names:
    """A system's resolver that answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.receivers: list[IResolutionReceiver] = []

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        self.asked.append(hostName)
        self.receivers.append(resolutionReceiver)
        resolution: Any = object()
        resolutionReceiver.resolutionBegan(resolution)
        return resolution  # type: ignore[no-any-return]

    def answer(self, *addresses: str) -> None:
        """Answer the oldest question."""
        receiver = self.receivers.pop(0)
        for address in addresses:
            family = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(family("TCP", address, 0))
        receiver.resolutionComplete()


class NamedReactor:
    """The part of a reactor that a resolver uses."""

    def __init__(self) -> None:
        self.nameResolver = Names()


class Resolving(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.reactor: Any = NamedReactor()
        self.names: Names = self.reactor.nameResolver
        self.resolver = self.make()

    def make(self, positive: float = 300.0, negative: float = 10.0, prefer_ipv6: bool = False) -> CachingResolver:
        return CachingResolver(self.reactor, positive, negative, prefer_ipv6, self.clock)

    def addresses(self, host: bytes) -> Sequence[str]:
        return self.successResultOf(self.resolver.resolve(host))

    def assert_not_found(self, host: bytes) -> None:
        failed = self.failureResultOf(self.resolver.resolve(host), UpstreamFailed).value
        self.assertEqual((failed.status, failed.reason, failed.committed), (500, b"Cannot find server.", False))

    def test_it_is_a_resolver(self) -> None:
        self.assertTrue(verifyObject(IResolver, self.resolver))

    def test_literals_are_known_without_asking(self) -> None:
        for literal in (b"127.0.0.1", b"::1", b"2001:db8::7"):
            self.assertEqual(self.resolver.known(literal), (literal.decode(),))
            self.assertEqual(self.addresses(literal), (literal.decode(),))
        self.assertEqual(self.names.asked, [])

    def test_a_name_is_asked_for_and_remembered_for_its_lifetime(self) -> None:
        asked = self.resolver.resolve(b"a.example")
        self.assertNoResult(asked)
        self.names.answer("192.0.2.1", "192.0.2.2")
        self.assertEqual(self.successResultOf(asked), ("192.0.2.1", "192.0.2.2"))
        self.clock.advance(299.9)
        self.assertEqual(self.addresses(b"a.example"), ("192.0.2.1", "192.0.2.2"))
        self.assertEqual(self.resolver.known(b"a.example"), ("192.0.2.1", "192.0.2.2"))
        self.clock.advance(0.1)
        self.assertEqual(self.resolver.known(b"a.example"), ())
        self.assertNoResult(self.resolver.resolve(b"a.example"))
        self.assertEqual(self.names.asked, ["a.example", "a.example"])

    def test_a_name_without_addresses_is_not_found_for_the_negative_lifetime(self) -> None:
        asked = self.resolver.resolve(b"nowhere.example")
        self.names.answer()
        failed = self.failureResultOf(asked, UpstreamFailed).value
        self.assertEqual((failed.status, failed.reason, failed.committed), (500, b"Cannot find server.", False))
        self.clock.advance(9.9)
        self.assert_not_found(b"nowhere.example")
        self.assertEqual(self.resolver.known(b"nowhere.example"), ())
        self.clock.advance(0.1)
        self.assertNoResult(self.resolver.resolve(b"nowhere.example"))

    def test_a_lifetime_of_nothing_remembers_nothing(self) -> None:
        self.resolver = self.make(positive=0, negative=0)
        for _ in range(2):
            asked = self.resolver.resolve(b"a.example")
            self.names.answer("192.0.2.1")
            self.successResultOf(asked)
        self.assertEqual(len(self.names.asked), 2)

    def test_under_other_lifetimes_everything_is_asked_for_anew_and_under_the_same_nothing(self) -> None:
        for reconfigured, questions in (((300.0, 10.0, False), 1), ((5.0, 10.0, False), 2), ((5.0, 10.0, True), 3)):
            self.resolver.reconfigure(*reconfigured)
            asked = self.resolver.resolve(b"a.example")
            if len(self.names.asked) == questions and self.names.receivers:
                self.names.answer("192.0.2.1")
            self.successResultOf(asked)
            self.resolver.reconfigure(*reconfigured)
            self.addresses(b"a.example")
            self.assertEqual(len(self.names.asked), questions)
        self.clock.advance(5)
        self.assertEqual(self.resolver.known(b"a.example"), ())

    def test_those_who_ask_for_one_name_meanwhile_share_the_question(self) -> None:
        asked = [self.resolver.resolve(b"a.example") for _ in range(3)]
        self.resolver.resolve(b"b.example")
        self.assertEqual(self.names.asked, ["a.example", "b.example"])
        self.names.answer("192.0.2.1")
        self.assertEqual([self.successResultOf(each) for each in asked], [("192.0.2.1",)] * 3)

    def test_one_who_no_longer_wants_to_know_leaves_the_others_alone(self) -> None:
        first, second = self.resolver.resolve(b"a.example"), self.resolver.resolve(b"a.example")
        first.addErrback(lambda _: None)
        first.cancel()
        self.names.answer("192.0.2.1")
        self.assertEqual(self.successResultOf(second), ("192.0.2.1",))

    def test_one_who_is_told_may_make_another_leave(self) -> None:
        first, second = self.resolver.resolve(b"a.example"), self.resolver.resolve(b"a.example")
        second.addErrback(lambda _: "left")
        first.addCallback(lambda _: second.cancel())
        self.names.answer("192.0.2.1")
        self.assertEqual(self.successResultOf(second), "left")

    def test_one_who_is_told_may_ask_again(self) -> None:
        asked = self.resolver.resolve(b"a.example")
        asked.addCallback(lambda _: self.resolver.resolve(b"a.example"))
        self.names.answer("192.0.2.1")
        self.assertEqual(self.successResultOf(asked), ("192.0.2.1",))

    def test_addresses_of_other_kinds_are_passed_over(self) -> None:
        asked = self.resolver.resolve(b"a.example")
        self.names.receivers[0].addressResolved(UNIXAddress("/somewhere"))
        self.names.answer("192.0.2.1")
        self.assertEqual(self.successResultOf(asked), ("192.0.2.1",))

    def test_families_take_turns_beginning_with_the_preferred_one(self) -> None:
        self.resolver = self.make(prefer_ipv6=True)
        asked = self.resolver.resolve(b"a.example")
        self.names.answer("192.0.2.1", "192.0.2.2", "2001:db8::1")
        self.assertEqual(self.successResultOf(asked), ("2001:db8::1", "192.0.2.1", "192.0.2.2"))

    def test_what_can_be_no_name_is_not_asked_for(self) -> None:
        """RFC 1035 §2.3.4; the system's codec would choke on some of these."""
        for host in (b"", b".", b"a..example", b"x" * 64 + b".example", b"a." * 128, b"a\0.example", b"fe80::1%eth0",
                     b"fe80::1%251", "ä.example".encode(), b"a.example\n"):  # fmt: skip
            self.assert_not_found(host)
        self.assertEqual(self.names.asked, [])

    def test_a_final_dot_and_underscores_belong_to_names(self) -> None:
        self.resolver.resolve(b"a_b.example.")
        self.assertEqual(self.names.asked, ["a_b.example."])

    def test_only_so_many_names_are_remembered_and_the_oldest_goes_first(self) -> None:
        for number in range(10_001):
            self.resolver.resolve(b"n%d" % number)
            self.names.answer("192.0.2.1")
        self.assertEqual(self.resolver.known(b"n0"), ())
        self.assertEqual(self.resolver.known(b"n1"), ("192.0.2.1",))
        self.assertEqual(self.resolver.known(b"n10000"), ("192.0.2.1",))

    def test_only_so_many_names_are_asked_for_at_a_time(self) -> None:
        for number in range(1_000):
            self.assertNoResult(self.resolver.resolve(b"n%d" % number))
        self.assert_not_found(b"one-more")
        self.names.answer("192.0.2.1")
        self.assertNoResult(self.resolver.resolve(b"one-more"))

    @given(binary())
    def test_any_host_is_known_asked_for_or_not_found(self, host: bytes) -> None:
        resolver = self.make()
        asked = resolver.resolve(host)
        if self.names.receivers:
            self.names.answer("192.0.2.1")
            self.successResultOf(asked)
        elif resolver.known(host):
            self.successResultOf(asked)
        else:
            self.failureResultOf(asked, UpstreamFailed)


class Order(SynchronousTestCase):
    @given(lists(ip_addresses().map(str)), booleans())
    def test_nothing_is_lost_and_families_keep_their_own_order(self, found: list[str], prefer_ipv6: bool) -> None:
        ordered = order_addresses(found, prefer_ipv6)
        distinct = list(dict.fromkeys(found))
        for ipv6 in (True, False):
            self.assertEqual(
                [address for address in ordered if (":" in address) is ipv6],
                [address for address in distinct if (":" in address) is ipv6],
            )

    @given(lists(ip_addresses().map(str), min_size=1), booleans())
    def test_no_family_comes_twice_in_a_row_before_the_other_is_used_up(
        self, found: list[str], prefer_ipv6: bool
    ) -> None:
        families = [":" in address for address in order_addresses(found, prefer_ipv6)]
        if prefer_ipv6 in families:
            self.assertIs(families[0], prefer_ipv6)
        for at, (here, there) in enumerate(pairwise(families)):
            if here == there:
                self.assertNotIn(not here, families[at + 1 :])
