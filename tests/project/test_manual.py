"""What the manual lists by hand is what the code has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent

from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT, read_sources
from tsnode.config.reference_files import TABLES
from tsnode.config.tree import load
from tsnode.model.errors import ConfigError
from tsnode.service.reload import NEEDS_RESTART
from tsnode.transaction.status import Forwarded
from tsnode.transaction.via import ERRORS, STEPS, TUNNELS

_CODE = re.compile(r"(?:TCP|ERR)_[A-Z_]+")
_EXAMPLE = re.compile(r"\.\. code-block:: \w+\n   :caption: etc/(\S+)\n\n((?:(?:   .*)?\n)+)")


_LATER = "has no effect yet"


def _read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _title(page: str) -> str:
    return _read(page).partition("\n")[0]


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


class AnswersPage(SynchronousTestCase):
    """``docs/howto/read-answers.rst``."""

    def test_it_has_every_reason_for_which_requests_go_on(self) -> None:
        page = _read("docs/howto/read-answers.rst")
        self.assertEqual([each.name for each in Forwarded if f"``{each.value.decode()}``" not in page], [])

    def test_its_letters_are_those_that_are_written(self) -> None:
        page = _read("docs/howto/read-answers.rst")
        rows = re.findall(r"(?m)^   \* - ``:?(\w)``\n((?:     .*\n)+)", page)
        told = {name: set(re.findall(r"``([A-Z])``", text)) for name, text in rows if name not in "cps"}
        self.assertEqual(told["u"], set("SINCE"))
        self.assertEqual(told["e"], {letter.decode() for letter in (*ERRORS.values(), b"N", b"S")})
        self.assertEqual(told["t"], {letter.decode() for letter in TUNNELS.values()})
        self.assertEqual(told["f"], {fill.decode() for _, fill, _, _ in STEPS.values()} - {" "})


class ReloadPage(SynchronousTestCase):
    """``docs/howto/reload.rst``."""

    def test_it_lists_exactly_the_variables_that_need_a_restart(self) -> None:
        page = (ROOT / "docs" / "howto" / "reload.rst").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"(?m)^\* ``(proxy\.config\.\S+)``$", page), list(NEEDS_RESTART))


class Configurations(SynchronousTestCase):
    """What a reader may copy."""

    def loaded(self) -> Iterator[tuple[str, str, Sequence[ConfigError]]]:
        """Page, file name and warnings of every example, beside those that stand before it on its page."""
        folders: dict[str, Path] = {}
        for page, name, text in _examples():
            if page not in folders:
                folders[page] = Path(self.mktemp())
                folders[page].mkdir()
            (folders[page] / name).write_text(text, encoding="utf-8")
            yield page, name, load(folders[page], folders[page], {}).warnings

    def test_every_example_of_the_manual_loads_without_a_warning(self) -> None:
        """But for the one that the page has, too: see the next test."""
        pages = set()
        for page, _, warnings in self.loaded():
            self.assertEqual([str(warning) for warning in warnings if warning.problem != _LATER], [], page)
            pages.add(page)
        self.assertIn("docs/howto/reverse-proxy.rst", pages)

    def test_a_page_says_that_its_file_has_no_effect_yet_where_a_node_says_so(self) -> None:
        for page, name, warnings in self.loaded():
            if _title(page) == name:
                told = any(each.problem == _LATER and Path(each.place.file).name == name for each in warnings)
                said = f"The file is read and checked and {_LATER}" in " ".join(_read(page).split())
                self.assertEqual(said, told, page)

    def test_every_file_that_is_read_has_a_page_with_an_example(self) -> None:
        shown = {name for page, name, _ in _examples() if _title(page) == name}
        self.assertEqual(shown, {*TABLES, "records.config", "records.yaml"})

    def test_every_such_page_ends_with_the_list_of_its_own_file(self) -> None:
        listed = re.findall(r"\"(reference/[a-z-]+)\": lambda: .*render_file\([\"']([a-z_.]+)", _read("docs/conf.py"))
        titles = {page: _title(f"docs/{page}.rst") for page, _ in listed}
        self.assertEqual(titles, dict(listed))
        self.assertEqual(set(titles.values()), set(TABLES))

    def test_the_configuration_that_comes_with_tsnode_loads_without_a_warning(self) -> None:
        loaded = load(ROOT / "etc", ROOT, {})
        self.assertEqual([str(warning) for warning in loaded.warnings], [])

    def test_the_configuration_that_comes_with_tsnode_listens_on_the_loopback_address_only(self) -> None:
        """And the README names the port."""
        ports = load(ROOT / "etc", ROOT, {}).tree.settings.ports
        self.assertEqual([(port.address, port.port) for port in ports], [("127.0.0.1", 8080)])
