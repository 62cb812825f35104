"""The files of a configuration folder as text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tsnode.model.errors import ConfigError, Place

__all__ = ["FileText", "read_file"]


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's name as places show it, and what is in it."""

    name: str
    text: str


def read_file(path: Path) -> FileText | None:
    """
    What is in a file, or None where there is none.

    It is taken as UTF-8, or as ISO 8859-1 where it is not that, as old files are; a byte order mark is dropped.

    :raises ConfigError: where it is there and cannot be read, or is no text.
    """
    name = str(path)
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise ConfigError(Place(name), f"cannot be read: {fault.strerror}", "a readable file, or none") from fault
    if b"\0" in octets:
        line = octets.count(b"\n", 0, octets.index(b"\0")) + 1
        raise ConfigError(Place(name), f"is no text: there is a NUL octet in line {line}", "a text file, or none")
    try:
        return FileText(name, octets.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return FileText(name, octets.decode("latin-1"))
