"""
Micro-benchmarks: what single steps cost in one process, without a network.

Each line is the median of several runs, in microseconds of processor time a call.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from twisted.internet.protocol import Factory, Protocol

from tsnode.semantics.plain_get import read_plain_get
from tsnode.semantics.reader import ReaderLimits, RequestReader, ResponseReader
from tsnode.testing.node import NodeInMemory

__all__ = ["main"]

_RUNS = 5
_CALLS = 5_000
_HEAD = b"GET http://a.example/%d HTTP/1.1\r\nHost: a.example\r\n\r\n"
_BROWSER = (
    b"GET http://a.example/%d HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    b"Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate\r\n"
    b"Referer: http://a.example/\r\nX-Request-Id: %d\r\n\r\n"
)
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n"
    b"Cache-Control: max-age=3600\r\nETag: \"%d\"\r\n\r\n"
)
_LIMITS = ReaderLimits(head=131_072, line=65_535)


def _cost(call: Callable[[int], object]) -> float:
    """Microseconds of processor time that one call takes; ``call`` is told how many there were before."""
    costs = []
    count = 0
    for _ in range(_RUNS):
        started = time.process_time()
        for _ in range(_CALLS):
            call(count)
            count += 1
        costs.append((time.process_time() - started) / _CALLS * 1e6)
    return median(costs)


def _reading() -> dict[str, float]:
    """What it costs to read a head that was never seen before."""
    requests = RequestReader(_LIMITS)
    answers = ResponseReader(_LIMITS)

    def read_request(number: int) -> None:
        requests.receive(_BROWSER % (number, number))
        requests.next()

    def read_answer(number: int) -> None:
        answers.expect(b"GET")
        answers.receive(_ANSWER % number + b"x" * 1024)
        answers.next()
        answers.take_whole()

    return {
        "read a request head of 7 fields": _cost(read_request),
        "the same, by the lane's reader": _cost(lambda number: read_plain_get(_BROWSER % (number, number))),
        "read an answer of 1 KB": _cost(read_answer),
    }


class _Origin(Factory):
    """Gives the same answer to whatever it is sent."""

    def buildProtocol(self, addr: object) -> Protocol:
        """See IProtocolFactory."""
        return _OriginLink()


class _OriginLink(Protocol):
    answer = _ANSWER % 1 + b"x" * 1024

    def dataReceived(self, data: bytes) -> None:
        """See IProtocol."""
        self.transport.write(self.answer)  # type: ignore[union-attr]  # connected by then


def _journeys() -> dict[str, float]:
    """What a request costs from the client's octets to the answer's, connections in memory included."""
    node = NodeInMemory()
    node.network.listeners[node.network.address_of("a.example"), 80] = _Origin()
    node.get("http://a.example/0")
    client = node.client()

    def ask(head: bytes) -> None:
        client.received = b""
        client.send(head)

    return {
        "a hit of 1 KB, equal heads": _cost(lambda _: ask(_HEAD % 0)),
        "a hit of 1 KB, heads that were never seen": _cost(lambda number: ask(_BROWSER % (0, number))),
        "a miss of 1 KB, stored": _cost(lambda number: ask(_HEAD % (number + 1))),
    }


def main() -> None:
    """Print the table."""
    for name, cost in (_reading() | _journeys()).items():
        print(f"{cost:8.2f} us  {name}")


if __name__ == "__main__":
    main()
