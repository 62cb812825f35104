"""YAML read into nodes that know where they stand."""

from __future__ import annotations

import re

import yaml

from tsnode.config.cursor import Span
from tsnode.model.errors import ConfigError, Place

__all__ = ["YamlText"]

_DEEPEST = 20
"""Levels of nesting that are read; the parser's own recursion would crash at some thousand."""
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class YamlText:
    """A YAML document as text; ``file`` is the name that places show."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._lines = _BREAK.split(text)

    def compose(self) -> yaml.Node | None:
        """
        The document's root, or None where there is nothing in it.

        :raises ConfigError: where it is not one YAML document, or more deeply nested than any configuration is.
        """
        try:
            self._check_depth()
            node: yaml.Node | None = yaml.compose(self._text, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as fault:
            mark = fault.problem_mark
            assert mark is not None
            raise ConfigError(self._place(mark.line, mark.column), f"this is not YAML: {fault.problem}") from fault
        except yaml.reader.ReaderError as fault:
            line = self._text.count("\n", 0, fault.position)
            column = fault.position - (self._text.rfind("\n", 0, fault.position) + 1)
            raise ConfigError(self._place(line, column), f"this is not YAML: {fault.reason}") from fault
        return node

    def _check_depth(self) -> None:
        depth = 0
        for event in yaml.parse(self._text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _DEEPEST:
                    mark = event.start_mark
                    assert mark is not None
                    raise ConfigError(self._place(mark.line, mark.column), "this is nested too deeply")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1

    def span(self, node: yaml.Node) -> Span:
        """The text of a scalar, empty for others, and where the node begins."""
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        return Span(value, self._place(node.start_mark.line, node.start_mark.column))

    def _place(self, line: int, column: int) -> Place:
        if line >= len(self._lines):
            # what is missing is missing behind the end
            line, column = len(self._lines) - 1, len(self._lines[-1])
        return Place(self._file, line + 1, column + 1, self._lines[line])
