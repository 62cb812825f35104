"""A request as rules see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from tsnode.model.addresses import Address, parse_address
from tsnode.model.target import Target

__all__ = ["Lookup", "RuleRequest", "decode_url", "path_component", "see_request"]

Lookup = Callable[[], Address | None]
"""Finds the address of the request's host; None where nobody knows it."""

_COMPONENT = re.compile("/*([^;?#]*)")


def _unknown() -> None:
    """What a look-up gives where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRequest:
    """
    A request after remapping.

    ``scheme`` is in lower case, ``method`` in capitals. ``host`` has no brackets; it keeps the case that the URL has
    it in. ``path`` is what :func:`path_component` gives and ``url`` what :func:`decode_url` does. ``client`` is None
    where its address is unknown. ``local_port`` is where the client's connection arrived; ``internal`` requests were
    made by the node itself. ``time_of_day`` is in seconds since midnight, local time. ``lookup`` is called when the
    address of the host matters, and only then.
    """

    scheme: str
    host: str
    port: int
    path: str
    url: str
    method: bytes
    client: Address | None
    local_port: int = 0
    internal: bool = False
    time_of_day: int = 0
    tag: str = ""
    lookup: Lookup = field(default=_unknown, compare=False, repr=False)


def path_component(path: str) -> str:
    """
    The part of a path that ``prefix`` and ``suffix`` are about: up to its parameters, without leading slashes.

    Source: Traffic Server, ``proxy/ControlBase.cc``, ``proxy/hdrs/URL.cc``.
    """
    found = _COMPONENT.match(path)
    assert found is not None
    return found[1]


def decode_url(url: bytes) -> str:
    """
    A URL as expressions see it: ``%XX`` is decoded once, ``+`` is a blank. Octets that are no UTF-8 stay apart.

    Source: Traffic Server, ``src/tscore/MatcherUtils.cc``, unescapifyStr.
    """
    if b"%" in url or b"+" in url:
        url = unquote_to_bytes(url.replace(b"+", b" "))
    return _text(url)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def see_request(
    target: Target,
    *,
    method: bytes,
    client: str,
    url: bytes = b"",
    local_port: int = 0,
    internal: bool = False,
    time_of_day: int = 0,
    lookup: Lookup = _unknown,
) -> RuleRequest:
    """
    What rules see of a request for ``target``, which remapping has been through.

    ``url`` is the URL as it is written, where that differs from the canonical one: the case of its host and a port
    that it need not name are seen by expressions. ``client`` is an address. A host that is an IP literal is its own
    address; ``lookup`` is not asked for it.
    """
    host = _text(target.host).strip("[]")
    literal = parse_address(host)
    if url:
        written = _text(url).partition("://")[2][: len(target.host)].strip("[]")
        host = written if written.lower() == host else host
    return RuleRequest(
        scheme=_text(target.scheme),
        host=host,
        port=target.port,
        path=path_component(_text(target.path)),
        url=decode_url(url or target.url),
        method=method.upper(),
        client=parse_address(client),
        local_port=local_port,
        internal=internal,
        time_of_day=time_of_day,
        lookup=lookup if literal is None else lambda: literal,
    )
