"""``proxy.config.http.server_ports`` and other lists of ports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from tsnode.config.cursor import Span
from tsnode.config.reading import Findings, Reading
from tsnode.config.words import nearest
from tsnode.model.addresses import parse_address
from tsnode.model.settings import ListenPort

__all__ = ["PORT_OPTIONS", "Effect", "PortOption", "parse_port_ranges", "parse_server_ports"]

_PORT = re.compile(r"[0-9]{1,5}")
_SEPARATORS = ", \t"
_WORDS = re.compile(r"[A-Za-z0-9./-]+(;[A-Za-z0-9./-]+)*")


class Effect(Enum):
    """What the node makes of an option."""

    HEEDED = "heeded"
    IGNORED = "without effect: the port is served as if it were not there"
    SHUT = "not supported: nobody listens on the port"


@dataclass(frozen=True, slots=True)
class PortOption:
    """An option behind a port. ``value``: what stands behind its ``=``, empty where there is none."""

    name: str
    effect: Effect
    text: str
    value: str = ""


PORT_OPTIONS = (
    PortOption("ipv4", Effect.HEEDED, "Listen on IPv4 addresses, as is done anyhow."),
    PortOption("ipv6", Effect.HEEDED, "Listen on IPv6 addresses."),
    PortOption("ip-in", Effect.HEEDED, "Listen on one address.", "ADDRESS"),
    PortOption("ip-out", Effect.IGNORED, "The address that origins see.", "ADDRESS"),
    PortOption("ip-resolve", Effect.IGNORED, "Which addresses of origins are tried first.", "WORDS"),
    PortOption("proto", Effect.IGNORED, "The protocols spoken; here HTTP/1 is.", "WORDS"),
    PortOption("tr-out", Effect.IGNORED, "Origins see the client's address."),
    PortOption("tr-pass", Effect.IGNORED, "What is not HTTP is passed through."),
    PortOption("compress", Effect.IGNORED, "Traffic Server does nothing for it either."),
    PortOption("mptcp", Effect.IGNORED, "Multipath TCP."),
    PortOption("allow-plain", Effect.IGNORED, "A TLS port takes connections without TLS, too."),
    PortOption("ssl", Effect.SHUT, "TLS."),
    PortOption("quic", Effect.SHUT, "QUIC."),
    PortOption("pp", Effect.SHUT, "Connections begin with the PROXY protocol."),
    PortOption("blind", Effect.SHUT, "Only CONNECT is served."),
    PortOption("tr-in", Effect.SHUT, "Connections to any address are taken."),
    PortOption("tr-full", Effect.SHUT, "tr-in and tr-out."),
)
"""
Every option.

Source: Traffic Server, records.config, ``proxy.config.http.server_ports``; 10 for allow-plain.
"""

_OPTIONS = {option.name: option for option in PORT_OPTIONS}
_LONGEST_FIRST = sorted((option for option in PORT_OPTIONS if option.value), key=lambda option: -len(option.name))


def parse_server_ports(value: Span) -> Reading[tuple[ListenPort, ...]]:
    """
    Ports with options behind colons, as in ``8080:ip-in=127.0.0.1 8080:ip-in=[::1]``; faulty ones are left out.

    So is a port that asks for what the node cannot do, with a warning: served in another way it would be open for what
    its owner did not mean.

    Source: Traffic Server, ``proxy.config.http.server_ports``.
    """
    findings = Findings()
    ports: list[ListenPort] = []
    for entry in value.pieces(_SEPARATORS):
        if not entry.text:
            continue
        reader = _PortReader(findings)
        port = findings.attempt(reader.read, entry)
        if port is not None and port in ports:
            findings.errors.append(entry.error(f"{entry.text!r} is there twice"))
        elif port is not None:
            ports.append(port)
    if not ports and not findings.errors:
        left = "no port is left to listen on" if findings.warnings else "no port is named"
        findings.errors.append(value.error(left, "a port number"))
    return findings.reading(tuple(ports))


class _PortReader:
    """Takes the number and the options of one port, in any order; of several values for one option the last counts."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._number = 0
        self._version = 0
        self._address = ""
        self._shut = False

    def read(self, entry: Span) -> ListenPort | None:
        """
        The port, or None where the node cannot serve it.

        :raises ConfigError: where something is wrong with it.
        """
        for number, word in enumerate(_split_options(entry)):
            if word.text.isdecimal() or (number == 0 and _find_option(word) is None):
                self._take_number(word)
            else:
                self._take_option(word)
        if not self._number:
            raise entry.error(f"{entry.text!r} has no port number", "a port number")
        if self._shut:
            return None
        return ListenPort(port=self._number, address=self._address, ipv6=self._version == 6)

    def _take_number(self, word: Span) -> None:
        if self._number:
            raise word.error(f"{word.text!r} is a second port number", "one for each port")
        self._number = _parse_port(word)

    def _take_option(self, word: Span) -> None:
        option = _find_option(word)
        if option is None:
            expected = nearest(word.text.lower(), _OPTIONS) or ", ".join(_OPTIONS)
            raise word.error(f"unknown option {word.text!r}", expected)
        value = word.part(len(option.name))
        value = value.part(1) if value.text.startswith("=") else value
        self._take(option, word, value)
        match option.effect:
            case Effect.HEEDED:
                pass
            case Effect.IGNORED:
                self._findings.warnings.append(word.error(f"option {option.name!r} has no effect"))
            case Effect.SHUT:
                problem = f"option {option.name!r} is not supported; nobody listens on this port"
                self._findings.warnings.append(word.error(problem))
                self._shut = True
            case impossible:
                assert_never(impossible)

    def _take(self, option: PortOption, word: Span, value: Span) -> None:
        match option.name:
            case "ipv4":
                self._take_version(4, word)
            case "ipv6":
                self._take_version(6, word)
            case "ip-in":
                version, self._address = _parse_listen_address(value)
                self._take_version(version, word)
            case "ip-out":
                _parse_listen_address(value)
            case _ if option.value and not _WORDS.fullmatch(value.text):
                raise value.error(f"{value.text!r} is no value of {option.name}", "words with ; between them")

    def _take_version(self, version: int, word: Span) -> None:
        if self._version not in (0, version):
            raise word.error(f"{word.text!r} contradicts what stands before it", f"an option for IPv{self._version}")
        self._version = version


def _split_options(entry: Span) -> list[Span]:
    """What stands between colons that are not in brackets."""
    found = []
    start = 0
    bracketed = False
    for at, character in enumerate(entry.text):
        if character in "[]":
            bracketed = character == "["
        elif character == ":" and not bracketed:
            found.append(entry.part(start, at))
            start = at + 1
    return [*found, entry.part(start)]


def _find_option(word: Span) -> PortOption | None:
    """The option that a word names; one with a value may have it directly behind its name."""
    text = word.text.lower()
    known = _OPTIONS.get(text)
    if known is None:
        known = next((option for option in _LONGEST_FIRST if text.startswith(option.name)), None)
    return known


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
