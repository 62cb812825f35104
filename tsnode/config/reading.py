"""What comes out of reading a file: a value, and everything that was wrong with the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar

from tsnode.model.errors import ConfigError, ConfigErrors, Place

__all__ = ["MOST", "Findings", "Reading"]

MOST = 10_000
"""Errors, and warnings, of one file that are kept."""

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


class _Errors(list[ConfigError]):
    """Errors, but not without end."""

    __slots__ = ()

    def append(self, fault: ConfigError) -> None:
        """
        Note one more.

        :raises ConfigErrors: with all of them, where it is one too many.
        """
        super().append(fault)
        if len(self) > MOST:
            enough = ConfigError(Place(fault.place.file), f"has more than {MOST} errors; the others are not told")
            raise ConfigErrors([*self[:MOST], enough])


class _Warnings(list[ConfigError]):
    """Warnings, of which those that are too many are left out."""

    __slots__ = ()

    def append(self, fault: ConfigError) -> None:
        """Note one more, unless there is no room for it."""
        if len(self) < MOST:
            super().append(fault)
        elif len(self) == MOST:
            super().append(ConfigError(Place(fault.place.file), f"brings more than {MOST} warnings; this is the last"))


class Findings:
    """
    Collects what a parser finds wrong, so that it can go on, up to :data:`MOST` errors.

    Noting one more raises ConfigErrors: that is no configuration file, and its faults would fill the memory.
    """

    def __init__(self) -> None:
        self.errors: list[ConfigError] = _Errors()
        self.warnings: list[ConfigError] = _Warnings()

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
