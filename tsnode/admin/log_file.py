"""A file that grows at its end and may be moved away at any time."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["LogFile"]

_MODE = 0o640


class LogFile:
    """
    Appends octets to the file at ``path``, whose folder is made if need be.

    Every method may wait for the disk and raises OSError where that fails. One thread at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def append(self, octets: bytes, reopen: bool) -> int:
        """
        Write at the end of the file; how many octets were written, which are fewer where the disk is full.

        With ``reopen``, or where the file was moved away or deleted, a file is opened at ``path`` first.
        """
        descriptor = self._descriptor
        if descriptor is None or reopen or not self._in_place(descriptor):
            self.close()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            descriptor = self._descriptor = os.open(self.path, flags, _MODE)
        return os.write(descriptor, octets) if octets else 0

    def _in_place(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(descriptor))
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Let go of the file; the next ``append`` opens it again."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
