"""
The access log: one line a transaction, in Traffic Server's ``squid`` format.

What is noted is rendered in batches, off the way of requests, and written by a thread, so that no disk stops the node.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from tsnode.admin.log_file import LogFile
from tsnode.model.counters import Counters
from tsnode.ports import IAccessLog

__all__ = [
    "BATCH",
    "WAITING_MOST",
    "WAITING_OCTETS_MOST",
    "AccessLog",
    "InThread",
    "Line",
    "NoAccessLog",
    "render_lines",
]

InThread = Callable[[Callable[[bytes, bool], int], bytes, bool], Deferred[int]]
"""Calls a function with its arguments in a thread; ``deferToThreadPool`` with its first two arguments."""

Line = tuple[float, float, bytes, bytes]
"""Now and the start of the transaction in seconds since the epoch, the client's address, and the rest of the line."""

BATCH = 2000
"""Lines that are rendered and written at once; fewer where a second has passed."""

WAITING_MOST = 100_000
"""Lines that wait for a slow disk; what comes on top is lost."""

WAITING_OCTETS_MOST = 64 << 20
"""Their octets, all together."""


def render_lines(lines: Iterable[Line]) -> bytes:
    """
    Lines as they stand in the file.

    Transactions of the same millisecond, which come in crowds, share the octets of their times.
    """
    parts: list[bytes] = []
    last: tuple[int, int] | None = None
    stamp = b""
    for now, started, client, rest in lines:
        millisecond = int(started * 1000)
        # a clock that was set back must not give a negative time
        took = int((now - started) * 1000) if now > started else 0
        if (millisecond, took) != last:
            last = millisecond, took
            stamp = b"%d.%03d %d " % (*divmod(millisecond, 1000), took)
        parts += (stamp, client, b" ", rest, b"\n")
    return b"".join(parts)


class _Writer(Enum):
    IDLE = "nothing under way"
    WRITING = "a thread is writing"
    FAILED = "the last try failed; the next one is due within a second"


@implementer(IAccessLog)
class AccessLog:
    """
    Writes the file at ``path``.

    A file that was moved away is replaced by a new one within a second. While it cannot be written, that is tried
    every second, and a bounded number of lines waits.
    """

    _log = Logger()

    def __init__(self, path: Path, clock: IReactorTime, counters: Counters, in_thread: InThread) -> None:
        self._file = LogFile(path)
        self._clock = clock
        self._counters = counters
        self._in_thread = in_thread
        self._lines: list[Line] = []
        self._batches: deque[tuple[bytes, int]] = deque()
        self._waiting = 0
        self._octets = 0
        self._reopen = False
        self._writer = _Writer.IDLE
        self._healthy = True
        self._timer: IDelayedCall | None = None
        self._closed: Deferred[None] | None = None

    def note(self, now: float, started: float, client: bytes, rest: bytes) -> None:
        """See :class:`tsnode.ports.IAccessLog`."""
        lines = self._lines
        lines.append((now, started, client, rest))
        count = len(lines)
        if count == 1:
            self._come_back()
        elif count == BATCH:
            self._seal()
            self._write()

    def reopen(self) -> None:
        """Leave the file to whoever moved it, and start a new one."""
        self._reopen = True
        if not self._batches or self._batches[-1][0]:
            self._batches.append((b"", 0))
        self._write()

    def close(self) -> Deferred[None]:
        """See :class:`tsnode.ports.IAccessLog`; what cannot be written at once by then is lost."""
        self._closed = closed = Deferred[None]()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writer is _Writer.FAILED:
            self._writer = _Writer.IDLE
        self._seal()
        self._write()
        return closed

    def _come_back(self) -> None:
        """Look at what is there in a second."""
        if self._timer is None and self._closed is None:
            self._timer = self._clock.callLater(1.0, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._writer is _Writer.FAILED:
            self._writer = _Writer.IDLE
        self._seal()
        self._write()

    def _seal(self) -> None:
        """Make a batch of what was noted, if there is room for it."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        octets = render_lines(lines)
        if self._waiting + len(lines) > WAITING_MOST or self._octets + len(octets) > WAITING_OCTETS_MOST:
            self._counters.log_dropped += len(lines)
            return
        self._batches.append((octets, len(lines)))
        self._waiting += len(lines)
        self._octets += len(octets)

    def _write(self) -> None:
        """Have the next batch written, unless one is being written or that failed just now."""
        if self._writer is not _Writer.IDLE:
            return
        if not self._batches:
            self._end()
            return
        self._writer = _Writer.WRITING
        reopen, self._reopen = self._reopen, False
        self._in_thread(self._file.append, self._batches[0][0], reopen).addCallbacks(self._written, self._not_written)

    def _end(self) -> None:
        if self._closed is not None and not self._closed.called:
            self._file.close()
            self._closed.callback(None)

    def _written(self, octets: int) -> None:
        batch, lines = self._batches[0]
        self._octets -= octets
        if octets < len(batch):
            self._batches[0] = batch[octets:], lines
        else:
            self._batches.popleft()
            self._waiting -= lines
            if not self._healthy:
                self._healthy = True
                self._log.info("{path} is being written again", path=str(self._file.path))
        self._writer = _Writer.IDLE
        self._write()

    def _not_written(self, failure: Failure) -> None:
        failure.trap(OSError)
        self._counters.log_failures += 1
        if self._healthy:
            self._healthy = False
            self._log.warn(
                "{path} cannot be written: {problem}; trying again every second, {most} lines can wait",
                path=str(self._file.path),
                problem=failure.getErrorMessage(),
                most=WAITING_MOST,
            )
        self._writer = _Writer.FAILED
        if self._closed is None:
            self._come_back()
            return
        self._counters.log_dropped += self._waiting
        self._batches.clear()
        self._waiting = self._octets = 0
        self._end()


@implementer(IAccessLog)
class NoAccessLog:
    """Notes nothing, for a node whose access log is turned off."""

    def note(self, now: float, started: float, client: bytes, rest: bytes) -> None:
        """See :class:`tsnode.ports.IAccessLog`."""

    def close(self) -> Deferred[None]:
        """See :class:`tsnode.ports.IAccessLog`."""
        return succeed(None)
