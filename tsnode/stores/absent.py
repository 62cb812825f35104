"""No store at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from tsnode.model.alternate import Alternate
from tsnode.model.target import CacheKey
from tsnode.ports import Buffer, ICacheStore, IContent, IFill, StoreUsage
from tsnode.stores.held import Excerpt

__all__ = ["AbsentStore"]


@implementer(ICacheStore)
class AbsentStore:
    """Stores nothing, for a node that only forwards."""

    knows_all = True

    def peek(self, key: CacheKey) -> Sequence[Alternate]:
        """See :class:`tsnode.ports.ICacheStore`."""
        return ()

    def find(self, key: CacheKey) -> Deferred[Sequence[Alternate]]:
        """See :class:`tsnode.ports.ICacheStore`."""
        return succeed(())

    def ready(self, alternate: Alternate) -> bytes | None:
        """See :class:`tsnode.ports.ICacheStore`."""
        return None

    def open(self, alternate: Alternate, offset: int, length: int) -> IContent:
        """See :class:`tsnode.ports.ICacheStore`."""
        return Excerpt((), offset, length)

    def begin(self, key: CacheKey, alternate: Alternate, replaced: Alternate | None) -> IFill | None:
        """See :class:`tsnode.ports.ICacheStore`."""
        return None

    def put(
        self, key: CacheKey, alternate: Alternate, content: Buffer, replaced: Alternate | None
    ) -> Alternate | None:
        """See :class:`tsnode.ports.ICacheStore`; always None."""
        return None

    def freshen(self, key: CacheKey, alternate: Alternate, freshened: Alternate) -> None:
        """See :class:`tsnode.ports.ICacheStore`."""

    def discard(self, key: CacheKey, alternate: Alternate) -> None:
        """See :class:`tsnode.ports.ICacheStore`."""

    def remove(self, key: CacheKey) -> Deferred[int]:
        """See :class:`tsnode.ports.ICacheStore`."""
        return succeed(0)

    def keys(self) -> Iterator[CacheKey]:
        """See :class:`tsnode.ports.ICacheStore`."""
        return iter(())

    def usage(self) -> StoreUsage:
        """See :class:`tsnode.ports.ICacheStore`."""
        return StoreUsage(0, 0, 0)

    def close(self) -> Deferred[None]:
        """See :class:`tsnode.ports.ICacheStore`."""
        return succeed(None)
