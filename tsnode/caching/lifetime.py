"""How long an answer is fresh, and which of its fields, or of the operator's bounds, says so (RFC 9111 §4.2.1)."""

from __future__ import annotations

from enum import Enum
from math import floor

from tsnode.caching.policy import CachingPolicy
from tsnode.model.fields import Fields
from tsnode.semantics.cache_control import CacheControl
from tsnode.semantics.dates import parse_date

__all__ = ["LifetimeSource", "bounds_for", "date_of", "find_lifetime"]


class LifetimeSource(Enum):
    """What a lifetime comes from, as the answer writes it; ``stated``: the origin stated it, so that it is no guess."""

    S_MAXAGE = ("s-maxage", True)
    MAX_AGE = ("max-age", True)
    EXPIRES = ("Expires", True)
    LAST_MODIFIED = ("Last-Modified", False)
    NOTHING = ("nothing", False)

    def __init__(self, label: str, stated: bool) -> None:
        self.label = label
        self.stated = stated


def date_of(fields: Fields, response_time: float) -> float:
    """The moment in Date; without a readable one that of the answer's receipt, in whole seconds."""
    stated = fields.get(b"date")
    date = parse_date(stated, response_time) if stated is not None else None
    return float(floor(response_time)) if date is None else date


def find_lifetime(
    said: CacheControl, fields: Fields, date: float, now: float, policy: CachingPolicy
) -> tuple[float, LifetimeSource]:
    """
    The lifetime that the origin states, else one guessed; both before any bounds. ``said`` are the directives.

    An Expires that cannot be read, or comes twice and differs, is in the past (RFC 9111 §4.2.1, §5.3). A guess is a
    share of the time for which the answer had not changed when it was sent.

    Source: RFC 9111 §4.2.1, §4.2.2; Traffic Server's heuristic expiration.
    """
    if said.s_maxage is not None:
        return said.s_maxage, LifetimeSource.S_MAXAGE
    if said.max_age is not None:
        return said.max_age, LifetimeSource.MAX_AGE
    expires = None if said.alone else fields.get(b"expires")
    if expires is not None:
        moment = parse_date(expires, now)
        if moment is None and len(set(lines := fields.all(b"expires"))) == 1:
            moment = parse_date(lines[0], now)
        return 0.0 if moment is None else max(0.0, moment - date), LifetimeSource.EXPIRES
    last_modified = fields.get(b"last-modified")
    changed = parse_date(last_modified, now) if last_modified is not None else None
    if changed is None:
        return policy.heuristic_min_lifetime, LifetimeSource.NOTHING
    return float(floor(max(0.0, date - changed) * policy.heuristic_lm_factor)), LifetimeSource.LAST_MODIFIED


def bounds_for(stated: bool, policy: CachingPolicy) -> tuple[float, float]:
    """The least and the most that a lifetime is made; where they cross, the least counts."""
    lowest, highest = policy.guaranteed_min_lifetime, policy.guaranteed_max_lifetime
    if stated:
        return lowest, highest
    return max(lowest, policy.heuristic_min_lifetime), min(highest, policy.heuristic_max_lifetime)
