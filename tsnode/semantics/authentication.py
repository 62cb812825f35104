"""Credentials, as far as it matters here how they are given."""

from __future__ import annotations

from tsnode.model.fields import Fields

__all__ = ["binds_connection"]

_BINDING = frozenset({b"ntlm", b"negotiate"})


def binds_connection(fields: Fields) -> bool:
    """
    Whether a request has credentials that a server takes for the whole connection they came by.

    Whoever uses that connection afterwards would be taken for the same user.

    Source: RFC 4559 §6; Traffic Server, ``proxy.config.http.auth_server_session_private``.
    """
    values = fields.all(b"authorization")
    return any(scheme.lower() in _BINDING for value in values for scheme in value.split(None, 1)[:1])
