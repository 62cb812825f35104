"""What the manual lists by hand is what the code has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT, read_sources
from tsnode.config.tree import load
from tsnode.service.reload import NEEDS_RESTART

_CODE = re.compile(r"(?:TCP|ERR)_[A-Z_]+")
_EXAMPLE = re.compile(r"\.\. code-block:: \w+\n   :caption: etc/(\S+)\n\n((?:(?:   .*)?\n)+)")


def _examples() -> Iterator[tuple[str, str, str]]:
    """Page, file name and text of every piece of configuration in the manual."""
    for page in sorted((ROOT / "docs").rglob("*.rst")):
        for name, text in _EXAMPLE.findall(page.read_text(encoding="utf-8") + "\n"):
            yield str(page.relative_to(ROOT)), name, dedent(text)


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


class ReloadPage(SynchronousTestCase):
    """``docs/howto/reload.rst``."""

    def test_it_lists_exactly_the_variables_that_need_a_restart(self) -> None:
        page = (ROOT / "docs" / "howto" / "reload.rst").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"(?m)^\* ``(proxy\.config\.\S+)``$", page), list(NEEDS_RESTART))


class Configurations(SynchronousTestCase):
    """What a reader may copy."""

    def test_every_example_of_the_manual_loads_without_a_warning(self) -> None:
        pages = set()
        for page, name, text in _examples():
            folder = Path(self.mktemp())
            folder.mkdir()
            (folder / name).write_text(text, encoding="utf-8")
            loaded = load(folder, folder, {})
            self.assertEqual([str(warning) for warning in loaded.warnings], [], page)
            pages.add(page)
        self.assertIn("docs/howto/reverse-proxy.rst", pages)

    def test_the_configuration_that_comes_with_tsnode_loads_without_a_warning(self) -> None:
        loaded = load(ROOT / "etc", ROOT, {})
        self.assertEqual([str(warning) for warning in loaded.warnings], [])

    def test_the_configuration_that_comes_with_tsnode_listens_on_the_loopback_address_only(self) -> None:
        """And the README names the port."""
        ports = load(ROOT / "etc", ROOT, {}).tree.settings.ports
        self.assertEqual([(port.address, port.port) for port in ports], [("127.0.0.1", 8080)])
