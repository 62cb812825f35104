"""
One fetch for many askers.

A flight is a fetch under way for one key. Who asks for the same meanwhile boards it instead of fetching too, and gets
the content as it arrives. A flight belongs to the cache: it goes on when the client that started it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from tsnode.caching.alternates import suits
from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Alternate
from tsnode.model.counters import Counters
from tsnode.model.errors import PeerError
from tsnode.model.messages import RequestHead
from tsnode.model.settings import Sharing
from tsnode.model.target import CacheKey
from tsnode.ports import IContent

__all__ = [
    "Aboard",
    "Confirmed",
    "Crashed",
    "Flight",
    "Flights",
    "Outcome",
    "Overdue",
    "Readable",
    "Released",
    "Stored",
]

_REFRESHES_MOST = 100
"""How many flights may be without a client that waits, at a time."""
_USUAL = Sharing()
_NEVER_OUTDATED = (0, float("-inf"))
_PLAIN = CachingPolicy()
_ALONE_MOST = 10_000
_OUTDATED_MOST = 10_000
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


@dataclass(frozen=True, slots=True)
class Overdue:
    """It takes too long, and somebody else still stores it: go on without storing, as the policy says."""


@dataclass(frozen=True, slots=True)
class Stored:
    """It is whole: look again at what is stored."""


Outcome = Aboard | Confirmed | Crashed | Released | Overdue | Stored

_RELEASED = Released()
_OVERDUE = Overdue()
_STORED = Stored()
_FOLLOWING_IS_OFF = 0


class _State(Enum):
    WAITING = "no head yet"
    STREAMING = "the content is coming"
    OVER = "nobody boards any more"


class _Passenger(NamedTuple):
    """Who waits, and what holds for it; ``until_whole``: not for the content as it comes, but for all of it."""

    request: RequestHead
    policy: CachingPolicy
    outcome: Deferred[Outcome]
    timer: IDelayedCall | None
    until_whole: bool


class Flight:
    """
    One fetch and those who wait for it. Its fetcher calls exactly one of the four endings of the wait.

    After :meth:`stream` it calls :meth:`over`, and :meth:`landed` when what came can be found.

    ``refresh``: no client waits for it, it is for the cache.
    """

    __slots__ = ("_alternate", "_fill", "_flights", "_state", "_waiting", "key", "refresh", "request")

    def __init__(self, flights: Flights, key: CacheKey, request: RequestHead, *, refresh: bool = False) -> None:
        self._flights = flights
        self._state = _State.WAITING
        self._waiting: list[_Passenger] = []
        self._alternate: Alternate | None = None
        self._fill: Readable | None = None
        self.key = key
        self.request = request
        self.refresh = refresh

    def board(
        self, request: RequestHead, sharing: Sharing, policy: CachingPolicy = _PLAIN
    ) -> Deferred[Outcome] | None:
        """Wait for what this flight brings, as ``sharing`` says; None where it cannot be for ``request``."""
        until_whole = sharing.follow == _FOLLOWING_IS_OFF
        match self._state:
            case _State.WAITING:
                return self._wait(request, sharing, policy, until_whole)
            case _State.STREAMING:
                alternate, fill = self._alternate, self._fill
                if alternate is None or fill is None or not suits(alternate, request, policy):
                    return None
                return self._wait(request, sharing, policy, True) if until_whole else succeed(Aboard(alternate, fill))
            case _State.OVER:
                return None

    def offer(self, request: RequestHead, policy: CachingPolicy) -> Aboard | None:
        """What is coming already, where it is for ``request``."""
        alternate, fill = self._alternate, self._fill
        if alternate is None or fill is None or not suits(alternate, request, policy):
            return None
        return Aboard(alternate, fill)

    def _wait(
        self, request: RequestHead, sharing: Sharing, policy: CachingPolicy, until_whole: bool
    ) -> Deferred[Outcome]:
        def leave(_: object) -> None:
            self._waiting.remove(passenger)
            if passenger.timer is not None:
                passenger.timer.cancel()

        def tired() -> None:
            self._waiting.remove(passenger)
            self._flights.counters.followers_released += 1
            outcome.callback(_OVERDUE)

        if not sharing.patience:
            self._flights.counters.followers_released += 1
            return succeed(_OVERDUE)
        outcome: Deferred[Outcome] = Deferred(leave)
        clock = self._flights.clock
        timer = None if sharing.waits_to_the_end else clock.callLater(sharing.patience, tired)
        passenger = _Passenger(request, policy, outcome, timer, until_whole)
        self._waiting.append(passenger)
        return outcome

    def _tell(self, outcome_for: Callable[[_Passenger], Outcome], *, all_of_them: bool = True) -> None:
        """Tell those who wait, or those of them who do not wait for the whole."""
        waiting = self._waiting
        self._waiting = [] if all_of_them else [each for each in waiting if each.until_whole]
        for passenger in waiting:
            if passenger.until_whole and not all_of_them:
                continue
            if passenger.timer is not None:
                passenger.timer.cancel()
            told = outcome_for(passenger)
            if isinstance(told, Released):
                self._flights.counters.followers_released += 1
            passenger.outcome.callback(told)

    def stream(self, alternate: Alternate, fill: Readable) -> None:
        """The head is here and the content follows; those it does not fit are let go."""
        self._state = _State.STREAMING
        self._alternate = alternate
        self._fill = fill
        if self._waiting:
            aboard = Aboard(alternate, fill)
            self._tell(
                lambda each: aboard if suits(alternate, each.request, each.policy) else _RELEASED, all_of_them=False
            )

    def confirm(self, alternate: Alternate, *, revalidated: bool) -> None:
        """What is stored now is fresh: it was confirmed, or just came whole."""
        self.over()
        if not self._waiting:
            return
        confirmed = Confirmed(alternate, revalidated)
        self._tell(lambda each: confirmed if suits(alternate, each.request, each.policy) else _RELEASED)

    def release(self) -> None:
        """What came is not for others; the key is left alone for a while so that nobody waits in vain again."""
        self._flights.leave_alone(self.key)
        self._flights.counters.refreshes_failed += self.refresh
        self.over()
        if self._waiting:
            self._tell(lambda _: _RELEASED)

    def crash(self, error: PeerError) -> None:
        """Nothing came; those who waited get the same error, not a wait of their own."""
        self._flights.counters.refreshes_failed += self.refresh
        self.over()
        crashed = Crashed(error)
        self._tell(lambda _: crashed)

    def landed(self) -> None:
        """What was streamed is over, stored or not: those who waited for the whole look for themselves."""
        self.over()
        if self._waiting:
            self._tell(lambda _: _STORED)

    def outdate(self) -> None:
        """What is coming, if its head is here, is not for those who ask from now on."""
        if self._state is _State.STREAMING:
            self.over()

    def over(self) -> None:
        """Take nobody more on board; what the fill gives to those on board is not touched."""
        if self._state is not _State.OVER:
            self._state = _State.OVER
            self._alternate = self._fill = None
            self._flights.forget(self)


class Flights:
    """
    Every fetch under way that others may board.

    ``outdatings`` counts how often something was told to be outdated.
    """

    def __init__(self, clock: IReactorTime, counters: Counters) -> None:
        self.clock = clock
        self.counters = counters
        self._aloft: dict[CacheKey, list[Flight]] = {}
        self._alone: dict[CacheKey, float] = {}
        self._refreshes = 0
        self._outdated: dict[CacheKey, tuple[int, float]] = {}
        self.outdatings = 0

    def take_off_for_nobody(self, key: CacheKey, request: RequestHead) -> Flight | None:
        """
        A new flight that no client waits for.

        None where ``key`` is being fetched already, or is left alone for a while, or too many such are under way.
        """
        alone = self._alone.get(key)
        if key in self._aloft or (alone is not None and self.clock.seconds() < alone):
            return None
        if self._refreshes >= _REFRESHES_MOST:
            self.counters.refreshes_refused += 1
            return None
        self._refreshes += 1
        self._aloft[key] = [flight := Flight(self, key, request, refresh=True)]
        return flight

    def take_off(self, key: CacheKey, request: RequestHead) -> Flight:
        """A new flight."""
        flight = Flight(self, key, request)
        others = self._aloft.get(key)
        if others is None:
            self._aloft[key] = [flight]
        else:
            others.append(flight)
        return flight

    def offer(self, key: CacheKey, request: RequestHead, policy: CachingPolicy = _PLAIN) -> Aboard | None:
        """What is coming already for ``key`` and ``request``; None where nothing is."""
        for flight in reversed(self._aloft.get(key, ())):
            offered = flight.offer(request, policy)
            if offered is not None:
                self.counters.followers += 1
                return offered
        return None

    def board(
        self, key: CacheKey, request: RequestHead, sharing: Sharing = _USUAL, policy: CachingPolicy = _PLAIN
    ) -> Deferred[Outcome] | None:
        """
        Wait for a flight to ``key`` that may bring the answer to ``request``; None where there is none.

        ``sharing`` says how long, and what for, ``policy`` what suits the request.

        Source: Traffic Server, ``proxy.config.cache.enable_read_while_writer``,
        ``proxy.config.http.cache.max_open_read_retries``.
        """
        aloft = self._aloft.get(key)
        if aloft is None:
            return None
        alone = self._alone.get(key)
        if alone is not None and self.clock.seconds() < alone:
            return None
        for flight in reversed(aloft):
            outcome = flight.board(request, sharing, policy)
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

    def outdate(self, key: CacheKey) -> None:
        """
        What is coming for ``key`` is outdated before it is stored: nobody else boards, and none of it is to be kept.

        A fetch without an answer so far is none of that: the origin knows by then what it changed.

        Source: RFC 9111 §4.4.
        """
        outdated = self._outdated
        outdated.pop(key, None)
        if len(outdated) >= _OUTDATED_MOST:
            del outdated[next(iter(outdated))]
        self.outdatings += 1
        outdated[key] = self.outdatings, self.clock.seconds()
        for flight in tuple(self._aloft.get(key, ())):
            flight.outdate()

    def is_outdated(self, key: CacheKey, since: int) -> bool:
        """Whether ``key`` was told to be outdated when there had been more than ``since`` outdatings."""
        return self.outdatings != since and self._outdated.get(key, _NEVER_OUTDATED)[0] > since

    def was_outdated(self, key: CacheKey, alternate: Alternate) -> bool:
        """Whether ``key`` was told to be outdated since ``alternate`` came: only its origin can say that it holds."""
        return bool(self._outdated) and self._outdated.get(key, _NEVER_OUTDATED)[1] >= alternate.response_time

    def forget(self, flight: Flight) -> None:
        """A flight is over."""
        self._refreshes -= flight.refresh
        aloft = self._aloft[flight.key]
        if len(aloft) == 1:
            del self._aloft[flight.key]
        else:
            aloft.remove(flight)
