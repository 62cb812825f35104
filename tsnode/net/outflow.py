"""A request on its way out: head, then content in its framing, at the pace of the connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Protocol, assert_never

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from tsnode.model.errors import BadGateway, TsnodeError
from tsnode.model.messages import Chunked, Framing, Sized, UntilClose
from tsnode.ports import Buffer, Flow, IContent

__all__ = ["Outflow", "Sender"]

_BATCH = 262144
"""Octets gathered for one write to the kernel."""


class Sender(Protocol):
    """Whose request it is."""

    def octets_sent(self, octets: int) -> None:
        """That many more were given to the connection."""

    def request_sent(self) -> None:
        """All of the request was given to the connection. The last call."""

    def request_failed(self, failure: TsnodeError) -> None:
        """The rest of the content will never come. The last call."""


class _Pace(Enum):
    """What an outflow is waiting for."""

    CONTENT = "the content has nothing just now, or nothing was asked of it yet"
    CONNECTION = "the connection has enough to send"
    NOTHING = "the request is out, or was given up"


@implementer(IPushProducer)
class Outflow:
    """
    Brings one request's content to ``transport``.

    Content in the chunked coding gets its chunks here.
    """

    __slots__ = ("_content", "_framing", "_left", "_pace", "_registered", "_send", "_sender", "_taken", "_transport")

    def __init__(
        self,
        sender: Sender,
        transport: Any,
        send: Callable[[Sequence[Buffer]], None],
        content: IContent,
        framing: Framing,
    ) -> None:
        self._sender = sender
        self._transport = transport
        self._send = send
        self._content = content
        self._framing = framing
        self._left = framing.length if isinstance(framing, Sized) else 0
        self._pace = _Pace.CONTENT
        self._registered = False
        self._taken = False

    def begin(self, head: bytes) -> None:
        """Send ``head``, and the content behind it that is there already in the same write."""
        flow = self._send_some([head])
        if self._pace is _Pace.NOTHING:
            return
        if flow is Flow.OPEN:
            self._registered = True
            self._transport.registerProducer(self, True)
        self._go_on(flow)

    def _pump(self) -> None:
        if self._pace is _Pace.CONTENT:
            self._go_on(Flow.OPEN)

    def _go_on(self, flow: Flow) -> None:
        while flow is Flow.OPEN and self._pace is _Pace.CONTENT:
            buffers: list[Buffer] = []
            flow = self._send_some(buffers)
            if flow is Flow.OPEN and not buffers:
                self._content.notify(self._pump)
                return
        if self._pace is _Pace.NOTHING:
            return
        if flow is Flow.ENDED:
            self._finish()
            self._sender.request_sent()
        elif flow is Flow.FAILED:
            self._finish()
            self._sender.request_failed(
                self._content.failure or BadGateway("the request's content is not as long as announced")
            )

    def _send_some(self, buffers: list[Buffer]) -> Flow:
        """Send ``buffers`` and what the content has, up to a batch; tell what can be expected of the content."""
        content = self._content
        framing = self._framing
        size = 0
        while size < _BATCH:
            octets = content.take()
            if octets is None:
                break
            size += len(octets)
            match framing:
                case Chunked():
                    buffers += (b"%x\r\n" % len(octets), octets, b"\r\n")
                case Sized():
                    buffers.append(octets)
                case UntilClose():
                    raise AssertionError("a request cannot end with the connection")
                case impossible:
                    assert_never(impossible)
        self._taken = self._taken or size > 0
        flow = content.flow
        if isinstance(framing, Sized):
            self._left -= size
            if self._left < 0 or (self._left and flow is Flow.ENDED):
                # never send more or less than was announced: what follows would be read as another request
                return Flow.FAILED
        elif flow is Flow.ENDED:
            buffers.append(b"0\r\n%b\r\n" % content.trailers.render())
        if buffers:
            self._sender.octets_sent(sum(map(len, buffers)))
            self._send(buffers)
        return flow

    def _finish(self) -> None:
        self._pace = _Pace.NOTHING
        if self._registered:
            self._registered = False
            self._transport.unregisterProducer()

    def stop(self) -> None:
        """Send no more. Content of which nothing was taken stays as it is: another try may send it."""
        if self._pace is not _Pace.NOTHING:
            self._finish()
            if self._taken:
                self._content.close()

    def pauseProducing(self) -> None:
        """The connection has enough to send."""
        if self._pace is _Pace.CONTENT:
            self._pace = _Pace.CONNECTION

    def resumeProducing(self) -> None:
        """The connection takes more."""
        if self._pace is _Pace.CONNECTION:
            self._pace = _Pace.CONTENT
            self._pump()

    def stopProducing(self) -> None:
        """The connection is gone; whose request it is hears of that in another way."""
        self._registered = False
        self.pauseProducing()
