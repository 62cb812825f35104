"""Where things are, and how long they may be."""

from __future__ import annotations

import ast
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT, read_sources

MODULE_LINES = 400
FUNCTION_LINES = 50

STORIES = frozenset({"differential", "journeys", "live", "project"})
"""Folders of tests about more than one module."""

TABLES = frozenset({Path("tests/config/test_documented_examples.py"), Path("tests/config/test_documented_lines.py")})
"""Tests about all modules of a folder."""


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring left out."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        assert docstring.end_lineno is not None
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


class Layout(SynchronousTestCase):
    """What a reader may rely on when looking for something."""

    maxDiff = None

    def test_every_module_has_its_test_module(self) -> None:
        missing = []
        for source in read_sources("tsnode"):
            mirror = Path("tests", *source.path.parts[1:-1], f"test_{source.path.name}")
            if not source.is_package and not (ROOT / mirror).exists():
                missing.append(f"{source.path} has no {mirror}")
        self.assertEqual(missing, [])

    def test_every_test_module_has_its_module(self) -> None:
        orphans = []
        for source in read_sources("tests"):
            folders, name = source.path.parts[1:-1], source.path.name
            if not name.startswith("test_") or (folders and folders[0] in STORIES) or source.path in TABLES:
                continue
            top = folders[0] if folders and folders[0] == "bench" else "tsnode"
            module = Path(top, *(folders[1:] if top == "bench" else folders), name.removeprefix("test_"))
            if not (ROOT / module).exists():
                orphans.append(f"{source.path} is about no {module}")
        self.assertEqual(orphans, [])

    def test_every_folder_of_tests_is_a_package(self) -> None:
        """Else trial would not find what is in it."""
        folders = {source.path.parent for source in read_sources("tests")}
        self.assertEqual([str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()], [])

    def test_a_package_module_holds_a_docstring_and_nothing_else(self) -> None:
        wrong = [
            str(source.path)
            for source in read_sources("tsnode")
            if source.is_package and (ast.get_docstring(source.tree) is None or len(source.tree.body) != 1)
        ]
        self.assertEqual(wrong, [])

    def test_every_module_says_what_it_is(self) -> None:
        silent = [
            str(source.path)
            for folder in ("tsnode", "bench", "twisted")
            for source in read_sources(folder)
            if ast.get_docstring(source.tree) is None
        ]
        self.assertEqual(silent, [])

    def test_nothing_of_ours_makes_twisted_a_package_of_this_folder(self) -> None:
        """An ``__init__.py`` there would hide the real Twisted."""
        self.assertEqual([str(source.path) for source in read_sources("twisted") if source.is_package], [])


class Limits(SynchronousTestCase):
    """How much one reader has to take in at once."""

    maxDiff = None

    def test_no_module_is_too_long(self) -> None:
        long = [
            f"{source.path}: {lines} lines"
            for folder in ("tsnode", "bench")
            for source in read_sources(folder)
            if (lines := source.text.count("\n")) > MODULE_LINES
        ]
        self.assertEqual(long, [])

    def test_no_function_is_too_long(self) -> None:
        long = [
            f"{source.path}:{node.lineno} {node.name}: {lines} lines"
            for folder in ("tsnode", "bench")
            for source in read_sources(folder)
            for node in ast.walk(source.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := _length(node)) > FUNCTION_LINES
        ]
        self.assertEqual(long, [])
