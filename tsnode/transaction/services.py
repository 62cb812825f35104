"""What every transaction works with, and what one transaction is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from twisted.internet.interfaces import IReactorTime

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.hierarchy.health import Health
from tsnode.model.counters import Counters
from tsnode.model.messages import RequestHead
from tsnode.model.settings import ProxySettings
from tsnode.model.target import Target
from tsnode.ports import ICacheStore, IContent, IOwnAddresses, IReply, IResolver, IUpstream
from tsnode.routing.access import AccessRules
from tsnode.routing.remap import Mapped, RemapTable
from tsnode.transaction.flights import Flights
from tsnode.transaction.regimes import Regime, Regimes
from tsnode.transaction.status import Forwarded

__all__ = ["Asked", "Errand", "Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """
    The ports and the policy of one configuration; a reload makes new ones, transactions under way keep theirs.

    ``draw`` gives a number from 0 to 1, 1 left out, that nobody can foretell. ``settings`` hold for connections and for
    what is no request yet; what holds for requests is in ``regimes``.
    """

    clock: IReactorTime
    now: Callable[[], float]
    draw: Callable[[], float]
    store: ICacheStore
    upstream: IUpstream
    resolver: IResolver
    own_addresses: IOwnAddresses
    access: AccessRules
    flights: Flights
    health: Health
    settings: ProxySettings
    regimes: Regimes
    remap: RemapTable
    counters: Counters


# not frozen, as RequestHead is not
@dataclass(slots=True, unsafe_hash=True)
class Asked:
    """
    What a plain GET asks for, as far as its target and Host tell; the same for every such request.

    ``regime`` is what holds for it.
    """

    target: Final[Target]
    facts: Final[RequestFacts]
    host: Final[bytes]
    mapped: Final[Mapped | None]
    regime: Final[Regime]


class Errand(NamedTuple):
    """
    One request on its way.

    ``target`` is what is asked for after mapping, ``host`` the Host field the next hop gets, ``mapped`` the rule that
    applied, if one did. ``content`` is the request's own, None where it has none. ``policy`` and ``settings`` are those
    that hold for this request: those of the configuration, with what rules say instead. ``forwarded`` is why it goes
    on, if it does.
    """

    request: RequestHead
    target: Target
    facts: RequestFacts
    host: bytes
    reply: IReply
    content: IContent | None
    mapped: Mapped | None
    policy: CachingPolicy
    settings: ProxySettings
    forwarded: Forwarded = Forwarded.URI_MISS
