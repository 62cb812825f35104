"""The access log."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis.strategies import binary, floats, integers, lists, sampled_from, tuples
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tsnode.admin.access_log import (
    BATCH,
    WAITING_MOST,
    WAITING_OCTETS_MOST,
    AccessLog,
    NoAccessLog,
    render_lines,
)
from tsnode.model.counters import Counters
from tsnode.ports import IAccessLog

NOW = 1795202617.5375


class Lines(SynchronousTestCase):
    """What stands before it."""

    def test_a_line_starts_with_time_duration_and_client(self) -> None:
        self.assertEqual(
            render_lines([(NOW + 1.25, NOW, b"192.0.2.1", b"rest")]), b"1795202617.537 1250 192.0.2.1 rest\n"
        )

    def test_a_clock_that_was_set_back_gives_no_negative_duration(self) -> None:
        self.assertEqual(render_lines([(NOW - 5, NOW, b"::1", b"rest")]), b"1795202617.537 0 ::1 rest\n")

    @given(lists(tuples(sampled_from((0.0, 0.0004, 0.0011, 7)), sampled_from((0.0, 0.0013, 2.0)), binary(max_size=2))))
    def test_crowds_are_rendered_as_each_would_be_alone(self, crowd: list[tuple[float, float, bytes]]) -> None:
        lines = [(NOW + after + took, NOW + after, b"::1", rest) for after, took, rest in crowd]
        self.assertEqual(render_lines(lines), b"".join(render_lines([line]) for line in lines))

    @given(floats(0, 1e10), integers(0, 100_000))
    def test_times_are_exact_to_the_millisecond(self, started: float, took: int) -> None:
        line = render_lines([(started + took / 1000, started, b"::1", b"")])
        seconds, duration = line.split(b" ")[:2]
        self.assertLess(abs(float(seconds) - started), 0.00101)
        self.assertLessEqual(abs(int(duration) - took), 1)


class Disk:
    """Threads and files as far as an access log sees them: every write waits until the test lets it happen."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[bytes, bool], int], bytes, bool, Deferred[int]]] = []
        self.at_once = True
        self.problem: OSError | None = None

    def in_thread(self, function: Callable[[bytes, bool], int], octets: bytes, reopen: bool) -> Deferred[int]:
        if self.problem is not None:
            failing: Deferred[int] = Deferred()
            failing.errback(self.problem)
            return failing
        if self.at_once:
            return maybeDeferred(function, octets, reopen)
        self.waiting.append((function, octets, reopen, Deferred()))
        return self.waiting[-1][3]

    def go_on(self) -> None:
        """Carry out the one write that waits."""
        ((function, octets, reopen, done),) = self.waiting
        self.waiting.clear()
        done.callback(function(octets, reopen))


class Writing(SynchronousTestCase):
    """From a note to the file."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.counters = Counters()
        self.disk = Disk()
        self.path = Path(self.mktemp()) / "squid.log"
        self.log = AccessLog(self.path, self.clock, self.counters, self.disk.in_thread)

    def note(self, count: int = 1) -> None:
        for _ in range(count):
            self.log.note(NOW, NOW, b"::1", b"rest")

    def written(self, name: str = "squid.log") -> int:
        """How many lines are in the file."""
        path = self.path.with_name(name)
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def test_it_provides_the_interface(self) -> None:
        verifyObject(IAccessLog, self.log)

    def test_lines_are_in_the_file_within_a_second(self) -> None:
        self.note(3)
        self.assertEqual(self.written(), 0)
        self.clock.advance(1)
        self.assertEqual(self.path.read_bytes(), b"1795202617.537 0 ::1 rest\n" * 3)

    def test_many_lines_do_not_wait_that_long(self) -> None:
        self.note(BATCH + 1)
        self.assertEqual(self.written(), BATCH)
        self.clock.advance(1)
        self.assertEqual(self.written(), BATCH + 1)

    def test_an_idle_log_does_nothing(self) -> None:
        self.note()
        self.clock.advance(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_one_thread_writes_at_a_time_and_in_order(self) -> None:
        self.disk.at_once = False
        self.log.note(NOW, NOW, b"::1", b"first")
        self.clock.advance(1)
        self.log.note(NOW, NOW, b"::1", b"second")
        self.clock.advance(1)
        self.assertEqual(len(self.disk.waiting), 1)
        self.disk.go_on()
        self.disk.go_on()
        self.assertEqual(re.findall(rb"first|second", self.path.read_bytes()), [b"first", b"second"])

    def test_a_disk_that_stands_still_costs_lines_and_not_memory(self) -> None:
        self.disk.at_once = False
        self.note(WAITING_MOST + 3 * BATCH)
        self.assertEqual(self.counters.log_dropped, 3 * BATCH)
        while self.disk.waiting:
            self.disk.go_on()
        self.assertEqual(self.written(), WAITING_MOST)
        self.disk.at_once = True
        self.note(BATCH)
        self.assertEqual(self.written(), WAITING_MOST + BATCH)
        self.assertEqual(self.counters.log_dropped, 3 * BATCH)

    def test_long_lines_fill_what_can_wait_sooner(self) -> None:
        self.disk.at_once = False
        for _ in range(10 * BATCH):
            self.log.note(NOW, NOW, b"::1", b"x" * 8000)
        self.assertGreater(self.counters.log_dropped, 0)
        while self.disk.waiting:
            self.disk.go_on()
        self.assertLess(self.path.stat().st_size, WAITING_OCTETS_MOST)

    def test_a_disk_that_takes_a_part_gets_the_rest_next(self) -> None:
        self.disk.at_once = False
        self.note(2)
        self.clock.advance(1)
        ((function, octets, reopen, done),) = self.disk.waiting
        self.disk.waiting.clear()
        done.callback(function(octets[:30], reopen))
        self.disk.go_on()
        self.assertEqual(self.path.read_bytes(), octets)

    def test_a_failure_is_told_once_and_tried_again_every_second(self) -> None:
        self.disk.problem = OSError(errno.ENOSPC, "No space left on device")
        with capturedLogs() as told:
            self.note(2)
            self.clock.pump([1, 1, 1])
        warnings = [event for event in told if event["log_level"] is LogLevel.warn]
        self.assertEqual(len(warnings), 1)
        self.assertIn("No space left", warnings[0]["problem"])
        self.assertEqual(warnings[0]["path"], str(self.path))
        self.assertEqual(self.counters.log_failures, 3)
        self.disk.problem = None
        self.note()
        with capturedLogs() as told:
            self.clock.advance(1)
        self.assertEqual([event["log_level"] for event in told], [LogLevel.info])
        self.assertEqual(self.written(), 3)
        self.assertEqual(self.counters.log_dropped, 0)

    def test_a_full_batch_does_not_hurry_a_disk_that_failed(self) -> None:
        self.disk.problem = OSError(errno.EIO, "Input/output error")
        with capturedLogs():
            self.note(BATCH)
            self.note(3 * BATCH)
        self.assertEqual(self.counters.log_failures, 1)
        self.disk.problem = None
        self.clock.advance(1)
        self.assertEqual(self.written(), 4 * BATCH)

    def test_a_log_that_was_moved_away_is_left_alone(self) -> None:
        self.note()
        self.clock.advance(1)
        self.path.rename(self.path.with_name("squid.log.1"))
        self.note(2)
        self.clock.advance(1)
        self.assertEqual((self.written("squid.log.1"), self.written()), (1, 2))

    def test_reopening_makes_the_new_file_at_once(self) -> None:
        self.note()
        self.clock.advance(1)
        self.path.rename(self.path.with_name("squid.log.1"))
        self.log.reopen()
        self.assertTrue(self.path.exists())
        self.note()
        self.clock.advance(1)
        self.assertEqual((self.written("squid.log.1"), self.written()), (1, 1))

    def test_reopening_while_lines_wait_loses_none(self) -> None:
        self.disk.at_once = False
        self.note(2)
        self.clock.advance(1)
        self.log.reopen()
        self.log.reopen()
        while self.disk.waiting:
            self.disk.go_on()
        self.assertEqual(self.written(), 2)

    def test_closing_writes_what_is_queued(self) -> None:
        self.disk.at_once = False
        self.note(2)
        closed = self.log.close()
        self.assertNoResult(closed)
        self.disk.go_on()
        self.assertIsNone(self.successResultOf(closed))
        self.assertEqual(self.written(), 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_closing_with_nothing_to_write_ends_at_once(self) -> None:
        self.assertIsNone(self.successResultOf(self.log.close()))
        self.assertFalse(self.path.exists())

    def test_closing_does_not_wait_for_a_disk_that_fails(self) -> None:
        self.disk.problem = OSError(errno.ENOSPC, "No space left on device")
        with capturedLogs():
            self.note(2)
            self.clock.advance(1)
            self.assertIsNone(self.successResultOf(self.log.close()))
        self.assertEqual(self.counters.log_failures, 2)
        self.assertEqual(self.counters.log_dropped, 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class Off(SynchronousTestCase):
    def test_a_log_that_is_turned_off_notes_nothing(self) -> None:
        log = NoAccessLog()
        verifyObject(IAccessLog, log)
        log.note(NOW, NOW, b"::1", b"rest")
        self.assertIsNone(self.successResultOf(log.close()))
