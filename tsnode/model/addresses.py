"""IP addresses, and ranges of them as rules name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

__all__ = ["Address", "AddressRange", "parse_address", "parse_range"]

_BITS = {4: 32, 6: 128}
_DIGITS = re.compile("[0-9]{1,3}")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """
    An IP address as a number. ``version`` is 4 or 6.

    An IPv4-mapped IPv6 address is the IPv4 address in it (RFC 4291 §2.5.5.2); a zone is dropped.
    """

    version: int
    number: int

    def __str__(self) -> str:
        return str(IPv4Address(self.number) if self.version == 4 else IPv6Address(self.number))


@dataclass(frozen=True, slots=True)
class AddressRange:
    """All addresses of one ``version`` from ``first`` to ``last``, both included."""

    version: int
    first: int
    last: int

    def holds(self, address: Address) -> bool:
        """Whether ``address`` is one of them."""
        return self.first <= address.number <= self.last and self.version == address.version

    def __str__(self) -> str:
        return f"{Address(self.version, self.first)}-{Address(self.version, self.last)}"


def parse_address(text: str) -> Address | None:
    """The address that an IP literal without brackets stands for; None where it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return Address(address.version, int(address))


def parse_range(text: str) -> AddressRange | None:
    """
    The range written as ``a``, ``a-b`` or ``a/bits``; None where it is none of these.

    ``0/0`` is every IPv4 address. Bits of ``a`` beyond the mask do not count.

    Source: Traffic Server's ip_allow.yaml.
    """
    if text == "0/0":
        return AddressRange(4, 0, 2**32 - 1)
    head, dash, tail = text.partition("-")
    if dash:
        first, last = parse_address(head), parse_address(tail)
    else:
        head, slash, mask = text.partition("/")
        if slash:
            return _parse_masked(head, mask)
        first = last = parse_address(head)
    if first is None or last is None or first.version != last.version or first.number > last.number:
        return None
    return AddressRange(first.version, first.number, last.number)


def _parse_masked(head: str, mask: str) -> AddressRange | None:
    address = parse_address(head)
    if address is None or not _DIGITS.fullmatch(mask):
        return None
    # the bits of a mapped address are counted in its IPv6 form
    bits = int(mask) - (96 if address.version == 4 and ":" in head else 0)
    free = _BITS[address.version] - bits
    if bits < 0 or free < 0:
        return None
    first = address.number >> free << free
    return AddressRange(address.version, first, first + (1 << free) - 1)
