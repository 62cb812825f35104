"""Files that nobody wrote by hand, in the place of every file of a configuration: each is read or refused, in words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.reading import MOST
from tsnode.config.tree import load
from tsnode.model.errors import ConfigError, ConfigErrors

NAMES = (
    "records.config", "records.yaml", "remap.config", "ip_allow.yaml", "ip_allow.config", "logging.yaml",
    "parent.config", "cache.config", "icp.config", "storage.config", "volume.config", "hosting.config",
    "update.config", "congestion.config", "ssl_multicert.config", "plugin.config", "sni.yaml", "strategies.yaml",
)  # fmt: skip
MEGABYTE = 1 << 20


def octets(content: bytes) -> Callable[[Path], None]:
    """A file with that content."""

    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def hole(path: Path) -> None:
    """A hundred megabytes of nothing."""
    with path.open("wb") as file:
        file.truncate(100 * MEGABYTE)


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
)
RULES = b"ip_allow:\n  - {apply: in, ip_addrs: 0/0, action: allow}\n"

REFUSED: dict[str, Callable[[Path], None]] = {
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.absolute()),
    "NUL": octets(b"# x\n\0\n"),
    "UTF-16": octets("CONFIG a INT 1\n".encode("utf-16")),
    "100 MB": hole,
    "too many lines": octets(b"\n" * 1_000_001),
}
"""What no file may be. Each brings one error."""

READ: dict[str, Callable[[Path], None]] = {
    "nothing": octets(b""),
    "only a byte order mark": octets(b"\xef\xbb\xbf"),
    "only line ends of Windows": octets(b"\r\n\r\n# x\r\n"),
    "a comment of a megabyte": octets(b"#" * MEGABYTE),
    "a comment that is not UTF-8": octets(b"# \xff\xfe\xe9\n"),
}
"""What every file may be. None brings a word."""

ODD: dict[str, Callable[[Path], None]] = {
    "a word of a megabyte": octets(b"x" * MEGABYTE),
    "a line of a megabyte of words": octets(b"map x=y " * (MEGABYTE // 8)),
    "a value of a megabyte": octets(b"CONFIG proxy.config.http.server_ports STRING " + b"1:" * (MEGABYTE // 2)),
    "a megabyte of quotes": octets(b'"' * MEGABYTE),
    "faults without end": octets(b"x\n" * 50_000),
    "unknown words without end": octets(b"".join(b"CONFIG proxy.config.x%d INT 1\n" % n for n in range(20_000))),
    "not UTF-8": octets(b"\xe9: \xff\n"),
    "control octets": octets(bytes(range(1, 32)) + b"\x7f\x9b[2J"),
    "a byte order mark in the middle": octets("map\ufeff http://a/ http://b/\n".encode()),
    "a bomb of aliases": octets(BOMB.encode()),
    "an alias of itself": octets(b"logging: &a\n  formats: *a\n"),
    "nesting without end": octets(b"[" * 100_000),
    "lists without end": octets(b"- " * 100_000),
    "nodes without end": octets(b"- x\n" * 300_000),
    "keys that are there twice": octets(RULES + RULES + b"logging: {}\nlogging: {}\nrecords: {}\nrecords: {}\n"),
    "a list where keys belong": octets(b"- 1\n- 2\n"),
    "a text where a list belongs": octets(b"ip_allow: x\nlogging: {formats: x}\nrecords: x\n"),
    "what is not closed": octets(b"logging: {formats: ['\n"),
    "two documents": octets(b"a: 1\n---\nb: 2\n"),
}
"""What is read or refused, and as often as not brings errors."""


class Hostile(SynchronousTestCase):
    maxDiff = None

    def faults(self, name: str, make: Callable[[Path], None]) -> tuple[ConfigError, ...]:
        """The errors of a folder with nothing but such a file; whatever is told is short."""
        folder = Path(self.mktemp())
        folder.mkdir()
        make(folder / name)
        errors: tuple[ConfigError, ...] = ()
        warnings: tuple[ConfigError, ...] = ()
        try:
            warnings = load(folder, folder, {}).warnings
        except ConfigErrors as faults:
            errors = faults.errors
        shutil.rmtree(folder)
        self.assertLessEqual(len(errors), MOST + 1)
        self.assertLessEqual(len(warnings), 2 * (MOST + 1))
        for fault in errors + warnings:
            self.assertIn(name, str(fault))
            self.assertLess(len(str(fault)), 2_000)
            self.assertLessEqual(str(fault).count("\n"), 2)
        return errors

    def test_what_is_no_file_of_words_is_refused_with_one_error(self) -> None:
        for name in NAMES:
            for kind, make in REFUSED.items():
                self.assertEqual(len(self.faults(name, make)), 1, f"{kind} as {name}")

    def test_what_says_nothing_is_read(self) -> None:
        for name in NAMES:
            for kind, make in READ.items():
                self.assertEqual(self.faults(name, make), (), f"{kind} as {name}")

    def test_whatever_else_it_is_it_is_read_or_refused(self) -> None:
        for name in NAMES:
            for make in ODD.values():
                self.faults(name, make)

    def test_a_grammar_refuses_what_it_cannot_read(self) -> None:
        """Each of these is an error where a grammar reads the file."""
        for name in ("ip_allow.yaml", "logging.yaml", "records.yaml"):
            for kind in ("a bomb of aliases", "nesting without end", "nodes without end", "what is not closed",
                         "a list where keys belong", "keys that are there twice", "faults without end"):  # fmt: skip
                self.assertTrue(self.faults(name, ODD[kind]), f"{kind} as {name}")
        for name in ("records.config", "remap.config", "ip_allow.config"):
            for kind in ("a word of a megabyte", "faults without end", "not UTF-8", "control octets"):
                self.assertTrue(self.faults(name, ODD[kind]), f"{kind} as {name}")
