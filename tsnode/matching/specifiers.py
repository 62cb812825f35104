"""What a rule asks of a request besides its destination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tsnode.matching.request import RuleRequest
from tsnode.model.addresses import AddressRange

__all__ = [
    "UNSTEADY",
    "Clients",
    "DayTime",
    "Internal",
    "LocalPort",
    "Method",
    "Ports",
    "Prefix",
    "Scheme",
    "Specifier",
    "Suffix",
    "TagName",
]


@dataclass(frozen=True, slots=True)
class Ports:
    """The port of the URL is from ``first`` to ``last``, both included."""

    label: ClassVar[str] = "port"
    first: int
    last: int

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return self.first <= request.port <= self.last


@dataclass(frozen=True, slots=True)
class Scheme:
    """The URL has that scheme, which is in lower case."""

    label: ClassVar[str] = "scheme"
    scheme: str

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return request.scheme == self.scheme


@dataclass(frozen=True, slots=True)
class Prefix:
    """The path begins with that text, both without leading slashes; case matters, and segments do not."""

    label: ClassVar[str] = "prefix"
    text: str

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return request.path.startswith(self.text)


@dataclass(frozen=True, slots=True)
class Suffix:
    """The path ends with one of these, which are in lower case; in the path case does not matter."""

    label: ClassVar[str] = "suffix"
    endings: tuple[str, ...]

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return request.path.lower().endswith(self.endings)


@dataclass(frozen=True, slots=True)
class Method:
    """The request has that method, which is in capitals."""

    label: ClassVar[str] = "method"
    method: bytes

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return request.method == self.method


@dataclass(frozen=True, slots=True)
class DayTime:
    """The request began between two times of the day, both included, in seconds since midnight; never over it."""

    label: ClassVar[str] = "time"
    first: int
    last: int

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return self.first <= request.time_of_day <= self.last


@dataclass(frozen=True, slots=True)
class Clients:
    """The client's address is in a range."""

    label: ClassVar[str] = "src_ip"
    range: AddressRange

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return request.client is not None and self.range.holds(request.client)


@dataclass(frozen=True, slots=True)
class Internal:
    """The node made the request itself, or, where ``wanted`` is false, did not."""

    label: ClassVar[str] = "internal"
    wanted: bool

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return request.internal is self.wanted


@dataclass(frozen=True, slots=True)
class LocalPort:
    """The client's connection arrived at that port."""

    label: ClassVar[str] = "iport"
    port: int

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return request.local_port == self.port


@dataclass(frozen=True, slots=True)
class TagName:
    """The request bears that tag; ordinary requests bear none."""

    label: ClassVar[str] = "tag"
    tag: str

    def holds(self, request: RuleRequest) -> bool:
        """Whether ``request`` is so."""
        return request.tag == self.tag


UNSTEADY = (Clients, DayTime)
"""Specifiers that may hold for one request and not for the next one with the same method, URL and port."""

Specifier = Ports | Scheme | Prefix | Suffix | Method | DayTime | Clients | Internal | LocalPort | TagName
