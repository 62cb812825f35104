"""What ``docs/compliance.rst`` says is done and shown is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from twisted.trial.unittest import SynchronousTestCase

from tests.project.compliance import Row, compliance_pages, read_rows
from tests.project.sources import ROOT, read_sources
from tsnode.config.cache import TAGS

EXCUSES = ("A later step: ", "Not yet: ", "Not used: ", "Not ours: ")
"""How the last column of a row begins that no test shows; the reason follows."""

PAGE_LINES = 500

SECTIONS = (
    "1.2.2", "2", "3", "3.1", "3.2", "3.3", "3.4", "3.5", "4", "4.1", "4.2", "4.2.1", "4.2.2", "4.2.3", "4.2.4",
    "4.3", "4.3.1", "4.3.2", "4.3.3", "4.3.4", "4.3.5", "4.4", "5.1", "5.2",
    *(f"5.2.1.{number}" for number in range(1, 8)), *(f"5.2.2.{number}" for number in range(1, 11)),
    "5.2.3", "5.2.4", "5.3", "5.4", "5.5", "6", "7", "7.1", "7.2", "7.3", "8",
)  # fmt: skip
"""What RFC 9111 has to say about caches, section by section."""


def rows(prefix: str = "") -> Iterator[Row]:
    """Those of the pages whose name begins so."""
    for path in compliance_pages():
        if path.name.startswith(prefix):
            yield from read_rows(path)


def known_tests() -> frozenset[str]:
    """The dotted name of every test of the project."""
    return frozenset(
        f"{source.name}.{case.name}.{method.name}"
        for source in read_sources("tests")
        for case in source.tree.body
        if isinstance(case, ast.ClassDef)
        for method in case.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.name.startswith("test")
    )


class Compliance(SynchronousTestCase):
    """``docs/compliance.rst`` and the pages below it."""

    maxDiff = None

    def test_every_test_that_is_named_exists(self) -> None:
        known = known_tests()
        self.assertEqual([f"{row.place}: {name}" for row in rows() for name in row.tests if name not in known], [])

    def test_every_module_that_is_named_exists(self) -> None:
        known = {source.name for source in read_sources("tsnode")}
        self.assertEqual([f"{row.place}: {name}" for row in rows() for name in row.modules if name not in known], [])

    def test_a_row_has_a_test_or_says_why_not(self) -> None:
        found = list(rows())
        self.assertGreater(len(found), 300)
        bare = [row.place for row in found if not row.tests and not row.cells[3].startswith(EXCUSES)]
        self.assertEqual(bare, [])

    def test_what_a_test_shows_is_done_somewhere(self) -> None:
        self.assertEqual([row.place for row in rows() if row.tests and not row.modules], [])

    def test_every_cell_says_something(self) -> None:
        self.assertEqual([row.place for row in rows() if not all(row.cells)], [])

    def test_every_section_of_the_rfc_has_its_row(self) -> None:
        """RFC 9111."""
        told = {name for row in rows("rfc-9111") for name in re.findall(r"§([0-9.]*[0-9])", row.cells[0])}
        self.assertEqual([section for section in SECTIONS if section not in told], [])

    def test_every_tag_of_the_manual_page_is_one_of_the_file(self) -> None:
        """cache.config(5)."""
        named = {name for row in rows("cache-config") for name in re.findall(r"``([a-z_-]+)=", row.cells[1])}
        self.assertEqual(named - {tag.name for tag in TAGS}, set())
        self.assertGreater(len(named), 15)

    def test_the_index_lists_every_page(self) -> None:
        index, *others = compliance_pages()
        listed = re.findall(r"(?m)^   compliance/(\S+)$", index.read_text(encoding="utf-8"))
        self.assertEqual(sorted(listed), [path.stem for path in others])
        self.assertIn("\n   compliance\n", (ROOT / "docs" / "index.rst").read_text(encoding="utf-8"))

    def test_no_page_is_too_long(self) -> None:
        lines = {path.name: path.read_text(encoding="utf-8").count("\n") for path in compliance_pages()}
        self.assertEqual({name: count for name, count in lines.items() if count > PAGE_LINES}, {})
