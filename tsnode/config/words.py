"""Words that mean the same in several files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from tsnode.config.cursor import Span
from tsnode.model.addresses import AddressRange, parse_range

__all__ = ["nearest", "read_method", "read_range"]

_METHOD = re.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_ALIKE = 0.6
"""How similar two words are, from 0 to 1, for one to be taken for a misspelling of the other."""
_APART = 5
"""How much longer or shorter a misspelling may be."""
_LONGEST_WORD = 120
"""Characters of the longest word that may be a misspelling."""


def read_method(word: Span) -> bytes:
    """
    A method by its name, in capitals as it is on the wire.

    :raises ConfigError: where it is none.
    """
    if not _METHOD.fullmatch(word.text):
        raise word.error(f"{word.text!r} is no method", "ALL, or a method such as GET")
    return word.text.upper().encode("ascii")


def read_range(word: Span) -> AddressRange:
    """
    Addresses as :func:`tsnode.model.addresses.parse_range` has them.

    :raises ConfigError: where it is none of these forms.
    """
    found = parse_range(word.text)
    if found is None:
        raise word.error(f"{word.text!r} is no range of addresses", "a, a-b or a/bits")
    return found


def nearest(word: str, known: Iterable[str], prefix: str = "") -> str:
    """
    The known word that is most like one that is not known; empty where none is.

    What all begin with, ``prefix``, does not count. Only words of about the same length are compared, and none that
    no person would write: a file may have ten thousand unknown words.
    """
    rest = word.removeprefix(prefix)
    if len(rest) > _LONGEST_WORD:
        return ""
    rests = [other for known_word in known if abs(len(other := known_word.removeprefix(prefix)) - len(rest)) <= _APART]
    found = get_close_matches(rest, rests, 1, _ALIKE)
    return prefix + found[0] if found else ""
