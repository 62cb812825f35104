"""
One fetch for many askers.

A flight is a fetch under way for one key. Who asks for the same meanwhile boards it instead of fetching too, and gets
the content as it arrives. A flight belongs to the cache: it goes on when the client that started it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from tsnode.caching.variation import selects
from tsnode.model.alternate import Alternate
from tsnode.model.counters import Counters
from tsnode.model.errors import PeerError
from tsnode.model.messages import RequestHead
from tsnode.model.target import CacheKey
from tsnode.ports import IContent

__all__ = ["Aboard", "Confirmed", "Crashed", "Flight", "Flights", "Outcome", "Readable", "Released"]

_ALONE_MOST = 10_000
_ALONE = 10.0
"""Seconds for which a key whose answers could not be shared is not shared again."""


class Readable(Protocol):
    """A content that is on its way into the store."""

    def read(self) -> IContent:
        """
        The content from its first octet on; each call gives one more reader.

        :raises StoreError: where the first octets are gone, the content being too long to keep.
        """


@dataclass(frozen=True, slots=True)
class Aboard:
    """The answer is coming: ``alternate`` is its head, ``fill`` gives the content from the start."""

    alternate: Alternate
    fill: Readable


@dataclass(frozen=True, slots=True)
class Confirmed:
    """``alternate`` is stored and fresh: the origin confirmed it (``revalidated``), or it came whole."""

    alternate: Alternate
    revalidated: bool


@dataclass(frozen=True, slots=True)
class Crashed:
    """No answer could be had."""

    error: PeerError


@dataclass(frozen=True, slots=True)
class Released:
    """The answer is not for others, or took too long: fetch for yourself."""


Outcome = Aboard | Confirmed | Crashed | Released


class _State(Enum):
    WAITING = "no head yet"
    STREAMING = "the content is coming"
    OVER = "nobody boards any more"


class Flight:
    """One fetch and those who wait for it. Its fetcher calls exactly one of the four endings of the wait."""

    __slots__ = ("_alternate", "_fill", "_flights", "_state", "_waiting", "key", "request")

    def __init__(self, flights: Flights, key: CacheKey, request: RequestHead) -> None:
        self._flights = flights
        self._state = _State.WAITING
        self._waiting: list[tuple[RequestHead, Deferred[Outcome], IDelayedCall]] = []
        self._alternate: Alternate | None = None
        self._fill: Readable | None = None
        self.key = key
        self.request = request

    def board(self, request: RequestHead) -> Deferred[Outcome] | None:
        """Wait for what this flight brings; None where it cannot be for ``request``."""
        match self._state:
            case _State.WAITING:
                return self._wait(request)
            case _State.STREAMING:
                alternate, fill = self._alternate, self._fill
                if alternate is None or fill is None or not selects(alternate, request):
                    return None
                outcome: Deferred[Outcome] = Deferred()
                outcome.callback(Aboard(alternate, fill))
                return outcome
            case _State.OVER:
                return None

    def _wait(self, request: RequestHead) -> Deferred[Outcome]:
        def leave(_: object) -> None:
            self._waiting.remove(passenger)
            timer.cancel()

        def tired() -> None:
            self._waiting.remove(passenger)
            self._flights.counters.followers_released += 1
            outcome.callback(Released())

        outcome: Deferred[Outcome] = Deferred(leave)
        timer = self._flights.clock.callLater(self._flights.patience, tired)
        passenger = (request, outcome, timer)
        self._waiting.append(passenger)
        return outcome

    def _tell(self, outcome_for: Callable[[RequestHead], Outcome]) -> None:
        waiting, self._waiting = self._waiting, []
        for request, outcome, timer in waiting:
            timer.cancel()
            told = outcome_for(request)
            if isinstance(told, Released):
                self._flights.counters.followers_released += 1
            outcome.callback(told)

    def stream(self, alternate: Alternate, fill: Readable) -> None:
        """The head is here and the content follows; those it does not fit are let go."""
        self._state = _State.STREAMING
        self._alternate = alternate
        self._fill = fill
        if self._waiting:
            aboard, released = Aboard(alternate, fill), Released()
            self._tell(lambda request: aboard if selects(alternate, request) else released)

    def confirm(self, alternate: Alternate, *, revalidated: bool) -> None:
        """What is stored now is fresh: it was confirmed, or just came whole."""
        self.over()
        if not self._waiting:
            return
        confirmed, released = Confirmed(alternate, revalidated), Released()
        self._tell(lambda request: confirmed if selects(alternate, request) else released)

    def release(self) -> None:
        """What came is not for others; the key is left alone for a while so that nobody waits in vain again."""
        self._flights.leave_alone(self.key)
        self.over()
        if self._waiting:
            released = Released()
            self._tell(lambda _: released)

    def crash(self, error: PeerError) -> None:
        """Nothing came; those who waited get the same error, not a wait of their own."""
        self.over()
        crashed = Crashed(error)
        self._tell(lambda _: crashed)

    def over(self) -> None:
        """Take nobody more on board; what the fill gives to those on board is not touched."""
        if self._state is not _State.OVER:
            self._state = _State.OVER
            self._alternate = self._fill = None
            self._flights.landed(self)


class Flights:
    """Every fetch under way that others may board. ``patience`` is how long they wait for a head, in seconds."""

    def __init__(self, clock: IReactorTime, patience: float, counters: Counters) -> None:
        self.clock = clock
        self.patience = patience
        self.counters = counters
        self._aloft: dict[CacheKey, list[Flight]] = {}
        self._alone: dict[CacheKey, float] = {}

    def take_off(self, key: CacheKey, request: RequestHead) -> Flight:
        """A new flight."""
        flight = Flight(self, key, request)
        others = self._aloft.get(key)
        if others is None:
            self._aloft[key] = [flight]
        else:
            others.append(flight)
        return flight

    def board(self, key: CacheKey, request: RequestHead) -> Deferred[Outcome] | None:
        """Wait for a flight to ``key`` that may bring the answer to ``request``; None where there is none."""
        aloft = self._aloft.get(key)
        if aloft is None:
            return None
        alone = self._alone.get(key)
        if alone is not None and self.clock.seconds() < alone:
            return None
        for flight in reversed(aloft):
            outcome = flight.board(request)
            if outcome is not None:
                self.counters.followers += 1
                return outcome
        return None

    def leave_alone(self, key: CacheKey) -> None:
        """Share no fetch of ``key`` for a short while."""
        alone = self._alone
        alone.pop(key, None)
        if len(alone) >= _ALONE_MOST:
            del alone[next(iter(alone))]
        alone[key] = self.clock.seconds() + _ALONE

    def landed(self, flight: Flight) -> None:
        """A flight is over."""
        aloft = self._aloft[flight.key]
        if len(aloft) == 1:
            del self._aloft[flight.key]
        else:
            aloft.remove(flight)
