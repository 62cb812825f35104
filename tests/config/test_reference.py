"""The manual's list of variables."""

from __future__ import annotations

import contextlib
import io
import runpy

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.reference import render_reference
from tsnode.config.rows import RECORDS


class Reference(SynchronousTestCase):
    def test_every_variable_is_told_once(self) -> None:
        lines = render_reference().split("\n")
        for name in RECORDS:
            self.assertEqual(lines.count(f"``{name}``"), 1, name)

    def test_a_variable_has_its_sentence_its_range_and_its_default(self) -> None:
        text = render_reference()
        self.assertIn(
            "``proxy.config.http.cache.max_stale_age``\n"
            "    The age up to which a stale answer may be served when the origin cannot be reached.\n\n"
            "    INT, 0 or more s. Default: ``604800``.\n",
            text,
        )
        self.assertIn("    STRING, one word. Default: ``NULL``.\n", text)
        self.assertIn("    INT. Default: ``-1``.\n", text)

    def test_the_module_prints_it(self) -> None:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            runpy.run_module("tsnode.config.reference", run_name="__main__")
        self.assertEqual(printed.getvalue(), render_reference())

    def test_an_asterisk_is_no_markup(self) -> None:
        self.assertIn("or \\* for all", render_reference())

    def test_what_has_no_effect_yet_is_told_apart(self) -> None:
        _, _, later = render_reference().partition("Known, without effect yet\n-------------------------\n")
        for row in RECORDS.values():
            self.assertEqual(f"``{row.name}``\n" in later, not row.effective, row.name)
