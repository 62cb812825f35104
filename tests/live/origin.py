"""An origin that does exactly what a test tells it, however wrong that is."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock, Thread

__all__ = ["Origin", "Serve", "Visit", "answer_with", "respond", "swallow"]

_PATIENCE = 30.0


class Visit:
    """One connection to an origin. ``received`` is everything that came so far."""

    def __init__(self, accepted: socket.socket) -> None:
        self._socket = accepted
        self._taken = 0
        self.received = b""

    def read_some(self) -> bytes:
        """What comes next, nothing at the end."""
        octets = self._socket.recv(1 << 18)
        self.received += octets
        return octets

    def read_until(self, mark: bytes) -> bytes:
        """Octets that were not taken yet, up to the end of ``mark``; nothing where the other side closes before it."""
        while (found := self.received.find(mark, self._taken)) < 0:
            if not self.read_some():
                return b""
        start, self._taken = self._taken, found + len(mark)
        return self.received[start : self._taken]

    def read_exactly(self, count: int) -> bytes:
        """The next ``count`` octets, fewer where the other side closes."""
        while len(self.received) < self._taken + count and self.read_some():
            pass
        start, self._taken = self._taken, min(self._taken + count, len(self.received))
        return self.received[start : self._taken]

    def send(self, octets: bytes) -> None:
        """Send all of it."""
        self._socket.sendall(octets)

    def close(self) -> None:
        """Hang up, for the other side to see at once."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


Serve = Callable[[Visit], None]


class Origin:
    """
    A server whose connections are each served by a function, in a thread of its own, and closed when that returns.

    ``visits`` are all connections so far, in the order in which they came.
    """

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._threads: list[Thread] = []
        self._faults: list[BaseException] = []
        self._lock = Lock()
        self._stopped = False
        self.port: int = self._listener.getsockname()[1]
        self.visits: list[Visit] = []
        self._start(self._accept)

    @property
    def received(self) -> bytes:
        """Everything that came over any connection."""
        return b"".join(visit.received for visit in self.visits)

    def url(self, path: str = "/") -> str:
        """The URL of a path here."""
        return f"http://127.0.0.1:{self.port}{path}"

    def _start(self, work: Callable[[], None]) -> None:
        thread = Thread(target=work, daemon=True)
        with self._lock:
            self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                accepted.settimeout(_PATIENCE)
                visit = Visit(accepted)
                with self._lock:
                    self.visits.append(visit)
                if self._stopped:
                    visit.close()
                self._start(partial(self._visit, visit))

    def _visit(self, visit: Visit) -> None:
        try:
            self._serve(visit)
        except OSError:
            pass  # the node hung up, which many tests mean it to
        except BaseException as fault:  # noqa: BLE001  # told to the test in its own thread
            self._faults.append(fault)
        visit.close()

    def stop(self) -> list[BaseException]:
        """Close everything; what went wrong in the serving function."""
        self._stopped = True
        # wakes the thread that waits in accept
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            visits, threads = list(self.visits), list(self._threads)
        for visit in visits:
            visit.close()
        for thread in threads:
            thread.join(_PATIENCE)
        return self._faults


def respond(content: bytes, *lines: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer with more field lines and its length."""
    length = b"Content-Length: %d" % len(content)
    return b"\r\n".join([b"HTTP/1.1 " + status, length, *lines, b"", content])


def answer_with(answer: bytes) -> Serve:
    """Answer every request that has no content with the same octets, and stay connected."""

    def serve(visit: Visit) -> None:
        while visit.read_until(b"\r\n\r\n"):
            visit.send(answer)

    return serve


def swallow(visit: Visit) -> None:
    """Read until the other side hangs up, and answer nothing."""
    while visit.read_some():
        pass
