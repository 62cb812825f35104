"""Histories find what single tests do not. That a right store passes is in ``tests/stores``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import cast

from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.alternate import Alternate
from tsnode.model.target import CacheKey
from tsnode.ports import ICacheStore
from tsnode.stores.memory import MemoryStore
from tsnode.testing.histories import StoreHistory


class Leaky(MemoryStore):
    """What is freshened is counted once more."""

    def freshen(self, key: CacheKey, alternate: Alternate, freshened: Alternate) -> None:
        super().freshen(key, alternate, freshened)
        self._octets += 1


class Corrupt(MemoryStore):
    """Contents are kept backwards."""

    def keep(
        self, key: CacheKey, alternate: Alternate, replaced: Alternate | None, pieces: tuple[bytes, ...], length: int
    ) -> Alternate | None:
        return super().keep(key, alternate, replaced, (pieces[0][::-1],), length)


class Untidy(MemoryStore):
    """A key stays when its last alternate has gone."""

    def keys(self) -> Iterator[CacheKey]:
        self._seen = self._seen | set(super().keys())
        return iter(self._seen)

    _seen: frozenset[CacheKey] = frozenset()


class Histories(SynchronousTestCase):
    def assert_fails(self, wrong: type[MemoryStore]) -> None:
        def make(limit: int) -> ICacheStore:
            return wrong(limit, cutoff=limit, most_alternates=0)

        # the shortest history that goes wrong is of no interest here
        factory = cast(type[RuleBasedStateMachine], partial(StoreHistory, make, 1_000_000_000))
        with self.assertRaises(AssertionError):
            run_state_machine_as_test(factory, settings=settings(phases=[Phase.generate], print_blob=False))

    def test_octets_that_are_counted_twice_are_noticed(self) -> None:
        self.assert_fails(Leaky)

    def test_octets_that_change_their_order_are_noticed(self) -> None:
        self.assert_fails(Corrupt)

    def test_keys_of_nothing_are_noticed(self) -> None:
        self.assert_fails(Untidy)
