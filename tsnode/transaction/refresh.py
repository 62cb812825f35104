"""Revalidating a stored answer in the background, after it was served stale (RFC 5861 §3)."""

from __future__ import annotations

from collections.abc import Callable

from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.caching.request_facts import RequestFacts
from tsnode.hierarchy.next_hop import plan_hops
from tsnode.model.alternate import Alternate
from tsnode.model.messages import EMPTY, RequestHead, ResponseHead
from tsnode.ports import IContent, IReply, ITunnelEnd
from tsnode.routing.access import Allowed
from tsnode.semantics.conditions import PRECONDITIONS
from tsnode.transaction.fetch import fetch_for_all
from tsnode.transaction.services import Errand, Services

__all__ = ["Nobody", "refresh"]

# what was about the one answer that the client got; what is fetched now is the whole one, for all
_ABOUT_THAT = PRECONDITIONS | {b"cache-control", b"content-length", b"expect", b"if-range", b"pragma", b"range"}


@implementer(IReply)
class Nobody:
    """The client's side of a transaction without a client; ``instead_of`` is that of who gave rise to it."""

    gone = True

    _log = Logger()

    def __init__(self, instead_of: IReply) -> None:
        self.client: str = instead_of.client
        self.port: int = instead_of.port
        self.connection: object = instead_of.connection
        self.access: Allowed = instead_of.access
        self.url: bytes = instead_of.url

    def when_gone(self, callback: Callable[[], None]) -> None:
        """See :class:`tsnode.ports.IReply`; a fetch for nobody does not end because nobody is there."""

    def inform(self, head: ResponseHead) -> None:
        """See :class:`tsnode.ports.IReply`."""

    def mark(self, code: str, hierarchy: str, server: bytes) -> None:
        """See :class:`tsnode.ports.IReply`; nobody was answered, so that there is no line in the access log."""

    def close_after_answer(self) -> None:
        """See :class:`tsnode.ports.IReply`."""

    def respond(self, status: int, head: bytes, length: int | None, content: IContent | bytes | None) -> None:
        """See :class:`tsnode.ports.IReply`; what is being stored goes on in the background."""
        if content is not None and not isinstance(content, bytes):
            content.close()

    def broken(self, failure: Failure) -> None:
        """See :class:`tsnode.ports.IReply`."""
        self._log.failure("refreshing {url} failed", failure=failure, url=self.url)

    def tunnel(self, head: bytes) -> ITunnelEnd:
        """See :class:`tsnode.ports.IReply`."""
        raise AssertionError("nobody asked for another protocol")


def refresh(services: Services, errand: Errand, stale: Alternate) -> None:
    """
    Revalidate the copy ``stale``, which ``errand`` was just answered with, unless somebody does so already.

    The request is the client's, as one for the whole answer. While the next hop is marked down nothing is asked.
    """
    if services.health.is_down(plan_hops(errand.target)[0], services.now()):
        return
    asked = errand.request
    head = RequestHead(
        b"GET", asked.target, asked.version, asked.fields.without(_ABOUT_THAT), EMPTY, asked.host, asked.persistent
    )
    flight = services.flights.take_off_for_nobody(errand.facts.key, head)
    if flight is None:
        return
    services.counters.refreshes += 1
    about = errand.facts
    facts = RequestFacts(
        method=b"GET",
        url=about.url,
        key=about.key,
        plain=not (about.has_authorization or about.has_cookie),
        bypass=None,
        has_authorization=about.has_authorization,
        has_cookie=about.has_cookie,
    )
    nobody = Nobody(errand.reply)
    fetch_for_all(
        services, errand._replace(request=head, facts=facts, reply=nobody, content=None), stale, flight
    )
