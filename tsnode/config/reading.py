"""What comes out of reading a file: a value, and everything that was wrong with the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar

from tsnode.model.errors import ConfigError

__all__ = ["Findings", "Reading"]

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T_co]):
    """
    ``value`` is made of the lines that are right, whatever stands beside them.

    Whoever asked decides whether ``errors`` may be lived with; ``warnings`` may.
    """

    value: T_co
    errors: tuple[ConfigError, ...] = ()
    warnings: tuple[ConfigError, ...] = ()


class Findings:
    """Collects what a parser finds wrong, so that it can go on."""

    def __init__(self) -> None:
        self.errors: list[ConfigError] = []
        self.warnings: list[ConfigError] = []

    def attempt(self, parse: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What ``parse`` gives, or None where it raises a ConfigError, which is noted."""
        try:
            return parse(*args, **kwargs)
        except ConfigError as fault:
            self.errors.append(fault)
            return None

    def take(self, reading: Reading[T]) -> T:
        """The value of another reading, whose findings join these."""
        self.errors += reading.errors
        self.warnings += reading.warnings
        return reading.value

    def reading(self, value: T) -> Reading[T]:
        """``value`` with everything found so far."""
        return Reading(value, tuple(self.errors), tuple(self.warnings))
