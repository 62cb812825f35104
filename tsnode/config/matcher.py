"""The grammar of the control-matcher files: one destination a line, specifiers, and what each file adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from tsnode.config.cursor import Span, read_lines
from tsnode.config.grammar import Label, Tag, nearest
from tsnode.config.matcher_pairs import Pair, read_pairs
from tsnode.config.reading import Findings
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Destination
from tsnode.matching.specifiers import Specifier
from tsnode.model.errors import ConfigError

__all__ = ["MatcherGrammar", "RuleLine", "read_rules"]

T = TypeVar("T")

_MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class MatcherGrammar:
    """
    What the lines of one file consist of.

    ``synonyms`` are second names of tags; the author is told of the ``discouraged`` ones.
    ``repeated_specifiers``: one kind of specifier may stand in a line several times, and all of them have to hold.
    """

    destinations: tuple[Label[Destination], ...]
    specifiers: tuple[Label[Specifier], ...]
    actions: tuple[Label[object], ...]
    synonyms: Mapping[str, str] = field(default_factory=dict)
    discouraged: Mapping[str, str] = field(default_factory=dict)
    repeated_specifiers: bool = False

    @property
    def tags(self) -> tuple[Tag, ...]:
        """All tags, as the manual shows them."""
        return tuple(label.tag for label in (*self.destinations, *self.specifiers, *self.actions))


class RuleLine:
    """What one line says, read."""

    def __init__(self, span: Span, findings: Findings) -> None:
        self.span = span
        self.findings = findings
        self.destination: Destination | None = None
        self.specifiers: list[Specifier] = []
        self.kinds: set[str] = set()
        self._values: dict[str, object] = {}
        self._pairs: dict[str, Pair] = {}

    @property
    def condition(self) -> Condition:
        """When the rule applies."""
        assert self.destination is not None
        return Condition(self.destination, tuple(self.specifiers))

    def put(self, name: str, value: object, pair: Pair) -> None:
        """Keep the value of an action; the last one counts."""
        self._values[name] = value
        self._pairs[name] = pair

    def has(self, label: Label[object]) -> bool:
        """Whether the action is there."""
        return label.tag.name in self._values

    def get(self, label: Label[T], default: T) -> T:
        """The value of an action."""
        # what is kept under a label's name came from its reader
        return cast("T", self._values.get(label.tag.name, default))

    def find(self, label: Label[T]) -> T | None:
        """The value of an action; None where it is not there."""
        return cast("T | None", self._values.get(label.tag.name))

    def where(self, label: Label[object]) -> Span:
        """The value of an action as it stands in the line."""
        return self._pairs[label.tag.name].span(self.span)

    def warn(self, span: Span, problem: str, expected: str = "") -> None:
        """Tell the file's author something."""
        self.findings.warnings.append(span.error(problem, expected))


def read_rules(
    grammar: MatcherGrammar, file: str, text: str, build: Callable[[RuleLine], T], findings: Findings
) -> Iterator[T]:
    """
    What ``build`` makes of each line that is right; what is wrong with the others goes to ``findings``.

    ``build`` may raise a ConfigError.

    Source: Traffic Server, ``proxy/ControlMatcher.cc``.
    """
    reader = _LineReader(grammar, findings)
    for span in read_lines(file, text):
        faults = len(findings.errors)
        line = findings.attempt(reader.read, span)
        if line is not None and len(findings.errors) == faults:
            rule = findings.attempt(build, line)
            if rule is not None:
                yield rule


class _LineReader:
    """Reads line after line; values that were read once need not be read again."""

    def __init__(self, grammar: MatcherGrammar, findings: Findings) -> None:
        self._grammar = grammar
        self._findings = findings
        self._destinations = {label.name: label for label in grammar.destinations}
        self._specifiers = {label.name: label for label in grammar.specifiers}
        self._actions = {label.name: label for label in grammar.actions}
        self._remembered: dict[tuple[str, str], object] = {}

    def read(self, span: Span) -> RuleLine:
        """
        What a line says; faults of single pairs are noted and the line read on.

        :raises ConfigError: where it does not consist of pairs, or has not exactly one destination.
        """
        line = RuleLine(span, self._findings)
        faults = len(self._findings.errors)
        extra: Pair | None = None
        destinations = 0
        for pair in read_pairs(span):
            name = self._name(span, pair)
            destination = self._destinations.get(name)
            if destination is not None:
                destinations += 1
                if destinations > 1:
                    extra = extra or pair
                else:
                    line.destination = self._value(span, destination, pair)
                continue
            specifier = self._specifiers.get(name)
            if specifier is not None:
                self._put_specifier(line, specifier, pair)
                continue
            action = self._actions.get(name)
            if action is None:
                self._findings.errors.append(self._unknown(span, pair))
                continue
            self._put_action(line, action, pair)
        names = ", ".join(self._destinations)
        if extra is not None:
            raise span.part(extra.label_at).error("the line has another destination already", f"one of {names}")
        if not destinations and len(self._findings.errors) == faults:
            raise span.error("the line has no destination", f"one of {names}")
        return line

    def _name(self, span: Span, pair: Pair) -> str:
        """What the label of a pair is called properly."""
        name = pair.label.lower()
        proper = self._grammar.discouraged.get(name)
        if proper is not None:
            fault = span.part(pair.label_at).error(f"{name} is taken for {proper}; Traffic Server refuses it", proper)
            self._findings.warnings.append(fault)
            return proper
        return self._grammar.synonyms.get(name, name)

    def _unknown(self, span: Span, pair: Pair) -> ConfigError:
        known = (*self._destinations, *self._specifiers, *self._actions)
        return span.part(pair.label_at).error(f"unknown tag {pair.label!r}", nearest(pair.label, known))

    def _put_specifier(self, line: RuleLine, label: Label[Specifier], pair: Pair) -> None:
        if label.name in line.kinds and not self._grammar.repeated_specifiers:
            where = line.span.part(pair.label_at)
            self._findings.errors.append(where.error(f"{label.name} is there twice", "another line for it"))
            return
        line.kinds.add(label.name)
        specifier = self._recall(line.span, label, pair)
        if specifier is not None:
            line.specifiers.append(specifier)

    def _put_action(self, line: RuleLine, label: Label[object], pair: Pair) -> None:
        if line.has(label):
            where = line.span.part(pair.label_at)
            if not label.repeats:
                self._findings.errors.append(where.error(f"{label.name} is there twice", f"one {label.name}"))
                return
            line.warn(where, f"{label.name} is there twice; the last one counts", f"one {label.name}")
        value = self._recall(line.span, label, pair)
        if value is not None:
            line.put(label.name, value, pair)

    def _recall(self, span: Span, label: Label[T], pair: Pair) -> T | None:
        """The value of a pair, which may be what other lines have, too; None where it is wrong, which is noted."""
        key = (label.name, pair.value)
        if key in self._remembered:
            return cast("T", self._remembered[key])
        value = self._value(span, label, pair)
        if value is not None and len(self._remembered) < _MOST_REMEMBERED:
            self._remembered[key] = value
        return value

    def _value(self, span: Span, label: Label[T], pair: Pair) -> T | None:
        """The value of a pair; None where it is wrong, which is noted."""
        where = pair.span(span)
        try:
            return label.read(where)
        except ConfigError as fault:
            self._findings.errors.append(pair.shift(fault, where))
            return None
