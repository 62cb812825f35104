"""The ports of a transaction, played by the tests: a client, next hops, contents that come as told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.caching.samples import NOW, POLICY, URL, answer, fields
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import read_facts
from tsnode.config.cache import parse_cache
from tsnode.config.records import parse_records
from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS
from tsnode.config.settings import read_overridden
from tsnode.hierarchy.health import Health
from tsnode.matching.index import RuleIndex
from tsnode.model.addresses import Address
from tsnode.model.counters import Counters
from tsnode.model.errors import TsnodeError, UpstreamFailed
from tsnode.model.fields import Fields
from tsnode.model.messages import CHUNKED, EMPTY, Framing, RequestHead, ResponseHead
from tsnode.model.neighbors import Hop
from tsnode.model.settings import ProxySettings
from tsnode.model.target import parse_target
from tsnode.ports import (
    Answer,
    Buffer,
    Flow,
    IAsker,
    ICacheStore,
    IContent,
    IExchange,
    IOwnAddresses,
    IReply,
    IResolver,
    ITunnelEnd,
    IUpstream,
    Order,
)  # fmt: skip
from tsnode.routing.access import EVERYTHING, AccessRules
from tsnode.routing.remap import RemapTable
from tsnode.stores.memory import MemoryStore
from tsnode.testing.fills import take_all
from tsnode.transaction.flights import Flights
from tsnode.transaction.regimes import Regime, Regimes
from tsnode.transaction.services import Errand, Services

__all__ = ["SETTINGS", "Client", "End", "Material", "Names", "NextHops", "Response", "World", "lines_of", "request"]

SETTINGS = ProxySettings(remap_required=False)
"""Those of a forward proxy."""

NO_RULES = AccessRules()


def lines_of(head: bytes) -> Fields:
    """The field lines of a head without its empty line."""
    assert head.endswith(b"\r\n"), head
    lines = head.split(b"\r\n")[1:-1]
    return Fields([(name, value) for name, _, value in (line.partition(b": ") for line in lines)])


@implementer(IContent)
class Material:
    """A content that comes when the test says so."""

    def __init__(self, *octets: bytes) -> None:
        self.flow = Flow.OPEN
        self.failure: TsnodeError | None = None
        self.trailers = Fields()
        self.closed = False
        self.notified = False
        self._waiting = deque(octets)
        self._end: Flow | None = None
        self._callback: Callable[[], None] | None = None

    def take(self) -> Buffer | None:
        """See IContent."""
        octets = self._waiting.popleft() if self._waiting else None
        if not self._waiting and self._end is not None:
            self.flow = self._end
        return octets

    def notify(self, callback: Callable[[], None]) -> None:
        """See IContent."""
        self._callback = callback

    def close(self) -> None:
        """See IContent."""
        self.closed = True
        self._waiting.clear()
        self._callback = None

    def push(self, octets: bytes) -> None:
        """More is here."""
        self._waiting.append(octets)
        self._tell()

    def end(self) -> Material:
        """That was all."""
        self._end = Flow.ENDED
        if not self._waiting:
            self.flow = Flow.ENDED
        self._tell()
        return self

    def fail(self, failure: TsnodeError) -> None:
        """The rest will not come."""
        self.failure = failure
        self._end = Flow.FAILED
        if not self._waiting:
            self.flow = Flow.FAILED
        self._tell()

    def _tell(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


@implementer(ITunnelEnd)
class End:
    """One end of a tunnel."""

    def __init__(self) -> None:
        self.spliced: list[ITunnelEnd] = []
        self.abandoned = False

    def splice(self, other: ITunnelEnd) -> None:
        """See ITunnelEnd."""
        self.spliced.append(other)

    def abandon(self) -> None:
        """See ITunnelEnd."""
        self.abandoned = True


@dataclass(frozen=True, slots=True)
class Response:
    """What a client was answered."""

    status: int
    head: bytes
    length: int | None
    content: IContent | bytes | None

    @property
    def fields(self) -> Fields:
        """The field lines."""
        return lines_of(self.head)

    def read(self) -> bytes:
        """The content, as far as it is here; whoever reads twice finds nothing new."""
        if self.content is None or isinstance(self.content, bytes):
            return self.content or b""
        return take_all(self.content)


@implementer(IReply)
class Client:
    """The client's side of one transaction."""

    def __init__(self) -> None:
        self.client = "192.0.2.9"
        self.port = 8080
        self.connection = object()
        self.access = EVERYTHING
        self.gone = False
        self.url = b""
        self.responses: list[Response] = []
        self.interim: list[ResponseHead] = []
        self.marks: list[tuple[str, str, bytes]] = []
        self.failures: list[Failure] = []
        self.tunnels: list[tuple[bytes, End]] = []
        self.closing = False
        self.hung_up = False
        self._when_gone: Callable[[], None] | None = None

    @property
    def response(self) -> Response:
        """The one answer that there has to be."""
        (response,) = self.responses
        return response

    def leave(self) -> None:
        """The client is not there any more."""
        self.gone = True
        callback, self._when_gone = self._when_gone, None
        if callback is not None:
            callback()

    def when_gone(self, callback: Callable[[], None]) -> None:
        """See IReply."""
        self._when_gone = callback

    def inform(self, head: ResponseHead) -> None:
        """See IReply."""
        self.interim.append(head)

    def mark(self, code: str, hierarchy: str, server: bytes) -> None:
        """See IReply."""
        self.marks.append((code, hierarchy, server))

    def close_after_answer(self) -> None:
        """See IReply."""
        self.closing = True

    def respond(self, status: int, head: bytes, length: int | None, content: IContent | bytes | None) -> None:
        """See IReply."""
        self.responses.append(Response(status, head, length, content))

    def broken(self, failure: Failure) -> None:
        """See IReply."""
        self.failures.append(failure)

    def tunnel(self, head: bytes) -> ITunnelEnd:
        """See IReply."""
        end = End()
        self.tunnels.append((head, end))
        return end


@implementer(IUpstream, IExchange)
class NextHops:
    """Whoever is asked; what they answer is up to the test."""

    def __init__(self, clock: Clock) -> None:
        self.orders: list[Order] = []
        self.connections: list[tuple[Hop, float]] = []
        self.cancelled = 0
        self._clock = clock
        self._waiting: list[IAsker] = []
        self._connecting: list[Deferred[ITunnelEnd]] = []

    def exchange(self, order: Order, asker: IAsker) -> None:
        """See IUpstream."""
        self.orders.append(order)
        asker.exchange = self
        self._waiting.append(asker)

    def cancel(self, asker: IAsker) -> None:
        """See IExchange."""
        self._waiting.remove(asker)
        self.cancelled += 1

    def connect(self, hop: Hop, patience: float) -> Deferred[ITunnelEnd]:
        """See IUpstream."""
        self.connections.append((hop, patience))
        connecting: Deferred[ITunnelEnd] = Deferred(self._count_cancelled)
        self._connecting.append(connecting)
        return connecting

    def close(self) -> Deferred[None]:
        """See IUpstream."""
        return succeed(None)

    def _count_cancelled(self, _: object) -> None:
        self.cancelled += 1

    def respond(
        self,
        *lines: str,
        status: int = 200,
        body: bytes | Material = b"hello",
        tunnel: ITunnelEnd | None = None,
        at: int = -1,
    ) -> Material:
        """
        Answer the request that waits, the last one where several do; gives the content.

        A ``body`` of octets came with its head, a Material comes as it likes and its length is not known.
        """
        now = self._clock.seconds()
        head = answer(*lines, status=status, length=len(body) if isinstance(body, bytes) else 0)
        content = body if isinstance(body, Material) else Material(*filter(None, (body,))).end()
        if isinstance(body, Material):
            head = ResponseHead(11, status, head.reason, head.fields, CHUNKED, True)
        whole = body if isinstance(body, bytes) and body else None
        self._waiting.pop(at).answered(
            Answer(head=head, content=content, request_time=now, response_time=now, whole=whole, tunnel=tunnel)
        )
        return content

    def fail(self, error: UpstreamFailed, at: int = -1) -> None:
        """The try that waits fails."""
        self._waiting.pop(at).failed(error)

    def confuse(self) -> None:
        """The try that waits meets a defect of ours: what it is told is no answer at all (AttributeError)."""
        self._waiting.pop().answered(cast(Answer, None))

    def connected(self, end: ITunnelEnd) -> None:
        """The connection that was asked for is there."""
        self._connecting.pop().callback(end)

    def refuse(self, error: Exception) -> None:
        """The connection that was asked for cannot be had."""
        self._connecting.pop().errback(Failure(error))


@implementer(IOwnAddresses)
class Own:
    """A machine with the address 198.51.100.1."""

    def is_own(self, address: Address) -> bool:
        """See IOwnAddresses."""
        return str(address) == "198.51.100.1"


@implementer(IResolver)
class Names:
    """Names whose addresses come when the test says so."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.remembered: tuple[str, ...] = ()
        self._waiting: list[Deferred[Sequence[str]]] = []

    def resolve(self, host: bytes) -> Deferred[Sequence[str]]:
        """See IResolver."""
        self.asked.append(host)
        resolving: Deferred[Sequence[str]] = Deferred()
        self._waiting.append(resolving)
        return resolving

    def known(self, host: bytes) -> Sequence[str]:
        """See IResolver."""
        return self.remembered

    def found(self, *addresses: str) -> None:
        """The addresses of the name that was asked for."""
        self._waiting.pop().callback(addresses)

    def fail(self, error: Exception) -> None:
        """It has none."""
        self._waiting.pop().errback(Failure(error))


def request(
    *lines: str, method: str = "GET", url: str = URL, host: str = "", version: int = 11, framing: Framing = EMPTY
) -> RequestHead:
    """A request with these field lines; ``url`` may be a path, for ``host`` then."""
    target = parse_target(method.encode(), url.encode(), host.encode())
    authority = host.encode() if url[:1] == "/" else target.authority
    return RequestHead(method.encode(), url.encode(), version, fields(*lines), framing, authority, True)


class World:
    """All that a transaction works with. ``remap`` and ``cache`` are the texts of a remap.config and a cache.config."""

    def __init__(
        self,
        *,
        policy: CachingPolicy = POLICY,
        settings: ProxySettings = SETTINGS,
        remap: str = "",
        store: ICacheStore | None = None,
        access: AccessRules = NO_RULES,
        cache: str = "",
    ) -> None:
        self.clock = Clock()
        self.clock.advance(NOW)
        self.hops = NextHops(self.clock)
        self.names = Names()
        self.counters = Counters()
        self.drawn = 0.5
        self.store: ICacheStore = store or MemoryStore(1_000_000, cutoff=1_000_000, most_alternates=0)
        self.health = Health(settings.retries.down_time)
        self.flights = Flights(self.clock, self.counters)
        rules = parse_remap("remap.config", remap, RECORDS)
        assert not rules.errors, rules.errors
        caching = parse_cache("cache.config", cache)
        assert not caching.errors, caching.errors
        records = parse_records("records.config", "", {}, RECORDS).value
        overridden = {
            rule.overrides: Regime(*read_overridden(records, rule.overrides, settings.ports, Path("/")))
            for rule in rules.value
            if rule.overrides
        }
        self.services = Services(
            clock=self.clock,
            now=self.clock.seconds,
            draw=lambda: self.drawn,
            store=self.store,
            upstream=self.hops,
            resolver=self.names,
            own_addresses=Own(),
            access=access,
            flights=self.flights,
            health=self.health,
            settings=settings,
            regimes=Regimes(Regime(policy, settings), overridden, RuleIndex(caching.value)),
            remap=RemapTable(rules.value, settings),
            counters=self.counters,
        )

    def errand(self, client: Client, asked: RequestHead | None = None, content: IContent | None = None) -> Errand:
        """A request (a plain GET where there is none) that no mapping rule is for."""
        head = asked or request()
        target = parse_target(head.method, head.target, head.host)
        regime = self.services.regimes.general
        facts = read_facts(head, target, regime.policy)
        return Errand(head, target, facts, target.authority, client, content, None, *regime)
