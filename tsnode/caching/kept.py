"""Which of an answer's fields are stored, and which are for the client alone that they were sent to (RFC 9111 §3.1)."""

from __future__ import annotations

from tsnode.caching.policy import CachingPolicy
from tsnode.model.fields import Fields, Line
from tsnode.semantics.cache_control import CacheControl
from tsnode.semantics.dates import parse_date, render_date
from tsnode.semantics.hop_by_hop import end_to_end

__all__ = ["keep_fields", "names_for_one"]

_MADE_ANEW = frozenset({b"age", b"content-length"})
_COOKIES = frozenset({b"set-cookie"})
_CHALLENGE = frozenset({b"www-authenticate"})
_NONE: frozenset[bytes] = frozenset()
_NO_LINES: tuple[Line, ...] = ()


def names_for_one(said: CacheControl, policy: CachingPolicy) -> frozenset[bytes]:
    """
    The names, in lower case, of the fields that only the client gets whose request brought them.

    A cache may send a field that no-cache lists after the origin was asked, with what that says then; so it need not
    be stored either. ``said`` are the directives of the answer.

    Source: RFC 9111 §5.2.2.4, §5.2.2.7; Traffic Server, Set-Cookie, ``ignore_authentication``.
    """
    names = _NONE if policy.store_set_cookie else _COOKIES
    if policy.ignore_authentication:
        names |= _CHALLENGE
    if said.private_fields:
        names = names.union(said.private_fields)
    if said.no_cache_fields and not policy.ignore_server_no_cache:
        names = names.union(said.no_cache_fields)
    return names


def keep_fields(
    fields: Fields, said: CacheControl, response_time: float, policy: CachingPolicy
) -> tuple[Fields, tuple[Line, ...]]:
    """
    What is stored of an answer's fields, end-to-end ones with a Date; and the lines for one client alone.

    Source: RFC 9111 §3.1; RFC 9110 §6.6.1.
    """
    sent = end_to_end(fields)
    for_one = names_for_one(said, policy)
    left_out, own = _MADE_ANEW, _NO_LINES
    if not for_one.isdisjoint(fields.names()):
        left_out = left_out | for_one
        own = tuple([line for line in sent.lines if line[0].lower() in for_one])
    kept = [line for line in sent.lines if line[0].lower() not in left_out]
    date = fields.get(b"date")
    if date is None:
        kept.append((b"Date", render_date(response_time)))
    elif parse_date(date, response_time) is None:
        return Fields(kept).replaced(b"Date", render_date(response_time)), own
    return Fields(kept), own
