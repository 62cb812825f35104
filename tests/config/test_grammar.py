"""What grammars are made from."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.cursor import Span
from tsnode.config.grammar import Label, Tag, suggest
from tsnode.model.errors import Place


class Tables(SynchronousTestCase):
    def test_a_label_is_called_as_its_tag(self) -> None:
        label = Label(Tag("port", "a number", "", "The port.", "port=80"), lambda value: int(value.text))
        self.assertEqual((label.name, label.read(Span("80", Place("a")))), ("port", 80))

    def test_the_nearest_word_is_told(self) -> None:
        self.assertEqual(suggest("ROUND_ROBN", ("parent", "round_robin")), "round_robin")

    def test_where_no_word_is_near_all_are_told_or_what_the_caller_says(self) -> None:
        self.assertEqual(suggest("zzz", ("parent", "port")), "parent, port")
        self.assertEqual(suggest("zzz", ("parent", "port"), "one of many"), "one of many")
