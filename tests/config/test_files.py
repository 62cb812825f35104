"""The files of a configuration folder."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.files import FileText, read_file
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

    def test_what_is_no_text_is_refused(self) -> None:
        path = self.write(b"a\nb\0")
        fault = self.assertRaises(ConfigError, read_file, path)
        self.assertEqual(
            str(fault), f"{path}: is no text: there is a NUL octet in line 2 (expected a text file, or none)"
        )

    def test_what_cannot_be_read_is_refused_by_name(self) -> None:
        path = Path(self.mktemp())
        path.mkdir()
        fault = self.assertRaises(ConfigError, read_file, path)
        self.assertEqual(str(fault), f"{path}: cannot be read: Is a directory (expected a readable file, or none)")
