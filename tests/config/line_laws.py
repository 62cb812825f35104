"""What holds for every file that consists of rule lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.reading import Reading
from tsnode.model.errors import Place

__all__ = ["FAULTS", "LineLaws", "any_lines"]

FAULTS = (
    ("dest_host", 1),
    ("dest_host=a dest_domian=b", 13),
    ("  bogus=1 dest_host=a", 3),
    ("dest_host=a dest_domain=b", 13),
    ("dest_host=a # why", 13),
    ('dest_host=a prefix="x', 20),
    ("dest_host=a url_regex", 13),
    ("dest_host=a port=0", 18),
    ("dest_host=a time=10:00-10:60", 24),
    ("dest_ip=1.2.3.4-1.2.3.1", 9),
    ("url_regex=a(b", 14),
    ('url_regex="\\\\d("', 16),
    ("dest_host=a internal=maybe", 22),
    ("dest_host=a src_ip=300.1.1.1", 20),
    ("dest_host=a scheme=gopherx", 20),
)
"""Lines with one fault each, and its column."""


class Ruled(Protocol):
    """A rule that knows where it stands."""

    @property
    def place(self) -> Place:
        """Its place."""


R = TypeVar("R", bound=Ruled)
Parse = Callable[[str, str], Reading[tuple[R, ...]]]


def any_lines(words: Sequence[str]) -> st.SearchStrategy[str]:
    """Texts of words and of what stands between them."""
    pieces = st.sampled_from([*words, "=", '"', "\\", " ", "\t", "\n", "\r\n", "#", "\x00", "é", "."])
    return st.lists(pieces, max_size=30).map("".join) | st.text(max_size=60)


class LineLaws(Messages, Generic[R]):
    """Assertions about how a file's grammar deals with lines."""

    def assert_total(self, parse: Parse[R], text: str) -> None:
        """Any text is read or refused, and every message shows its place."""
        reading = parse("f", text)
        self.assert_marked((*reading.errors, *reading.warnings), text)

    def assert_alone(self, parse: Parse[R], written: str, faulty: tuple[str, int], at: int) -> None:
        """A faulty line is told of once, at its place, and changes no other rule."""
        lines = written.split("\n")[:-1]
        at %= len(lines) + 1
        text = "\n".join([*lines[:at], faulty[0], *lines[at:]])
        before, after = parse("f", written), parse("f", text)
        self.assertEqual(after.value, before.value)
        places = [(fault.place.line, fault.place.column) for fault in after.errors]
        self.assertEqual(places, [(at + 1, faulty[1])], text)
        self.assertEqual(before.errors, ())

    def assert_dressed(self, parse: Parse[R], written: str, quoted: str) -> None:
        """Blanks, comments, line ends, quotation marks, case of labels and a missing last line end do not matter."""
        plain = parse("f", written)
        lines = written.split("\n")[:-1]
        dressed = "# a comment\r\n" + "".join(f" \t{line} \r\n\n  # dest_host=x\n" for line in lines)
        joined = re.sub(r'(?<=[^\\]") (?=[a-z_-]+=")', "", quoted)
        shouted = re.sub(r'(^|(?<=[^\\]" ))[a-z_-]+(?==")', lambda label: label[0].upper(), quoted, flags=re.MULTILINE)
        for text in (dressed, quoted, joined, shouted, written.removesuffix("\n")):
            self.assertEqual(parse("f", text).value, plain.value, text)
