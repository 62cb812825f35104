"""Connections watched together."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from tsnode.net.poller import Poller, watch_together


class Pipe:
    """A watched descriptor: the reading end of a pipe, into which the test writes. It notes what it is told."""

    def __init__(self, poller: Poller, end: str = "read") -> None:
        self.reading, self.writing = os.pipe()
        self.end = end
        self.poller = poller
        self.told: list[str] = []
        self.answer: Any = None
        self.on_read: Any = lambda: None

    def fileno(self) -> int:
        return self.reading if self.end == "read" else self.writing

    def doRead(self) -> object:
        self.told.append(os.read(self.reading, 100).decode())
        self.on_read()
        return self.answer

    def doWrite(self) -> object:
        self.told.append("may write")
        return self.answer

    def readConnectionLost(self, reason: Failure) -> None:
        self.told.append("no more to read")

    def connectionLost(self, reason: Failure) -> None:
        self.told.append(f"lost: {type(reason.value).__name__}")

    def release(self) -> None:
        self.told.append("released")

    def close(self) -> None:
        for fd in (self.reading, self.writing):
            try:
                os.close(fd)
            except OSError:
                continue


class Reactor(MemoryReactorClock):
    """Knows its readers, and is asked for nothing else."""


class Watching(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Reactor()
        self.poller = Poller(self.reactor)
        self.addCleanup(self.poller.close)

    def pipe(self, end: str = "read") -> Pipe:
        pipe = Pipe(self.poller, end)
        self.addCleanup(pipe.close)
        return pipe

    def test_the_reactor_sees_one_reader_whatever_is_watched(self) -> None:
        for pipe in (self.pipe(), self.pipe()):
            self.poller.addReader(pipe)
        self.assertEqual(list(self.reactor.getReaders()), [self.poller])

    def test_everything_that_is_ready_is_served_in_one_turn(self) -> None:
        one, other, idle = self.pipe(), self.pipe(), self.pipe()
        for pipe in (one, other, idle):
            self.poller.addReader(pipe)
        os.write(one.writing, b"one")
        os.write(other.writing, b"other")
        self.poller.doRead()
        self.assertEqual((one.told, other.told, idle.told), (["one"], ["other"], []))

    def test_what_is_not_watched_any_more_hears_nothing(self) -> None:
        pipe = self.pipe()
        self.poller.addReader(pipe)
        os.write(pipe.writing, b"x")
        self.poller.removeReader(pipe)
        self.poller.doRead()
        self.assertEqual(pipe.told, [])
        self.assertEqual(self.poller.getReaders(), [])

    def test_writers_are_told_that_they_may_write(self) -> None:
        pipe = self.pipe("write")
        self.poller.addWriter(pipe)
        self.assertEqual(self.poller.getWriters(), [pipe])
        self.poller.doRead()
        self.poller.removeWriter(pipe)
        self.poller.doRead()
        self.assertEqual(pipe.told, ["may write"])

    def test_the_end_of_what_is_read_is_no_loss(self) -> None:
        """Twisted's IHalfCloseableDescriptor."""
        pipe = self.pipe()
        pipe.answer = ConnectionDone()
        self.poller.addReader(pipe)
        os.write(pipe.writing, b"x")
        self.poller.doRead()
        self.assertEqual(pipe.told, ["x", "no more to read"])
        self.assertEqual(self.poller.getReaders(), [])

    def test_a_hang_up_with_nothing_left_to_read_ends_the_reading(self) -> None:
        pipe = self.pipe()
        self.poller.addReader(pipe)
        os.close(pipe.writing)
        self.poller.doRead()
        self.assertEqual(pipe.told, ["no more to read"])

    def test_an_error_of_a_connection_is_its_end(self) -> None:
        pipe = self.pipe()
        pipe.answer = ConnectionLost()
        self.poller.addReader(pipe)
        os.write(pipe.writing, b"x")
        self.poller.doRead()
        self.assertEqual(pipe.told, ["x", "lost: ConnectionLost"])

    def test_a_defect_costs_one_connection_and_is_logged(self) -> None:
        broken, other = self.pipe(), self.pipe()

        def fail() -> None:
            raise ZeroDivisionError

        broken.on_read = fail
        for pipe in (broken, other):
            self.poller.addReader(pipe)
            os.write(pipe.writing, b"x")
        self.poller.doRead()
        self.assertEqual(broken.told, ["x", "lost: ZeroDivisionError"])
        self.assertEqual(other.told, ["x"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_what_is_held_back_is_released_at_the_end_of_the_turn(self) -> None:
        one, other = self.pipe(), self.pipe()

        def hold() -> None:
            held = self.poller.held
            assert held is not None
            held.append(one)

        one.on_read = hold
        for pipe in (one, other):
            self.poller.addReader(pipe)
            os.write(pipe.writing, b"x")
        self.poller.doRead()
        self.assertEqual(one.told, ["x", "released"])
        self.assertIsNone(self.poller.held)

    def test_nothing_is_held_back_for_a_connection_alone(self) -> None:
        pipe = self.pipe()
        seen: list[object] = []
        pipe.on_read = lambda: seen.append(self.poller.held)
        self.poller.addReader(pipe)
        os.write(pipe.writing, b"x")
        self.poller.doRead()
        self.assertEqual(seen, [None])

    def test_everything_can_be_let_go_of_at_once(self) -> None:
        pipe = self.pipe()
        self.poller.addReader(pipe)
        self.assertEqual(self.poller.removeAll(), [pipe])
        self.assertEqual(self.poller.removeAll(), [])

    def test_a_reactor_without_descriptors_is_used_as_it_is(self) -> None:
        self.assertIs(watch_together(self.reactor), self.reactor)
