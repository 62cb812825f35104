"""IP addresses and ranges of them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import Address, AddressRange, parse_address, parse_range

addresses = st.one_of(
    st.integers(0, 2**32 - 1).map(lambda number: Address(4, number)),
    # less than 2**32 above the mapped addresses, so that these do not come up
    st.integers(2**49, 2**128 - 1).map(lambda number: Address(6, number)),
)


class Addresses(SynchronousTestCase):
    def test_both_versions_are_read(self) -> None:
        self.assertEqual(parse_address("127.0.0.1"), Address(4, 0x7F000001))
        self.assertEqual(parse_address("::1"), Address(6, 1))

    def test_an_ipv4_mapped_address_is_the_ipv4_address(self) -> None:
        """RFC 4291 §2.5.5.2"""
        self.assertEqual(parse_address("::ffff:10.0.0.1"), parse_address("10.0.0.1"))

    def test_a_zone_does_not_matter(self) -> None:
        self.assertEqual(parse_address("fe80::1%eth0"), parse_address("fe80::1"))

    def test_what_is_no_address_is_none(self) -> None:
        for text in ("", "a.example", "127.0.0", "010.0.0.1", "[::1]", "1.2.3.4:80", "::1::"):
            self.assertIsNone(parse_address(text), text)

    @given(addresses)
    def test_a_rendered_address_reads_as_itself(self, address: Address) -> None:
        self.assertEqual(parse_address(str(address)), address)

    @given(st.text(max_size=40))
    def test_any_text_is_an_address_or_none(self, text: str) -> None:
        address = parse_address(text)
        if address is not None:
            self.assertEqual(parse_address(str(address)), address)


class Ranges(SynchronousTestCase):
    def assert_range(self, text: str, first: str, last: str) -> None:
        low, high = parse_address(first), parse_address(last)
        assert low is not None and high is not None
        self.assertEqual(parse_range(text), AddressRange(low.version, low.number, high.number))

    def test_each_form_is_read(self) -> None:
        self.assert_range("10.0.0.1", "10.0.0.1", "10.0.0.1")
        self.assert_range("10.0.0.1-10.0.0.9", "10.0.0.1", "10.0.0.9")
        self.assert_range("10.0.0.0/8", "10.0.0.0", "10.255.255.255")
        self.assert_range("fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
        self.assert_range("0/0", "0.0.0.0", "255.255.255.255")

    def test_bits_behind_the_mask_do_not_count(self) -> None:
        self.assert_range("10.1.2.3/16", "10.1.0.0", "10.1.255.255")

    def test_a_mapped_range_is_one_of_ipv4(self) -> None:
        self.assert_range("::ffff:10.0.0.0/104", "10.0.0.0", "10.255.255.255")

    def test_what_is_no_range_is_none(self) -> None:
        for text in (
            "", "-", "/", "10.0.0.9-10.0.0.1", "10.0.0.1-::1", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1",
            "10.0.0.0/255.0.0.0", "10.0.0.0/٨", "x/8", "10.0.0.1-", "::ffff:10.0.0.0/95",
        ):  # fmt: skip
            self.assertIsNone(parse_range(text), text)

    def test_a_range_holds_its_ends_and_nothing_of_the_other_version(self) -> None:
        few = parse_range("0.0.0.5-0.0.0.7")
        assert few is not None
        self.assertEqual([number for number in range(10) if few.holds(Address(4, number))], [5, 6, 7])
        self.assertFalse(few.holds(Address(6, 6)))

    @given(st.tuples(addresses, addresses).filter(lambda ends: ends[0].version == ends[1].version))
    def test_a_rendered_range_reads_as_itself(self, ends: tuple[Address, Address]) -> None:
        first, last = sorted(ends)
        span = AddressRange(first.version, first.number, last.number)
        self.assertEqual(parse_range(str(span)), span)

    @given(addresses, st.data())
    def test_a_mask_holds_exactly_the_addresses_with_the_same_beginning(
        self, address: Address, data: st.DataObject
    ) -> None:
        width = 32 if address.version == 4 else 128
        bits = data.draw(st.integers(0 if address.version == 4 else 96, width))
        other = data.draw(addresses.filter(lambda drawn: drawn.version == address.version))
        found = parse_range(f"{address}/{bits}")
        assert found is not None
        same = address.number >> (width - bits) == other.number >> (width - bits)
        self.assertEqual(found.holds(other), same)
        self.assertTrue(found.holds(address))

    def test_numbers_are_those_of_the_standard_library(self) -> None:
        self.assertEqual(str(Address(4, 1)), str(IPv4Address(1)))
        self.assertEqual(str(Address(6, 1)), str(IPv6Address(1)))

    @given(st.text("0123456789abcdef.:/-%", max_size=40))
    def test_any_text_is_a_range_in_order_or_none(self, text: str) -> None:
        found = parse_range(text)
        if found is not None:
            self.assertLessEqual(found.first, found.last)
