"""The way to a host: its name is looked up, and one of its addresses is connected to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol
from twisted.python.failure import Failure

from tsnode.model.errors import UpstreamFailed
from tsnode.net.connector import connect
from tsnode.net.deadlines import Deadlines
from tsnode.ports import IResolver

__all__ = ["Reach"]


class Reach:
    """
    One protocol on its way to ``host``.

    Either the protocol gets its connection before ``deadline`` (in the clock's seconds), or ``failed`` is called, once;
    neither after :meth:`cancel`.
    """

    __slots__ = ("_deadlines", "_failed", "_port", "_protocol", "_reactor", "_undo", "deadline")

    def __init__(
        self,
        reactor: Any,
        deadlines: Deadlines,
        port: int,
        protocol: IProtocol,
        deadline: float,
        failed: Callable[[UpstreamFailed], None],
    ) -> None:
        self._reactor = reactor
        self._deadlines = deadlines
        self._port = port
        self._protocol = protocol
        self._failed: Callable[[UpstreamFailed], None] | None = failed
        self._undo: Callable[[], object] | None = None
        self.deadline = deadline

    def begin(self, resolver: IResolver, host: bytes) -> None:
        """Set out; everything may be over before this returns."""
        addresses = resolver.known(host)
        if addresses:
            self._connect(addresses)
            return
        self._deadlines.add(self)
        resolving: Deferred[Sequence[str]] = resolver.resolve(host)
        self._undo = resolving.cancel
        resolving.addCallbacks(self._resolved, self._unresolved)

    def cancel(self) -> None:
        """Give up; nothing happens where it is over already."""
        self._failed = None
        self._deadlines.remove(self)
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()

    def _resolved(self, addresses: Sequence[str]) -> None:
        self._deadlines.remove(self)
        if self._failed is not None:
            self._connect(addresses)

    def _unresolved(self, failure: Failure) -> None:
        if self._failed is not None:
            failure.trap(UpstreamFailed)
            self._fail(cast(UpstreamFailed, failure.value))

    def _connect(self, addresses: Sequence[str]) -> None:
        patience = max(0.0, self.deadline - self._deadlines.now())
        connecting = connect(self._reactor, addresses, self._port, self._protocol, patience, self._fail)
        self._undo = connecting.cancel

    def _fail(self, error: UpstreamFailed) -> None:
        self._deadlines.remove(self)
        failed, self._failed = self._failed, None
        if failed is not None:
            failed(error)

    def deadline_passed(self, now: float) -> None:
        """See :class:`tsnode.net.deadlines.Timed`: the name was not resolved in time."""
        failed = self._failed
        self.cancel()
        if failed is not None:
            late = UpstreamFailed(
                "no address in time", committed=False, status=504, reason=b"Connection Timed Out", kind=b"dns_timeout"
            )
            failed(late)
