"""The manual's lists, made from catalogue and grammars. ``python -m tsnode.config.reference`` prints the variables."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from tsnode.config.catalogue import Row, Value
from tsnode.config.grammar import Tag
from tsnode.config.log_fields import CONTAINERS, FIELDS
from tsnode.config.records import PREFIX
from tsnode.config.rows import TOPICS

__all__ = ["render_keys", "render_log_fields", "render_reference", "render_tags"]

_MARKUP = re.compile(r"[\\*`|_]")


def render_reference() -> str:
    """Every variable with its type, range, default and sentence, as reStructuredText sections without a page title."""
    return "\n".join(_render_variables(""))


def render_keys() -> str:
    """
    The same for records.yaml: a variable is called by its keys there, with points between them.

    The variables that are not below ``proxy.config.`` cannot be in that file, and are left out.
    """
    return "\n".join(_render_variables(PREFIX))


def _render_variables(prefix: str) -> Iterator[str]:
    for topic in TOPICS:
        yield from _render_section(topic.title, (row for row in topic.rows if row.effective), prefix)
    later = (row for topic in TOPICS for row in topic.rows if not row.effective)
    yield from _render_section("Known, without effect yet", later, prefix)


def _render_section(title: str, rows: Iterable[Row], prefix: str) -> Iterator[str]:
    yield from _render_title(title)
    for row in rows:
        if not row.name.startswith(prefix):
            continue
        shape = f"{row.domain.word}, {row.domain.range}" if row.domain.range else row.domain.word
        facts = f"{_escape(shape)}. Default: {_render(row.default)}."
        yield from (f"``{row.name.removeprefix(prefix)}``", f"    {_escape(row.text)}", "", f"    {facts}", "")


def render_tags(title: str, tags: Iterable[Tag]) -> str:
    """One section: every tag of a file with its meaning, values, default and example, in their order."""
    lines = [*_render_title(title)]
    for tag in tags:
        default = f" Default: {_escape(tag.default)}." if tag.default else ""
        lines += [f"``{tag.name}``", f"    {_escape(tag.text)}", ""]
        lines += [f"    Values: {_escape(tag.values)}.{default}", "", "    .. code-block:: text", ""]
        lines += [f"        {tag.example}", ""]
    return "\n".join(lines)


def render_log_fields() -> str:
    """Two sections: the fields that log formats and filters may name, and those that need a name in braces."""
    lines = [*_render_title("Fields")]
    for field in FIELDS.values():
        names = f" Its numbers are shown as {_escape(', '.join(field.names))}." if field.names else ""
        lines += [f"``%<{field.symbol}>``", f"    {_escape(field.text)} Kind: {field.kind.value}.{names}", ""]
    lines += _render_title("Fields with a name")
    for container in CONTAINERS.values():
        text = f"{_escape(container.text)} In braces: {container.needs.value}."
        lines += [f"``%<{{name}}{container.symbol}>``", f"    {text}", ""]
    return "\n".join(lines)


def _render_title(title: str) -> Iterator[str]:
    yield from (title, "-" * len(title), "")


def _escape(text: str) -> str:
    """``text`` without anything that reStructuredText would take for markup."""
    return _MARKUP.sub(r"\\\g<0>", text)


def _render(value: Value) -> str:
    return "``NULL``" if value is None else f"``{value}``"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
