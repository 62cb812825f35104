"""records.yaml: the variables of records.config as nested keys."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from tsnode.config.catalogue import Row
from tsnode.config.cursor import Span
from tsnode.config.reading import Reading
from tsnode.config.records import PREFIX, Assignments, Records
from tsnode.config.words import nearest
from tsnode.config.yaml_nodes import YamlText

__all__ = ["ROOT", "parse_records_yaml"]

ROOT = "records"
"""The key that all variables are below."""

_NULL = "tag:yaml.org,2002:null"


def parse_records_yaml(file: str, text: str, environ: Mapping[str, str], rows: Mapping[str, Row]) -> Reading[Records]:
    """
    The values of all variables: their defaults, above them what the file says, above it the environment.

    The keys down to a value, with points between them, are the name of a variable behind ``proxy.config.``. Documents
    behind the first are above those before them. A type that is written before a value, such as ``!!int``, is not
    looked at: the variable has its own. No value means NULL for a STRING, and the default for others.

    Source: Traffic Server 10, records.yaml; ``src/records/RecYAMLDecoder.cc``.
    """
    reader = _RecordsReader(YamlText(file, text), rows)
    reader.read()
    reader.assignments.assign_environment(environ)
    return reader.assignments.finish()


class _RecordsReader:
    """Walks down the keys of each document."""

    def __init__(self, document: YamlText, rows: Mapping[str, Row]) -> None:
        self._document = document
        self._rows = rows
        self.assignments = Assignments(rows)

    def read(self) -> None:
        """Take the variables from all documents."""
        for root in self.assignments.findings.attempt(self._document.compose_all) or ():
            top = self._mapping(root, f"'{ROOT}:' and the variables below it")
            for key, value in top:
                name = self._document.span(key)
                if name.text != ROOT:
                    expected = nearest(name.text, (ROOT,)) or f"'{ROOT}:' and everything else below it"
                    self._fault(name, f"unknown key {name.text!r}", expected)
                elif not _is_null(value):
                    self._walk(PREFIX, self._mapping(value, "variables"))

    def _fault(self, place: Span, problem: str, expected: str) -> None:
        self.assignments.findings.errors.append(place.error(problem, expected))

    def _mapping(self, node: yaml.Node, expected: str) -> list[tuple[yaml.Node, yaml.Node]]:
        """The keys and values of a mapping, less keys that are there twice."""
        if not isinstance(node, yaml.MappingNode):
            self._fault(self._document.span(node), "there are no keys here", expected)
            return []
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = self._document.span(key)
            if name.text in found:
                self._fault(name, f"{name.text!r} is there twice", "each key once")
            else:
                found[name.text] = key, value
        return list(found.values())

    def _walk(self, above: str, entries: list[tuple[yaml.Node, yaml.Node]]) -> None:
        """Take what is below keys whose names, each with its point, are ``above``."""
        for key, value in entries:
            name = self._document.span(key)
            whole = Span(above + name.text, name.place)
            if isinstance(value, yaml.MappingNode):
                self._walk(f"{whole.text}.", self._mapping(value, "variables"))
            elif isinstance(value, yaml.SequenceNode):
                self._fault(self._document.span(value), f"{whole.text} cannot be a list", "one value")
            else:
                self._assign(whole, value)

    def _assign(self, name: Span, node: yaml.Node) -> None:
        row = self._rows.get(name.text)
        if not _is_null(node):
            words = self._document.scalar(node).words(1)
            self.assignments.assign(name, words[0] if words else self._document.span(node).part(0, 0))
        elif row is None or row.domain.word == "STRING":
            self.assignments.assign(name, Span("NULL", self._document.span(node).place))


def _is_null(node: yaml.Node) -> bool:
    """Whether no value is written there, or one of YAML's words for none."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL
