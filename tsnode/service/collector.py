"""When Python looks for cycles."""

from __future__ import annotations

import gc

__all__ = ["spare_the_collector"]

_THRESHOLDS = (20_000, 50, 100)


def spare_the_collector() -> None:
    """
    Have Python look for cycles less often, in this process.

    What a configuration is made of and what a cache holds lives long and is in none, so that looking at all of it again
    and again costs a tenth of every miss, and a third of the time that a large configuration takes to load.
    """
    gc.set_threshold(*_THRESHOLDS)
