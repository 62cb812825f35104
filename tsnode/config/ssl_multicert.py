"""ssl_multicert.config: the certificates that clients are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tsnode.config.cursor import Span, read_lines
from tsnode.config.grammar import Label, Tag
from tsnode.config.line_fields import Fields, read_number
from tsnode.config.reading import Findings, Reading
from tsnode.model.addresses import parse_address
from tsnode.model.certificates import (
    AskOperator,
    Certificate,
    CertificateDestination,
    PassPhraseSource,
    RunProgram,
)

__all__ = ["FIELDS", "parse_ssl_multicert"]

_PORTS = 65535
_MOST_TICKETS = 2**16
_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<four>[^\[\]:]+))(?P<colon>:(?P<port>[^:]*))?")
_BUILT_IN = "builtin"
_PROGRAM = "exec:"
_ARGUMENT = re.compile(r"(?:[^ \t']|'[^']*')+")


def _read_files(value: Span) -> tuple[str, ...]:
    pieces = value.pieces(",")
    for piece in pieces:
        if not piece.text.strip():
            raise piece.error("there is no file name", "names with commas between them")
    return tuple(piece.text for piece in pieces)


def _read_destination(value: Span) -> CertificateDestination:
    if value.text == "*":
        return CertificateDestination(None)
    found = _WITH_PORT.fullmatch(value.text)
    address = parse_address(value.text if found is None else found["six"] or found["four"])
    if address is None:
        raise value.error(f"{value.text!r} is no address", "*, an address, or one with a port, such as [::1]:443")
    if found is None or found["colon"] is None:
        return CertificateDestination(address)
    return CertificateDestination(address, read_number(value.part(found.start("port")), 1, _PORTS, "port"))


def _read_action(value: Span) -> bool:
    if value.text != "tunnel":
        raise value.error(f"action cannot be {value.text!r}", "tunnel")
    return True


def _read_dialog(value: Span) -> PassPhraseSource:
    if value.text == _BUILT_IN:
        return AskOperator()
    if not value.text.startswith(_PROGRAM):
        raise value.error(f"ssl_key_dialog cannot be {value.text!r}", f"{_BUILT_IN}, or {_PROGRAM} and a program")
    rest = value.part(len(_PROGRAM))
    if rest.text.count("'") % 2:
        raise rest.part(rest.text.rindex("'")).error("this apostrophe has no other", "another ' behind the argument")
    command = tuple(word.replace("'", "") for word in _ARGUMENT.findall(rest.text))
    if not command or not command[0].startswith("/"):
        raise rest.error("there is no program", "a path from the root, such as exec:/usr/bin/program")
    return RunProgram(command)


FILES = Label(
    Tag("ssl_cert_name", "file names with commas between them", "",
        "Files with the certificate and those that lead to its authority, one file for each algorithm; "
        "relative to proxy.config.ssl.server.cert.path.", "ssl_cert_name=ecdsa.pem,rsa.pem"),
    _read_files, repeats=True,
)  # fmt: skip
KEYS = Label(
    Tag("ssl_key_name", "as many file names", "in the files of ssl_cert_name",
        "Files with the private keys, relative to proxy.config.ssl.server.private_key.path.",
        "ssl_cert_name=a.pem ssl_key_name=a.key"),
    _read_files,
)  # fmt: skip
AUTHORITIES = Label(
    Tag("ssl_ca_name", "as many file names", "in the files of ssl_cert_name",
        "Files with certificates that lead to the authority, relative to proxy.config.ssl.CA.cert.path.",
        "ssl_cert_name=a.pem ssl_ca_name=ca.pem"),
    _read_files,
)  # fmt: skip
OCSP = Label(
    Tag("ssl_ocsp_name", "as many file names", "asked of the authority", "Files with OCSP answers fetched before.",
        "ssl_cert_name=a.pem ssl_ocsp_name=a.ocsp"),
    _read_files,
)  # fmt: skip
DESTINATION = Label(
    Tag("dest_ip", "*, or an address with or without a port", "",
        "Where clients that name no host get this certificate; * is everywhere else.",
        "dest_ip=192.0.2.1:8443 ssl_cert_name=a.pem"),
    _read_destination,
)  # fmt: skip
ACTION = Label(
    Tag("action", "tunnel", "", "Connections are passed on as they are, without being decrypted.",
        "dest_ip=192.0.2.1 action=tunnel"),
    _read_action,
)  # fmt: skip
TICKETS = Label(
    Tag("ssl_ticket_enabled", "0, 1", "1", "Whether clients get session tickets.",
        "ssl_cert_name=a.pem ssl_ticket_enabled=0"),
    lambda value: read_number(value, 0, 1, "ssl_ticket_enabled") == 1,
)  # fmt: skip
TICKET_NUMBER = Label(
    Tag("ssl_ticket_number", f"0 to {_MOST_TICKETS}", "2", "How many tickets a client gets with TLS 1.3.",
        "ssl_cert_name=a.pem ssl_ticket_number=1"),
    lambda value: read_number(value, 0, _MOST_TICKETS, "ssl_ticket_number"),
)  # fmt: skip
TICKET_KEY = Label(
    Tag("ticket_key_name", "a file name", "a key made at the start",
        "The file with the key of tickets, relative to proxy.config.ssl.server.cert.path. "
        "Traffic Server had it up to 8.",
        "ssl_cert_name=a.pem ticket_key_name=ticket.key"),
    lambda value: value.text,
)  # fmt: skip
DIALOG = Label(
    Tag("ssl_key_dialog", f"{_BUILT_IN}, or {_PROGRAM} with a program and its arguments", "",
        "Where the pass phrase of the key comes from: the terminal, or what a program prints.",
        'ssl_cert_name=a.pem ssl_key_dialog="exec:/usr/bin/pass one \'the other\'"'),
    _read_dialog,
)  # fmt: skip

_LABELS: tuple[Label[object], ...] = (
    FILES, KEYS, AUTHORITIES, OCSP, DESTINATION, ACTION, TICKETS, TICKET_NUMBER, TICKET_KEY, DIALOG,
)  # fmt: skip

FIELDS = tuple(label.tag for label in _LABELS)
"""Everything that a line of ssl_multicert.config may say."""


def parse_ssl_multicert(file: str, text: str) -> Reading[tuple[Certificate, ...]]:
    """
    The certificates of a file in their order, less the faulty lines. The files that they name are not looked at.

    Source: Traffic Server 8.1 and 9.2, ssl_multicert.config. An example there has ssl_cert_name twice in a line.
    """
    findings = Findings()
    found: list[Certificate] = []
    destinations: dict[CertificateDestination, Certificate] = {}
    for line in read_lines(file, text):
        certificate = findings.attempt(_read_line, line, destinations, findings)
        if certificate is not None:
            found.append(certificate)
            if certificate.destination is not None:
                destinations.setdefault(certificate.destination, certificate)
    return findings.reading(tuple(found))


def _read_line(
    line: Span, destinations: Mapping[CertificateDestination, Certificate], findings: Findings
) -> Certificate:
    fields = Fields(line, _LABELS, findings)
    fields.read(line)
    tunnel = fields.get(ACTION) is True
    files = fields.get(FILES) or () if tunnel else fields.need(FILES)
    several = {}
    for label in (KEYS, AUTHORITIES, OCSP):
        names = fields.get(label) or ()
        if names and len(names) != len(files):
            problem = f"{label.name} has {len(names)} and {FILES.name} {len(files)}"
            raise fields.span(label).error(problem, "as many of both, in the same order")
        several[label.name] = names
    destination = fields.get(DESTINATION)
    other = None if destination is None else destinations.get(destination)
    if other is not None:
        problem = f"line {other.place.line} is for {destination}, too"
        findings.warnings.append(fields.span(DESTINATION).error(problem, "each destination once"))
    return Certificate(
        files=files,
        keys=several[KEYS.name],
        authorities=several[AUTHORITIES.name],
        ocsp=several[OCSP.name],
        destination=destination,
        tunnel=tunnel,
        tickets=fields.get(TICKETS) is not False,
        ticket_number=fields.get(TICKET_NUMBER),
        ticket_key=fields.get(TICKET_KEY) or "",
        pass_phrase=fields.get(DIALOG),
        place=line.place,
    )
