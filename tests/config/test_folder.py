"""A configuration folder while it is read."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.folder import Folder
from tsnode.config.reading import Reading
from tsnode.config.records import parse_records
from tsnode.config.rows import RECORDS
from tsnode.model.errors import ConfigError, Place

REMAP = "proxy.config.url_remap.filename"


class Folders(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.path.mkdir()
        self.folder = Folder(self.path)

    def write(self, name: str, text: str) -> str:
        """Put a file there; its name as places show it."""
        (self.path / name).write_text(text)
        return str(self.path / name)

    def test_a_file_has_its_text_and_a_digest_of_it(self) -> None:
        names = [self.write(name, text) for name, text in (("a", "x\n"), ("b", "x\n"), ("c", "y\n"))]
        found = [self.folder.file(name) for name in "abc"]
        self.assertEqual([each.text for each in found if each is not None], ["x\n", "x\n", "y\n"])
        first, second, third = (self.folder.digests[name] for name in names)
        self.assertEqual(first, second)
        self.assertNotEqual(first, third)

    def test_a_missing_file_is_nothing_and_an_unreadable_one_an_error(self) -> None:
        self.assertIsNone(self.folder.file("none"))
        self.assertEqual((self.folder.errors, self.folder.digests, self.folder.has("none")), ([], {}, False))
        (self.path / "folder").mkdir()
        self.assertIsNone(self.folder.file("folder"))
        self.assertEqual([error.place.file for error in self.folder.errors], [str(self.path / "folder")])
        self.assertTrue(self.folder.has("folder"))
        self.assertTrue(self.folder.holds("folder"))
        self.assertIn(str(self.path / "folder"), self.folder.digests)

    def test_errors_are_warnings_where_lines_may_be_left_out_and_only_there(self) -> None:
        fault = ConfigError(Place("f", 1, 1, "x"), "faulty")
        self.folder.lenient = True
        self.assertEqual(self.folder.take(Reading("rest", (fault,))), "rest")
        self.assertEqual((self.folder.errors, self.folder.warnings), ([], [fault]))
        self.folder.take_whole(Reading("rest", (fault,)))
        self.assertEqual(self.folder.errors, [fault])

    def test_a_file_that_somebody_named_should_be_there(self) -> None:
        for line, warned in (("", False), (f"CONFIG {REMAP} STRING mine.config\n", True)):
            folder = Folder(self.path)
            records = parse_records("records.config", line, {}, RECORDS).value
            self.assertIsNone(folder.named_file(records, REMAP))
            self.assertEqual([warning.place.line for warning in folder.warnings], [1] * warned)

    def test_a_file_that_says_nothing_is_not_mentioned(self) -> None:
        self.write("silent", "# a comment\n\n")
        telling = self.write("telling", "something\n")
        self.folder.mention(("silent", "telling", "none"), "has no effect")
        self.assertEqual([str(warning) for warning in self.folder.warnings], [f"{telling}: has no effect"])
