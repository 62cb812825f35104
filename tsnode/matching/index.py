"""The lines of a rule file, arranged so that those for a request are found without looking at all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, assert_never

from tsnode.matching.condition import Condition, Covered, Failed, GivenUp, Matched, Verdict, reaches
from tsnode.matching.destinations import (
    Addresses,
    Domain,
    ExactUrl,
    Host,
    HostExpression,
    UrlExpression,
    request_name,
)
from tsnode.matching.painted import PaintedRanges
from tsnode.matching.request import RuleRequest
from tsnode.model.addresses import AddressRange
from tsnode.model.errors import Place
from tsnode.model.expressions import ExpressionTimeout

__all__ = ["Found", "Rule", "RuleIndex"]


class Rule(Protocol):
    """A line with a condition."""

    @property
    def condition(self) -> Condition:
        """When it applies."""

    @property
    def place(self) -> Place:
        """Where it stands."""


R = TypeVar("R", bound=Rule)
R_co = TypeVar("R_co", bound=Rule, covariant=True)


@dataclass(frozen=True, slots=True)
class Found(Generic[R_co]):
    """
    The rules for a request, in the order of the file.

    ``given_up`` has those whose expressions took too long: they count as not matching, and somebody should know.
    """

    rules: tuple[R_co, ...] = ()
    given_up: tuple[tuple[R_co, ExpressionTimeout], ...] = ()

    @property
    def first(self) -> R_co | None:
        """The rule that stands first."""
        return self.rules[0] if self.rules else None


class RuleIndex(Generic[R_co]):
    """
    Rules by their hosts and domains, by their addresses, and the rest in order.

    Finding what is for a request takes about as long among ten thousand hosts and domains as among ten. Ranges of
    addresses are painted over each other: the last one that holds an address owns it alone.

    Source: Traffic Server, ``proxy/ControlMatcher.cc``, ``src/tscore/HostLookup.cc``.
    """

    def __init__(self, rules: Sequence[R_co] = ()) -> None:
        self.rules = tuple(rules)
        self._hosts: dict[str, list[int]] = {}
        self._domains: dict[str, list[int]] = {}
        self._urls: dict[str, list[int]] = {}
        self._searched: list[int] = []
        ranges: list[tuple[int, AddressRange]] = []
        for number, rule in enumerate(self.rules):
            match rule.condition.destination:
                case Host(name):
                    self._hosts.setdefault(name, []).append(number)
                case Domain(name):
                    self._domains.setdefault(name, []).append(number)
                case ExactUrl(url):
                    self._urls.setdefault(url, []).append(number)
                case UrlExpression() | HostExpression():
                    self._searched.append(number)
                case Addresses(span):
                    ranges.append((number, span))
                case impossible:
                    assert_never(impossible)
        self._painted = PaintedRanges(ranges)

    def first(self, request: RuleRequest) -> Found[R_co]:
        """The rule for ``request`` that stands first in the file, if there is one."""
        best, given_up = self._first_without_addresses(request)
        owner = self._owner(request, best)
        if owner is not None and owner < best and self.rules[owner].condition.missing(request) is None:
            best = owner
        return Found(self.rules[best : best + 1], given_up)

    def all(self, request: RuleRequest) -> Found[R_co]:
        """All rules for ``request``."""
        reached, given_up = self._reached(request)
        return Found(tuple([rule for rule in reached if rule.condition.missing(request) is None]), given_up)

    def all_steady(self, request: RuleRequest) -> tuple[R_co, ...] | None:
        """
        All rules for every request with that method, URL and local port; None where more than these decides.

        More is the client's address, the time of day, an address of the host that is not the host itself, or an
        expression that took too long.
        """
        if self.asks_for_addresses and request.lookup() is None:
            return None
        reached, given_up = self._reached(request)
        if given_up or any(rule.condition.wavers(request) for rule in reached):
            return None
        return tuple([rule for rule in reached if rule.condition.missing(request) is None])

    def _reached(self, request: RuleRequest) -> tuple[list[R_co], tuple[tuple[R_co, ExpressionTimeout], ...]]:
        """The rules whose destination is that of ``request``, in order, and those that nobody knows it of."""
        numbers = [number for found in self._tables(request) for number in found]
        owner = self._owner(request, len(self.rules))
        if owner is not None:
            numbers.append(owner)
        given_up = []
        for number in self._searched:
            try:
                if reaches(self.rules[number].condition.destination, request):
                    numbers.append(number)
            except ExpressionTimeout as timeout:
                given_up.append((self.rules[number], timeout))
        return [self.rules[number] for number in sorted(numbers)], tuple(given_up)

    @property
    def asks_for_addresses(self) -> bool:
        """Whether some rule is about the addresses of hosts."""
        return self._painted.first is not None

    def wants_address(self, request: RuleRequest) -> bool:
        """Whether :meth:`first` would ask for the address of the host: no other rule stands before all ranges."""
        first = self._painted.first
        return first is not None and first < self._first_without_addresses(request)[0]

    def explain(self, request: RuleRequest) -> Iterator[tuple[R_co, Verdict]]:
        """Every rule, and whether it is for ``request`` or why it is not."""
        owner = self._owner(request, len(self.rules))
        for number, rule in enumerate(self.rules):
            yield rule, self._judge(number, request, owner)

    def _judge(self, number: int, request: RuleRequest, owner: int | None) -> Verdict:
        condition = self.rules[number].condition
        try:
            if not reaches(condition.destination, request):
                return Failed(condition.destination)
        except ExpressionTimeout as timeout:
            return GivenUp(timeout)
        if isinstance(condition.destination, Addresses) and owner is not None and owner != number:
            return Covered(self.rules[owner].place)
        missing = condition.missing(request)
        return Matched() if missing is None else Failed(missing)

    def _first_without_addresses(self, request: RuleRequest) -> tuple[int, tuple[tuple[R_co, ExpressionTimeout], ...]]:
        """The number of the first rule by other means than addresses; one too high where there is none."""
        rules = self.rules
        best = len(rules)
        for found in self._tables(request):
            for number in found:
                if number >= best:
                    break
                if rules[number].condition.missing(request) is None:
                    best = number
        given_up = []
        for number in self._searched:
            if number >= best:
                break
            condition = rules[number].condition
            try:
                if condition.missing(request) is None and reaches(condition.destination, request):
                    best = number
            except ExpressionTimeout as timeout:
                given_up.append((rules[number], timeout))
        return best, tuple(given_up)

    def _tables(self, request: RuleRequest) -> Iterator[Sequence[int]]:
        """The numbers of rules whose destinations are the request's, in groups, each in order."""
        name = request_name(request.host)
        if name in self._hosts:
            yield self._hosts[name]
        domains = self._domains
        if domains:
            if "" in domains:
                yield domains[""]
            while name:
                if name in domains:
                    yield domains[name]
                name = name.partition(".")[2]
        if request.url in self._urls:
            yield self._urls[request.url]

    def _owner(self, request: RuleRequest, best: int) -> int | None:
        """The number of the range that the host's address is in, asked for only where it could matter."""
        first = self._painted.first
        if first is None or first >= best:
            return None
        address = request.lookup()
        return None if address is None else self._painted.owner(address)
