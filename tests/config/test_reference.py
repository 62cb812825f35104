"""The manual's list of variables."""

from __future__ import annotations

import contextlib
import io
import runpy

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.cursor import Span
from tsnode.config.grammar import Tag
from tsnode.config.log_fields import CONTAINERS, FIELDS
from tsnode.config.log_format import parse_format
from tsnode.config.records_yaml import parse_records_yaml
from tsnode.config.reference import render_keys, render_log_fields, render_reference, render_tags
from tsnode.config.rows import RECORDS
from tsnode.config.yaml_nodes import Scalar
from tsnode.model.errors import Place


class Reference(SynchronousTestCase):
    def test_every_variable_is_told_once(self) -> None:
        lines = render_reference().split("\n")
        for name in RECORDS:
            self.assertEqual(lines.count(f"``{name}``"), 1, name)

    def test_a_variable_has_its_sentence_its_range_and_its_default(self) -> None:
        text = render_reference()
        self.assertIn(
            "``proxy.config.http.cache.max_stale_age``\n"
            "    The age up to which a stale answer may be served when the origin cannot be reached; a stale-if-error "
            "of the answer takes its place.\n\n"
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


class Keys(SynchronousTestCase):
    def test_every_variable_is_told_once_by_its_keys_which_records_yaml_has(self) -> None:
        lines = render_keys().split("\n")
        for name, row in RECORDS.items():
            keys = name.removeprefix("proxy.config.")
            below = name.startswith("proxy.config.")
            self.assertEqual(lines.count(f"``{keys}``"), int(below), name)
            text = f"records: {{{': {'.join(keys.split('.'))}: {'a' if row.default is None else row.default}"
            text += "}" * (keys.count(".") + 1)
            reading = parse_records_yaml("records.yaml", text, {}, RECORDS)
            unknown = any("unknown" in fault.problem for fault in (*reading.errors, *reading.warnings))
            self.assertEqual(unknown, not below, name)


class Tags(SynchronousTestCase):
    TAG = Tag("go_*", "`a`, b|c_", "1_", "What \\ *is* |meant|_.", "go_*=\\ `a`")

    def test_a_tag_has_its_meaning_values_default_and_example_without_markup(self) -> None:
        self.assertEqual(
            render_tags("Tags", [self.TAG]),
            "Tags\n"
            "----\n"
            "\n"
            "``go_*``\n"
            "    What \\\\ \\*is\\* \\|meant\\|\\_.\n"
            "\n"
            "    Values: \\`a\\`, b\\|c\\_. Default: 1\\_.\n"
            "\n"
            "    .. code-block:: text\n"
            "\n"
            "        go_*=\\ `a`\n",
        )

    def test_nothing_is_said_about_a_default_that_there_is_none_of(self) -> None:
        self.assertNotIn("Default", render_tags("Tags", [Tag("a", "b", "", "C.", "a=b")]))


class LogFields(SynchronousTestCase):
    def test_every_field_is_told_once_as_a_format_names_it(self) -> None:
        lines = render_log_fields().split("\n")
        for symbol in FIELDS:
            self.assertEqual(lines.count(f"``%<{symbol}>``"), 1, symbol)
            text = f"%<{symbol}>"
            self.assertEqual(parse_format(Scalar(Span(text, Place("l", 1, 1, text)), [text], 0)).errors, ())
        for symbol in CONTAINERS:
            self.assertEqual(lines.count(f"``%<{{name}}{symbol}>``"), 1, symbol)

    def test_a_field_has_its_sentence_its_kind_and_the_words_it_is_shown_as(self) -> None:
        text = render_log_fields()
        self.assertIn("``%<chi>``\n    The client's address. Kind: address.\n", text)
        self.assertIn("Its numbers are shown as FIN, INTR, TIMEOUT.\n", text)
        told = "A header field of the client's request. In braces: a header field."
        self.assertIn(f"``%<{{name}}cqh>``\n    {told}\n", text)
