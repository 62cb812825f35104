"""
The public names: ``__all__`` of every module of the public packages.

``python -m tests.project.doors`` (or ``make doors``) writes them to ``doors.txt`` beside this file. A change of that
file is a change of what others may rely on; it needs a news fragment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.project.sources import Source, read_sources

__all__ = ["PINNED", "public_sources", "render_doors"]

PINNED = Path(__file__).with_name("doors.txt")

_DOORS = ("tsnode.model", "tsnode.ports", "tsnode.testing")


def public_sources() -> Iterator[Source]:
    """Every module that others may import from."""
    for source in read_sources("tsnode"):
        if not source.is_package and any(f"{source.name}.".startswith(f"{door}.") for door in _DOORS):
            yield source


def _declared(source: Source) -> list[str]:
    """The names in ``__all__``; none where it is missing."""
    for statement in source.tree.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in statement.targets
        ):
            return [str(name) for name in ast.literal_eval(statement.value)]
    return []


def render_doors() -> str:
    """One line a name, ``module.name``, sorted."""
    names = [f"{source.name}.{name}\n" for source in public_sources() for name in _declared(source)]
    return "".join(sorted(names))


if __name__ == "__main__":
    PINNED.write_text(render_doors(), encoding="utf-8")
