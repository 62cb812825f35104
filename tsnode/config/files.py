"""The files of a configuration folder as text."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from tsnode.model.errors import ConfigError, Place

__all__ = ["LONGEST", "MOST_LINES", "FileText", "read_file"]

LONGEST = 64 << 20
"""Octets of the largest file that is read. A hundred thousand rules for parents of many words each fit."""

MOST_LINES = 1_000_000
"""Lines of the longest file that is read."""


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's name as places show it, and what is in it."""

    name: str
    text: str


def read_file(path: Path, longest: int = LONGEST, most_lines: int = MOST_LINES) -> FileText | None:
    """
    What is in a file, or None where there is none.

    It is taken as UTF-8, or as ISO 8859-1 where it is not that, as old files are; a byte order mark is dropped.
    Only a regular file is opened, and only one of up to ``longest`` octets is read, so that this never waits and takes
    a bounded amount of memory.

    :raises ConfigError: where it is there and cannot be read, is no text, or is too long.
    """
    name = str(path)
    try:
        octets = _read_octets(path, longest)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise ConfigError(Place(name), f"cannot be read: {fault.strerror}", "a readable file, or none") from fault
    if b"\0" in octets:
        raise ConfigError(_find(name, octets, b"\0"), "this is no text: there is a NUL octet", "a text file, or none")
    if octets.count(b"\n") > most_lines:
        raise ConfigError(Place(name), f"has more than {most_lines} lines", "a shorter file")
    try:
        return FileText(name, octets.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return FileText(name, octets.decode("latin-1"))


def _read_octets(path: Path, longest: int) -> bytes:
    """
    All of a regular file.

    :raises ConfigError: where it is something else, or too long.
    :raises OSError: where it cannot be read.
    """
    found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise ConfigError(Place(str(path)), "cannot be read: Is a directory", "a readable file, or none")
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(Place(str(path)), "is a device, a pipe or a socket", "a regular file, or none")
    # somebody may put a pipe there just now: opening it must not wait
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as file:
        octets = b"" if found.st_size > longest else (file.read(longest + 1) or b"")
    if max(found.st_size, len(octets)) > longest:
        raise ConfigError(Place(str(path)), f"is longer than {longest} octets", "a shorter file")
    return octets


def _find(name: str, octets: bytes, wanted: bytes) -> Place:
    """Where something stands first."""
    at = octets.index(wanted)
    start = octets.rfind(b"\n", 0, at) + 1
    stop = octets.find(b"\n", at)
    line = octets[start : stop if stop >= 0 else len(octets)].decode("utf-8", "replace")
    column = len(octets[start:at].decode("utf-8", "replace")) + 1
    return Place(name, octets.count(b"\n", 0, at) + 1, column, line.removesuffix("\r"))
