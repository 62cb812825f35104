"""Regular expressions that operators write, with bounds on what they may cost."""

from __future__ import annotations

from dataclasses import dataclass, field

import regex

from tsnode.model.errors import TsnodeError

__all__ = ["Expression", "ExpressionError", "ExpressionTimeout", "compile_expression"]

_PATIENCE = 0.05
"""Seconds that one search may take; a sound expression takes microseconds."""


class ExpressionError(TsnodeError):
    """A text that is no regular expression; ``position`` counts its characters from 0."""

    def __init__(self, problem: str, position: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.position = position


class ExpressionTimeout(TsnodeError):
    """A search was given up, so that nobody knows whether the expression matches."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression; two of the same text and flags are equal."""

    text: str
    ignore_case: bool
    compiled: regex.Pattern[str] = field(compare=False, repr=False)

    def search(self, subject: str) -> regex.Match[str] | None:
        """
        The first match anywhere in ``subject``, or None.

        :raises ExpressionTimeout: where that takes far longer than it should.
        """
        try:
            return self.compiled.search(subject, timeout=_PATIENCE)
        except TimeoutError as given_up:
            raise ExpressionTimeout(f"{self.text!r} takes too long on {len(subject)} characters") from given_up


def compile_expression(text: str, *, ignore_case: bool = False) -> Expression:
    """
    An operator's expression, ready to use.

    :raises ExpressionError: where it is none.
    """
    try:
        compiled = regex.compile(text, regex.IGNORECASE if ignore_case else 0)
    except regex.error as fault:
        # types-regex does not know the two attributes
        problem, position = vars(fault)["msg"], vars(fault)["pos"]
        raise ExpressionError(problem, position or 0) from fault
    except (ValueError, OverflowError) as fault:
        raise ExpressionError(str(fault), 0) from fault
    except RecursionError as fault:
        raise ExpressionError("too deeply nested", 0) from fault
    return Expression(text, ignore_case, compiled)
