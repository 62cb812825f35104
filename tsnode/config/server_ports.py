"""``proxy.config.http.server_ports`` and other lists of ports."""

from __future__ import annotations

import re

from tsnode.config.cursor import Span
from tsnode.config.reading import Findings, Reading
from tsnode.model.addresses import parse_address
from tsnode.model.settings import ListenPort

__all__ = ["parse_port_ranges", "parse_server_ports"]

_PORT = re.compile(r"[0-9]{1,5}")
_SEPARATORS = ", \t"
_OPTION = re.compile(r":(ip-in=\[[^\]]*\]?|[^:]*)", re.IGNORECASE)
_KNOWN = "ipv4, ipv6 or ip-in=ADDRESS"


def parse_server_ports(value: Span) -> Reading[tuple[ListenPort, ...]]:
    """
    Ports with options behind colons, as in ``8080:ip-in=127.0.0.1 8080:ip-in=[::1]``; faulty ones are left out.

    Source: Traffic Server, ``proxy.config.http.server_ports``.
    """
    findings = Findings()
    ports: list[ListenPort] = []
    for entry in value.pieces(_SEPARATORS):
        port = findings.attempt(_parse_entry, entry) if entry.text else None
        if port is not None and port in ports:
            findings.errors.append(entry.error(f"{entry.text!r} is there twice"))
        elif port is not None:
            ports.append(port)
    if not ports and not findings.errors:
        findings.errors.append(value.error("no port is named", "a port number"))
    return findings.reading(tuple(ports))


def _parse_entry(entry: Span) -> ListenPort:
    found = re.match("[^:]*", entry.text)
    assert found is not None
    port = _parse_port(entry.part(0, found.end()))
    version = 0
    address = ""
    for option in _OPTION.finditer(entry.text, found.end()):
        word = entry.part(*option.span(1))
        match word.text.lower():
            case "ipv4":
                named = 4
            case "ipv6":
                named = 6
            case text if text.startswith("ip-in="):
                named, address = _parse_listen_address(word.part(len("ip-in=")))
            case text:
                raise word.error(f"option {text!r} is not supported", _KNOWN)
        if version not in (0, named):
            raise word.error(f"{word.text!r} contradicts what stands before it", f"an option for IPv{version}")
        version = named
    return ListenPort(port=port, address=address, ipv6=version == 6)


def _parse_listen_address(word: Span) -> tuple[int, str]:
    """The version and the text of an address."""
    text = word.text
    bracketed = text.startswith("[") and text.endswith("]")
    address = parse_address(text[1:-1] if bracketed else text)
    if address is None or bracketed != (address.version == 6):
        raise word.error(f"{text!r} is no address to listen on", "an IPv4 address, or an IPv6 address in brackets")
    return address.version, str(address)


def _parse_port(word: Span) -> int:
    if not _PORT.fullmatch(word.text) or not 0 < int(word.text) < 65536:
        raise word.error(f"{word.text!r} is no port", "1 to 65535")
    return int(word.text)


def parse_port_ranges(value: Span) -> frozenset[int]:
    """
    Ports and ranges of ports, as in ``443 563 8000-8010``.

    :raises ConfigError: at the first that is none.

    Source: Traffic Server, ``proxy.config.http.connect_ports``.
    """
    ports: set[int] = set()
    for entry in value.pieces(_SEPARATORS):
        if not entry.text:
            continue
        first, last = entry.partition("-")
        low = _parse_port(first)
        high = low if last is None else _parse_port(last)
        if high < low:
            raise entry.error(f"{entry.text!r} ends before it begins")
        ports.update(range(low, high + 1))
    return frozenset(ports)
