"""What a grammar is made from: one table a file, which its parser and its page in the manual share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from tsnode.config.cursor import Span
from tsnode.config.words import nearest

__all__ = ["Label", "Tag", "suggest"]

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Tag:
    """
    One tag or field of a file, as the manual shows it.

    ``values`` says which are legal, ``default`` what holds where it is missing (empty: nothing does), ``text`` what
    it means in a sentence or two, ``example`` how it is written.
    """

    name: str
    values: str
    default: str
    text: str
    example: str


@dataclass(slots=True)
class Label(Generic[T_co]):
    """
    How the value behind a tag is read. ``read`` raises a ConfigError for what is none.

    ``repeats``: it may stand in one rule several times. ``name`` is what it is called in a file.
    """

    tag: Final[Tag]
    read: Callable[[Span], T_co]
    repeats: Final[bool] = False
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.tag.name


def suggest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Which of the ``known`` words may have been meant; ``otherwise``, or all of them, where none looks like it."""
    known = tuple(known)
    return nearest(word.lower(), known) or otherwise or ", ".join(known)
