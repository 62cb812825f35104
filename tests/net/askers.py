"""Whoever sends a request to a next hop, played by the tests."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from zope.interface import implementer

from tsnode.model.errors import UpstreamFailed
from tsnode.ports import Answer, IAsker, IExchange

__all__ = ["Asker"]


@implementer(IAsker)
class Asker:
    """Its ``outcome`` fires with what it is told, once; canceling that cancels the exchange."""

    def __init__(self) -> None:
        self.exchange: IExchange | None = None
        self.outcome: Deferred[Answer] = Deferred(lambda _: self._cancel())

    def _cancel(self) -> None:
        assert self.exchange is not None, "whoever was told wants nothing any more"
        self.exchange.cancel(self)

    def answered(self, answer: Answer) -> None:
        """See IAsker."""
        self.exchange = None
        self.outcome.callback(answer)

    def failed(self, error: UpstreamFailed) -> None:
        """See IAsker."""
        self.exchange = None
        self.outcome.errback(error)
