"""Thousands of connections that do nothing, or hardly anything, while others want to be served."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable

from twisted.logger import Logger

from tests.live.kit import Client, LiveCase
from tests.live.origin import answer_with, respond

_FILES = 16_000
_SLOW = 2_000
_IDLE = 10_000
_HITS = 50
_PACE = 0.02
"""Seconds from one measured hit to the next, so that all of them take about one."""

_KILOBYTE = 1024
_PER_SOURCE = 2_000


def _limit() -> str | None:
    """Why so many connections cannot be had here."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < _FILES:
        return f"needs {_FILES} open files, may have {hard}"
    return None


class Crowd(LiveCase):
    """One node, and as many connections as a busy day brings."""

    skip = _limit()
    _log = Logger()

    def setUp(self) -> None:
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.large = b"x" * (1 << 20)
        self.origin = self.start_origin(answer_with(respond(b"small", b"Cache-Control: max-age=3600")))
        self.node = self.start_node("proxy.config.log.logging_enabled INT 0")
        self.url = self.origin.url("/small")
        self.asking = self.connect(self.node.port)
        self.hit()
        self.before = self.node.memory()
        self.opened = 0

    def hit(self) -> float:
        """The seconds that one stored answer takes."""
        start = time.perf_counter()
        self.asking.get(self.url)
        answer = self.asking.read_answer()
        took = time.perf_counter() - start
        self.assertEqual(answer.content, b"small")
        return took

    def measure(self, meanwhile: Callable[[int], None]) -> None:
        """Others are served at once, whatever goes on ``meanwhile``, which is told how many hits there were so far."""
        times = []
        for number in range(_HITS):
            meanwhile(number)
            times.append(self.hit())
            time.sleep(_PACE)
        median, worst = statistics.median(times), max(times)
        grown = self.node.memory() - self.before
        each = grown / max(1, self.opened)
        self._log.info(
            "{test}: a hit takes {median:.1f} ms, {worst:.1f} ms at worst; {each:.0f} octets a connection",
            test=self.id(), median=median * 1e3, worst=worst * 1e3, each=each,
        )  # fmt: skip
        self.assertLess(median, 0.05, f"worst: {worst}")
        self.assertLess(each, 20 * _KILOBYTE)

    def crowd(self, count: int, *, receive_buffer: int = 0) -> list[Client]:
        """That many connections, from as many addresses as it takes."""
        clients = []
        for _ in range(count):
            source = f"127.0.0.{2 + self.opened // _PER_SOURCE}"
            clients.append(self.connect(self.node.port, source=source, receive_buffer=receive_buffer))
            self.opened += 1
        return clients

    def test_slow_heads_and_idle_connections_cost_others_nothing(self) -> None:
        idle = self.crowd(_IDLE)
        for client in idle:
            client.get(self.url)
        for client in idle:
            client.read_until(b"small")
        slow = self.crowd(_SLOW)
        head = f"GET {self.url} HTTP/1.1\r\n".encode("ascii")
        for client in slow:
            client.send(head[:1])
        share = _SLOW // _HITS

        def one_octet_each(number: int) -> None:
            for client in slow[number * share : (number + 1) * share]:
                client.send(head[1:2])

        self.measure(one_octet_each)
        # and every one of them is still served
        for client in slow[::100]:
            client.send(head[2:] + b"Host: x\r\n\r\n")
            self.assertTrue(client.read_until(b"small").startswith(b"HTTP/1.1 200 "))
        for client in idle[::500]:
            client.get(self.url)
            self.assertTrue(client.read_until(b"small").startswith(b"HTTP/1.1 200 "))

    def test_slow_readers_cost_others_nothing(self) -> None:
        """What they do not take is in the store once, not once for each of them."""
        origin = self.start_origin(answer_with(respond(self.large, b"Cache-Control: max-age=3600")))
        url = origin.url("/large")
        self.asking.get(url)
        self.assertEqual(len(self.asking.read_answer().content), len(self.large))
        self.before = self.node.memory()
        slow = self.crowd(_SLOW, receive_buffer=4096)
        for client in slow:
            client.get(url)
        for client in slow:
            self.assertNotEqual(client.read_some(), b"")

        def one_reads(number: int) -> None:
            self.assertNotEqual(slow[number].read_some(), b"")

        self.measure(one_reads)
        # and the last of them gets the rest as soon as it reads
        last = slow[-1]
        last.get(url, "Connection: close")
        self.assertTrue(last.read_to_end().endswith(b"\r\n\r\n" + self.large))
        self.assertEqual(origin.received.count(b"GET "), 1)
