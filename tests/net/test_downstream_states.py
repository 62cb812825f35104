"""What a client connection can be doing."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.net.downstream_states import Phase


class Phases(SynchronousTestCase):
    def test_each_says_what_it_means_and_none_twice(self) -> None:
        meanings = [phase.value for phase in Phase]
        self.assertEqual(len(set(meanings)), len(meanings))
        self.assertTrue(all(meanings))
