"""Lists of parents, as parent.config and ``proxy.config.http.parent_proxies`` have them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tsnode.config.cursor import Span
from tsnode.config.matcher_tags import read_port
from tsnode.hierarchy.rules import Parent
from tsnode.model.addresses import parse_address

__all__ = ["DEFAULT_PORT", "ParentList", "read_parents"]

DEFAULT_PORT = 8080
"""What a parent without a port is taken to listen on: Traffic Server's default."""

_HEAVIEST = 1000.0
_ENTRY = re.compile(r"[^,; \t]+")
# nearly all entries; what does not look so is looked at more closely
_PLAIN = re.compile(r"([0-9A-Za-z._-]{1,255}):([1-9][0-9]{0,4})")
_PARTS = re.compile(r"(\[[^\]]*\]|[^:|&]*)(?::([^|&]*))?(?:\|([^&]*))?(?:&(.*))?", re.DOTALL)
_HOST = re.compile(r"[0-9A-Za-z._-]{1,255}")
_WEIGHT = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, unsafe_hash=True)
class ParentList:
    """Parents in their order, and where in the text those begin that have no port."""

    parents: Final[tuple[Parent, ...]]
    portless: Final[tuple[int, ...]] = ()


def read_parents(value: Span) -> ParentList:
    """
    Entries ``host:port|weight&hash``, of which the host has to be there, with any of ``, ;`` and blanks between them.

    An IPv6 literal stands in brackets, which Traffic Server does not know.

    :raises ConfigError: where there is none, or one is wrong.

    Source: Traffic Server, ``proxy/ParentSelection.cc``, ParentRecord::ProcessParents.
    """
    parents = []
    portless = []
    for found in _ENTRY.finditer(value.text):
        plain = _PLAIN.fullmatch(found[0])
        if plain is not None and int(plain[2]) < 65536:
            parents.append(Parent(plain[1], int(plain[2])))
            continue
        parent, has_port = _read_parent(value.part(*found.span()))
        parents.append(parent)
        if not has_port:
            portless.append(found.start())
    if not parents:
        raise value.error("the list of parents is empty", "host:port, with commas between several")
    return ParentList(tuple(parents), tuple(portless))


def _read_parent(entry: Span) -> tuple[Parent, bool]:
    """A parent, and whether its port was there."""
    found = _PARTS.fullmatch(entry.text)
    # each part ends where the next one begins, so that any text has them
    assert found is not None
    host, port, weight, name = found.groups()
    if host.startswith("["):
        address = parse_address(host[1:-1])
        if address is None or ":" not in host:
            raise entry.error(f"{host!r} is no IPv6 address", "one in brackets, such as [2001:db8::1]:8080")
        host = host[1:-1]
    elif not _HOST.fullmatch(host):
        raise entry.error(f"{host!r} is no host", "a name, an IPv4 address, or an IPv6 address in brackets")
    number = DEFAULT_PORT if port is None else read_port(entry.part(*found.span(2)))
    heavy = 1.0
    if weight is not None:
        heavy = float(weight) if _WEIGHT.fullmatch(weight) and len(weight) < 40 else -1.0
        if not 0.0 <= heavy <= _HEAVIEST:
            raise entry.part(found.start(3)).error(f"{weight!r} is no weight", f"0 to {_HEAVIEST:g}, such as 0.5")
    if name == "":
        raise entry.part(found.start(4)).error("the hash string is empty", "a word, or no &")
    return Parent(host, number, heavy, name), port is not None
