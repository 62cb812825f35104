"""What the manual lists by hand is what the code has."""

from __future__ import annotations

import ast
import re

from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT, read_sources

_CODE = re.compile(r"(?:TCP|ERR)_[A-Z_]+")


class AccessLogPage(SynchronousTestCase):
    """``docs/reference/access-log.rst``."""

    def test_it_explains_exactly_the_cache_result_codes_that_are_written(self) -> None:
        page = (ROOT / "docs" / "reference" / "access-log.rst").read_text(encoding="utf-8")
        explained = set(re.findall(rf"(?m)^``({_CODE.pattern})``$", page))
        written = {
            node.value
            for folder in ("tsnode/net", "tsnode/transaction")
            for source in read_sources(folder)
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value)
        }
        self.assertEqual(explained, written)
