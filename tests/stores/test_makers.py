"""Finding stores by name."""

from __future__ import annotations

from twisted.plugin import IPlugin
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tsnode.model.errors import ConfigError, Place
from tsnode.model.settings import StoreSettings
from tsnode.ports import ICacheStoreMaker
from tsnode.stores.absent import AbsentStore
from tsnode.stores.makers import (
    AbsentMaker,
    MemoryMaker,
    automatic_size,
    find_maker,
    installed_makers,
    physical_memory,
)
from tsnode.stores.memory import MemoryStore

AT = Place("etc/records.config", 3, 8, "CONFIG proxy.config.tsnode.cache.store STRING wormhole")


class Makers(SynchronousTestCase):
    def test_ours_are_installed_as_plugins(self) -> None:
        makers = {maker.name: maker for maker in installed_makers()}
        self.assertLessEqual({"memory", "absent"}, set(makers))
        for maker in makers.values():
            verifyObject(ICacheStoreMaker, maker)
            verifyObject(IPlugin, maker)

    def test_a_maker_is_found_by_its_name(self) -> None:
        absent = AbsentMaker()
        self.assertIs(find_maker("absent", AT, [MemoryMaker(lambda: 0), absent]), absent)
        self.assertIsInstance(absent.make_store(StoreSettings(name="absent"), AT), AbsentStore)

    def test_an_unknown_name_is_told_with_those_there_are(self) -> None:
        with self.assertRaises(ConfigError) as caught:
            find_maker("wormhole", AT, [MemoryMaker(lambda: 0), AbsentMaker()])
        self.assertEqual(
            str(caught.exception).splitlines()[0], "etc/records.config:3:8: unknown store 'wormhole'"
        )
        self.assertEqual(caught.exception.expected, "absent or memory")


class Size(SynchronousTestCase):
    def test_it_is_what_is_configured(self) -> None:
        store = MemoryMaker(lambda: 1 << 40).make_store(StoreSettings(size=12_345), AT)
        self.assertIsInstance(store, MemoryStore)
        self.assertEqual(store.usage().limit, 12_345)

    def test_it_is_a_sixteenth_of_the_machine_s_memory_where_nothing_is(self) -> None:
        store = MemoryMaker(lambda: 1 << 30).make_store(StoreSettings(), AT)
        self.assertEqual(store.usage().limit, 1 << 26)

    def test_it_is_half_a_gibioctet_at_most_by_itself(self) -> None:
        self.assertEqual(automatic_size(1 << 40), 512 << 20)

    def test_a_machine_has_some_memory(self) -> None:
        self.assertGreater(physical_memory(), 1 << 20)
