"""Words that mean the same in several files."""

from __future__ import annotations

import re

from tsnode.config.cursor import Span
from tsnode.model.addresses import AddressRange, parse_range

__all__ = ["read_method", "read_range"]

_METHOD = re.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+")


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
