"""What a rule is for in the first place: its primary destination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tsnode.model.addresses import AddressRange
from tsnode.model.expressions import Expression

__all__ = [
    "Addresses",
    "Destination",
    "Domain",
    "ExactUrl",
    "Host",
    "HostExpression",
    "UrlExpression",
    "request_name",
    "rule_name",
]


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, unsafe_hash=True)
class Host:
    """One host by its ``name``, as :func:`rule_name` has it."""

    label: ClassVar[str] = "dest_host"
    name: Final[str]


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, unsafe_hash=True)
class Domain:
    """The host of that ``name`` and all below it, as :func:`rule_name` has it; every host where that is empty."""

    label: ClassVar[str] = "dest_domain"
    name: Final[str]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Hosts whose address is in a range."""

    label: ClassVar[str] = "dest_ip"
    range: AddressRange


@dataclass(frozen=True, slots=True)
class UrlExpression:
    """URLs, decoded, in which an expression is found."""

    label: ClassVar[str] = "url_regex"
    expression: Expression


@dataclass(frozen=True, slots=True)
class HostExpression:
    """Hosts in which an expression is found."""

    label: ClassVar[str] = "host_regex"
    expression: Expression


@dataclass(frozen=True, slots=True)
class ExactUrl:
    """One URL, decoded."""

    label: ClassVar[str] = "url"
    url: str


Destination = Host | Domain | Addresses | UrlExpression | HostExpression | ExactUrl


def rule_name(text: str) -> str:
    """
    A host as rules are kept under it: lower case, without empty labels (dots in front, behind or in a row).

    Source: Traffic Server 8, ``src/tscore/HostLookup.cc``; later versions heed the case of most labels.
    """
    return ".".join(label for label in text.strip("[]").lower().split(".") if label)


def request_name(host: str) -> str:
    """A request's host as it is looked up: lower case, one dot behind it left out."""
    return host.lower().removesuffix(".")
