"""The variables: records.config, which has one a line, and the environment above it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from tsnode.config.catalogue import Row, Value
from tsnode.config.cursor import Span, read_lines, split_words
from tsnode.config.reading import MOST, Findings, Reading
from tsnode.config.words import nearest
from tsnode.model.errors import Place

__all__ = ["PREFIX", "Assignments", "Records", "Setting", "SettingSource", "parse_records"]

_SCOPES = ("CONFIG", "LOCAL", "PROCESS", "NODE")
_TYPES = ("INT", "STRING", "FLOAT", "COUNTER")
_ENVIRONMENT = "PROXY_CONFIG_"

PREFIX = "proxy.config."
"""What every variable's name begins with."""


class SettingSource(Enum):
    """Where a value comes from; the later ones win."""

    DEFAULT = "built in default"
    FILE = "administratively set"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of one variable. ``written`` is its text with its place; of a default, nothing with the name."""

    name: str
    value: Value
    source: SettingSource
    written: Span


class Records:
    """
    The value of every variable: of those in the catalogue, and of others that a file sets, which have no effect.

    The typed look-ups are for names in the catalogue; the type has to be that of the row.
    """

    __slots__ = ("_settings",)

    def __init__(self, settings: Mapping[str, Setting]) -> None:
        self._settings = dict(settings)

    def __iter__(self) -> Iterator[Setting]:
        return iter(self._settings.values())

    def keeping(self, names: Iterable[str], kept: Records) -> Records:
        """The same, but for the variables ``names``, which have the values that they have in ``kept``."""
        return Records(self._settings | {name: kept.setting(name) for name in names})

    def overridden(self, values: Mapping[str, Value]) -> Records:
        """The same, but for these variables of the catalogue, which have other values."""
        return Records(
            self._settings | {name: replace(self._settings[name], value=value) for name, value in values.items()}
        )

    def setting(self, name: str) -> Setting:
        """All that is known about a variable."""
        return self._settings[name]

    def integer(self, name: str) -> int:
        """The value of an INT variable."""
        value = self._settings[name].value
        assert isinstance(value, int), name
        return value

    def flag(self, name: str) -> bool:
        """Whether an INT variable is 1."""
        return self.integer(name) == 1

    def decimal(self, name: str) -> float:
        """The value of a FLOAT variable."""
        value = self._settings[name].value
        assert isinstance(value, float), name
        return value

    def text(self, name: str) -> str:
        """The value of a STRING variable, empty where it is NULL."""
        value = self._settings[name].value
        assert value is None or isinstance(value, str), name
        return value or ""


class Assignments:
    """
    The values that variables get one after the other, the later ones above the earlier ones, and what is wrong.

    A value that its variable cannot have is left out: one of another type is an error, one out of range a warning.
    Unknown names are kept as texts, with a warning.
    """

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = rows
        self._settings = {
            row.name: Setting(row.name, row.default, SettingSource.DEFAULT, Span("", Place(_default_of(row))))
            for row in rows.values()
        }
        self.findings = Findings()

    def assign(self, name: Span, value: Span) -> None:
        """Set a variable as a file says."""
        row = self._rows.get(name.text)
        if row is None:
            # finding a likeness takes its time, and warnings beyond so many are not kept
            known = nearest(name.text, self._rows, PREFIX) if len(self.findings.warnings) <= MOST else ""
            self.findings.warnings.append(name.error(f"unknown variable {name.text!r} has no effect", known))
            self._settings[name.text] = Setting(name.text, value.text, SettingSource.FILE, value)
        else:
            self._set(row, value, SettingSource.FILE)

    def assign_environment(self, environ: Mapping[str, str]) -> None:
        """Set variables as the environment says."""
        names = {row.environment_name: row for row in self._rows.values()}
        for name in sorted(environ):
            if not name.startswith(_ENVIRONMENT):
                continue
            value = Span(environ[name].strip(" \t"), Place(f"environment variable {name}"))
            row = names.get(name)
            if row is None:
                known = nearest(name, names, _ENVIRONMENT)
                self.findings.warnings.append(value.error("no variable is called like this", known))
            else:
                self._set(row, value, SettingSource.ENVIRONMENT)

    def finish(self) -> Reading[Records]:
        """All values. Those that have no effect are told."""
        for setting in self._settings.values():
            row = self._rows.get(setting.name)
            if row is not None and not row.effective and setting.value != row.default:
                told = setting.written.error(f"{row.name} is known, but has no effect yet")
                self.findings.warnings.append(told)
        return self.findings.reading(Records(self._settings))

    def _set(self, row: Row, value: Span, source: SettingSource) -> None:
        errors = len(self.findings.errors)
        parsed = self.findings.attempt(row.domain.parse, value)
        if len(self.findings.errors) > errors:
            return
        if row.domain.admits(parsed):
            self._settings[row.name] = Setting(row.name, parsed, source, value)
        else:
            kept = self._settings[row.name].value
            problem = f"{row.name} cannot be {value.text!r} and stays {'NULL' if kept is None else kept}"
            self.findings.warnings.append(value.error(problem, row.domain.range))


def _default_of(row: Row) -> str:
    return f"the default of {row.name}"


def parse_records(file: str, text: str, environ: Mapping[str, str], rows: Mapping[str, Row]) -> Reading[Records]:
    """
    The values of all variables: their defaults, above them what the file says, above it the environment.

    ``file`` is the name that places show. The last of several lines for one name counts. A line with an error is left
    out.

    Source: Traffic Server, records.config; ``lib/records/RecConfigParse.cc``.
    """
    assignments = Assignments(rows)
    for line in read_lines(file, text):
        _read_line(line, rows, assignments)
    assignments.assign_environment(environ)
    return assignments.finish()


def _read_line(line: Span, rows: Mapping[str, Row], assignments: Assignments) -> None:
    findings = assignments.findings
    words = split_words(line, 4)
    if len(words) < 4:
        missing = ("a scope", "a variable", "a type", "a value")[len(words)]
        end = line.part(len(line.text))
        findings.errors.append(end.error(f"{missing} is missing", "CONFIG, a variable, its type and its value"))
        return
    scope, name, kind, value = words
    faults = len(findings.errors)
    if scope.text not in _SCOPES:
        findings.errors.append(scope.error(f"unknown scope {scope.text!r}", "CONFIG or LOCAL"))
    row = rows.get(name.text)
    if kind.text not in _TYPES:
        findings.errors.append(kind.error(f"unknown type {kind.text!r}", "INT, FLOAT, STRING or COUNTER"))
    elif row is not None and kind.text != row.domain.word:
        findings.errors.append(kind.error(f"{name.text} is not of type {kind.text}", row.domain.word))
    if len(findings.errors) == faults:
        assignments.assign(name, value)
