"""Which of several stored answers of one URL a request selects (RFC 9111 §4.1)."""

from __future__ import annotations

from tsnode.model.alternate import Alternate
from tsnode.model.fields import Fields
from tsnode.model.messages import RequestHead
from tsnode.semantics.lists import parse_weights, split_list

__all__ = ["means_the_same", "selects"]

_EXACT = frozenset({b"authorization", b"cookie"})
"""Fields in whose values the case of a letter matters; it is ignored in all others, as Traffic Server does."""


def _codings(value: bytes) -> dict[bytes, int]:
    weights = parse_weights(value)
    # RFC 9110 §8.4.1.3: a recipient treats x-gzip as gzip, x-compress as compress
    for old, new in ((b"x-gzip", b"gzip"), (b"x-compress", b"compress")):
        if old in weights:
            weights[new] = max(weights.pop(old), weights.get(new, 0))
    return weights


def means_the_same(name: bytes, one: bytes | None, other: bytes | None) -> bool:
    """Whether two requests' values of a field (None: absent) mean the same."""
    if one == other:
        return True
    if one is None or other is None:
        return False
    if name in _EXACT:
        return False
    if name == b"accept-encoding":
        return _codings(one) == _codings(other)
    if name == b"accept-language":
        return parse_weights(one) == parse_weights(other)
    return split_list(one.lower()) == split_list(other.lower())


def _fits(alternate: Alternate, vary: tuple[bytes, ...], fields: Fields) -> bool:
    then = alternate.request_fields
    return all(means_the_same(name, then.get(name), fields.get(name)) for name in vary)


def selects(alternate: Alternate, request: RequestHead) -> bool:
    """
    Whether ``request`` selects ``alternate``: every field that Vary names means the same as in the request that
    brought it, absent fields included.

    Order, weights and blanks of Accept-Encoding and Accept-Language, and blanks and case of others, make no difference.
    How well an answer's type, language and coding fit the request is not looked at.

    Source: RFC 9111 §4.1.
    """
    vary = alternate.terms.vary
    if vary is None:
        return False
    return not vary or _fits(alternate, vary, request.fields)
