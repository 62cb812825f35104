"""A configuration folder while it is read: its files, and what is wrong with them."""

from __future__ import annotations

import os.path
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from tsnode.config.cursor import read_lines
from tsnode.config.files import FileText, read_file
from tsnode.config.reading import Findings, Reading
from tsnode.config.records import Records, SettingSource
from tsnode.model.errors import ConfigError, Place

__all__ = ["Folder"]

T = TypeVar("T")

_UNREADABLE = b""


class Folder:
    """
    Reads the files of one folder, one after the other, and keeps what is wrong with them in that order.

    ``lenient`` is known once records.config is read: faulty lines are then left out with a warning.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._findings = Findings()
        self._texts: dict[str, FileText | None] = {}
        self.digests: dict[str, bytes] = {}
        self.lenient = False

    @property
    def errors(self) -> list[ConfigError]:
        """What keeps the configuration from being used."""
        return self._findings.errors

    @property
    def warnings(self) -> list[ConfigError]:
        """What its author should know."""
        return self._findings.warnings

    def file(self, name: str) -> FileText | None:
        """A file's text; None where there is no such file, or where it cannot be read, which is told once."""
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name]

    def _read(self, name: str) -> FileText | None:
        errors = len(self._findings.errors)
        found = self._findings.attempt(read_file, self._path / name)
        if found is not None:
            self.digests[found.name] = sha256(found.text.encode("utf-8", "surrogatepass")).digest()
        elif len(self._findings.errors) > errors:
            self.digests[str(self._path / name)] = _UNREADABLE
        return found

    def path(self, name: str) -> str:
        """Where such a file is."""
        return str(self._path / name)

    def has(self, name: str) -> bool:
        """Whether there is such a file, be it one that cannot be read."""
        try:
            os.stat(self._path / name)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return True

    def holds(self, name: str) -> bool:
        """Whether there is such a folder."""
        return os.path.isdir(self._path / name)

    def take(self, reading: Reading[T]) -> T:
        """What could be read; its errors count as warnings where lines may be left out."""
        if self.lenient:
            reading = Reading(reading.value, (), reading.errors + reading.warnings)
        return self._findings.take(reading)

    def take_whole(self, reading: Reading[T]) -> T:
        """What could be read, where nothing of it may be left out."""
        return self._findings.take(reading)

    def warn(self, place: Place, problem: str, expected: str = "") -> None:
        """Tell the author something."""
        self._findings.warnings.append(ConfigError(place, problem, expected))

    def named_file(self, records: Records, variable: str) -> FileText | None:
        """The file that a variable names; a warning where somebody named one that is missing."""
        setting = records.setting(variable)
        name = records.text(variable)
        if setting.source is not SettingSource.DEFAULT and not self.has(name):
            self.warn(setting.written.place, f"there is no file {name!r}")
        return self.file(name)

    def mention(self, names: Iterable[str], problem: str) -> None:
        """Tell of files that say something which nobody heeds."""
        for name in names:
            found = self.file(name)
            if found is not None:
                first = next(read_lines(found.name, found.text), None)
                if first is not None:
                    self.warn(Place(found.name), problem)
