"""Lines of ``label=value`` pairs, as all control-matcher files have them."""

from __future__ import annotations

import re
from typing import NamedTuple

from tsnode.config.cursor import Span
from tsnode.model.errors import ConfigError, Place

__all__ = ["MOST_PAIRS", "Pair", "read_pairs"]

MOST_PAIRS = 40

# nearly all pairs: nothing in them is escaped, so that they are what they look like
_PLAIN = re.compile(
    r'[ \t]*([^ \t="\\]++)=(?:"([^"\\]*)"|([^ \t"\\\x80-\U0010ffff][^ \t\\\x80-\U0010ffff]*+)(?=[ \t]|\Z))'
)
_LABEL = re.compile(r"[ \t]*([^ \t=]*)")
_BARE = re.compile(r"[^ \t]*")
_DIGIT = re.compile(r"\\[0-9]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")


class Pair(NamedTuple):
    """
    A label and a value, and where in the content of a line they begin.

    ``removed`` says before which characters of the value backslashes were taken away.
    """

    label: str
    value: str
    label_at: int
    value_at: int
    removed: tuple[int, ...] = ()

    def span(self, line: Span) -> Span:
        """The value with its place."""
        return line.at(self.value_at, self.value)

    def shift(self, fault: ConfigError, value: Span) -> ConfigError:
        """A fault inside of the value, moved by the backslashes that stand before its place."""
        place = fault.place
        offset = place.column - value.place.column
        gone = sum(1 for at in self.removed if at <= offset)
        if not gone:
            return fault
        return ConfigError(
            Place(place.file, place.line, place.column + gone, place.text), fault.problem, fault.expected
        )


def read_pairs(line: Span) -> list[Pair]:
    """
    The pairs of a line, one or more.

    Blanks stand between pairs, though none is needed behind a quoted value; none stand around ``=``. In quotes a
    backslash makes the character behind it an ordinary one. Without quotes a backslash in front is dropped, so that
    a value may begin with a quotation mark; others stay.

    :raises ConfigError: where a pair is none, or one too many.

    Source: Traffic Server, ``src/tscore/MatcherUtils.cc``, parseConfigLine. It takes a quote without end as well.
    """
    pairs: list[Pair] = []
    text = line.text
    at = 0
    while at < len(text):
        found = _PLAIN.match(text, at)
        if found is not None:
            label, quoted, bare = found.groups()
            at = found.end()
            if quoted is None:
                pair = Pair(label, bare, found.start(1), at - len(bare))
            else:
                pair = Pair(label, quoted, found.start(1), at - len(quoted) - 1)
        else:
            pair, at = _read_other(line, at)
        pairs.append(pair)
        if len(pairs) > MOST_PAIRS:
            raise line.part(pair.label_at).error(f"there are more than {MOST_PAIRS} pairs", "another line for others")
    return pairs


def _read_other(line: Span, at: int) -> tuple[Pair, int]:
    """A pair that is not plain, and where it ends."""
    text = line.text
    found = _LABEL.match(text, at)
    assert found is not None
    label, start, end = found[1], found.start(1), found.end()
    if text[end : end + 1] != "=":
        if label.startswith("#"):
            raise line.part(start).error("a comment behind a rule is no comment", "comments on lines of their own")
        raise line.part(start).error(f"{label!r} is no pair", "label=value, without blanks around =")
    if not label:
        raise line.part(start).error("there is no label before =", "label=value")
    end += 1
    if text[end : end + 1] == '"':
        return _read_quoted(line, label, start, end + 1)
    bare = _BARE.match(text, end)
    assert bare is not None
    value = bare[0]
    if not value or value == "\\":
        raise line.part(end).error(f"{label} has no value", "one right behind =")
    digit = _DIGIT.search(value)
    if digit is not None:
        raise line.part(end + digit.start()).error("a digit behind a backslash", f'quotes: {label}="\\\\1"')
    foreign = _FOREIGN.search(value)
    if foreign is not None:
        raise line.part(end + foreign.start()).error(f"{foreign[0]!r} is not ASCII", "quotes around the value")
    if value.startswith("\\"):
        return Pair(label, value[1:], start, end, (0,)), bare.end()
    return Pair(label, value, start, end), bare.end()


def _read_quoted(line: Span, label: str, start: int, at: int) -> tuple[Pair, int]:
    """A pair whose quoted value begins at ``at``, and where it ends."""
    text = line.text
    value: list[str] = []
    removed: list[int] = []
    end = at
    while end < len(text):
        character = text[end]
        if character == '"':
            return Pair(label, "".join(value), start, at, tuple(removed)), end + 1
        if character == "\\" and end + 1 < len(text):
            removed.append(len(value))
            end += 1
            character = text[end]
        value.append(character)
        end += 1
    raise line.part(at - 1).error("this quotation mark has no other", 'another " behind the value')
