"""The contract of a fill notices fills that break it. That a right one passes is in ``tests/stores``."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from tests.testing.passing import Passing
from tests.testing.verdicts import fails
from tsnode.model.alternate import Alternate
from tsnode.model.errors import TsnodeError
from tsnode.model.target import CacheKey
from tsnode.ports import Buffer, ICacheStore, IContent, IFill
from tsnode.stores.memory import MemoryStore
from tsnode.testing.fills import FillContract


class Optimistic(Passing):
    def abort(self, reason: TsnodeError, part: Alternate | None = None) -> None:
        self.fill.commit()


class Late(Passing):
    def read(self) -> IContent:
        reader = self.fill.read()
        reader.take()
        return reader


class Hasty(Passing):
    def write(self, octets: Buffer) -> bool:
        self.fill.write(octets)
        return True

    def when_drained(self, callback: Callable[[], None]) -> None:
        callback()


class Keeping(Passing):
    def finish(self) -> None:
        self.fill.commit()


class Silent(Passing):
    def when_unread(self, callback: Callable[[bool], None]) -> None:
        """Tells nothing."""


class Hanging(Passing):
    def when_drained(self, callback: Callable[[], None]) -> None:
        """Never calls back."""


class Fills(SynchronousTestCase):
    """Each of these is wrong in one way, which some test tells."""

    def fails(self, wrong: type[Passing], test: str) -> bool:
        class Store(MemoryStore):
            def begin(self, key: CacheKey, alternate: Alternate, replaced: Alternate | None) -> IFill | None:
                fill = super().begin(key, alternate, replaced)
                return wrong(fill) if fill is not None else None

        def make(limit: int) -> ICacheStore:
            return Store(limit, cutoff=limit, most_alternates=0)

        return fails(FillContract, test, make)

    def test_one_that_just_passes_on_is_right(self) -> None:
        for name in dir(FillContract):
            if name.startswith("test_"):
                self.assertFalse(self.fails(Passing, name), name)

    def test_one_that_takes_what_was_cut_short_for_whole(self) -> None:
        self.assertTrue(self.fails(Optimistic, "test_readers_of_what_was_aborted_take_what_came_and_fail"))

    def test_one_whose_readers_miss_the_beginning(self) -> None:
        self.assertTrue(self.fails(Late, "test_every_reader_gets_all_at_its_own_pace"))

    def test_one_that_never_waits_for_anybody(self) -> None:
        self.assertTrue(self.fails(Hasty, "test_a_content_too_long_to_keep_goes_on_for_its_readers_alone"))

    def test_one_that_keeps_what_it_should_not(self) -> None:
        self.assertTrue(self.fails(Keeping, "test_what_is_finished_is_read_to_its_end_and_not_kept"))

    def test_one_that_never_says_that_nobody_reads(self) -> None:
        self.assertTrue(self.fails(Silent, "test_the_writer_hears_each_time_nobody_reads_any_more"))

    def test_one_that_never_lets_the_writer_go_on(self) -> None:
        self.assertTrue(self.fails(Hanging, "test_a_content_too_long_to_keep_goes_on_for_its_readers_alone"))
