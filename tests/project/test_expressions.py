"""The regular expressions of the project's own modules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

import tsnode

_parser: Any = import_module("re._parser")


def expressions() -> Iterator[tuple[str, str | bytes]]:
    """Every compiled expression of a module of tsnode's, with where it is."""
    for found in walk_packages(tsnode.__path__, "tsnode."):
        for name, value in vars(import_module(found.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{found.name}.{name}", value.pattern


def has_possessive_group(items: Any) -> bool:
    """Whether a parsed expression repeats more than one character at a time and never gives any of it back."""
    for operation, argument in items:
        if str(operation) == "POSSESSIVE_REPEAT":
            repeated = argument[2]
            if len(repeated) != 1 or str(repeated[0][0]) in ("SUBPATTERN", "BRANCH"):
                return True
        for part in argument if isinstance(argument, tuple) else ():
            inner = part if isinstance(part, list) else [part]
            if any(isinstance(each, _parser.SubPattern) and has_possessive_group(each) for each in inner):
                return True
    return False


class Expressions(SynchronousTestCase):
    def test_a_possessive_group_is_found(self) -> None:
        for text, possessive in ((r"(?:ab)*+c", True), (r"x(?:y(?:ab|c)?+)*", True), (r"[ab]*+c(?:d++e)*", False)):
            self.assertIs(has_possessive_group(_parser.parse(text)), possessive, text)

    def test_none_has_a_possessive_group(self) -> None:
        """Python 3.11.0 to 3.11.2 lose their place in one: what is no chunk extension was read as one."""
        found = dict(expressions())
        self.assertGreater(len(found), 20)
        for name, text in found.items():
            self.assertFalse(has_possessive_group(_parser.parse(text)), name)
