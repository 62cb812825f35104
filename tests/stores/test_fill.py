"""Fills in memory: the pace of readers and writer. What any fill does is in the contract, run for the memory store."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, integers, lists, tuples
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.alternate import Alternate
from tsnode.model.target import CacheKey
from tsnode.ports import Flow
from tsnode.stores.fill import WINDOW, MemoryFill
from tsnode.testing.fills import KEY, make_alternate, take_all


class Ledger:
    """A keeper with unlimited room, that writes down what it is told."""

    def __init__(self) -> None:
        self.charged = 0
        self.kept: list[tuple[bytes, ...]] = []

    def charge(self, octets: int) -> bool:
        self.charged += octets
        return True

    def keep(
        self, key: CacheKey, alternate: Alternate, replaced: Alternate | None, pieces: tuple[bytes, ...], length: int
    ) -> Alternate | None:
        self.kept.append(pieces)
        return alternate

    def discard(self, key: CacheKey, alternate: Alternate) -> None:
        raise AssertionError("nothing was to be replaced")


PIECE = b"x" * 65536


class Pace(SynchronousTestCase):
    """A content that is not kept, and readers of different speed."""

    def setUp(self) -> None:
        self.ledger = Ledger()
        self.fill = MemoryFill(self.ledger, KEY, make_alternate(), None, most=0)
        self.drained = 0

    def count(self) -> None:
        self.drained += 1

    def test_the_writer_waits_for_the_slowest_reader(self) -> None:
        fast, slow = self.fill.read(), self.fill.read()
        written = 0
        while self.fill.write(PIECE):
            written += 1
        self.assertEqual(written, WINDOW // len(PIECE) - 1)
        self.fill.when_drained(self.count)
        take_all(fast)
        self.assertEqual(self.drained, 0)
        slow.take()
        self.assertEqual(self.drained, 1)
        take_all(slow)
        self.assertEqual(self.drained, 1)
        self.assertTrue(self.fill.write(PIECE))

    def test_a_slow_reader_that_leaves_holds_nobody_up(self) -> None:
        reader = self.fill.read()
        slow = self.fill.read()
        while self.fill.write(PIECE):
            reader.take()
        self.fill.when_drained(self.count)
        slow.close()
        self.assertEqual(self.drained, 1)
        self.assertTrue(self.fill.write(PIECE))

    def test_who_has_nobody_to_wait_for_is_never_told_to_wait(self) -> None:
        for _ in range(20):
            self.assertTrue(self.fill.write(PIECE))
        self.assertEqual(self.ledger.charged, 0)

    def test_many_small_pieces_fill_the_window_as_well(self) -> None:
        """Each of them takes memory beside its octets."""
        self.fill.read()
        written = 0
        while self.fill.write(b"x"):
            written += 1
        self.assertLess(written, WINDOW // 100)

    def test_what_readers_still_hold_is_counted_until_they_took_it(self) -> None:
        reader = self.fill.read()
        while self.fill.write(PIECE):
            pass
        self.assertGreater(self.ledger.charged, WINDOW)
        take_all(reader)
        self.fill.write(b"x")
        self.assertLess(self.ledger.charged, 1000)
        self.fill.commit()
        self.assertEqual(self.ledger.charged, 0)
        self.assertEqual(self.ledger.kept, [])


class Sharing(SynchronousTestCase):
    """What readers get."""

    def test_readers_get_the_written_octets_themselves(self) -> None:
        fill = MemoryFill(Ledger(), KEY, make_alternate(), None, most=1 << 20)
        reader = fill.read()
        fill.write(PIECE)
        self.assertIs(reader.take(), PIECE)

    def test_a_chain_of_very_many_pieces_can_be_let_go_of(self) -> None:
        ledger = Ledger()
        fill = MemoryFill(ledger, KEY, make_alternate(), None, most=1 << 20)
        reader = fill.read()
        for _ in range(200_000):
            fill.write(b"x")
        reader.close()
        fill.commit()
        self.assertEqual(ledger.kept, [(b"x" * 200_000,)])

    @given(lists(tuples(binary(max_size=50), integers(0, 7)), max_size=20))
    def test_every_reader_gets_the_same_whenever_it_takes(self, steps: list[tuple[bytes, int]]) -> None:
        ledger = Ledger()
        fill = MemoryFill(ledger, KEY, make_alternate(), None, most=1 << 20)
        readers = [fill.read() for _ in range(3)]
        taken = [b"", b"", b""]
        for octets, who in steps:
            fill.write(octets)
            for number, reader in enumerate(readers):
                if who >> number & 1:
                    taken[number] += take_all(reader)
        fill.commit()
        whole = b"".join(octets for octets, _ in steps)
        for number, reader in enumerate(readers):
            self.assertEqual(taken[number] + take_all(reader), whole)
            self.assertIs(reader.flow, Flow.ENDED)
        self.assertEqual(b"".join(ledger.kept[0]), whole)
