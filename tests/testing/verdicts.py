"""Running a contract against an implementation that is known to be wrong."""

from __future__ import annotations

import unittest
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from tsnode.ports import ICacheStore
from tsnode.testing.fills import FillContract

__all__ = ["fails"]


def fails(contract: type[FillContract], test: str, make: Callable[[int], ICacheStore]) -> bool:
    """Whether an implementation fails one test of a contract."""

    class Judged(contract, SynchronousTestCase):  # type: ignore[misc, valid-type]
        def make_store(self, limit: int) -> ICacheStore:
            return make(limit)

    result = unittest.TestResult()
    Judged(test).run(result)
    assert result.testsRun == 1
    return not result.wasSuccessful()
