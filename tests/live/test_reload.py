"""A busy node whose configuration changes again and again, now for the better and now for the worse."""

from __future__ import annotations

import os
import signal
import time
from threading import Thread

from twisted.logger import Logger

from tests.live.kit import Client, LiveCase, Node, free_port, wait_until
from tests.live.origin import Origin, answer_with, respond

_DEEP = os.environ.get("TSNODE_HYPOTHESIS") == "deep"
_RELOADS = 1000 if _DEEP else 100
_RATE = 1000
"""Requests a second, of all clients together."""
_CLIENTS = 8
_MISSES = 10
"""One request of so many is for what nobody asked for before."""
_PACE = 0.1
"""Seconds from one reload to the next."""
_GROWTH = 8 << 20
"""Octets of memory by which a node may have grown in the second half of the reloads."""


class _Asker(Thread):
    """A client that asks at its pace until it is told to stop, and notes what was not answered as it should be."""

    def __init__(self, node: Node, origin: Origin, number: int) -> None:
        super().__init__(daemon=True)
        self._client = Client(node.port)
        self._origin = origin
        self._number = number
        self.asked = 0
        self.slowest = 0.0
        self.failures: list[str] = []
        self.stopping = False

    def run(self) -> None:
        """See Thread."""
        step = _CLIENTS / _RATE
        due = time.monotonic()
        try:
            while not self.stopping:
                self._ask()
                due += step
                time.sleep(max(0.0, due - time.monotonic()))
        except Exception as fault:  # noqa: BLE001  # whatever it is, the test is to know
            self.failures.append(repr(fault))
        finally:
            self._client.close()

    def _ask(self) -> None:
        self.asked += 1
        page = f"/{self._number}/{self.asked}" if self.asked % _MISSES == 0 else "/page"
        begun = time.monotonic()
        self._client.get(self._origin.url(page))
        answer = self._client.read_answer()
        self.slowest = max(self.slowest, time.monotonic() - begun)
        if (answer.status, answer.content) != (200, b"content"):
            self.failures.append(f"{answer.status} for {page}")


class Reloads(LiveCase):
    """SIGHUP."""

    _log = Logger()

    def setUp(self) -> None:
        super().setUp()
        self.origin = self.start_origin(answer_with(respond(b"content", b"Cache-Control: max-age=3600")))
        self.port = free_port()
        self.write(0)
        self.node = self.launch(self.port)
        self.node.wait_for(self.port)

    def write(self, number: int) -> None:
        """The configuration of the reload of that number: each even one is good, and unlike the one before it."""
        good = (
            f"proxy.config.http.insert_response_via_str INT {number // 2 % 2}",
            f"proxy.config.http.keep_alive_no_activity_timeout_out INT {100 + number // 2 % 2}",
            f"proxy.config.http.cache.when_to_revalidate INT {number // 4 % 2 * 4}",
            "proxy.config.cache.ram_cache.size INT 1M",
        )
        bad = ("proxy.config.http.cache.http INT some",)
        self.configure(*(bad if number % 2 else good), port=self.port)
        rules = "".join(f"map http://r{rule}.example/ http://o{rule}-{number}.example/\n" for rule in range(100))
        (self.folder / "etc" / "remap.config").write_text(rules, encoding="ascii")

    def outcomes(self) -> tuple[int, int]:
        """How many reloads were taken and how many refused, by what the node printed."""
        printed = self.node.output
        return printed.count("the new configuration is in use"), printed.count("the configuration stays as it was")

    def reload(self, number: int) -> None:
        """Reload, and see what becomes of it."""
        self.write(number)
        begun = time.monotonic()
        self.node.send_signal(signal.SIGHUP)
        wait_until(lambda: sum(self.outcomes()) == number, f"reload {number}", 30.0)
        time.sleep(max(0.0, begun + _PACE - time.monotonic()))

    def test_no_request_fails_and_nothing_is_left_behind(self) -> None:
        askers = [_Asker(self.node, self.origin, number) for number in range(_CLIENTS)]
        begun = time.monotonic()
        for asker in askers:
            asker.start()
        memory: list[int] = []
        files: list[int] = []
        for number in range(1, _RELOADS + 1):
            self.reload(number)
            memory.append(self.node.memory())
            files.append(self.node.open_files())
        for asker in askers:
            asker.stopping = True
        for asker in askers:
            asker.join(30)
        took = time.monotonic() - begun
        asked = sum(asker.asked for asker in askers)
        half = len(memory) // 2
        self._log.info(
            "{reloads} reloads in {took:.1f} s under {rate:.0f} requests/s; slowest answer {slowest:.0f} ms; memory"
            " {first:.1f}, {middle:.1f}, {last:.1f} MB; open files {files}",
            reloads=_RELOADS, took=took, rate=asked / took, slowest=1e3 * max(asker.slowest for asker in askers),
            first=memory[0] / 2**20, middle=memory[half] / 2**20, last=memory[-1] / 2**20,
            files=(files[0], files[half], files[-1]),
        )  # fmt: skip
        self.assertEqual([failure for asker in askers for failure in asker.failures], [])
        self.assertEqual(self.outcomes(), (_RELOADS // 2, _RELOADS // 2))
        self.assertNotIn("Traceback", self.node.output)
        self.assertGreater(asked / took, 0.7 * _RATE)
        self.assertLess(memory[-1] - memory[half], _GROWTH)
        # every asker has a connection, and the node as many to the origin at most, in two kinds for a moment
        self.assertLess(max(files), files[0] + 2 * _CLIENTS + 10)
