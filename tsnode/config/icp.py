"""icp.config: the caches that are asked over ICP, and that may ask."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

from tsnode.config.cursor import Span, read_lines
from tsnode.config.grammar import Label, Tag
from tsnode.config.matcher_tags import read_number, read_port
from tsnode.config.reading import Findings, Reading
from tsnode.model.addresses import Address, parse_address
from tsnode.model.neighbors import IcpNeighbor, NeighborKind

__all__ = ["FIELDS", "MOST_NEIGHBORS", "parse_icp"]

MOST_NEIGHBORS = 63
"""How many entries a file may have."""

_LONGEST = 510
_SEPARATORS = "|;,: "
_ANY_SEPARATOR = re.compile(f"[{re.escape(_SEPARATORS)}]+")
_BLANKS = " \t"
_HOST = re.compile(r"[0-9A-Za-z._-]{1,255}")
_KINDS = {str(kind.value): kind for kind in NeighborKind}
_SWITCH = {"0": False, "1": True}


def _read_host(field: Span) -> str:
    if field.text and not _HOST.fullmatch(field.text) and _read_literal(field.text) is None:
        raise field.error(f"{field.text!r} is no host", "a name, or nothing where the address is given")
    return field.text


def _read_literal(text: str) -> Address | None:
    """The address that a literal without a zone stands for; None where it is none."""
    return None if "%" in text else parse_address(text)


def _read_address(field: Span) -> Address | None:
    """An address; None where there is none, or the one that stands for none."""
    if not field.text:
        return None
    address = _read_literal(field.text)
    if address is None:
        raise field.error(f"{field.text!r} is no address", "an IPv4 or IPv6 address, 0.0.0.0 to look the host up")
    return address if address.number else None


def _read_kind(field: Span) -> NeighborKind:
    kind = _KINDS.get(field.text)
    if kind is None:
        raise field.error(f"unknown kind of cache {field.text!r}", "1 (parent), 2 (sibling) or 3 (this node)")
    return kind


def _read_switch(field: Span) -> bool:
    if field.text not in _SWITCH:
        raise field.error(f"multicast cannot be {field.text!r}", "0 (off) or 1 (on)")
    return _SWITCH[field.text]


def _read_group(field: Span) -> Address:
    address = _read_literal(field.text)
    if address is None or not _is_multicast(address):
        raise field.error(
            f"{field.text!r} is no multicast address", "224.0.0.0 to 239.255.255.255, or one that begins with ff"
        )
    return address


def _is_multicast(address: Address) -> bool:
    literal = IPv4Address(address.number) if address.version == 4 else IPv6Address(address.number)
    return literal.is_multicast


HOST = Label(
    Tag("host", "a name of up to 255 characters", "",
        "What the cache is called. It may be missing where host_IP is given, and is looked up where that is not.",
        "cache1.example.com"),
    _read_host,
)  # fmt: skip
ADDRESS = Label(
    Tag("host_IP", "an IPv4 or IPv6 address", "",
        "Its address. 0.0.0.0 or :: has the host looked up.", "192.0.2.1"),
    _read_address,
)  # fmt: skip
KIND = Label(
    Tag("ctype", "1, 2 or 3", "",
        "What it is to this node: 1 a parent, 2 a sibling, 3 this node itself, which has no effect.", "2"),
    _read_kind,
)  # fmt: skip
PROXY_PORT = Label(
    Tag("proxy_port", "1 to 65535", "", "The TCP port where it takes requests.", "8080"), read_port
)  # fmt: skip
ICP_PORT = Label(
    Tag("icp_port", "1 to 65535", "", "The UDP port where it is asked.", "3130"), read_port
)  # fmt: skip
MULTICAST = Label(
    Tag("MC_on", "0 or 1", "", "Whether it is asked through a multicast group.", "0"), _read_switch
)  # fmt: skip
GROUP = Label(
    Tag("MC_IP", "an IPv4 or IPv6 multicast address", "",
        "The group. Without MC_on it says nothing, and is written 0.0.0.0.", "239.128.16.128"),
    _read_group,
)  # fmt: skip
TTL = Label(
    Tag("MC_TTL", "1 to 255", "",
        "How many networks questions to the group may cross: 1 stays in this one.", "1"),
    lambda field: read_number(field, 1, 255, "time to live"),
)  # fmt: skip

FIELDS = tuple(label.tag for label in (HOST, ADDRESS, KIND, PROXY_PORT, ICP_PORT, MULTICAST, GROUP, TTL))
"""The fields of a line of icp.config, in their order."""


def parse_icp(file: str, text: str) -> Reading[tuple[IcpNeighbor, ...]]:
    """
    The neighbors of a file in its order; none at all where any line is faulty.

    Traffic Server wants a separator at the end of a line, which the examples in its manual do not have; here there may
    be one. An entry whose address and ICP port another one has already is left out with a warning.

    Source: Traffic Server 6.2, icp.config; ``proxy/ICPConfig.cc``.
    """
    findings = Findings()
    neighbors: dict[object, IcpNeighbor] = {}
    for number, line in enumerate(read_lines(file, text), start=1):
        if number > MOST_NEIGHBORS:
            findings.errors.append(line.error("there are too many entries", f"at most {MOST_NEIGHBORS} in a file"))
            break
        neighbor = findings.attempt(_read_entry, line, findings)
        if neighbor is None:
            continue
        key = _key(neighbor, number)
        if key in neighbors:
            first = neighbors[key].place.line
            findings.warnings.append(line.error(f"line {first} has this neighbor already", "another one, or no line"))
        else:
            neighbors[key] = neighbor
    return findings.reading(() if findings.errors else tuple(neighbors.values()))


def _key(neighbor: IcpNeighbor, number: int) -> object:
    """What no two neighbors share. This node is none, however often the file has it."""
    if neighbor.kind is NeighborKind.LOCAL:
        return number
    return neighbor.address or neighbor.host.lower(), neighbor.icp_port


def _read_entry(line: Span, findings: Findings) -> IcpNeighbor | None:
    """
    The neighbor of a line; None where something in it is wrong, which is told.

    :raises ConfigError: where it has not the right number of fields.
    """
    faults = len(findings.errors)
    fields = _split(line)
    host = findings.attempt(HOST.read, fields[0])
    address = findings.attempt(ADDRESS.read, fields[1])
    if host == "" and address is None and len(findings.errors) == faults:
        findings.errors.append(fields[0].error("there is neither a host nor an address", "one of them"))
    kind = findings.attempt(KIND.read, fields[2])
    proxy_port = findings.attempt(PROXY_PORT.read, fields[3])
    icp_port = findings.attempt(ICP_PORT.read, fields[4])
    multicast = findings.attempt(MULTICAST.read, fields[5])
    group = findings.attempt(GROUP.read, fields[6]) if multicast else None
    if multicast is False and fields[6].text and _read_literal(fields[6].text) is None:
        findings.warnings.append(fields[6].error(f"{fields[6].text!r} is no address", "0.0.0.0 without multicast"))
    ttl = findings.attempt(TTL.read, fields[7])
    if host is None or kind is None or proxy_port is None or icp_port is None or ttl is None:
        return None
    # the others may be None and right
    if len(findings.errors) > faults:
        return None
    return IcpNeighbor(
        host=host,
        address=address,
        kind=kind,
        proxy_port=proxy_port,
        icp_port=icp_port,
        group=group,
        ttl=ttl,
        place=line.place,
    )


def _split(line: Span) -> tuple[Span, ...]:
    """
    The eight fields of a line, without the blanks around them. The separator is the one that makes them eight.

    :raises ConfigError: where none does.
    """
    if len(line.text) > _LONGEST:
        raise line.part(_LONGEST).error("the line is too long", f"at most {_LONGEST} characters")
    wanted = len(FIELDS)
    splits = {separator: _fields(line, separator) for separator in _SEPARATORS}
    for fields in splits.values():
        if len(fields) == wanted:
            return fields
    last = line.text[-1]
    separator = last if last in _SEPARATORS else max(_SEPARATORS, key=lambda each: len(splits[each]))
    other = next((found for found in _ANY_SEPARATOR.finditer(line.text) if separator not in found[0]), None)
    if other is not None and len(_ANY_SEPARATOR.split(line.text.rstrip(_SEPARATORS))) == wanted:
        raise line.part(other.start()).error(
            f"the separator is {separator!r} before and {other[0]!r} here", "the same one throughout the line"
        )
    fields = splits[separator]
    hint = f"{wanted} with |, ;, comma, : or blank between them"
    if len(fields) < wanted:
        raise line.part(len(line.text)).error(f"a neighbor has {wanted} fields, this line {len(fields)}", hint)
    if separator == ":":
        hint += "; an IPv6 address needs another one than :"
    raise fields[wanted].error(f"a neighbor has {wanted} fields, this line {len(fields)}", hint)


def _fields(line: Span, separator: str) -> tuple[Span, ...]:
    """What stands between separators; several in a row are one, and one at the end ends the last field."""
    pieces = line.pieces(separator)
    filled = [_strip(piece) for piece in pieces[1:] if piece.text]
    return (_strip(pieces[0]), *filled)


def _strip(field: Span) -> Span:
    """A field without the blanks around it."""
    start = len(field.text) - len(field.text.lstrip(_BLANKS))
    return field.part(start, max(start, len(field.text.rstrip(_BLANKS))))
