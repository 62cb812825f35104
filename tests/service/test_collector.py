"""When Python looks for cycles."""

from __future__ import annotations

import gc

from twisted.trial.unittest import SynchronousTestCase

from tsnode.service.collector import spare_the_collector


class Collector(SynchronousTestCase):
    def test_it_is_called_less_often_than_by_default(self) -> None:
        before = gc.get_threshold()
        self.addCleanup(gc.set_threshold, *before)
        gc.set_threshold(700, 10, 10)
        spare_the_collector()
        self.assertTrue(all(new > old for new, old in zip(gc.get_threshold(), (700, 10, 10), strict=True)))
