"""Which answers to POST are stored, and as answers to what (RFC 9110 §9.3.3)."""

from __future__ import annotations

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.model.fields import Fields
from tsnode.model.target import parse_target
from tsnode.semantics.cache_control import CacheControl
from tsnode.semantics.references import resolve_reference

__all__ = ["stored_method"]


def stored_method(
    facts: RequestFacts, status: int, fields: Fields, said: CacheControl, policy: CachingPolicy
) -> bytes | None:
    """
    The method that an answer is stored as an answer to; None where answers to the request's are not stored.

    A 200 to POST that states a lifetime, and by Content-Location that it is what is at the URL, is one to GET; unless
    answers to POST are stored for POST, which is an operator's decision. ``said`` are the directives of the answer.

    Source: RFC 9110 §8.7, §9.3.3; Traffic Server, ``proxy.config.http.cache.post_method``.
    """
    method = facts.method
    if method == b"GET":
        return method
    if method != b"POST":
        return None
    if policy.post_method:
        return method
    dated = said.max_age is not None or said.s_maxage is not None or (b"expires" in fields and not said.alone)
    location = fields.get(b"content-location")
    if status != 200 or not dated or location is None:
        return None
    named = resolve_reference(parse_target(b"GET", facts.url, b""), location)
    return b"GET" if named is not None and named.url == facts.url else None
