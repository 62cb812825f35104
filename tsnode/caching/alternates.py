"""Choosing one of the stored answers of a URL."""

from __future__ import annotations

from collections.abc import Sequence

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.qualities import quality
from tsnode.caching.variation import selects
from tsnode.model.alternate import Alternate
from tsnode.model.messages import RequestHead

__all__ = ["choose_alternate", "suits"]


def _suitability(alternate: Alternate, request: RequestHead, policy: CachingPolicy) -> float:
    """How well ``alternate`` suits ``request``: 1 where nothing of that is compared, 0 or less where it does not."""
    if not selects(alternate, request):
        return 0.0
    rules = policy.variation
    if rules.compares or (alternate.terms.vary and rules.select):
        return quality(alternate, request.fields, policy)
    return 1.0


def suits(alternate: Alternate, request: RequestHead, policy: CachingPolicy) -> bool:
    """Whether ``request`` selects ``alternate``, and that is what it accepts, all of it being there or not."""
    return _suitability(alternate, request, policy) > 0


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
    for alternate in stored:
        if alternate.parts is not None:
            continue
        found = _suitability(alternate, request, policy)
        if found <= 0:
            continue
        rank = (bool(alternate.terms.vary), found, alternate.terms.birth)
        if chosen is None or rank > best:
            chosen, best = alternate, rank
    return chosen
