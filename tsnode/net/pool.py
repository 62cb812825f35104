"""How many connections there are to each next hop, which of them are idle, and who waits for one."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

__all__ = ["Pool", "ServerKey"]

ServerKey = tuple[bytes, int] | tuple[bytes, int, object]
"""Host and port of a next hop, and who its connections are kept for, where that is not everyone."""

_MOST_WAITING = 1_000

LinkT = TypeVar("LinkT")
WaiterT = TypeVar("WaiterT")


class _Server(Generic[LinkT, WaiterT]):
    """One next hop; ``links`` counts its connections, being made, busy or idle."""

    __slots__ = ("idle", "links", "waiting")

    def __init__(self) -> None:
        self.idle: list[LinkT] = []
        self.links = 0
        self.waiting: deque[WaiterT] = deque()


class Pool(Generic[LinkT, WaiterT]):
    """
    The books of the connections to all next hops. Nothing is opened or closed here: the answers say what may be.

    At most ``links`` connections to one next hop (0: as many as wanted), of which at most ``idle`` idle ones are kept,
    and ``waiting`` who wait for one. A next hop is forgotten with its last connection and waiter.
    """

    def __init__(self, idle: int, links: int, waiting: int = _MOST_WAITING) -> None:
        self._most_idle = idle
        self._most_links = links
        self._most_waiting = waiting
        self._servers: dict[ServerKey, _Server[LinkT, WaiterT]] = {}

    def claim(self, key: ServerKey) -> LinkT | None:
        """The link that became idle last, which is the caller's from now on; None where none is idle."""
        server = self._servers.get(key)
        if server is None or not server.idle:
            return None
        return server.idle.pop()

    def keep(self, key: ServerKey, link: LinkT) -> bool:
        """Note an open ``link`` as idle; False where enough are, so that it is to be closed."""
        idle = self._servers[key].idle
        if len(idle) >= self._most_idle:
            return False
        idle.append(link)
        return True

    def drop(self, key: ServerKey, link: LinkT) -> None:
        """Note ``link`` as idle no more, if it was; it still counts until :meth:`closed`."""
        idle = self._servers[key].idle
        if link in idle:
            idle.remove(link)

    def keep_none(self) -> list[LinkT]:
        """Keep no link idle from now on; the idle ones, which still count until :meth:`closed`, are the caller's."""
        self._most_idle = 0
        idle = []
        for server in self._servers.values():
            idle += server.idle
            server.idle = []
        return idle

    def oldest_idle(self, key: ServerKey) -> LinkT | None:
        """The link that has been idle for longest, and still is; None where none is."""
        server = self._servers.get(key)
        return server.idle[0] if server is not None and server.idle else None

    def open(self, key: ServerKey) -> bool:
        """Whether one more link may be made, which then counts until :meth:`closed`."""
        server = self._servers.get(key)
        if server is None:
            server = self._servers[key] = _Server()
        elif self._most_links and server.links >= self._most_links:
            return False
        server.links += 1
        return True

    def closed(self, key: ServerKey) -> None:
        """A link is no more, or was not made in the end; it is not idle."""
        server = self._servers[key]
        server.links -= 1
        self._forget(key, server)

    def wait(self, key: ServerKey, waiter: WaiterT) -> bool:
        """Queue ``waiter`` for a next hop that has all the links it may have; False where too many wait."""
        waiting = self._servers[key].waiting
        if len(waiting) >= self._most_waiting:
            return False
        waiting.append(waiter)
        return True

    def first_waiting(self, key: ServerKey) -> WaiterT | None:
        """Who has waited for longest, and still does; None where nobody waits."""
        server = self._servers.get(key)
        return server.waiting[0] if server is not None and server.waiting else None

    def leave(self, key: ServerKey, waiter: WaiterT) -> None:
        """``waiter`` waits no more."""
        server = self._servers[key]
        server.waiting.remove(waiter)
        self._forget(key, server)

    def _forget(self, key: ServerKey, server: _Server[LinkT, WaiterT]) -> None:
        if not server.links and not server.waiting:
            del self._servers[key]
