"""hosting.config: which volumes the answers of a host are kept in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tsnode.config.cursor import Span, read_lines
from tsnode.config.grammar import Label, Tag
from tsnode.config.line_fields import Fields, read_number
from tsnode.config.reading import Findings, Reading
from tsnode.config.storage import MOST_VOLUMES
from tsnode.model.errors import ConfigError
from tsnode.model.storage import HostingKind, HostingRule, Volume

__all__ = ["FIELDS", "check_volumes", "parse_hosting"]

_NAME = re.compile(r"[0-9A-Za-z._:\[\]-]+")


def _read_host(value: Span) -> str:
    return value.text if value.text == "*" else _read_domain(value)


def _read_domain(value: Span) -> str:
    if not _NAME.fullmatch(value.text):
        raise value.error(f"{value.text!r} is no name of a host or domain", "a name such as www.example.com")
    return value.text.lower().strip(".") or "."


def _read_volumes(value: Span) -> tuple[int, ...]:
    found: list[int] = []
    for piece in value.pieces(","):
        number = read_number(piece, 1, MOST_VOLUMES, "volume")
        if number in found:
            raise piece.error(f"volume {number} is there twice", "each volume once")
        found.append(number)
    return tuple(found)


HOST = Label(
    Tag("hostname", "a host, or *", "", "The host that the line is for; * is for all that no line is for.",
        "hostname=www.example.com volume=2"),
    _read_host,
)  # fmt: skip
DOMAIN = Label(
    Tag("domain", "a domain", "", "The domain that the line is for, with all hosts in it.",
        "domain=example.com volume=1"),
    _read_domain,
)  # fmt: skip
VOLUMES = Label(
    Tag("volume", f"numbers from 1 to {MOST_VOLUMES} with commas between them", "",
        "The volumes of volume.config that its answers are kept in.", "hostname=* volume=3,4"),
    _read_volumes,
)  # fmt: skip

_LABELS: tuple[Label[object], ...] = (HOST, DOMAIN, VOLUMES)

FIELDS = tuple(label.tag for label in _LABELS)
"""Everything that a line of hosting.config may say."""


def parse_hosting(file: str, text: str) -> Reading[tuple[HostingRule, ...]]:
    """
    The rules of a file in their order, less the faulty ones.

    Source: Traffic Server, hosting.config.
    """
    findings = Findings()
    found: dict[tuple[HostingKind, str], HostingRule] = {}
    for line in read_lines(file, text):
        rule = findings.attempt(_read_line, line, found, findings)
        if rule is not None:
            found[rule.kind, rule.name] = rule
    if found and (HostingKind.HOST, "*") not in found and not findings.errors:
        last = next(reversed(found.values()))
        problem = "no line is for all other hosts"
        findings.warnings.append(ConfigError(last.place, problem, "hostname=* volume=… in another line"))
    return findings.reading(tuple(found.values()))


def _read_line(line: Span, before: dict[tuple[HostingKind, str], HostingRule], findings: Findings) -> HostingRule:
    fields = Fields(line, _LABELS, findings)
    fields.read(line)
    host, domain = fields.get(HOST), fields.get(DOMAIN)
    if host is not None and domain is not None:
        raise line.error("the line is for a host and for a domain", "one of the two")
    label = HOST if domain is None else DOMAIN
    kind, name = HostingKind(label.name), fields.need(label)
    volumes = fields.need(VOLUMES)
    other = before.get((kind, name))
    if other is not None:
        raise fields.span(label).error(f"{kind.value}={name} is in line {other.place.line}, too", "each one once")
    return HostingRule(kind=kind, name=name, volumes=volumes, place=line.place)


def check_volumes(rules: Iterable[HostingRule], volumes: Iterable[Volume]) -> Reading[tuple[HostingRule, ...]]:
    """The rules without those that name a volume which is not there."""
    findings = Findings()
    found = []
    there = {volume.number for volume in volumes}
    for rule in rules:
        missing = [number for number in rule.volumes if number not in there]
        if missing:
            problem = f"there is no volume {missing[0]}"
            findings.errors.append(ConfigError(rule.place, problem, "one of volume.config"))
        else:
            found.append(rule)
    return findings.reading(tuple(found))
