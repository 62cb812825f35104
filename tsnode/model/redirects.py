"""Which redirects the node follows by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from tsnode.model.addresses import Address, AddressRange

__all__ = ["Actions", "AddressClass", "RedirectAction", "Redirects", "class_of"]


class AddressClass(Enum):
    """What kind of address a redirect leads to; the value is the word in ``proxy.config.http.redirect.actions``."""

    SELF = "self"
    LOOPBACK = "loopback"
    PRIVATE = "private"
    MULTICAST = "multicast"
    LINK_LOCAL = "linklocal"
    ROUTABLE = "routable"
    OTHER = "default"


class RedirectAction(Enum):
    """What is done with such a redirect; the value is the word in ``proxy.config.http.redirect.actions``."""

    FOLLOW = "follow"
    REJECT = "reject"
    RETURN = "return"


Actions = tuple[tuple[AddressClass, RedirectAction], ...]
"""What is done with which, each class once at most."""

_RANGES = (
    (AddressClass.LOOPBACK, (AddressRange(4, 0x7F000000, 0x7FFFFFFF), AddressRange(6, 1, 1))),
    (AddressClass.MULTICAST, (AddressRange(4, 0xE0000000, 0xEFFFFFFF), AddressRange(6, 0xFF << 120, (1 << 128) - 1))),
    (AddressClass.LINK_LOCAL, (
        AddressRange(4, 0xA9FE0000, 0xA9FEFFFF), AddressRange(6, 0x3FA << 118, (0x3FB << 118) - 1),
    )),
    (AddressClass.PRIVATE, (
        AddressRange(4, 0x0A000000, 0x0AFFFFFF),
        AddressRange(4, 0x64400000, 0x647FFFFF),
        AddressRange(4, 0xAC100000, 0xAC1FFFFF),
        AddressRange(4, 0xC0A80000, 0xC0A8FFFF),
        AddressRange(6, 0x7E << 121, (0x7F << 121) - 1),
    )),
)  # fmt: skip


def class_of(address: Address, is_own: Callable[[Address], bool]) -> AddressClass:
    """
    The class of an address; ``is_own`` tells whether it is one of this machine's.

    What may not be met in the public network and is none of the others is ``OTHER``.

    Source: Traffic Server, ``proxy.config.http.redirect.actions``; RFC 6890.
    """
    for kind, ranges in _RANGES:
        for each in ranges:
            if each.holds(address):
                # a multicast or loopback address is never one of an interface alone
                return AddressClass.SELF if kind is AddressClass.PRIVATE and is_own(address) else kind
    if is_own(address):
        return AddressClass.SELF
    literal = IPv4Address(address.number) if address.version == 4 else IPv6Address(address.number)
    return AddressClass.ROUTABLE if literal.is_global else AddressClass.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirects:
    """
    How redirects are followed: ``most`` of them for one request, at least 1.

    ``copied`` are the octets of a request's content that are kept for when it has to be sent to another place.
    """

    most: int               # http.number_of_redirections
    copied: int = 2048      # http.post_copy_size
    actions: Actions = ((AddressClass.ROUTABLE, RedirectAction.FOLLOW),)  # http.redirect.actions

    def action_for(self, kind: AddressClass) -> RedirectAction:
        """What is done with a redirect to an address of that kind; without a word about it the client gets it."""
        actions = dict(self.actions)
        return actions.get(kind, actions.get(AddressClass.OTHER, RedirectAction.RETURN))
