"""What a request is for, and the key that its answers are stored under."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NewType

from tsnode.model.errors import BadRequest

__all__ = ["CacheKey", "Target", "cache_key", "make_target", "parse_authority", "parse_target"]

CacheKey = NewType("CacheKey", bytes)
"""The canonical octets of a URL, with the cache generation before them where one is set."""

_DEFAULT_PORTS = {b"http": 80, b"https": 443, b"ws": 80, b"wss": 443}
# reg-name and IPv4 as RFC 3986 §3.2.2 has them, with the underscore that real names contain; or an IP literal
_AUTHORITY = re.compile(
    rb"(\[[0-9A-Fa-f:.]{2,45}(?:%25[0-9A-Za-z._~-]+)?\]|[0-9A-Za-z._~!$&'()*+,;=%-]+)(?::([0-9]{0,5}))?\Z"
)
_SHORTEST = len(b"ws://h")
_START = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]+)\Z")
_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)\Z")


# not frozen, as RequestHead is not
@dataclass(slots=True, unsafe_hash=True)
class Target:
    """
    The resource a request is for.

    ``scheme`` and ``host`` are lower case, ``host`` keeps the brackets of an IP literal, ``path`` is the path with
    the query and starts with ``/`` (``*`` for the asterisk-form). ``url`` is the canonical form: the default port
    of the scheme is left out.
    """

    scheme: Final[bytes]
    host: Final[bytes]
    port: Final[int]
    path: Final[bytes]
    url: Final[bytes]

    @property
    def authority(self) -> bytes:
        """Host, and port unless it is the default of the scheme, as in a Host field."""
        if _DEFAULT_PORTS.get(self.scheme) == self.port:
            return self.host
        return b"%b:%d" % (self.host, self.port)


def make_target(scheme: bytes, host: bytes, port: int, path: bytes) -> Target:
    """A target from its parts; ``scheme`` and ``host`` in lower case already."""
    return Target(scheme, host, port, path, _prefix(scheme, host, port) + path)


@lru_cache(maxsize=1024)
def _prefix(scheme: bytes, host: bytes, port: int) -> bytes:
    """What all URLs of one origin begin with."""
    if _DEFAULT_PORTS.get(scheme) == port:
        return b"%b://%b" % (scheme, host)
    return b"%b://%b:%d" % (scheme, host, port)


@lru_cache(maxsize=1024)
def parse_authority(authority: bytes, default_port: int | None) -> tuple[bytes, int]:
    """
    The lower-case host and the port of ``host[:port]``.

    :raises BadRequest: where it is not that, or has neither a port nor a default.

    Source: RFC 3986 §3.2, RFC 9110 §4.2.
    """
    found = _AUTHORITY.match(authority)
    if found is None:
        if b"@" in authority:
            raise BadRequest("userinfo in the authority", reason=b"Userinfo In Target")
        raise BadRequest("malformed host", reason=b"Invalid Host")
    digits = found[2]
    port = int(digits) if digits else default_port
    if port is None or not 0 < port < 65536:
        raise BadRequest("port missing or out of range", reason=b"Invalid Port")
    return found[1].lower(), port


def parse_target(method: bytes, target: bytes, host: bytes) -> Target:
    """
    What a request line and the authority beside it ask for (RFC 9112 §3.2, §3.3).

    ``host`` is the authority where ``target`` does not hold one itself; a target in origin-form without one has an
    empty host. A target in origin-form is taken as ``http``.

    :raises BadRequest: where the target is none of the four forms, or not one that the method allows.
    """
    if method == b"CONNECT":
        name, port = parse_authority(target, None)
        return make_target(b"", name, port, b"")
    if target[:1] == b"/":
        if not host:
            return make_target(b"http", b"", 80, target)
        name, port = parse_authority(host, 80)
        return make_target(b"http", name, port, target)
    if target == b"*":
        if method != b"OPTIONS":
            raise BadRequest("asterisk-form is for OPTIONS only")
        name, port = parse_authority(host, 80)
        return make_target(b"http", name, port, b"*")
    slash = target.find(b"/", _SHORTEST)
    if slash > 0 and b"#" not in target and (known := _parse_start(target[:slash])) is not None:
        scheme, name, port, start = known
        path = target[slash:]
        return Target(scheme, name, port, path, start + path)
    found = _ABSOLUTE.match(target)
    if found is None:
        raise BadRequest("request target is neither a path nor a URL")
    scheme = found[1].lower()
    default = _DEFAULT_PORTS.get(scheme)
    if default is None:
        raise BadRequest("scheme is not http", reason=b"Unsupported URL Scheme")
    name, port = parse_authority(found[2], default)
    path = found[3]
    if path[:1] != b"/":
        # RFC 9112 §3.2.4: OPTIONS without a path asks about the server as a whole
        path = b"*" if method == b"OPTIONS" and not path else b"/" + path
    return make_target(scheme, name, port, path)


@lru_cache(maxsize=1024)
def _parse_start(start: bytes) -> tuple[bytes, bytes, int, bytes] | None:
    """
    Scheme, host and port of a URL up to its path, and how its canonical form begins; None where it takes a closer look.

    :raises BadRequest: where the authority is none.
    """
    found = _START.match(start)
    scheme = found[1].lower() if found is not None else b""
    if found is None or scheme not in _DEFAULT_PORTS:
        return None
    name, port = parse_authority(found[2], _DEFAULT_PORTS[scheme])
    return scheme, name, port, _prefix(scheme, name, port)


def cache_key(url: bytes, generation: int) -> CacheKey:
    """The key of a canonical URL under ``proxy.config.http.cache.generation`` (-1: none)."""
    return CacheKey(url if generation == -1 else b"%d %b" % (generation, url))
