"""The arithmetic of freshness term by term, for whoever wants to see how it comes out (RFC 9111 §4.2)."""

from __future__ import annotations

from dataclasses import dataclass

from tsnode.caching.directives import directives_of
from tsnode.caching.freshness import current_age, make_terms
from tsnode.caching.lifetime import LifetimeSource, bounds_for, date_of, find_lifetime
from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Terms
from tsnode.model.fields import Fields
from tsnode.semantics.cache_control import parse_age
from tsnode.semantics.dates import parse_date

__all__ = ["Reckoning", "reckon"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """
    What goes into ``terms``, and what comes out at one moment. Moments are seconds since the epoch.

    ``date`` is what ages count from; ``date_stated`` tells whether the answer has a Date that can be read.
    ``age_field`` is the Age that it came with, None without a readable one, ``initial_age`` what its age was when it
    arrived. ``unbounded`` is the lifetime before ``lowest`` and ``highest``. ``fresh_until`` is None where the answer
    never was fresh. ``ttl`` (0: none) and ``revalidate_after`` (None: none) are what rules of cache.config say instead.
    """

    terms: Terms
    date: float
    date_stated: bool
    age_field: float | None
    initial_age: float
    source: LifetimeSource
    unbounded: float
    lowest: float
    highest: float
    age: float
    response_time: float
    ttl: float
    revalidate_after: float | None

    @property
    def fresh_until(self) -> float | None:
        """The last moment at which it is taken for fresh."""
        if self.ttl:
            return self.response_time + self.ttl
        limit = self.terms.lifetime if self.revalidate_after is None else self.revalidate_after
        return self.terms.birth + limit if limit > 0 else None


def reckon(
    fields: Fields, request_time: float, response_time: float, now: float, policy: CachingPolicy
) -> Reckoning:
    """
    The terms of an answer with ``fields``, and its age at ``now``.

    Source: RFC 9111 §4.2.1 to §4.2.3.
    """
    said = directives_of(fields, policy)
    date = date_of(fields, response_time)
    unbounded, source = find_lifetime(said, fields, date, response_time, policy)
    lowest, highest = bounds_for(source.stated, policy)
    age_field = fields.get(b"age")
    terms = make_terms(fields, said, age_field, request_time, response_time, policy)
    return Reckoning(
        terms=terms,
        date=date,
        date_stated=parse_date(fields.get(b"date") or b"", response_time) is not None,
        age_field=parse_age(age_field),
        initial_age=current_age(terms, response_time),
        source=source,
        unbounded=unbounded,
        lowest=lowest,
        highest=highest,
        age=current_age(terms, now),
        response_time=response_time,
        ttl=policy.ttl_in_cache,
        revalidate_after=policy.revalidate_after,
    )
