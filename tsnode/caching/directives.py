"""Which directives of an answer this cache goes by (RFC 9111 §5.2, RFC 9213)."""

from __future__ import annotations

from tsnode.caching.policy import CachingPolicy
from tsnode.model.fields import Fields
from tsnode.semantics.cache_control import CacheControl, parse_cache_control
from tsnode.semantics.targeted import parse_targeted

__all__ = ["directives_of"]


def directives_of(fields: Fields, policy: CachingPolicy) -> CacheControl:
    """
    The directives of an answer with ``fields`` that count here.

    Those of the first of the policy's targeted fields that is there and says something, else those of Cache-Control.

    Source: RFC 9213 §2.2.
    """
    for name in policy.targeted_fields:
        value = fields.get(name)
        said = None if value is None else parse_targeted(value)
        if said is not None:
            return said
    return parse_cache_control(fields.get(b"cache-control"))
