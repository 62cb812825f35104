"""One fetch for two hundred clients."""

from __future__ import annotations

import random
import selectors
from threading import Event

from tests.live.kit import Client, LiveCase, wait_until
from tests.live.origin import Visit

_CLIENTS = 200
_CONTENT = random.Random(11).randbytes(10 << 20)
_HALF = len(_CONTENT) // 2
_DROP = 1 << 16


class _Reading:
    """What one client has read: ``count`` octets of content, all of them as they should be while ``right``."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.count = 0
        self.right = True
        self.over = False
        self.head = b""

    def read(self) -> None:
        """Take what there is."""
        octets = self.client.read_some()
        if not octets:
            self.over = True
            return
        if not self.head.endswith(b"\r\n\r\n"):
            head, mark, octets = (self.head + octets).partition(b"\r\n\r\n")
            self.head = head + mark
        self.right = self.right and octets == _CONTENT[self.count : self.count + len(octets)]
        self.count += len(octets)

    @property
    def is_whole(self) -> bool:
        """Whether everything came, and nothing else."""
        return self.right and self.count == len(_CONTENT) and self.head.startswith(b"HTTP/1.1 200 ")


class SharedFetch(LiveCase):
    """Many clients ask for one object that is not stored, and that its origin brings in drops."""

    def setUp(self) -> None:
        super().setUp()
        self.go_on = Event()
        # in the end even if the test failed: an origin that waits would hold up the cleanup
        self.origin = self.start_origin(self.drip)
        self.addCleanup(self.go_on.set)
        self.node = self.start_node("proxy.config.cache.ram_cache.size INT 256M")
        self.selector = selectors.DefaultSelector()
        self.addCleanup(self.selector.close)

    def drip(self, visit: Visit) -> None:
        """Send one half, and the other when the test says so."""
        while visit.read_until(b"\r\n\r\n"):
            visit.send(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: %d\r\n\r\n" % len(_CONTENT))
            for at in range(0, len(_CONTENT), _DROP):
                if at == _HALF:
                    self.go_on.wait(30)
                visit.send(_CONTENT[at : at + _DROP])

    def ask(self, clients: int) -> list[_Reading]:
        """Connect that many clients, and let all of them ask at once."""
        readings = [_Reading(self.connect(self.node.port)) for _ in range(clients)]
        for reading in readings:
            self.selector.register(reading.client.socket, selectors.EVENT_READ, reading)
            reading.client.get(self.origin.url("/large"), "Connection: close")
        return readings

    def leave(self, reading: _Reading) -> None:
        """One client hangs up."""
        self.selector.unregister(reading.client.socket)
        reading.client.close()

    def read_until_all(self, readings: list[_Reading], count: int) -> None:
        """Read whatever comes until every one of ``readings`` has that much, or can get no more."""

        def enough() -> bool:
            for key, _ in self.selector.select(0.1):
                key.data.read()
                if key.data.over:
                    self.selector.unregister(key.fileobj)
            return all(reading.over or reading.count >= count for reading in readings)

        wait_until(enough, f"{count} octets for everyone", patience=90)

    def check_whole(self, readings: list[_Reading]) -> None:
        """Everyone has the whole content, and the origin was asked once."""
        self.assertEqual([reading.count for reading in readings if not reading.is_whole], [])
        self.assertEqual(self.origin.received.count(b"GET "), 1)

    def test_all_get_it_as_it_comes_and_the_origin_is_asked_once(self) -> None:
        readings = self.ask(_CLIENTS)
        self.read_until_all(readings, _HALF)
        self.assertFalse(self.go_on.is_set(), "the fill is not over")
        self.assertEqual([reading.count for reading in readings], [_HALF] * _CLIENTS)
        self.go_on.set()
        self.read_until_all(readings, len(_CONTENT))
        self.check_whole(readings)

    def test_the_first_client_may_leave_in_the_middle(self) -> None:
        (first,) = self.ask(1)
        self.read_until_all([first], 1)
        others = self.ask(20)
        self.read_until_all([first, *others], _HALF)
        self.leave(first)
        self.go_on.set()
        self.read_until_all(others, len(_CONTENT))
        self.check_whole(others)

    def test_who_comes_when_all_others_left_finds_it_stored(self) -> None:
        (first,) = self.ask(1)
        self.read_until_all([first], 1)
        self.leave(first)
        self.go_on.set()
        (late,) = self.ask(1)
        self.read_until_all([late], len(_CONTENT))
        self.check_whole([late])
