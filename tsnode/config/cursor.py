"""Text with places: what every line-based grammar reads from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tsnode.model.errors import ConfigError, Place

__all__ = ["Span", "read_lines", "split_words"]

_BLANKS = " \t"
_LINE = re.compile("^.*$", re.MULTILINE)
_WORD = re.compile(r"[^ \t]+")


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, unsafe_hash=True)
class Span:
    """A stretch of one line, and where it begins. Where its place has no line, its parts have none either."""

    text: Final[str]
    place: Final[Place]

    def part(self, start: int, stop: int | None = None) -> Span:
        """The characters from ``start`` up to ``stop`` (not included), counted from 0."""
        return self.at(start, self.text[start:stop])

    def at(self, start: int, text: str) -> Span:
        """Another ``text`` that is to have the place of the characters from ``start`` on."""
        place = self.place
        if place.line:
            place = Place(place.file, place.line, place.column + start, place.text)
        return Span(text, place)

    def partition(self, separator: str) -> tuple[Span, Span | None]:
        """What stands before the first ``separator`` and what stands behind it, None where there is no separator."""
        at = self.text.find(separator)
        if at < 0:
            return self, None
        return self.part(0, at), self.part(at + len(separator))

    def pieces(self, separators: str) -> tuple[Span, ...]:
        """What stands between single characters of ``separators``; parts may be empty."""
        found = []
        start = 0
        for at, character in enumerate(self.text):
            if character in separators:
                found.append(self.part(start, at))
                start = at + 1
        return (*found, self.part(start))

    def error(self, problem: str, expected: str = "") -> ConfigError:
        """A fault that is marked where this begins."""
        return ConfigError(self.place, problem, expected)


def read_lines(file: str, text: str) -> Iterator[Span]:
    """
    Every line that says something, without the blanks around it: not the empty ones and not comments (``#``).

    Lines end with LF or CRLF. ``file`` is the name that places show.
    """
    for number, found in enumerate(_LINE.finditer(text), start=1):
        line = found[0].removesuffix("\r")
        content = line.strip(_BLANKS)
        if content and not content.startswith("#"):
            yield Span(content, Place(file, number, line.index(content) + 1, line))


def split_words(line: Span, most: int = 0) -> tuple[Span, ...]:
    """What stands between blanks. With ``most`` above 0 the last word of so many takes the rest of the line."""
    words: list[Span] = []
    for found in _WORD.finditer(line.text):
        if len(words) + 1 == most:
            words.append(line.part(found.start()))
            break
        words.append(line.part(*found.span()))
    return tuple(words)
