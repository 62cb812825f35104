"""What holds for every file about storage and certificates, whatever its lines say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.config.shape import Messages
from tsnode.config.reading import Reading

__all__ = ["FieldLaws"]

T = TypeVar("T")
Parse = Callable[[str, str], Reading[tuple[T, ...]]]


class FieldLaws(Messages):
    """Assertions about how a grammar deals with lines."""

    def assert_written(self, parse: Parse[T], value: tuple[T, ...], text: str) -> None:
        """What was written is read, however its lines end and whatever stands between them."""
        dressed = "# a comment\r\n" + "".join(f"\t{line}  \r\n\n" for line in text.split("\n"))
        for each in (text, dressed, text.removesuffix("\n")):
            reading = parse("f", each)
            self.assert_found(reading.errors, [])
            self.assertEqual(reading.value, value)

    def assert_alone(self, parse: Parse[T], text: str, faulty: tuple[str, int], at: int) -> None:
        """A faulty line is told of once, at its place, and changes nothing else."""
        lines = text.split("\n")[:-1]
        at %= len(lines) + 1
        reading = parse("f", "\n".join([*lines[:at], faulty[0], *lines[at:]]))
        self.assertEqual([(fault.place.line, fault.place.column) for fault in reading.errors], [(at + 1, faulty[1])])
        self.assertEqual(reading.value, parse("f", text).value)

    def assert_total(self, parse: Parse[T], text: str) -> None:
        """Any text is read or refused, and every message shows its place."""
        reading = parse("f", text)
        self.assert_marked((*reading.errors, *reading.warnings), text)

    def faults(self, parse: Parse[T], lines: Sequence[str]) -> list[tuple[str, str]]:
        """Places and problems of lines, all of which are faulty, each read alone behind a first line."""
        found = []
        for line in lines:
            reading = parse("f", line)
            self.assert_marked(reading.errors, line)
            found += [(str(fault.place), fault.problem) for fault in reading.errors]
        return found
