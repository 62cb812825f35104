"""Fields that are for the next hop only (RFC 9110 §7.6.1)."""

from __future__ import annotations

from tsnode.model.fields import Fields

__all__ = ["HOP_BY_HOP", "end_to_end"]

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authentication-info",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Names of fields that are never passed on."""

_KEPT = frozenset(
    {
        b"age",
        b"authorization",
        b"cache-control",
        b"content-encoding",
        b"content-length",
        b"content-range",
        b"content-type",
        b"date",
        b"etag",
        b"expires",
        b"host",
        b"last-modified",
        b"pragma",
        b"set-cookie",
        b"vary",
        b"via",
        b"www-authenticate",
    }
)
"""Fields that a peer cannot make us drop by naming them in Connection: whole chains depend on them."""


def end_to_end(fields: Fields) -> Fields:
    """Those fields that go on to the next hop or into the store: all but hop-by-hop ones and what Connection names."""
    if HOP_BY_HOP.isdisjoint(fields.names()):
        return fields
    named = fields.get(b"connection")
    if named is None:
        return fields.without(HOP_BY_HOP)
    dropped = {option.strip(b" \t").lower() for option in named.split(b",")} - _KEPT
    return fields.without(HOP_BY_HOP | dropped)
