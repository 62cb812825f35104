"""The rows of ``docs/compliance.rst`` and of the pages below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.project.sources import ROOT

__all__ = ["Row", "compliance_pages", "read_rows"]

_CELL = re.compile(r"   (\*| ) - (.*)")
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: where it stands, and its cells, each on one line."""

    page: str
    line: int
    cells: tuple[str, ...]

    @property
    def place(self) -> str:
        """The page and the line, as an editor takes it."""
        return f"{self.page}:{self.line}"

    @property
    def modules(self) -> tuple[str, ...]:
        """What the column *Where* names."""
        return tuple(re.findall(r"``([^`]+)``", self.cells[2]))

    @property
    def tests(self) -> tuple[str, ...]:
        """The dotted names of tests in the last column."""
        return tuple(re.findall(r"``(tests\.[^`]+)``", self.cells[3]))


def compliance_pages() -> list[Path]:
    """The page, and those below it."""
    docs = ROOT / "docs"
    return [docs / "compliance.rst", *sorted((docs / "compliance").glob("*.rst"))]


def read_rows(path: Path) -> Iterator[Row]:
    """
    Every row of every ``list-table`` of a page, the heads of the tables left out.

    Raises :exc:`ValueError` for a row that has not four cells.
    """
    rows: list[tuple[int, list[str]]] = []
    fresh = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(".. list-table::"):
            fresh = True
            continue
        cell = _CELL.fullmatch(line)
        if cell is None:
            if rows and line.startswith("       ") and not fresh:
                rows[-1][1][-1] += f" {line.strip()}"
        elif cell[1] == "*":
            rows.append((0 if fresh else number, [cell[2]]))
            fresh = False
        else:
            rows[-1][1].append(cell[2])
    page = str(path.relative_to(ROOT))
    for number, cells in rows:
        if len(cells) != _COLUMNS:
            raise ValueError(f"{page}:{number}: {len(cells)} cells")
        if number:
            yield Row(page, number, tuple(cells))
