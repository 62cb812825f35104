"""The way to one of several addresses, without waiting long for one that does not answer."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.error import ConnectError, TCPTimedOutError
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.interfaces import IAddress, IConnector, IDelayedCall, IProtocol
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

from tsnode.model.errors import UpstreamFailed
from tsnode.net.send import connect_tcp

__all__ = ["CONNECTION_ATTEMPT_DELAY", "Connecting", "connect"]

CONNECTION_ATTEMPT_DELAY = 0.25
"""Seconds that an address has for itself before the next one is tried beside it (RFC 8305 §5)."""
_LONGEST = 3600.0
"""Seconds; the system itself gives up long before."""


class Connecting:
    """
    One protocol on its way to a connection.

    The addresses are tried in their order: the next one when the one before has failed, or has not answered within
    ``CONNECTION_ATTEMPT_DELAY``. The first that answers gets the protocol; attempts at others are given up.

    Source: RFC 8305 §5.
    """

    def __init__(
        self,
        reactor: Any,
        addresses: Sequence[str],
        port: int,
        protocol: IProtocol,
        patience: float,
        failed: Callable[[UpstreamFailed], None],
    ) -> None:
        self._reactor = reactor
        self._addresses = deque(addresses)
        self._port = port
        self._protocol = protocol
        self._until = reactor.seconds() + patience
        # None once the protocol has its connection, or nobody wants one any more
        self._failed: Callable[[UpstreamFailed], None] | None = failed
        self._attempts: list[_Attempt] = []
        self._timer: IDelayedCall | None = None

    def cancel(self) -> None:
        """Give up: neither the protocol nor ``failed`` hear of it any more."""
        self._failed = None
        self._stop()

    def try_next(self) -> None:
        """Try the next address; the one after it has its turn if that takes too long."""
        self._timer = None
        address = self._addresses.popleft()
        if self._addresses:
            self._timer = self._reactor.callLater(CONNECTION_ATTEMPT_DELAY, self.try_next)
        patience = min(max(0.0, self._until - self._reactor.seconds()), _LONGEST)
        attempt = _Attempt(self)
        self._attempts.append(attempt)
        connect_tcp(self._reactor, address, self._port, attempt, patience)

    def attempt_made_it(self, attempt: _Attempt) -> IProtocol | None:
        """The protocol for the connection that was made first; None for any other."""
        if self._failed is None:
            return None
        self._failed = None
        self._attempts.remove(attempt)
        self._stop()
        return self._protocol

    def attempt_failed(self, attempt: _Attempt, reason: Failure) -> None:
        """An address did not answer: on to the next one, or none is left."""
        if self._failed is None:
            return
        self._attempts.remove(attempt)
        if self._addresses:
            self._stop_timer()
            self.try_next()
        elif not self._attempts:
            failed, self._failed = self._failed, None
            failed(_explain(reason))

    def _stop(self) -> None:
        self._stop_timer()
        self._addresses.clear()
        attempts, self._attempts = self._attempts, []
        for attempt in attempts:
            attempt.stop()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Attempt(ClientFactory[Any]):
    """One address being tried."""

    noisy = False

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting
        self._connector: IConnector | None = None

    def startedConnecting(self, connector: IConnector) -> None:
        """Remember what can be stopped."""
        self._connector = connector

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """The address answered."""
        return self._connecting.attempt_made_it(self)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """The address did not."""
        self._connecting.attempt_failed(self, reason)

    def stop(self) -> None:
        """Give this address up."""
        if self._connector is not None:
            self._connector.stopConnecting()


def _explain(reason: Failure) -> UpstreamFailed:
    """Why no connection could be made, in the system's words."""
    error = reason.value
    if isinstance(error, ConnectTimeout | TCPTimedOutError):
        late = b"Connection Timed Out"
        return UpstreamFailed(
            "no connection in time", committed=False, status=504, reason=late, kind=b"connection_timeout"
        )
    number = error.osError if isinstance(error, ConnectError) else None
    text = os.strerror(number) if isinstance(number, int) else UpstreamFailed.reason.decode("ascii")
    told = text.encode("ascii", "replace")
    return UpstreamFailed(f"cannot connect: {text}", committed=False, reason=told, kind=b"connection_refused")


def connect(
    reactor: Any,
    addresses: Sequence[str],
    port: int,
    protocol: IProtocol,
    patience: float,
    failed: Callable[[UpstreamFailed], None],
) -> Connecting:
    """
    Connect ``protocol`` to the first of ``addresses`` (at least one) that answers within ``patience`` seconds.

    ``failed`` is called, once, where none does; it may be called from within this call.
    """
    connecting = Connecting(reactor, addresses, port, protocol, patience, failed)
    connecting.try_next()
    return connecting
