"""The files of a configuration folder."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.files import LONGEST, MOST_LINES, FileText, read_file
from tsnode.model.errors import ConfigError


class Files(SynchronousTestCase):
    def write(self, octets: bytes) -> Path:
        path = Path(self.mktemp())
        path.write_bytes(octets)
        return path

    def test_a_missing_file_is_none(self) -> None:
        self.assertIsNone(read_file(Path(self.mktemp())))

    def test_a_file_is_utf_8(self) -> None:
        path = self.write("é\r\n".encode())
        self.assertEqual(read_file(path), FileText(str(path), "é\r\n"))

    def test_a_byte_order_mark_is_dropped(self) -> None:
        found = read_file(self.write(b"\xef\xbb\xbfa"))
        assert found is not None
        self.assertEqual(found.text, "a")

    def test_an_old_file_may_be_iso_8859_1(self) -> None:
        found = read_file(self.write(b"a\xe9"))
        assert found is not None
        self.assertEqual(found.text, "aé")

    def refusal(self, path: Path, longest: int = 100, most_lines: int = 10) -> str:
        fault = self.assertRaises(ConfigError, read_file, path, longest, most_lines)
        return str(fault).replace(str(path), "F")

    def test_what_is_no_text_is_refused(self) -> None:
        hint = "  {}\n  {}^ expected a text file, or none"
        for octets, place, shown in (
            (b"a\nb\0", "2:2", hint.format("b\ufffd", " ")),
            ("é\0\r\n".encode(), "1:2", hint.format("é\ufffd", " ")),
            (b"\xff\xfe\0\nx", "1:3", hint.format("\ufffd" * 3, "  ")),
        ):
            expected = f"F:{place}: this is no text: there is a NUL octet\n{shown}"
            self.assertEqual(self.refusal(self.write(octets)), expected)

    def test_a_folder_is_refused_by_name(self) -> None:
        path = Path(self.mktemp())
        path.mkdir()
        self.assertEqual(self.refusal(path), "F: cannot be read: Is a directory (expected a readable file, or none)")

    def test_what_cannot_be_opened_is_refused_by_name(self) -> None:
        path = Path(self.mktemp())
        path.symlink_to(path.absolute())
        told = "F: cannot be read: Too many levels of symbolic links (expected a readable file, or none)"
        self.assertEqual(self.refusal(path), told)

    def test_a_pipe_or_a_device_is_refused_and_never_waited_for(self) -> None:
        pipe = Path(self.mktemp())
        os.mkfifo(pipe)
        device = Path(self.mktemp())
        device.symlink_to("/dev/zero")
        for path in (pipe, device):
            told = "F: is a device, a pipe or a socket (expected a regular file, or none)"
            self.assertEqual(self.refusal(path), told)

    def test_a_file_that_is_too_long_is_refused_before_it_is_read(self) -> None:
        path = self.write(b"x" * 100)
        self.assertIsNotNone(read_file(path, longest=100))
        self.assertEqual(self.refusal(path, longest=99), "F: is longer than 99 octets (expected a shorter file)")
        with path.open("ab") as file:
            file.truncate(1 << 40)  # a hole, which nothing could read in time
        fault = self.assertRaises(ConfigError, read_file, path)
        self.assertIn(f"is longer than {LONGEST} octets", str(fault))

    def test_a_file_of_too_many_lines_is_refused(self) -> None:
        path = self.write(b"\n" * 3)
        self.assertIsNotNone(read_file(path, most_lines=3))
        self.assertEqual(self.refusal(path, most_lines=2), "F: has more than 2 lines (expected a shorter file)")

    def test_a_hundred_thousand_rules_fit(self) -> None:
        rule = 'dest_domain=customer-000001.example.com parent="p1.example:8080|0.5,p2.example:8080" round_robin=true\n'
        self.assertLess(100_000 * len(rule) * 4, LONGEST)
        self.assertLess(100_000 * 4, MOST_LINES)
