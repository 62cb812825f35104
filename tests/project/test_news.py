"""News fragments are what towncrier expects."""

from __future__ import annotations

import tomllib

from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT

NEWS = ROOT / "newsfragments"


class News(SynchronousTestCase):
    """Every fragment is found when NEWS.rst is made, and says something."""

    def test_every_fragment_is_of_a_known_kind(self) -> None:
        """``<issue or +word>.<kind>.rst``"""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        kinds = {kind["directory"] for kind in project["tool"]["towncrier"]["type"]}
        odd = [
            path.name
            for path in NEWS.iterdir()
            if path.name != ".gitignore" and (len(parts := path.name.split(".")) != 3 or parts[1] not in kinds)
        ]
        self.assertEqual(odd, [])

    def test_every_fragment_is_a_sentence(self) -> None:
        dull = [
            path.name
            for path in NEWS.glob("*.rst")
            if not path.read_text(encoding="utf-8").strip().endswith(".")
        ]
        self.assertEqual(dull, [])
