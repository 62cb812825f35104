"""Parents that are this node itself."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.advice_parents import advise_parents, is_this_node
from tsnode.config.parent import parse_parent
from tsnode.config.records import parse_records
from tsnode.config.rows import RECORDS
from tsnode.hierarchy.rules import Parent
from tsnode.model.settings import ListenPort

ANYWHERE = ListenPort(port=8080)


class Itself(SynchronousTestCase):
    def test_name_or_address_and_port_are_its_own(self) -> None:
        for host in ("localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "me.example", "::1"):
            self.assertTrue(is_this_node(Parent(host, 8080), (ANYWHERE,), ("me.example",)), host)

    def test_another_port_or_address_is_another_node(self) -> None:
        self.assertFalse(is_this_node(Parent("localhost", 8081), (ANYWHERE,), ()))
        for host in ("me.example", "192.0.2.1", "::2"):
            self.assertFalse(is_this_node(Parent(host, 8080), (ANYWHERE,), ()), host)

    def test_where_it_listens_on_one_address_only_that_is_its_own(self) -> None:
        ports = (ListenPort(port=1), ListenPort(port=8080, address="127.0.0.1"))
        for host, own in (("127.0.0.1", True), ("localhost", True), ("127.0.0.2", False), ("me.example", False)):
            self.assertIs(is_this_node(Parent(host, 8080), ports, ("me.example",)), own, host)


class Advice(SynchronousTestCase):
    def told(self, text: str, default: tuple[Parent, ...] = ()) -> list[str]:
        rules = parse_parent("p", text).value
        records = parse_records("r", "", {}, RECORDS).value
        found = advise_parents(rules, default, records, (ANYWHERE,), ())
        return [f"{advice.place}: {advice.problem}" for advice in found]

    def test_each_line_is_told_of(self) -> None:
        line = "dest_host=a parent=a:1,localhost:8080\n"
        problem = "parent localhost:8080 is this node itself"
        self.assertEqual(self.told(line * 2), [f"p:1:1: {problem}", f"p:2:1: {problem}"])

    def test_a_line_may_say_that_it_is_meant(self) -> None:
        self.assertEqual(self.told("dest_host=a parent=localhost:8080 ignore_self_detect=true\n"), [])

    def test_the_default_parents_are_looked_at_too(self) -> None:
        self.assertEqual(len(self.told("", (Parent("localhost", 8080),))), 1)
        self.assertEqual(self.told("", (Parent("a", 8080),)), [])
