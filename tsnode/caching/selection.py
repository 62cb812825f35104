"""Which fields of requests select among the answers of one URL (RFC 9110 §12.5.5)."""

from __future__ import annotations

from functools import lru_cache

from tsnode.caching.policy import CachingPolicy
from tsnode.model.fields import Fields
from tsnode.semantics.lists import split_list

__all__ = ["MOST_SELECTING", "parse_vary", "selecting_names"]

MOST_SELECTING = 64
"""An answer that varies by more fields than this is for nobody else, as one with ``Vary: *`` is."""

_LONGEST_REMEMBERED = 256
_IGNORED = 1
_USER_AGENT = b"user-agent"
_ACCEPT_ENCODING = b"accept-encoding"


def _read_vary(value: bytes) -> tuple[bytes, ...] | None:
    names = tuple(dict.fromkeys(name.lower() for name in split_list(value)))
    return None if b"*" in names or len(names) > MOST_SELECTING else names


_remembered = lru_cache(maxsize=512)(_read_vary)


def parse_vary(value: bytes | None) -> tuple[bytes, ...] | None:
    """
    The names in Vary, lower case, once each; empty where there are none.

    None where one is ``*``, or where there are more than :data:`MOST_SELECTING`.
    """
    if value is None:
        return ()
    return _remembered(value) if len(value) <= _LONGEST_REMEMBERED else _read_vary(value)


def selecting_names(fields: Fields, policy: CachingPolicy) -> tuple[bytes, ...] | None:
    """
    The names of the request fields that select an answer with ``fields``, as :func:`parse_vary` gives them.

    They are those in Vary; without one, those that the operator has for the answer's type, if there are any.

    Source: RFC 9111 §4.1; Traffic Server, ``proxy.config.http.cache.enable_default_vary_headers``,
    ``vary_on_user_agent``, ``ignore_accept_encoding_mismatch``, ``global_user_agent_header``.
    """
    stated = fields.get(b"vary")
    rules = policy.variation
    if not rules.differs:
        return parse_vary(stated)
    names = parse_vary(stated)
    if stated is None and rules.defaults is not None:
        names = rules.defaults.for_type(fields.get(b"content-type"))
    if names is None:
        return None
    if rules.on_user_agent and _USER_AGENT not in names:
        names = (*names, _USER_AGENT)
    ignored = set()
    if rules.one_user_agent:
        ignored.add(_USER_AGENT)
    if rules.encoding == _IGNORED:
        ignored.add(_ACCEPT_ENCODING)
    return tuple([name for name in names if name not in ignored])
