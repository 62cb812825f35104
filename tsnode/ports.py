"""
Every seam between the journey of a request and what carries it out.

All of it is called on the reactor thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from zope.interface import Attribute, Interface

from tsnode.model.addresses import Address
from tsnode.model.alternate import Alternate
from tsnode.model.errors import Place, TsnodeError, UpstreamFailed
from tsnode.model.fields import Fields
from tsnode.model.messages import Framing, ResponseHead
from tsnode.model.neighbors import Hop
from tsnode.model.settings import StoreSettings
from tsnode.model.target import CacheKey

if TYPE_CHECKING:
    from tsnode.routing.access import Allowed

__all__ = [
    "Answer",
    "Buffer",
    "Flow",
    "IAccessLog",
    "IAsker",
    "ICacheStore",
    "ICacheStoreMaker",
    "IContent",
    "IExchange",
    "IFill",
    "IOwnAddresses",
    "IReply",
    "IResolver",
    "ITunnelEnd",
    "IUpstream",
    "Order",
    "StoreUsage",
]

Buffer = bytes | memoryview
"""Octets that will not change any more."""


class Flow(Enum):
    """What a content can be expected to do next."""

    OPEN = "more may come"
    ENDED = "everything was taken"
    FAILED = "the rest will never come"


class IContent(Interface):
    """
    The content of one message, read by one reader at the reader's own pace.

    ``take`` until it gives None, then look at ``flow``. While that is OPEN, ask for a call with ``notify``.
    """

    flow: Flow = Attribute("OPEN as long as something is there to take or may come; ENDED only once all was taken.")
    failure: TsnodeError | None = Attribute("Why flow is FAILED.")
    trailers: Fields = Attribute("Trailer fields, once flow is ENDED; mostly none.")

    def take() -> Buffer | None:
        """The next octets (never empty), or None where there are none just now. Never waits, never raises."""

    def notify(callback: Callable[[], None]) -> None:
        """
        Call back once, when ``take`` or ``flow`` may say something new; never from within this call.

        One callback at a time: a new one replaces the one before.
        """

    def close() -> None:
        """The reader wants no more. Drops the callback, frees what is held; may be called again, and after the end."""


class IFill(Interface):
    """
    A content being stored.

    It ends with exactly one of ``commit``, ``finish`` and ``abort``; a second ending does nothing.
    """

    def write(octets: Buffer) -> bool:
        """Take the next octets; False asks the writer to wait for ``when_drained`` before it brings more."""

    def when_drained(callback: Callable[[], None]) -> None:
        """Call back once, when more may be written."""

    def when_unread(callback: Callable[[bool], None]) -> None:
        """
        Call back, each time, when the last reader closed before the end, or nobody reads and it will not be kept.

        The callback is told whether it is still being kept. A new callback replaces the one before.
        """

    def read() -> IContent:
        """
        The content from its first octet on, following the writer; each call gives one more reader.

        :raises StoreError: where the first octets are gone, the content being too long to keep.
        """

    def commit() -> None:
        """
        All was written: from now on the alternate is found, whole. Readers end after the last octet.

        Where the alternate's length was known and other than what was written, this is an abort.
        """

    def finish() -> None:
        """
        All was written, but nothing is kept: readers end after the last octet, ``replaced`` stays.

        It is an abort where ``commit`` would be one.
        """

    def abort(reason: TsnodeError, part: Alternate | None = None) -> None:
        """
        It will never be whole: readers fail with ``reason`` once they took what was written.

        Nothing is kept, or what was written as ``part``, which is as long as that; ``replaced`` stays then.
        """


@dataclass(frozen=True, slots=True)
class StoreUsage:
    """What a store holds; octets are content and what we know about it, ``limit`` is 0 where there is none."""

    octets: int
    limit: int
    alternates: int


class ICacheStore(Interface):
    """Where alternates live. A back end is right when :class:`tsnode.testing.contracts.CacheStoreContract` passes."""

    knows_all: bool = Attribute("What ``peek`` does not find is not there: ``find`` need not be asked.")

    def peek(key: CacheKey) -> Sequence[Alternate]:
        """Alternates known without waiting, newest first, or nothing. Never waits, never fails."""

    def find(key: CacheKey) -> Deferred[Sequence[Alternate]]:
        """All alternates under ``key``, newest first. Fails with StoreError when the medium does."""

    def ready(alternate: Alternate) -> bytes | None:
        """The whole content in one piece where it is in memory, else None. Counts as a use. Never waits."""

    def open(alternate: Alternate, offset: int, length: int) -> IContent:
        """``length`` octets of an alternate's content from ``offset`` on. A medium that fails, fails the content."""

    def begin(key: CacheKey, alternate: Alternate, replaced: Alternate | None) -> IFill | None:
        """
        Start storing an answer, ``alternate`` being all that is known before its content.

        Nothing is found under it before ``commit``. None where this store will not take it (too large, or it keeps
        nothing). ``replaced`` is dropped when the new one is committed.
        """

    def put(key: CacheKey, alternate: Alternate, content: Buffer, replaced: Alternate | None) -> Alternate | None:
        """
        Store an answer whose content is here already: ``begin``, ``write`` and ``commit`` in one.

        ``alternate`` was made for this and is the store's from now on. Gives what is stored, None where this store will
        not take it, or it is not as long as it should be.
        """

    def freshen(key: CacheKey, alternate: Alternate, freshened: Alternate) -> None:
        """Put ``freshened`` in the place of ``alternate``, whose content it keeps. Nothing happens if that is gone."""

    def discard(key: CacheKey, alternate: Alternate) -> None:
        """Drop one alternate. Nothing happens if it is gone. Readers under way may finish."""

    def remove(key: CacheKey) -> Deferred[int]:
        """Drop them all, at once for ``peek``; fires with how many there were. Fails with StoreError."""

    def keys() -> Iterator[CacheKey]:
        """Every key under which something is stored, in no particular order; a snapshot."""

    def usage() -> StoreUsage:
        """How full it is."""

    def close() -> Deferred[None]:
        """Put away what must be kept and let go of the medium; fires when done. Nothing else is called afterwards."""


class ICacheStoreMaker(Interface):
    """A kind of store. Plugins of ``twisted.plugins`` that provide this (and IPlugin) are what can be configured."""

    name: str = Attribute("What the configuration calls it.")

    def make_store(settings: StoreSettings, at: Place, now: Callable[[], float]) -> ICacheStore:
        """
        A store as configured ``at`` a place. ``now`` gives the time in seconds since the epoch.

        :raises ConfigError: where it cannot be had: a package is missing, a medium cannot be used.
        """


class Order(NamedTuple):
    """
    One request as it goes to a next hop.

    ``head`` is what is written, to the empty line. ``content`` follows it, in ``framing``. ``fresh_link`` asks for a
    connection that nobody used before; ``keep`` lets it be kept for others afterwards. ``inform`` is called with
    every 1xx head but 101. ``patience`` is the time from connecting to the first octet of the answer, in seconds.
    ``upgrade``: the next hop may answer 101 and the connection become a tunnel. ``owner``: the next hop will take who
    uses the connection later for the same user, so that it is kept for requests with an equal owner alone.
    """

    hop: Hop
    method: bytes
    head: bytes
    framing: Framing
    content: IContent | None
    patience: float
    fresh_link: bool = False
    keep: bool = True
    upgrade: bool = False
    inform: Callable[[ResponseHead], None] | None = None
    owner: object = None


class Answer(NamedTuple):
    """
    What came back for an :class:`Order`: the final head, and the content with transfer codings undone.

    ``request_time`` and ``response_time`` are seconds since the epoch by our clock. ``whole`` is all of the content
    where that came with the head, so that it need not be taken from ``content``. ``tunnel`` is there only for a 101
    answer: the connection itself, with what followed the head as its first octets.
    """

    head: ResponseHead
    content: IContent
    request_time: float
    response_time: float
    whole: Buffer | None = None
    tunnel: ITunnelEnd | None = None


class ITunnelEnd(Interface):
    """One of the two connections of a tunnel. Octets go both ways until either side closes."""

    def splice(other: ITunnelEnd) -> None:
        """Carry octets between the two, with back-pressure, until both directions ended."""

    def abandon() -> None:
        """Close without carrying anything."""


class IReply(Interface):
    """The client's side of one transaction. Exactly one of ``respond`` and ``tunnel`` ends it."""

    client: str = Attribute("The client's address.")
    port: int = Attribute("The port the request came in by.")
    connection: object = Attribute("The client's connection; its replies have the same one, and no others do.")
    access: Allowed = Attribute("What ip_allow lets this client ask for.")
    gone: bool = Attribute("The client left; whatever is sent now goes nowhere.")
    url: bytes = Attribute("What the access log says was asked for; the request target until somebody knows better.")

    def when_gone(callback: Callable[[], None]) -> None:
        """Call back once if the client leaves before it was answered to the end; a new callback replaces the last."""

    def inform(head: ResponseHead) -> None:
        """Pass an interim answer on, to clients that understand it (RFC 9110 §15.2)."""

    def mark(code: str, hierarchy: str, server: bytes) -> None:
        """What the access log says of this transaction: cache result code, hierarchy code, next hop."""

    def close_after_answer() -> None:
        """The client is not listened to any further: its connection ends with the answer, which is still to come."""

    def respond(status: int, head: bytes, length: int | None, content: IContent | bytes | None) -> None:
        """
        Send the final answer.

        ``head`` is the status line and the field lines without framing. Content of an unknown ``length`` is chunked,
        or ends with the connection for HTTP/1.0. Without content ``length`` is only told, None tells nothing; the
        answer to HEAD goes without its content in any case. Content that fails ends the connection, so that it is
        never taken for whole.
        """

    def broken(failure: Failure) -> None:
        """A defect of ours met the transaction: note it, and cut the connection. Cancelled waits are no defect."""

    def tunnel(head: bytes) -> ITunnelEnd:
        """Send ``head``, to its empty line, and give the connection away as one end of a tunnel."""


class IExchange(Interface):
    """A request on its way to a next hop."""

    def cancel(asker: IAsker) -> None:
        """``asker``, whose exchange this is, wants no answer any more, and is told nothing; gives the link up."""


class IAsker(Interface):
    """
    Whoever sends a request to a next hop. Exactly one of the two is called, once, unless the exchange is canceled.

    Not a Deferred: that and its callbacks cost as much as reading the answer.
    """

    exchange: IExchange | None = Attribute("The exchange under way; whoever carries it out sets this.")

    def answered(answer: Answer) -> None:
        """The final head is there. Never raises."""

    def failed(error: UpstreamFailed) -> None:
        """There is no answer. Never raises."""


class IUpstream(Interface):
    """The next-hop side: connections, their reuse and their limits."""

    def exchange(order: Order, asker: IAsker) -> None:
        """Send one request, once, and tell ``asker`` what comes of it, perhaps before this returns."""

    def connect(hop: Hop, patience: float) -> Deferred[ITunnelEnd]:
        """A bare connection, for CONNECT. Fails with UpstreamFailed."""

    def close() -> Deferred[None]:
        """Drop idle links at once and the others now; fires when none is left."""


class IResolver(Interface):
    """Names to addresses."""

    def resolve(host: bytes) -> Deferred[Sequence[str]]:
        """
        Addresses of a host in the order they are to be tried, at least one.

        Fails with UpstreamFailed (500, "Cannot find server.").
        """

    def known(host: bytes) -> Sequence[str]:
        """The same where it is known without asking (IP literals always are), or nothing."""


class IOwnAddresses(Interface):
    """Which addresses are this machine's own. A reactor may provide it; else the system is asked."""

    def is_own(address: Address) -> bool:
        """Whether a connection to ``address`` would end on this machine. Never waits."""


class IAccessLog(Interface):
    """Where finished transactions are noted."""

    def note(now: float, started: float, client: bytes, rest: bytes) -> None:
        """Queue one line; ``rest`` is everything behind the client's address, rendered."""

    def close() -> Deferred[None]:
        """Write what is queued; fires when it is on file."""
