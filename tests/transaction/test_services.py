"""What transactions work with."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

from twisted.trial.unittest import SynchronousTestCase

from tests.transaction.stand_ins import SETTINGS, Client, World, request
from tsnode.caching.policy import CachingPolicy
from tsnode.matching.index import RuleIndex
from tsnode.transaction.carry import Carrier
from tsnode.transaction.regimes import Regime, Regimes


class Configurations(SynchronousTestCase):
    def test_a_transaction_under_way_keeps_those_it_began_with(self) -> None:
        """A reload makes new ones beside them."""
        world = World()
        before, after = Client(), Client()
        Carrier(world.services).carry(request(), None, before)
        regimes = Regimes(Regime(CachingPolicy(http=False), SETTINGS), {}, RuleIndex())
        later = replace(world.services, regimes=regimes)
        Carrier(later).carry(request(url="http://b.example/"), None, after)
        world.hops.respond("Cache-Control: max-age=60")
        world.hops.respond("Cache-Control: max-age=60")
        self.assertEqual(list(world.store.keys()), [b"http://a.example/x"])
        self.assertEqual((before.response.status, after.response.status), (200, 200))

    def test_nobody_changes_them_under_others(self) -> None:
        with self.assertRaises(FrozenInstanceError):
            World().services.settings = SETTINGS  # type: ignore[misc]
