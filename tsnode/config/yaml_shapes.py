"""What YAML files have in common: mappings with known keys, lists, and words that are one of a few."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

import yaml

from tsnode.config.catalogue import Integer
from tsnode.config.cursor import Span
from tsnode.config.reading import Findings
from tsnode.config.words import nearest
from tsnode.config.yaml_nodes import YamlText

__all__ = ["YamlReader", "is_empty"]

T = TypeVar("T")


class YamlReader:
    """Reads the nodes of a document, noting every fault at its place."""

    def __init__(self, document: YamlText) -> None:
        self.document = document
        self.findings = Findings()

    def fault(self, node: yaml.Node, problem: str, expected: str = "") -> None:
        """Note what is wrong with a node."""
        self.findings.errors.append(self.document.span(node).error(problem, expected))

    def warn(self, node: yaml.Node, problem: str, expected: str = "") -> None:
        """Note what the author of a node should know."""
        self.findings.warnings.append(self.document.span(node).error(problem, expected))

    def mapping(self, node: yaml.Node, keys: Collection[str]) -> dict[str, yaml.Node]:
        """The values of a mapping by their keys, all of which are in ``keys``."""
        found: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, "there are no keys here", f"'{next(iter(keys))}:' and what belongs to it")
            return found
        for key, value in node.value:
            name = self.document.span(key).text
            if name not in keys:
                self.fault(key, f"unknown key {name!r}", nearest(name, keys) or ", ".join(keys))
            elif name in found:
                self.fault(key, f"{name!r} is there twice", "each key once")
            else:
                found[name] = value
        return found

    def items(self, node: yaml.Node | None, name: str, expected: str) -> Iterator[yaml.Node]:
        """What is in the list called ``name``; nothing where it is missing or nothing is written there."""
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif node is not None and not is_empty(node):
            self.fault(node, f"{name} is not a list", expected)

    def require(self, node: yaml.Node, parts: Mapping[str, yaml.Node], names: Sequence[str], what: str) -> None:
        """Tell which of ``names`` are missing in ``what``, of whose mapping ``parts`` are the values."""
        for name in names:
            if name not in parts:
                self.fault(node, f"{what} has no {name}", name)

    def choice(self, parts: Mapping[str, yaml.Node], name: str, choices: Mapping[str, T]) -> T | None:
        """What a word stands for, in capitals or not; None where it is missing or wrong."""
        node = parts.get(name)
        if node is None:
            return None
        word = self.document.span(node).text
        if word.lower() not in choices:
            self.fault(node, f"{name} cannot be {word!r}", " or ".join(choices))
        return choices.get(word.lower())

    def text(self, parts: Mapping[str, yaml.Node], name: str) -> str | None:
        """A text; None where it is missing or is none."""
        node = parts.get(name)
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.fault(node, f"{name} is not a text", "one value")
        return None

    def number(
        self, parts: Mapping[str, yaml.Node], name: str, minimum: int, maximum: int | None = None
    ) -> int | None:
        """A whole number; None where it is missing, is none, or is out of range, which is only a warning."""
        node = parts.get(name)
        if node is None:
            return None
        domain = Integer(minimum, maximum)
        number = self.findings.attempt(domain.parse, self.document.span(node))
        if number is not None and not domain.admits(number):
            self.warn(node, f"{name} cannot be {number}, and is left out", domain.range)
            return None
        return number

    def several(self, parts: Mapping[str, yaml.Node], name: str, read: Callable[[Span], T]) -> list[T]:
        """What one scalar or each of a list stands for, at least one of them."""
        node = parts.get(name)
        if node is None:
            return []
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes:
            self.fault(node, f"{name} is empty", "one or more, with commas between them")
        found = [self.findings.attempt(read, self.document.span(each)) for each in nodes]
        return [each for each in found if each is not None]


def is_empty(node: yaml.Node) -> bool:
    """Whether nothing is written there."""
    return isinstance(node, yaml.ScalarNode) and not node.value
