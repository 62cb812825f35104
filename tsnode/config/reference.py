"""The manual's list of variables, made from the catalogue. ``python -m tsnode.config.reference`` prints it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from tsnode.config.catalogue import Row, Value
from tsnode.config.rows import TOPICS

__all__ = ["render_reference"]


def render_reference() -> str:
    """Every variable with its type, range, default and sentence, as reStructuredText sections without a page title."""
    lines: list[str] = []
    for topic in TOPICS:
        lines += _render_section(topic.title, (row for row in topic.rows if row.effective))
    lines += _render_section(
        "Known, without effect yet", (row for topic in TOPICS for row in topic.rows if not row.effective)
    )
    return "\n".join(lines)


def _render_section(title: str, rows: Iterable[Row]) -> Iterator[str]:
    yield from (title, "-" * len(title), "")
    for row in rows:
        shape = f"{row.domain.word}, {row.domain.range}" if row.domain.range else row.domain.word
        facts = f"{_escape(shape)}. Default: {_render(row.default)}."
        yield from (f"``{row.name}``", f"    {_escape(row.text)}", "", f"    {facts}", "")


def _escape(text: str) -> str:
    """``text`` without anything that reStructuredText would take for markup."""
    return text.replace("*", "\\*")


def _render(value: Value) -> str:
    return "``NULL``" if value is None else f"``{value}``"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
