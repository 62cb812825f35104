"""The file behind a log."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tsnode.admin.log_file import LogFile


class Appending(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp()) / "var" / "log" / "squid.log"
        self.file = LogFile(self.path)
        self.addCleanup(self.file.close)

    def test_the_folder_is_made(self) -> None:
        self.assertEqual(self.file.append(b"one\n", False), 4)
        self.assertEqual(self.path.read_bytes(), b"one\n")

    def test_what_is_there_is_kept(self) -> None:
        self.file.append(b"one\n", False)
        self.file.close()
        LogFile(self.path).append(b"two\n", False)
        self.file.append(b"three\n", False)
        self.assertEqual(self.path.read_bytes(), b"one\ntwo\nthree\n")

    def test_nothing_is_a_fine_thing_to_write(self) -> None:
        self.assertEqual(self.file.append(b"", False), 0)
        self.assertEqual(self.path.read_bytes(), b"")

    def test_a_file_that_was_moved_away_is_left_alone(self) -> None:
        self.file.append(b"one\n", False)
        moved = self.path.rename(self.path.with_name("squid.log.1"))
        self.file.append(b"two\n", False)
        self.assertEqual(moved.read_bytes(), b"one\n")
        self.assertEqual(self.path.read_bytes(), b"two\n")

    def test_a_file_that_was_replaced_is_found(self) -> None:
        self.file.append(b"one\n", False)
        self.path.rename(self.path.with_name("squid.log.1"))
        self.path.write_bytes(b"made by logrotate\n")
        self.file.append(b"two\n", False)
        self.assertEqual(self.path.read_bytes(), b"made by logrotate\ntwo\n")

    def test_others_may_not_read_it(self) -> None:
        self.file.append(b"one\n", False)
        self.assertEqual(self.path.stat().st_mode & 0o007, 0)

    def test_a_folder_that_cannot_be_made_is_told(self) -> None:
        self.path.parent.parent.parent.mkdir()
        self.path.parent.parent.write_bytes(b"a file where a folder should be")
        for _ in range(2):
            self.assertRaises(OSError, self.file.append, b"one\n", False)
        self.path.parent.parent.unlink()
        self.assertEqual(self.file.append(b"two\n", False), 4)
