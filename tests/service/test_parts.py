"""What a node is made of, before and after a reload."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.tree import Configuration, load
from tsnode.model.counters import Counters
from tsnode.model.settings import ProxySettings
from tsnode.net.listener import Listener
from tsnode.service.parts import Parts
from tsnode.stores.memory import MemoryStore
from tsnode.testing.links import MemoryNetwork


class PartsCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.tree = load(self.folder, self.folder, {}).tree
        self.network = MemoryNetwork()
        self.parts = Parts(self.network, MemoryStore(1 << 20, 1 << 16, 3), Counters(), b"edge", self.without_log())

    def without_log(self, **changes: object) -> Configuration:
        settings: ProxySettings = replace(self.tree.settings, log_enabled=False, **changes)  # type: ignore[arg-type]
        return replace(self.tree, settings=settings)


class Renewal(PartsCase):
    def test_every_port_is_served_by_the_new_configuration_under_the_old_name(self) -> None:
        fronts = [self.parts.add_front(port) for port in (8080, 8081)]
        self.assertEqual(self.parts.fronts, fronts)
        self.parts.renew(self.without_log(insert_age=False, via_name=b"other"))
        for front in fronts:
            self.assertEqual((front.settings.insert_age, front.settings.via_name), (False, b"edge"))

    def test_equal_settings_are_the_same_so_that_what_was_made_under_them_is_used_on(self) -> None:
        front = self.parts.add_front(8080)
        before = front.settings
        self.parts.renew(self.without_log())
        self.assertIs(front.settings, before)

    def test_the_log_is_opened_and_closed_as_the_settings_say(self) -> None:
        front = self.parts.add_front(8080)
        folder = Path(self.mktemp())
        logs = []
        for name in ("one", "one", "two", None):
            path = str(folder / (name or ""))
            self.parts.renew(
                replace(self.tree, settings=replace(self.tree.settings, log_enabled=name is not None, log_path=path))
            )
            logs.append(front.log)
        self.assertIs(logs[0], logs[1])
        self.assertIsNot(logs[1], logs[2])
        self.assertIsNone(logs[3])

    def test_closing_waits_for_everything(self) -> None:
        self.parts.add_front(8080)
        self.parts.renew(self.tree)
        self.successResultOf(self.parts.close())


class Fronts(PartsCase):
    def test_each_is_made_for_its_port(self) -> None:
        front = self.parts.add_front(8080)
        self.assertIsInstance(front, Listener)
        self.assertEqual(front.port, 8080)
