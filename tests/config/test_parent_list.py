"""Lists of parents."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.cursor import Span
from tsnode.config.parent_list import ParentList, read_parents
from tsnode.hierarchy.rules import Parent
from tsnode.model.errors import ConfigError, Place


def read(text: str) -> ParentList:
    return read_parents(Span(text, Place("p", 1, 1, text)))


class Lists(SynchronousTestCase):
    def fault(self, text: str) -> int:
        fault = self.assertRaises(ConfigError, read, text)
        assert isinstance(fault, ConfigError)
        return fault.place.column

    def test_commas_semicolons_and_blanks_stand_between_parents(self) -> None:
        four = tuple(Parent(host, number) for number, host in enumerate("abcd", start=1))
        self.assertEqual(read("a:1, b:2; c:3 d:4").parents, four)
        self.assertEqual(read("a:1,,b:2;").parents, four[:2])

    def test_weights_and_hash_strings_follow_the_port(self) -> None:
        self.assertEqual(
            read("a:80|2.5&x b:80&y c:80|.5 d:80|2. e&z").parents,
            (Parent("a", 80, 2.5, "x"), Parent("b", 80, 1.0, "y"), Parent("c", 80, 0.5), Parent("d", 80, 2.0),
             Parent("e", 8080, 1.0, "z")),
        )  # fmt: skip

    def test_a_port_that_is_missing_is_8080_and_remembered(self) -> None:
        """Traffic Server refuses it; the admin guide has it in its example."""
        self.assertEqual(read("a;b:1"), ParentList((Parent("a", 8080), Parent("b", 1)), (0,)))

    def test_ipv6_addresses_stand_in_brackets(self) -> None:
        """An extension: Traffic Server refuses them."""
        self.assertEqual(read("[::1]:80,[2001:db8::1]").parents, (Parent("::1", 80), Parent("2001:db8::1", 8080)))

    def test_the_case_of_a_name_is_kept(self) -> None:
        """Traffic Server, consistent hash: P1 and p1 have other places on the ring."""
        self.assertEqual(read("P1.test:80").parents[0].host, "P1.test")

    def test_what_is_no_parent_is_marked(self) -> None:
        for text, column in (
            ("", 1), (" ,; ", 1), ("a:80x", 3), ("a:80|x", 6), ("a:80|-1", 6), ("a:80|1001", 6), ("a:", 3), ("a:0", 3),
            ("a:65536", 3), ("b:1;a:99999", 7), ("a:80&", 6), (":80", 1), ("a/b:80", 1), ("[::1:80", 1), ("[x]:80", 1),
            ("[1.2.3.4]:80", 1), ("a" * 256 + ":1", 1), ("a:1:2", 3), ("[::1]x:1", 1), ("a:1||2", 5), ("é:1", 1),
            ("a:80|" + "9" * 50, 6),
        ):  # fmt: skip
            self.assertEqual(self.fault(text), column, text)
