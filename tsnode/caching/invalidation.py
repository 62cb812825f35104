"""What a request that changes things makes of what is stored (RFC 9111 §4.4)."""

from __future__ import annotations

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.model.messages import ResponseHead
from tsnode.model.target import CacheKey, Target, cache_key
from tsnode.semantics.references import is_same_origin, resolve_reference

__all__ = ["keys_to_invalidate"]


def keys_to_invalidate(
    facts: RequestFacts, target: Target, response: ResponseHead, policy: CachingPolicy
) -> tuple[CacheKey, ...]:
    """
    The keys under which nothing may stay stored, now that ``response`` answers a request for ``target``.

    None for safe methods and for errors. Besides the target these are what Location and Content-Location name, where
    that is of the same origin. An answer that is stored itself is stored after that.

    Source: RFC 9111 §4.4.
    """
    if not facts.unsafe or not 200 <= response.status < 400:
        return ()
    keys = {facts.key: None}
    for name in (b"location", b"content-location"):
        reference = response.fields.get(name)
        named = resolve_reference(target, reference) if reference is not None else None
        if named is not None and is_same_origin(named, target):
            keys[cache_key(named.url, policy.generation)] = None
    return tuple(keys)
