"""What the connections to next hops have in common."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.counters import Counters
from tsnode.net.deadlines import NEVER, Deadlines
from tsnode.net.link_terms import LinkTerms
from tsnode.semantics.reader import ReaderLimits


class Terms(SynchronousTestCase):
    def test_each_knows_heads_of_its_own(self) -> None:
        """Heads are known for one set of limits only."""
        limits = ReaderLimits(head=8192, line=8192)
        several = [
            LinkTerms(counters=Counters(), deadlines=Deadlines(Clock()), limits=limits, read_ahead=1,
                      inactivity=NEVER, active=NEVER, keep_alive=NEVER)
            for _ in range(2)
        ]  # fmt: skip
        self.assertIsNot(several[0].known, several[1].known)
