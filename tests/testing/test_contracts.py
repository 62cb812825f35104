"""The contract of a cache store notices stores that break it. That a right one passes is in ``tests/stores``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase

from tests.testing.verdicts import fails
from tsnode.model.alternate import Alternate
from tsnode.model.target import CacheKey
from tsnode.ports import ICacheStore, IContent, IFill, StoreUsage
from tsnode.stores.memory import MemoryStore
from tsnode.testing.contracts import CacheStoreContract


class OldestFirst(MemoryStore):
    def peek(self, key: CacheKey) -> Sequence[Alternate]:
        return tuple(reversed(super().peek(key)))


class Hoarding(MemoryStore):
    def discard(self, key: CacheKey, alternate: Alternate) -> None:
        """Drops nothing."""


class Forgetful(MemoryStore):
    def freshen(self, key: CacheKey, alternate: Alternate, freshened: Alternate) -> None:
        self.discard(key, alternate)


class Shifted(MemoryStore):
    def open(self, alternate: Alternate, offset: int, length: int) -> IContent:
        return super().open(alternate, 0, length)


class Boundless(MemoryStore):
    def charge(self, octets: int) -> bool:
        self._octets += octets
        return True


class Additive(MemoryStore):
    def begin(self, key: CacheKey, alternate: Alternate, replaced: Alternate | None) -> IFill | None:
        return super().begin(key, alternate, None)


class Miscounting(MemoryStore):
    def remove(self, key: CacheKey) -> Deferred[int]:
        super().remove(key)
        return succeed(1)


class Idle(MemoryStore):
    def usage(self) -> StoreUsage:
        return StoreUsage(0, 0, 0)


class Live(MemoryStore):
    def keys(self) -> Iterator[CacheKey]:
        return iter(self._stored)


class Stores(SynchronousTestCase):
    """Each of these is wrong in one way, which some test tells."""

    def assert_noticed(self, wrong: type[MemoryStore], by: str) -> None:
        def make(limit: int) -> ICacheStore:
            return wrong(limit, cutoff=limit, most_alternates=0)

        self.assertTrue(fails(CacheStoreContract, by, make))

    def test_one_that_is_right(self) -> None:
        def make(limit: int) -> ICacheStore:
            return MemoryStore(limit, cutoff=limit, most_alternates=0)

        self.assertFalse(fails(CacheStoreContract, "test_the_newest_alternate_comes_first", make))

    def test_one_that_gives_the_oldest_first(self) -> None:
        self.assert_noticed(OldestFirst, "test_the_newest_alternate_comes_first")

    def test_one_that_keeps_what_is_discarded(self) -> None:
        self.assert_noticed(Hoarding, "test_discarding_drops_one_alternate_once")

    def test_one_that_loses_what_is_freshened(self) -> None:
        self.assert_noticed(Forgetful, "test_a_freshened_alternate_keeps_its_content_and_place")

    def test_one_that_reads_from_elsewhere(self) -> None:
        self.assert_noticed(Shifted, "test_any_part_of_a_content_can_be_read")

    def test_one_without_limit(self) -> None:
        self.assert_noticed(Boundless, "test_the_limit_is_kept_and_what_came_last_is_there")

    def test_one_that_replaces_nothing(self) -> None:
        self.assert_noticed(Additive, "test_a_new_answer_takes_the_place_of_the_one_it_replaces")

    def test_one_that_does_not_count_what_it_removes(self) -> None:
        self.assert_noticed(Miscounting, "test_removing_drops_all_alternates_of_a_key")

    def test_one_that_hides_what_it_holds(self) -> None:
        self.assert_noticed(Idle, "test_usage_grows_and_returns_to_what_it_was")

    def test_one_whose_keys_change_under_the_reader(self) -> None:
        self.assert_noticed(Live, "test_keys_are_those_of_the_moment_they_were_asked_for")
