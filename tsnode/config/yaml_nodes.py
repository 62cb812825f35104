"""YAML read into nodes that know where they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import yaml

from tsnode.config.cursor import Span
from tsnode.model.errors import ConfigError, Place

__all__ = ["Scalar", "YamlText"]

_DEEPEST = 20
"""Levels of nesting that are read; the parser's own recursion would crash at some thousand."""
_LONGEST = 8 << 20
"""Characters that are read; each costs many octets of memory."""
_MOST = 200_000
"""Nodes that are read, what aliases repeat counted each time. A rule of ip_allow.yaml has about eight."""
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BLANKS = " \t\r\n"
_WORD = re.compile(f"[^{_BLANKS}]+")


class YamlText:
    """A YAML document as text; ``file`` is the name that places show."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._lines = _BREAK.split(text)

    def compose(self) -> yaml.Node | None:
        """
        The document's root, or None where there is nothing in it.

        :raises ConfigError: where it is not one YAML document, or larger or deeper than any configuration is.
        """
        found = self.compose_all()
        if len(found) > 1:
            raise self.span(found[1]).error("this is another document", "one document in the file")
        return found[0] if found else None

    def compose_all(self) -> tuple[yaml.Node, ...]:
        """
        The root of each document.

        :raises ConfigError: where this is not YAML, or larger or deeper than any configuration is.
        """
        if len(self._text) > _LONGEST:
            raise ConfigError(Place(self._file), f"is longer than {_LONGEST} characters", "a shorter file")
        try:
            aliases = self._check_size()
            found = tuple(yaml.compose_all(self._text, Loader=yaml.CSafeLoader))
        except yaml.MarkedYAMLError as fault:
            mark = fault.problem_mark
            assert mark is not None
            raise ConfigError(self._place(mark.line, mark.column), _told(str(fault.problem))) from fault
        except yaml.reader.ReaderError as fault:
            line = self._text.count("\n", 0, fault.position)
            column = fault.position - (self._text.rfind("\n", 0, fault.position) + 1)
            raise ConfigError(self._place(line, column), f"this is not YAML: {fault.reason}") from fault
        if aliases:
            for root in found:
                self._weigh(root, {})
        return found

    def _check_size(self) -> bool:
        """
        Whether there are aliases.

        :raises ConfigError: where there are too many levels or nodes.
        """
        aliases = False
        depth = nodes = 0
        for event in yaml.parse(self._text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.NodeEvent):
                nodes += 1
                aliases = aliases or isinstance(event, yaml.AliasEvent)
                if isinstance(event, yaml.CollectionStartEvent):
                    depth += 1
                if depth > _DEEPEST or nodes > _MOST:
                    mark = event.start_mark
                    assert mark is not None
                    problem = "this is nested too deeply" if depth > _DEEPEST else f"there are more than {_MOST} nodes"
                    raise ConfigError(self._place(mark.line, mark.column), problem)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
        return aliases

    def _weigh(self, node: yaml.Node, known: dict[int, tuple[int, int] | None]) -> tuple[int, int]:
        """
        How many nodes there are below a node and how deep they go, following aliases.

        :raises ConfigError: where these are too many, or where a node is part of itself.
        """
        if not isinstance(node, yaml.CollectionNode):
            return 1, 1
        if id(node) not in known:
            known[id(node)] = None
            parts = [self._weigh(part, known) for part in _parts(node)]
            count, depth = 1 + sum(part[0] for part in parts), 1 + max((part[1] for part in parts), default=0)
            if depth > _DEEPEST:
                raise self.span(node).error("this is nested too deeply, by its aliases")
            if count > _MOST:
                raise self.span(node).error(f"there are more than {_MOST} nodes, by aliases")
            known[id(node)] = count, depth
        weight = known[id(node)]
        if weight is None:
            raise self.span(node).error("this is part of itself, by an alias")
        return weight

    def span(self, node: yaml.Node) -> Span:
        """The text of a scalar, empty for others, and where the node begins."""
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        return Span(value, self._place(node.start_mark.line, node.start_mark.column))

    def scalar(self, node: yaml.Node) -> Scalar:
        """The text of a scalar, empty for others, and where its parts are."""
        return Scalar(self.span(node), self._lines, node.end_mark.line)

    def _place(self, line: int, column: int) -> Place:
        if line >= len(self._lines):
            # what is missing is missing behind the end
            line, column = len(self._lines) - 1, len(self._lines[-1])
        return Place(self._file, line + 1, column + 1, self._lines[line])


class Scalar:
    """The text of a scalar whose parts have places of their own, however it is quoted or folded over lines."""

    def __init__(self, whole: Span, lines: list[str], last: int) -> None:
        self.whole = whole
        self._lines = lines
        self._last = last
        self._found: tuple[list[int], list[Place | None]] | None = None

    @property
    def text(self) -> str:
        """All of it."""
        return self.whole.text

    def part(self, start: int, stop: int) -> Span:
        """The characters from ``start`` up to ``stop``; where they cannot be found in the file, the whole's place."""
        if self._found is None:
            self._found = self._find_words()
        starts, places = self._found
        at = bisect_right(starts, start) - 1
        place = places[at] if at >= 0 else None
        if place is None:
            return Span(self.text[start:stop], self.whole.place)
        return Span(self.text[start:stop], Place(place.file, place.line, place.column + start - starts[at], place.text))

    def words(self, most: int) -> tuple[Span, ...]:
        """What stands between blanks; the last of ``most`` takes the rest of the text, without blanks at its end."""
        starts = [found.start() for found in _WORD.finditer(self.text)][:most]
        stops = [*starts[1:], len(self.text)]
        ends = [start + len(self.text[start:stop].rstrip(_BLANKS)) for start, stop in zip(starts, stops, strict=False)]
        return tuple(self.part(start, end) for start, end in zip(starts, ends, strict=True))

    def _find_words(self) -> tuple[list[int], list[Place | None]]:
        """
        Where each word begins in the text, and in the file.

        A word that is written otherwise there, with an escape, is lost, and so is all behind it: None, at the end.
        """
        starts: list[int] = []
        places: list[Place | None] = []
        file, line, column = self.whole.place.file, self.whole.place.line - 1, self.whole.place.column - 1
        for found in _WORD.finditer(self.text):
            starts.append(found.start())
            column = self._lines[line].find(found[0], column)
            while column < 0 and line < self._last and line + 1 < len(self._lines):
                line += 1
                column = self._lines[line].find(found[0])
            if column < 0:
                places.append(None)
                break
            places.append(Place(file, line + 1, column + 1, self._lines[line]))
            column += len(found[0])
        return starts, places


def _told(problem: str) -> str:
    """What is wrong, as the node says it: some parsers find out by themselves that a document is too deep."""
    return "this is nested too deeply" if "nesting depth" in problem else f"this is not YAML: {problem}"


def _parts(node: yaml.CollectionNode) -> Iterator[yaml.Node]:
    """What stands directly in a list or a mapping."""
    for part in node.value:
        if isinstance(part, tuple):
            yield from part
        else:
            yield part
