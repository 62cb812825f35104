"""Choosing one of the stored answers of a URL."""

from __future__ import annotations

from collections.abc import Sequence

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.qualities import quality
from tsnode.caching.variation import selects
from tsnode.model.alternate import Alternate
from tsnode.model.messages import RequestHead

__all__ = ["choose_alternate"]


def choose_alternate(
    stored: Sequence[Alternate], request: RequestHead, policy: CachingPolicy
) -> Alternate | None:
    """
    The stored answer that ``request`` selects and that suits it; None where there is none.

    One with Vary comes before those without, which were stored for want of a better one. Among these it is the one that
    suits best, then the youngest. ``stored`` has the last one stored first, which decides between equally young ones.
    Those of which only parts are stored are left to :mod:`tsnode.caching.partial`.

    Source: RFC 9111 §4.1; Traffic Server, ``proxy.config.cache.select_alternate``.
    """
    chosen: Alternate | None = None
    best = (False, 0.0, 0.0)
    rules = policy.variation
    for alternate in stored:
        if alternate.parts is not None or not selects(alternate, request):
            continue
        terms = alternate.terms
        varies = bool(terms.vary)
        suits = 1.0
        if rules.compares or (varies and rules.select):
            suits = quality(alternate, request.fields, policy)
        if suits <= 0:
            continue
        rank = (varies, suits, terms.birth)
        if chosen is None or rank > best:
            chosen, best = alternate, rank
    return chosen
