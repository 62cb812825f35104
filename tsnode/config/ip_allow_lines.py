"""ip_allow.config, the form that ip_allow.yaml had up to Traffic Server 8."""

from __future__ import annotations

from tsnode.config.cursor import Span, read_lines, split_words
from tsnode.config.grammar import Tag
from tsnode.config.ip_allow import make_allowed
from tsnode.config.reading import Findings, Reading
from tsnode.config.words import read_method, read_range
from tsnode.model.addresses import AddressRange
from tsnode.model.errors import ConfigError, Place
from tsnode.routing.access import AccessRule, AccessRules

__all__ = ["LABELS", "parse_ip_allow_lines"]

LABELS = (
    Tag("src_ip", "a, a-b or a/bits", "", "The addresses of the clients that the rule is about.",
        "src_ip=10.0.0.0/8 action=ip_allow"),
    Tag("dest_ip", "a, a-b or a/bits", "", "The addresses of the servers that it is about, instead of clients.",
        "dest_ip=192.0.2.0/24 action=ip_deny"),
    Tag("action", "ip_allow, ip_deny", "", "What becomes of requests with these methods. It has to be there.",
        "src_ip=0/0 action=ip_deny"),
    Tag("method", "ALL, or methods with | between them", "ALL",
        "ip_allow permits only these, ip_deny permits all but these.",
        "src_ip=0/0 action=ip_deny method=PUSH|PURGE|DELETE"),
)  # fmt: skip
"""The labels of a line of ip_allow.config."""

_ACTIONS = {"ip_allow": True, "ip_deny": False}


def parse_ip_allow_lines(file: str, text: str) -> Reading[AccessRules]:
    """
    The rules of a file, less the faulty ones: whoever uses it in spite of errors opens or shuts the node to others.

    Source: Traffic Server 8, ip_allow.config.
    """
    findings = Findings()
    inbound: list[AccessRule] = []
    outbound: list[AccessRule] = []
    for line in read_lines(file, text):
        faults = len(findings.errors)
        reader = _LineReader(findings)
        for word in split_words(line):
            findings.attempt(reader.read, word)
        if faults == len(findings.errors):
            if not reader.ranges:
                findings.errors.append(line.error("the rule names no addresses", "src_ip or dest_ip"))
            elif reader.action is None:
                findings.errors.append(line.error("the rule has no action", "action=ip_allow or action=ip_deny"))
            else:
                rules = outbound if reader.outbound else inbound
                allowed = make_allowed(reader.action, reader.methods)
                rules.append(AccessRule(tuple(reader.ranges), allowed, line.place))
    if not inbound and not findings.errors:
        findings.warnings.append(ConfigError(Place(file), "no rule lets a client in"))
    return findings.reading(AccessRules(tuple(inbound), tuple(outbound)))


class _LineReader:
    """Takes the pairs of one line."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._methods: set[bytes] = set()
        self.ranges: list[AddressRange] = []
        self.outbound = False
        self.action: bool | None = None

    @property
    def methods(self) -> frozenset[bytes]:
        """The methods that the rule is about."""
        return frozenset(self._methods or {b"ALL"})

    def read(self, word: Span) -> None:
        """
        Take one pair.

        :raises ConfigError: where it is none, or one too many.
        """
        label, value = word.partition("=")
        if value is None or not value.text:
            raise word.error(f"{word.text!r} has no value", "label=value")
        match label.text.lower():
            case "src_ip" | "dest_ip" as which:
                if self.ranges:
                    raise word.error("a rule names addresses once", "another line for other addresses")
                self.ranges.append(read_range(value))
                self.outbound = which == "dest_ip"
            case "action":
                if self.action is not None:
                    raise word.error("a rule has one action", "action once")
                if value.text.lower() not in _ACTIONS:
                    raise value.error(f"unknown action {value.text!r}", " or ".join(_ACTIONS))
                self.action = _ACTIONS[value.text.lower()]
            case "method":
                for name in value.pieces("|"):
                    method = self._findings.attempt(read_method, name)
                    if method is not None:
                        self._methods.add(method)
            case unknown:
                raise label.error(f"unknown label {unknown!r}", "src_ip, dest_ip, action or method")
