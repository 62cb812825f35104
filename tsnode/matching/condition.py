"""When a rule applies, and why it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from tsnode.matching.destinations import (
    Addresses,
    Destination,
    Domain,
    ExactUrl,
    Host,
    HostExpression,
    UrlExpression,
    request_name,
)
from tsnode.matching.request import RuleRequest
from tsnode.matching.specifiers import UNSTEADY, Specifier
from tsnode.model.errors import Place
from tsnode.model.expressions import ExpressionTimeout

__all__ = ["Condition", "Covered", "Failed", "GivenUp", "Matched", "Verdict", "reaches"]


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, unsafe_hash=True)
class Condition:
    """A destination, and specifiers that all have to hold."""

    destination: Final[Destination]
    specifiers: Final[tuple[Specifier, ...]] = ()

    def missing(self, request: RuleRequest) -> Specifier | None:
        """The first specifier that does not hold; None where all do."""
        for specifier in self.specifiers:
            if not specifier.holds(request):
                return specifier
        return None

    def wavers(self, request: RuleRequest) -> bool:
        """Whether it depends on the client's address or the time of day if it is for the destination of ``request``."""
        unsteady = False
        for specifier in self.specifiers:
            if isinstance(specifier, UNSTEADY):
                unsteady = True
            elif not specifier.holds(request):
                return False
        return unsteady


@dataclass(frozen=True, slots=True)
class Matched:
    """The rule is for the request."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The rule is not: that part of it, a destination or a specifier, does not hold."""

    part: Destination | Specifier


@dataclass(frozen=True, slots=True)
class Covered:
    """The rule is not: it has the address in its range, but a later one at ``place`` has it too and owns it."""

    place: Place


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The rule is not: searching for its expression took too long."""

    timeout: ExpressionTimeout


Verdict = Matched | Failed | Covered | GivenUp


def reaches(destination: Destination, request: RuleRequest) -> bool:
    """
    Whether a destination is the request's, every other rule left aside.

    :raises ExpressionTimeout: where an expression takes too long.
    """
    match destination:
        case Host(name):
            return request_name(request.host) == name
        case Domain(name):
            host = request_name(request.host)
            return not name or host == name or host.endswith(f".{name}")
        case Addresses(span):
            address = request.lookup()
            return address is not None and span.holds(address)
        case UrlExpression(expression):
            return expression.search(request.url) is not None
        case HostExpression(expression):
            return expression.search(request.host) is not None
        case ExactUrl(url):
            return request.url == url
        case impossible:
            assert_never(impossible)
