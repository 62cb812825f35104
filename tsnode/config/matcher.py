"""The grammar of the control-matcher files: one destination a line, specifiers, and what each file adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar, cast

from tsnode.config.cursor import Span, read_lines
from tsnode.config.grammar import Label, Tag, suggest
from tsnode.config.matcher_pairs import Pair, read_pairs
from tsnode.config.reading import Findings
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Destination
from tsnode.matching.specifiers import Specifier
from tsnode.model.errors import ConfigError, Place

__all__ = ["Actions", "MatcherGrammar", "Ruling", "read_rules"]

T = TypeVar("T")
V = TypeVar("V")

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


class Ruling(NamedTuple, Generic[T]):
    """What one line says: when it applies, what then, and where it stands. Lines that say the same may share that."""

    condition: Condition
    actions: T
    place: Place


class Actions:
    """What one line says about what is to be done, read."""

    def __init__(self, line: Span, findings: Findings) -> None:
        self.line = line
        self.findings = findings
        self._values: dict[str, object] = {}
        self._pairs: dict[str, Pair] = {}

    def put(self, name: str, value: object, pair: Pair) -> None:
        """Keep the value of an action; the last one counts."""
        self._values[name] = value
        self._pairs[name] = pair

    def has(self, label: Label[object]) -> bool:
        """Whether the action is there."""
        return label.name in self._values

    def has_other(self, names: frozenset[str]) -> bool:
        """Whether an action is there that is none of these."""
        return not self._values.keys() <= names

    def get(self, label: Label[T], default: T) -> T:
        """The value of an action."""
        # what is kept under a label's name came from its reader
        return cast("T", self._values.get(label.name, default))

    def find(self, label: Label[T]) -> T | None:
        """The value of an action; None where it is not there."""
        return cast("T | None", self._values.get(label.name))

    def where(self, label: Label[object]) -> Span:
        """The value of an action as it stands in the line."""
        return self._pairs[label.name].span(self.line)

    def warn(self, span: Span, problem: str, expected: str = "") -> None:
        """Tell the file's author something."""
        self.findings.warnings.append(span.error(problem, expected))


def read_rules(
    grammar: MatcherGrammar, file: str, text: str, build: Callable[[Actions], T], findings: Findings
) -> Iterator[Ruling[T]]:
    """
    What each line says that is right; what is wrong with the others goes to ``findings``.

    ``build`` makes one value of a line's actions. It may raise a ConfigError, or note an error and make a value all
    the same. It is not called again for what it has made a value of without a word.

    Source: Traffic Server, ``proxy/ControlMatcher.cc``.
    """
    reader = _LineReader(grammar, findings, build)
    for line in read_lines(file, text):
        ruling = findings.attempt(reader.read, line)
        if ruling is not None:
            yield ruling


class _LineReader(Generic[T]):
    """Reads line after line; what was read once need not be read again."""

    def __init__(self, grammar: MatcherGrammar, findings: Findings, build: Callable[[Actions], T]) -> None:
        self._grammar = grammar
        self._findings = findings
        self._build = build
        self._destinations = {label.name: label for label in grammar.destinations}
        self._specifiers = {label.name: label for label in grammar.specifiers}
        self._actions = {label.name: label for label in grammar.actions}
        self._read_values: dict[tuple[str, str], object] = {}
        self._built: dict[tuple[str, ...], T] = {}

    def read(self, line: Span) -> Ruling[T] | None:
        """
        What a line says, or None where single pairs are wrong, which is noted.

        :raises ConfigError: where it does not consist of pairs, has not exactly one destination, or makes no sense.
        """
        faults = len(self._findings.errors)
        destination: Destination | None = None
        destinations: list[Pair] = []
        specifiers: list[Pair] = []
        actions: list[Pair] = []
        for pair in read_pairs(line):
            name = pair.label
            if name in self._destinations or (name := name.lower()) in self._destinations:
                destinations.append(pair)
                if len(destinations) == 1:
                    destination = self._value(line, self._destinations[name], pair)
            elif name in self._specifiers:
                specifiers.append(pair)
            else:
                actions.append(pair)
        if len(destinations) > 1:
            extra = line.part(destinations[1].label_at)
            raise extra.error("the line has another destination already", f"one of {', '.join(self._destinations)}")
        held = self._read_specifiers(line, specifiers) if specifiers else ()
        built = self._read_actions(line, actions, faults)
        if not destinations and len(self._findings.errors) == faults:
            raise line.error("the line has no destination", f"one of {', '.join(self._destinations)}")
        if destination is None or built is None:
            return None
        return Ruling(Condition(destination, held), built, line.place)

    def _read_specifiers(self, line: Span, pairs: list[Pair]) -> tuple[Specifier, ...]:
        """Those that are right; faults are noted."""
        found: list[Specifier] = []
        seen: set[str] = set()
        for pair in pairs:
            label = self._specifiers[pair.label.lower()]
            if label.name in seen and not self._grammar.repeated_specifiers:
                where = line.part(pair.label_at)
                self._findings.errors.append(where.error(f"{label.name} is there twice", "another line for it"))
                continue
            seen.add(label.name)
            specifier = self._recall(line, label, pair)
            if specifier is not None:
                found.append(specifier)
        return tuple(found)

    def _read_actions(self, line: Span, pairs: list[Pair], faults: int) -> T | None:
        """What they come to; None where anything in the line is wrong, which is noted."""
        key = tuple(text for pair in pairs for text in pair[:2])
        built = self._built.get(key)
        if built is not None:
            return built if len(self._findings.errors) == faults else None
        warnings = len(self._findings.warnings)
        actions = Actions(line, self._findings)
        for pair in pairs:
            self._put_action(actions, pair)
        if len(self._findings.errors) > faults:
            return None
        built = self._build(actions)
        silent = len(self._findings.errors) == faults and len(self._findings.warnings) == warnings
        if silent and len(self._built) < _MOST_REMEMBERED:
            self._built[key] = built
        return built

    def _put_action(self, actions: Actions, pair: Pair) -> None:
        name = pair.label.lower()
        proper = self._grammar.discouraged.get(name)
        if proper is not None:
            where = actions.line.part(pair.label_at)
            actions.warn(where, f"{name} is taken for {proper}; Traffic Server refuses it", proper)
            name = proper
        label = self._actions.get(self._grammar.synonyms.get(name, name))
        if label is None:
            self._findings.errors.append(self._unknown(actions.line, pair))
            return
        if actions.has(label):
            where = actions.line.part(pair.label_at)
            if not label.repeats:
                self._findings.errors.append(where.error(f"{label.name} is there twice", f"one {label.name}"))
                return
            actions.warn(where, f"{label.name} is there twice; the last one counts", f"one {label.name}")
        value = self._recall(actions.line, label, pair)
        if value is not None:
            actions.put(label.name, value, pair)

    def _unknown(self, line: Span, pair: Pair) -> ConfigError:
        known = (*self._destinations, *self._specifiers, *self._actions)
        return line.part(pair.label_at).error(f"unknown tag {pair.label!r}", suggest(pair.label, known))

    def _recall(self, line: Span, label: Label[V], pair: Pair) -> V | None:
        """The value of a pair, which may be what other lines have, too; None where it is wrong, which is noted."""
        key = (label.name, pair.value)
        if key in self._read_values:
            # what is kept under a label's name came from its reader
            return cast("V", self._read_values[key])
        value = self._value(line, label, pair)
        if value is not None and len(self._read_values) < _MOST_REMEMBERED:
            self._read_values[key] = value
        return value

    def _value(self, line: Span, label: Label[V], pair: Pair) -> V | None:
        """The value of a pair; None where it is wrong, which is noted."""
        where = pair.span(line)
        try:
            return label.read(where)
        except ConfigError as fault:
            self._findings.errors.append(pair.shift(fault, where))
            return None
