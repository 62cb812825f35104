"""The ``tsnode`` command."""

from __future__ import annotations

import tomllib

from click.testing import CliRunner
from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT
from tsnode.cli.tsnode import main


class Tsnode(SynchronousTestCase):
    """What the bare command answers."""

    def test_it_knows_its_version(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        answer = CliRunner().invoke(main, ["--version"])
        self.assertEqual((answer.exit_code, answer.output), (0, f"tsnode {project['version']}\n"))

    def test_help_tells_how_a_node_is_started(self) -> None:
        answer = CliRunner().invoke(main, ["--help"])
        self.assertEqual(answer.exit_code, 0)
        self.assertIn("twistd -n tsnode --config etc/", answer.output)

    def test_an_unknown_command_is_refused_by_name(self) -> None:
        answer = CliRunner().invoke(main, ["frobnicate"])
        self.assertEqual(answer.exit_code, 2)
        self.assertIn("'frobnicate'", answer.output)
