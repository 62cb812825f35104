"""The project's own modules, as text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Source", "read_sources"]

ROOT = Path(__file__).parents[2]
"""The folder that holds ``tsnode/``, ``tests/`` and pyproject.toml."""


@dataclass(frozen=True, slots=True)
class Source:
    """One module; ``path`` is relative to :data:`ROOT`."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The dotted name, that of the package for an ``__init__.py``."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_package(self) -> bool:
        """Whether it is an ``__init__.py``."""
        return self.path.name == "__init__.py"


def read_sources(folder: str) -> Iterator[Source]:
    """Every module below ``folder`` of the project, in the order of their paths."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield Source(path.relative_to(ROOT), text, ast.parse(text, str(path)))
