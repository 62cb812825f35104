"""Names to addresses, remembered for as long as the configuration says."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from itertools import chain, zip_longest

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import (
    IAddress,
    IHostResolution,
    IReactorPluggableNameResolver,
    IReactorTime,
    IResolutionReceiver,
)
from zope.interface import implementer

from tsnode.model.errors import UpstreamFailed
from tsnode.ports import IResolver

__all__ = ["CachingResolver", "order_addresses"]

_MOST_NAMES = 10_000
"""How many names are remembered, known and unknown ones together."""
_MOST_QUESTIONS = 1_000
"""How many names are asked about at a time."""
_NAME = re.compile(rb"(?=.{1,255}\Z)(?:[!-$&-\-/-9;-~]{1,63}\.)*[!-$&-\-/-9;-~]{1,63}\.?\Z", re.DOTALL)
"""What the system can be asked about (RFC 1035 §2.3.4): labels in ASCII; colon and percent sign are of addresses."""


def order_addresses(addresses: Sequence[str], prefer_ipv6: bool) -> tuple[str, ...]:
    """
    Addresses in the order they are to be tried: the two families in turn, the preferred one first.

    Within its family each stays where the system's resolver put it.

    Source: RFC 8305 §4.
    """
    known = dict.fromkeys(addresses)
    ipv6 = [address for address in known if ":" in address]
    ipv4 = [address for address in known if ":" not in address]
    pairs = zip_longest(ipv6, ipv4) if prefer_ipv6 else zip_longest(ipv4, ipv6)
    return tuple(address for address in chain.from_iterable(pairs) if address is not None)


def _literal(host: bytes) -> tuple[str, ...]:
    """A host that is an IP address, or nothing. Zones are no part of one: they mean something on this machine only."""
    try:
        text = host.decode("ascii")
        socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except (OSError, ValueError):
        return ()
    return (text,)


def _not_found(host: bytes) -> UpstreamFailed:
    name = host.decode("ascii", "backslashreplace")
    problem = f"no address of {name}"
    return UpstreamFailed(problem, committed=False, status=500, reason=b"Cannot find server.", kind=b"dns_error")


@implementer(IResolutionReceiver)
class _Question:
    """One look-up under way, and everyone who waits for it."""

    def __init__(self, resolver: CachingResolver, host: bytes) -> None:
        self._resolver = resolver
        self._host = host
        self._addresses: list[str] = []
        self._waiting: list[Deferred[Sequence[str]]] = []

    def join(self) -> Deferred[Sequence[str]]:
        """One more who waits."""
        answer: Deferred[Sequence[str]] = Deferred(self._waiting.remove)
        self._waiting.append(answer)
        return answer

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        """It is never canceled: the answer is worth keeping."""

    def addressResolved(self, address: IAddress) -> None:
        """One of the addresses."""
        if isinstance(address, IPv4Address | IPv6Address):
            self._addresses.append(address.host)

    def resolutionComplete(self) -> None:
        """That was all of them."""
        self._resolver.answered(self._host, self._addresses, self._waiting)


@implementer(IResolver)
class CachingResolver:
    """
    Asks the reactor's name resolver, once for everyone who asks meanwhile, and remembers what it said.

    ``positive`` and ``negative`` are the lifetimes of addresses and of their absence, in seconds: the system's
    resolver tells none.
    """

    def __init__(
        self,
        reactor: IReactorPluggableNameResolver,
        positive: float,
        negative: float,
        prefer_ipv6: bool,
        clock: IReactorTime,
    ) -> None:
        self._reactor = reactor
        self._positive = positive
        self._negative = negative
        self._prefer_ipv6 = prefer_ipv6
        self._clock = clock
        self._remembered: dict[bytes, tuple[float, tuple[str, ...]]] = {}
        self._questions: dict[bytes, _Question] = {}

    def reconfigure(self, positive: float, negative: float, prefer_ipv6: bool) -> None:
        """Other lifetimes, or another order: what was remembered under the old ones is forgotten."""
        if (positive, negative, prefer_ipv6) == (self._positive, self._negative, self._prefer_ipv6):
            return
        self._positive, self._negative, self._prefer_ipv6 = positive, negative, prefer_ipv6
        self._remembered.clear()

    def known(self, host: bytes) -> Sequence[str]:
        """See :class:`tsnode.ports.IResolver`."""
        return self._recall(host) or ()

    def _recall(self, host: bytes) -> tuple[str, ...] | None:
        """Addresses as far as they are known, none where there are known to be none, None where we have to ask."""
        remembered = self._remembered.get(host)
        if remembered is None:
            return _literal(host) or None
        expires, addresses = remembered
        if self._clock.seconds() >= expires:
            del self._remembered[host]
            return None
        return addresses

    def resolve(self, host: bytes) -> Deferred[Sequence[str]]:
        """See :class:`tsnode.ports.IResolver`. Cancelling leaves the others who ask alone."""
        addresses = self._recall(host)
        if addresses:
            return succeed(addresses)
        question = self._questions.get(host)
        if question is None:
            if addresses is not None or _NAME.match(host) is None or len(self._questions) >= _MOST_QUESTIONS:
                return fail(_not_found(host))
            question = self._questions[host] = _Question(self, host)
            answer = question.join()
            self._reactor.nameResolver.resolveHostName(question, host.decode("ascii"), transportSemantics="TCP")
            return answer
        return question.join()

    def answered(self, host: bytes, found: Sequence[str], waiting: list[Deferred[Sequence[str]]]) -> None:
        """Remember what was found for ``host`` and tell those ``waiting``."""
        del self._questions[host]
        addresses = order_addresses(found, self._prefer_ipv6)
        lifetime = self._positive if addresses else self._negative
        if lifetime > 0:
            if len(self._remembered) >= _MOST_NAMES:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[host] = (self._clock.seconds() + lifetime, addresses)
        while waiting:
            answer = waiting.pop(0)
            if addresses:
                answer.callback(addresses)
            else:
                answer.errback(_not_found(host))
