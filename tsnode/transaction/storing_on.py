"""Bringing a content from the next hop into the store, whoever else reads it on the way."""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall

from tsnode.caching.alternates import suits
from tsnode.caching.partial import is_outdone, rest_of_broken
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, TsnodeError
from tsnode.ports import Flow, IContent, IFill
from tsnode.transaction.flights import Flight
from tsnode.transaction.services import Errand, Services

__all__ = ["StoringOn", "supersede"]


def supersede(services: Services, errand: Errand) -> None:
    """Drop what the same request would have been answered with before: the later answer counts (RFC 9111 §4)."""
    store, key = services.store, errand.facts.key
    for other in store.peek(key):
        if suits(other, errand.request, errand.policy):
            store.discard(key, other)


class StoringOn:
    """
    Carries one content into one fill and ends the flight when that is done.

    It goes on in the background when no client reads any more, as far as the background-fill variables let it.
    """

    __slots__ = (
        "_alternate", "_content", "_errand", "_fill", "_flight", "_over", "_services", "_since", "_timer", "_written",
    )  # fmt: skip

    def __init__(
        self,
        services: Services,
        errand: Errand,
        alternate: Alternate,
        content: IContent,
        fill: IFill,
        flight: Flight | None,
    ) -> None:
        self._services = services
        self._errand = errand
        self._alternate = alternate
        self._content = content
        self._fill = fill
        self._flight = flight
        self._written = 0
        self._over = False
        self._timer: IDelayedCall | None = None
        self._since = services.flights.outdatings
        fill.when_unread(self._unread)

    def read(self) -> IContent:
        """
        The content for one more client, from its first octet on.

        :raises StoreError: where the first octets are gone, the content being too long to keep.
        """
        reader = self._fill.read()
        self._leave_background()
        return reader

    def run(self) -> None:
        """Carry what there is, and come back when there is more."""
        content, fill = self._content, self._fill
        while not self._over:
            octets = content.take()
            if octets is None:
                break
            self._written += len(octets)
            if not fill.write(octets):
                fill.when_drained(self.run)
                return
        if self._over:
            return
        match content.flow:
            case Flow.OPEN:
                content.notify(self.run)
            case Flow.ENDED:
                self._end()
                self._keep()
                self._land()
            case Flow.FAILED:
                self._end()
                self._break_off(content.failure or BadGateway("the content was cut short"))
                self._land()

    def _end(self) -> None:
        self._over = True
        if self._flight is not None:
            self._flight.over()
        self._leave_background()

    def _keep(self) -> None:
        """All is here: from now on it is found, unless something better was stored meanwhile, or it is outdated."""
        services, errand = self._services, self._errand
        stored = services.store.peek(errand.facts.key)
        if self._is_outdated() or (stored and is_outdone(self._alternate, errand.request, stored)):
            self._fill.finish()
            return
        supersede(services, errand)
        self._fill.commit()
        services.counters.cache_writes += 1

    def _is_outdated(self) -> bool:
        """Whether what is stored under the key was told to be outdated since this began (RFC 9111 §4.4)."""
        return self._services.flights.is_outdated(self._errand.facts.key, self._since)

    def _break_off(self, reason: TsnodeError) -> None:
        """The rest will not come. What came is worth something where it is known to be the beginning of what."""
        part = None
        if self._errand.policy.store_parts and not self._is_outdated():
            part = rest_of_broken(self._alternate, self._written)
        self._fill.abort(reason, part)

    def _land(self) -> None:
        if self._flight is not None:
            self._flight.landed()

    def _leave_background(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            self._services.counters.background_fill_current_count -= 1
            if timer.active():
                timer.cancel()

    def _unread(self, kept: bool) -> None:
        """
        No client waits for it any more.

        Source: Traffic Server, ``background_fill_active_timeout``, ``background_fill_completed_threshold``.
        """
        if self._over or (kept and self._timer is not None):
            return
        settings = self._errand.settings
        threshold = settings.background_fill_threshold
        length = self._alternate.length
        refresh = self._flight is not None and self._flight.refresh
        far_enough = refresh or threshold <= 0.001 or (length and self._written / length > threshold)
        if not (kept and far_enough):
            self._give_up()
            return
        counters = self._services.counters
        counters.background_fill_current_count += 1
        counters.background_fill_total_count += 1
        limit = settings.timeouts.background_fill or settings.timeouts.active_in or 86400.0
        self._timer = self._services.clock.callLater(limit, self._give_up)

    def _give_up(self) -> None:
        self._end()
        self._content.close()
        self._break_off(BadGateway("nobody waits for the content any more"))
        self._land()
