"""Finding stores by name."""

from __future__ import annotations

from dataclasses import replace

from twisted.internet.task import Clock
from twisted.plugin import IPlugin
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tsnode.model.errors import ConfigError, Place
from tsnode.model.settings import StoreSettings
from tsnode.model.target import CacheKey
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
from tsnode.testing.fills import KEY, make_alternate

NOW = Clock().seconds
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
        self.assertIsInstance(absent.make_store(StoreSettings(name="absent"), AT, NOW), AbsentStore)

    def test_an_unknown_name_is_told_with_those_there_are(self) -> None:
        with self.assertRaises(ConfigError) as caught:
            find_maker("wormhole", AT, [MemoryMaker(lambda: 0), AbsentMaker()])
        self.assertEqual(
            str(caught.exception).splitlines()[0], "etc/records.config:3:8: unknown store 'wormhole'"
        )
        self.assertEqual(caught.exception.expected, "absent or memory")


class Size(SynchronousTestCase):
    def test_it_is_what_is_configured(self) -> None:
        store = MemoryMaker(lambda: 1 << 40).make_store(StoreSettings(size=12_345), AT, NOW)
        self.assertIsInstance(store, MemoryStore)
        self.assertEqual(store.usage().limit, 12_345)

    def test_how_much_is_pinned_and_how_long_a_content_may_be_is_configured(self) -> None:
        clock = Clock()
        settings = StoreSettings(size=100_000, cutoff=100_000, longest=9_000, pinned_share=0.2)
        store = MemoryMaker(lambda: 0).make_store(settings, AT, clock.seconds)
        self.assertIsNone(store.begin(KEY, make_alternate(length=9_001), None))
        pinned = replace(make_alternate(length=8_000), pinned_until=50.0)
        store.put(KEY, pinned, bytes(8_000), None)
        for number in range(40):
            store.put(CacheKey(b"%d" % number), make_alternate(length=8_000), bytes(8_000), None)
        self.assertEqual(len(store.peek(KEY)), 1)

    def test_it_is_a_sixteenth_of_the_machine_s_memory_where_nothing_is(self) -> None:
        store = MemoryMaker(lambda: 1 << 30).make_store(StoreSettings(), AT, NOW)
        self.assertEqual(store.usage().limit, 1 << 26)

    def test_it_is_half_a_gibioctet_at_most_by_itself(self) -> None:
        self.assertEqual(automatic_size(1 << 40), 512 << 20)

    def test_a_machine_has_some_memory(self) -> None:
        self.assertGreater(physical_memory(), 1 << 20)
