"""Who may ask for what: the rules of ip_allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tsnode.model.addresses import Address, AddressRange, parse_address
from tsnode.model.errors import Place

__all__ = ["EVERYTHING", "LOOPBACK_ONLY", "NOTHING", "AccessRule", "AccessRules", "Allowed", "find_rule"]


@dataclass(frozen=True, slots=True)
class Allowed:
    """
    A set of methods: those in ``methods`` where ``only`` is true, else all methods but these.

    ``methods`` are as on the wire; methods are case-sensitive there (RFC 9110 §9.1).
    """

    methods: frozenset[bytes]
    only: bool

    @property
    def all(self) -> bool:
        """Whether every method is permitted."""
        return not self.only and not self.methods

    @property
    def none(self) -> bool:
        """Whether no method is: such a client gets no answer at all."""
        return self.only and not self.methods

    def permits(self, method: bytes) -> bool:
        """Whether ``method`` is in the set."""
        return (method in self.methods) is self.only

    def without(self, withheld: Allowed) -> Allowed:
        """These methods less those in ``withheld``."""
        if withheld.all:
            return NOTHING
        if withheld.only:
            mine = self.methods - withheld.methods if self.only else self.methods | withheld.methods
            return Allowed(mine, self.only)
        return Allowed(self.methods & withheld.methods if self.only else withheld.methods - self.methods, only=True)


EVERYTHING = Allowed(frozenset(), only=False)
NOTHING = Allowed(frozenset(), only=True)


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What the addresses of some ranges are allowed; ``place`` is None where no file says so."""

    ranges: tuple[AddressRange, ...]
    allowed: Allowed
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AccessRules:
    """
    All rules, those for clients and those for destinations, each in the order of the file.

    The first rule with a range that holds the address decides alone. Both answers depend on the address only, so
    they may be kept for as long as a connection lasts. ``withheld`` are methods that clients on other machines may not
    use, whatever the rules say.

    Source: Traffic Server's ip_allow.yaml; ``proxy.config.http.quick_filter.mask`` of its older versions.
    """

    inbound: tuple[AccessRule, ...] = ()
    outbound: tuple[AccessRule, ...] = ()
    withheld: Allowed = NOTHING

    def methods_for(self, client: str) -> Allowed:
        """What the client of that address may use; nothing where no rule names it, or where it is no address."""
        allowed = _decide(self.inbound, client, NOTHING)
        if self.withheld.none or _is_here(client):
            return allowed
        return allowed.without(self.withheld)

    def methods_to(self, destination: str) -> Allowed:
        """What may be sent to that address; everything where no rule names it."""
        return _decide(self.outbound, destination, EVERYTHING)


def find_rule(rules: Iterable[AccessRule], address: Address) -> AccessRule | None:
    """The rule that decides about ``address``: the first one with a range that holds it."""
    for rule in rules:
        for span in rule.ranges:
            if span.holds(address):
                return rule
    return None


def _decide(rules: tuple[AccessRule, ...], text: str, otherwise: Allowed) -> Allowed:
    if not rules:
        return otherwise
    address = parse_address(text)
    if address is None:
        return NOTHING
    rule = find_rule(rules, address)
    return otherwise if rule is None else rule.allowed


def _is_here(client: str) -> bool:
    address = parse_address(client)
    return address is not None and any(span.holds(address) for span in _LOOPBACK)


_LOOPBACK = (AddressRange(4, 0x7F000000, 0x7FFFFFFF), AddressRange(6, 1, 1))

LOOPBACK_ONLY = AccessRules(inbound=(AccessRule(_LOOPBACK, EVERYTHING),))
"""What holds where there is no ip_allow file: clients on this machine may do everything, others nothing."""
