"""``tsnode check``."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from twisted.trial.unittest import SynchronousTestCase

from tests.cli.faulty import FAULTY, PAGE, render_page, run
from tests.project.sources import ROOT
from tsnode.cli.tsnode import main


class Check(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def check(self, *arguments: str) -> tuple[int, str]:
        answer = CliRunner().invoke(main, ["check", "--config", str(self.folder), *arguments])
        return answer.exit_code, answer.output

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def test_nothing_wrong_is_said_and_is_status_0(self) -> None:
        for more in ((), ("--strict",)):
            self.assertEqual(self.check(*more), (0, f"{self.folder}: nothing is wrong\n"))

    def test_the_shipped_configuration_is_right(self) -> None:
        answer = CliRunner().invoke(main, ["check", "--strict", "--config", str(ROOT / "etc")])
        self.assertEqual(answer.exit_code, 0, answer.output)

    def test_an_error_is_status_2_and_shown_with_its_place(self) -> None:
        self.write("remap.config", "map http://a/ http://b/\nmapp http://c/ http://d/\n")
        status, output = self.check()
        self.assertEqual(status, 2)
        self.assertEqual(output.split("\n"), [
            f"error: {self.folder}/remap.config:2:1: unknown rule type 'mapp'", "  mapp http://c/ http://d/",
            "  ^ expected map", f"{self.folder}: 1 error, no warnings", "",
        ])  # fmt: skip

    def test_warnings_count_only_when_told_to(self) -> None:
        self.write("records.config", "CONFIG proxy.config.nonsense INT 1\n")
        status, output = self.check()
        self.assertEqual(status, 0)
        self.assertTrue(output.startswith("warning: ") and output.endswith("no errors, 1 warning\n"), output)
        self.assertEqual(self.check("--strict")[0], 1)

    def test_warnings_are_shown_beside_errors(self) -> None:
        self.write("records.config", "CONFIG proxy.config.nonsense INT 1\nCONFIG x\n")
        status, output = self.check()
        self.assertEqual(status, 2)
        self.assertTrue(output.endswith("1 error, 1 warning\n"), output)

    def test_as_json_it_has_everything(self) -> None:
        self.write("records.config", "CONFIG proxy.config.nonsense INT 1\n")
        self.write("parent.config", "dest_domain=. parent=\"\"\n")
        status, output = self.check("--json")
        found = json.loads(output)
        self.assertEqual(status, 2)
        self.assertEqual([entry["severity"] for entry in found], ["error", "warning", "warning"])
        self.assertEqual(found[0], {
            "severity": "error", "file": str(self.folder / "parent.config"), "line": 1, "column": 23,
            "text": 'dest_domain=. parent=""', "problem": "the list of parents is empty",
            "expected": "host:port, with commas between several",
        })  # fmt: skip
        (self.folder / "parent.config").unlink()
        (self.folder / "records.config").unlink()
        self.assertEqual(json.loads(self.check("--json")[1]), [])

    def test_what_is_no_folder_is_an_error(self) -> None:
        self.write("file", "")
        for name in ("file", "nothing"):
            answer = CliRunner().invoke(main, ["check", "-c", str(self.folder / name)])
            self.assertEqual(answer.exit_code, 2)
            self.assertIn("is no folder", answer.output)
            self.assertIsInstance(answer.exception, SystemExit)


class Page(SynchronousTestCase):
    def test_twenty_faults_are_found_each_with_its_place(self) -> None:
        self.assertEqual(len(FAULTY), 20)
        for case in FAULTY:
            lines = run(case).rstrip("\n").split("\n")
            count = "no errors, 1 warning" if "variable that does not exist" in case.title else "1 error, .*"
            self.assertRegex(lines[-1], f"^etc: {count}$", case.title)
            self.assertRegex(lines[0], rf"\A(error|warning): etc/{case.file}:\d+:\d+: ", case.title)
            self.assertIn("^ expected ", lines[2], case.title)

    def test_the_manual_shows_what_is_printed(self) -> None:
        """``python -m tests.cli.faulty`` writes it anew."""
        self.assertEqual(PAGE.read_text(encoding="utf-8"), render_page())
