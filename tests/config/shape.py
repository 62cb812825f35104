"""What every message about a configuration file looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import ConfigError

__all__ = ["Messages"]

_LONGEST = 160
"""Characters of a line that are shown whole; of a longer one, the part around the place is."""
_UNSEEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class Messages(SynchronousTestCase):
    """Assertions about what a grammar finds."""

    maxDiff = None

    def assert_marked(self, faults: Iterable[ConfigError], text: str) -> None:
        """
        Each message is three lines: place and problem, the line as it can be shown, a mark under its place.

        A message about the file as a whole is one line.
        """
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        for fault in faults:
            place = fault.place
            shown = str(fault).split("\n")
            if place.line == 0:
                self.assertEqual(len(shown), 1, str(fault))
                continue
            self.assertTrue(0 < place.column <= len(lines[place.line - 1]) + 1, str(fault))
            quoted = _UNSEEN.sub("\ufffd", lines[place.line - 1])
            column = place.column
            if len(quoted) > _LONGEST:
                whole = quoted
                quoted, column = place.excerpt
                self.assertTrue(len(quoted) < _LONGEST + 10 and quoted.strip("…") in whole, quoted)
                self.assertEqual(quoted[column - 1 : column], whole[place.column - 1 : place.column])
            mark = "  " + "".join("\t" if blank == "\t" else " " for blank in quoted[: column - 1]) + "^"
            if fault.expected:
                mark += f" expected {fault.expected}"
            self.assertEqual(shown, [f"{place.file}:{place.line}:{place.column}: {fault.problem}", f"  {quoted}", mark])

    def assert_found(self, faults: Iterable[ConfigError], found: list[tuple[str, str, str]]) -> None:
        """The faults are these, in this order: place, problem and what was expected."""
        self.assertEqual([(str(fault.place), fault.problem, fault.expected) for fault in faults], found)
