"""ip_allow.yaml: which clients may use which methods."""

from __future__ import annotations

import yaml

from tsnode.config.grammar import Tag
from tsnode.config.reading import Reading
from tsnode.config.words import read_method, read_range
from tsnode.config.yaml_nodes import YamlText
from tsnode.config.yaml_shapes import YamlReader
from tsnode.model.errors import ConfigError, Place
from tsnode.routing.access import EVERYTHING, NOTHING, AccessRule, AccessRules, Allowed

__all__ = ["KEYS", "make_allowed", "parse_ip_allow"]

KEYS = (
    Tag("apply", "in, out", "",
        "Whether the rule is about the addresses of clients or of the servers that requests go to. It has to be there.",
        "apply: in"),
    Tag("ip_addrs", "a, a-b, a/bits, or a list of these", "",
        "The addresses; 0/0 is every IPv4 address. It has to be there.", 'ip_addrs: [10.0.0.0/8, "fd00::/8"]'),
    Tag("action", "allow, deny", "", "What becomes of requests with these methods. It has to be there.",
        "action: allow"),
    Tag("methods", "ALL, a method, or a list of methods", "ALL",
        "allow permits only these, deny permits all but these.", "methods: [GET, HEAD]"),
)  # fmt: skip
"""The keys of a rule of ip_allow.yaml."""

_KEYS = tuple(key.name for key in KEYS)


def parse_ip_allow(file: str, text: str) -> Reading[AccessRules]:
    """
    The rules of a file, less the faulty ones: whoever uses it in spite of errors opens or shuts the node to others.

    Source: Traffic Server, ip_allow.yaml.
    """
    document = YamlText(file, text)
    reader = _AccessReader(document)
    root = reader.findings.attempt(document.compose)
    if root is not None:
        reader.read(root)
    if not reader.inbound and not reader.findings.errors:
        reader.findings.warnings.append(ConfigError(Place(file), "no rule lets a client in"))
    return reader.findings.reading(AccessRules(tuple(reader.inbound), tuple(reader.outbound)))


def make_allowed(allow: bool, methods: frozenset[bytes]) -> Allowed:
    """What a rule that allows, or denies, ``methods`` permits."""
    if b"ALL" in methods:
        return EVERYTHING if allow else NOTHING
    return Allowed(methods, only=allow)


class _AccessReader:
    """Reads the nodes of a document, keeping the rules that are right and every fault of the others."""

    def __init__(self, document: YamlText) -> None:
        self._reader = YamlReader(document)
        self.findings = self._reader.findings
        self.inbound: list[AccessRule] = []
        self.outbound: list[AccessRule] = []

    def read(self, root: yaml.Node) -> None:
        """Take the rules from the document's root."""
        rules = self._reader.mapping(root, ("ip_allow",)).get("ip_allow")
        for rule in self._reader.items(rules, "ip_allow", "rules, each beginning with '- apply:'"):
            self._read_rule(rule)

    def _read_rule(self, node: yaml.Node) -> None:
        reader = self._reader
        faults = len(self.findings.errors)
        parts = reader.mapping(node, _KEYS)
        if faults == len(self.findings.errors):
            reader.require(node, parts, _KEYS[:3], "the rule")
        rules = reader.choice(parts, "apply", {"in": self.inbound, "out": self.outbound})
        allow = reader.choice(parts, "action", {"allow": True, "deny": False})
        ranges = reader.several(parts, "ip_addrs", read_range)
        methods = reader.several(parts, "methods", read_method) if "methods" in parts else [b"ALL"]
        if rules is not None and allow is not None and faults == len(self.findings.errors):
            place = reader.document.span(node).place
            rules.append(AccessRule(tuple(ranges), make_allowed(allow, frozenset(methods)), place))
