"""ip_allow.yaml: which clients may use which methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

import yaml

from tsnode.config.cursor import Span
from tsnode.config.reading import Findings, Reading
from tsnode.config.words import read_method, read_range
from tsnode.config.yaml_nodes import YamlText
from tsnode.model.errors import ConfigError, Place
from tsnode.routing.access import EVERYTHING, NOTHING, AccessRule, AccessRules, Allowed

__all__ = ["make_allowed", "parse_ip_allow"]

T = TypeVar("T")

_KEYS = ("apply", "ip_addrs", "action", "methods")


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
        self._document = document
        self.findings = Findings()
        self.inbound: list[AccessRule] = []
        self.outbound: list[AccessRule] = []

    def _fault(self, node: yaml.Node, problem: str, expected: str) -> None:
        self.findings.errors.append(self._document.span(node).error(problem, expected))

    def read(self, root: yaml.Node) -> None:
        """Take the rules from the document's root."""
        top = self._mapping(root, ("ip_allow",))
        rules = top.get("ip_allow")
        if isinstance(rules, yaml.SequenceNode):
            for rule in rules.value:
                self._read_rule(rule)
        elif rules is not None and not _is_empty(rules):
            self._fault(rules, "ip_allow is not a list", "rules, each beginning with '- apply:'")

    def _mapping(self, node: yaml.Node, keys: Sequence[str]) -> dict[str, yaml.Node]:
        """The values of a mapping by their keys, all of which are in ``keys``."""
        found: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, "there are no keys here", f"'{keys[0]}:' and what belongs to it")
            return found
        for key, value in node.value:
            name = self._document.span(key).text
            if name not in keys:
                self._fault(key, f"unknown key {name!r}", (get_close_matches(name, keys, 1) or [", ".join(keys)])[0])
            elif name in found:
                self._fault(key, f"{name!r} is there twice", "each key once")
            else:
                found[name] = value
        return found

    def _read_rule(self, node: yaml.Node) -> None:
        faults = len(self.findings.errors)
        parts = self._mapping(node, _KEYS)
        if faults == len(self.findings.errors):
            for name in _KEYS[:3]:
                if name not in parts:
                    self._fault(node, f"the rule has no {name}", name)
        rules = self._choice(parts, "apply", {"in": self.inbound, "out": self.outbound})
        allow = self._choice(parts, "action", {"allow": True, "deny": False})
        ranges = self._several(parts, "ip_addrs", read_range)
        methods = self._several(parts, "methods", read_method) if "methods" in parts else [b"ALL"]
        if rules is not None and allow is not None and faults == len(self.findings.errors):
            rules.append(AccessRule(tuple(ranges), make_allowed(allow, frozenset(methods))))

    def _choice(self, parts: Mapping[str, yaml.Node], name: str, choices: Mapping[str, T]) -> T | None:
        """What a word stands for; None where it is missing or wrong."""
        node = parts.get(name)
        if node is None:
            return None
        word = self._document.span(node).text
        if word.lower() not in choices:
            self._fault(node, f"{name} cannot be {word!r}", " or ".join(choices))
        return choices.get(word.lower())

    def _several(self, parts: Mapping[str, yaml.Node], name: str, read: Callable[[Span], T]) -> list[T]:
        """What one scalar or each of a list stands for, at least one of them."""
        node = parts.get(name)
        if node is None:
            return []
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes:
            self._fault(node, f"{name} is empty", "one or more, with commas between them")
        found = [self.findings.attempt(read, self._document.span(each)) for each in nodes]
        return [each for each in found if each is not None]


def _is_empty(node: yaml.Node) -> bool:
    """Whether nothing is written there."""
    return isinstance(node, yaml.ScalarNode) and not node.value
