"""The lines of parent.config as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from tsnode.matching.condition import Condition
from tsnode.model.errors import Place

__all__ = ["Parent", "ParentPlan", "ParentRetry", "ParentRule", "RoundRobin", "SecondaryMode"]


class RoundRobin(Enum):
    """How one of several parents is chosen; the value is the word in parent.config."""

    BY_CLIENT = "true"
    STRICT = "strict"
    FIRST = "false"
    CONSISTENT_HASH = "consistent_hash"
    LATCHED = "latched"


class ParentRetry(Enum):
    """Which statuses make another parent be tried; the value is the word in parent.config."""

    NONE = "none"
    SIMPLE = "simple_retry"
    UNAVAILABLE = "unavailable_server_retry"
    BOTH = "both"

    @property
    def simple(self) -> bool:
        """Whether the simple statuses do."""
        return self in (ParentRetry.SIMPLE, ParentRetry.BOTH)

    @property
    def unavailable(self) -> bool:
        """Whether the statuses of an unavailable server do."""
        return self in (ParentRetry.UNAVAILABLE, ParentRetry.BOTH)


class SecondaryMode(Enum):
    """When the secondary parents are turned to; the value is the number in parent.config."""

    ALTERNATING = 1
    EXHAUSTED = 2
    CHOICE_DOWN = 3


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, unsafe_hash=True)
class Parent:
    """
    One entry of a list of parents.

    ``host`` is as it is written, without the brackets of an IPv6 literal. ``weight`` and ``hash_string``, which
    stands for the host, are for consistent hashing.
    """

    host: Final[str]
    port: Final[int]
    weight: Final[float] = 1.0
    hash_string: Final[str | None] = None


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class ParentPlan:
    """
    What a line of parent.config says about the way of its requests.

    Without ``parents`` they go to the origin. ``go_direct``: they do when no parent can be used.
    """

    parents: Final[tuple[Parent, ...]] = ()
    secondary_parents: Final[tuple[Parent, ...]] = ()
    secondary_mode: Final[SecondaryMode] = SecondaryMode.ALTERNATING
    round_robin: Final[RoundRobin] = RoundRobin.FIRST
    go_direct: Final[bool] = True
    parent_is_proxy: Final[bool] = True
    ignore_query: Final[bool] = False
    retry: Final[ParentRetry] = ParentRetry.NONE
    simple_statuses: Final[frozenset[int]] = frozenset({404})
    unavailable_statuses: Final[frozenset[int]] = frozenset({503})
    max_simple_retries: Final[int] = 1
    max_unavailable_retries: Final[int] = 1
    ignore_self_detect: Final[bool] = False


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, unsafe_hash=True)
class ParentRule:
    """One line of parent.config. Lines that say the same about parents may share the plan."""

    condition: Final[Condition]
    plan: Final[ParentPlan]
    place: Final[Place] = field(compare=False)
