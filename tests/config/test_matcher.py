"""The grammar that the control-matcher files share."""

from __future__ import annotations

from collections.abc import Mapping

from tests.config.shape import Messages
from tsnode.config.grammar import Label, Tag
from tsnode.config.matcher import Actions, MatcherGrammar, Ruling, read_rules
from tsnode.config.matcher_tags import DESTINATIONS, SPECIFIERS, read_port
from tsnode.config.reading import Findings
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Host
from tsnode.matching.specifiers import Prefix
from tsnode.model.errors import Place

FIRST = Label(Tag("first", "a port", "1", "The first.", "first=1"), read_port, repeats=True)
SECOND = Label(Tag("second", "a port", "2", "The second.", "second=1"), read_port)


class Engine(Messages):
    def setUp(self) -> None:
        self.findings = Findings()
        self.built: list[Actions] = []

    def build(self, actions: Actions) -> tuple[int, int | None]:
        self.built.append(actions)
        return actions.get(FIRST, 1), actions.find(SECOND)

    def read(
        self, text: str, *, repeated: bool = False, others: Mapping[str, str] | None = None
    ) -> list[Ruling[tuple[int, int | None]]]:
        grammar = MatcherGrammar(
            destinations=DESTINATIONS,
            specifiers=SPECIFIERS,
            actions=(FIRST, SECOND),
            synonyms={"one": "first"},
            discouraged=others or {},
            repeated_specifiers=repeated,
        )
        return list(read_rules(grammar, "f", text, self.build, self.findings))

    def test_a_line_is_its_condition_its_actions_and_its_place(self) -> None:
        text = "first=3 dest_host=h prefix=a"
        self.assertEqual(
            self.read(text), [Ruling(Condition(Host("h"), (Prefix("a"),)), (3, None), Place("f", 1, 1, text))]
        )

    def test_lines_with_equal_actions_share_what_is_built(self) -> None:
        first, second, _ = self.read("dest_host=a second=2\ndest_host=b second=2\ndest_host=b second=3\n")
        self.assertIs(first.actions, second.actions)
        self.assertEqual(len(self.built), 2)

    def test_what_was_built_before_is_not_taken_for_a_line_that_is_wrong_otherwise(self) -> None:
        rulings = self.read("dest_host=a second=2\ndest_host=b:1 second=2\ndest_host=c port=0 second=2\n")
        self.assertEqual([ruling.condition.destination for ruling in rulings], [Host("a")])
        self.assertEqual([fault.place.line for fault in self.findings.errors], [2, 3])

    def test_synonyms_are_silent_and_discouraged_names_are_not(self) -> None:
        (ruling,) = self.read("dest_host=a ONE=4")
        self.assertEqual((ruling.actions, self.findings.warnings), ((4, None), []))
        (ruling,) = self.read("dest_host=a sec-ond=4", others={"sec-ond": "second"})
        self.assertEqual(ruling.actions, (1, 4))
        self.assertEqual([fault.place.column for fault in self.findings.warnings], [13])

    def test_specifiers_repeat_where_the_file_lets_them(self) -> None:
        self.assertEqual(len(self.read("dest_host=a prefix=a prefix=b", repeated=True)), 1)
        self.assertEqual(self.read("dest_host=a prefix=a prefix=b"), [])
        self.assert_found(self.findings.errors, [("f:1:22", "prefix is there twice", "another line for it")])

    def test_all_faults_of_a_line_are_told(self) -> None:
        self.assertEqual(self.read("dest_host=a:1 port=x frist=1 second=y"), [])
        self.assertEqual([fault.place.column for fault in self.findings.errors], [12, 20, 22, 37])

    def test_what_is_there_and_what_is_not_can_be_asked(self) -> None:
        self.read("dest_host=a first=5")
        (actions,) = self.built
        self.assertEqual((actions.has(FIRST), actions.has(SECOND)), (True, False))
        self.assertEqual((actions.has_other(frozenset({"first"})), actions.has_other(frozenset())), (False, True))
        self.assertEqual(actions.where(FIRST).place.column, 19)

    def test_more_than_can_be_remembered_is_read_all_the_same(self) -> None:
        text = "".join(f"dest_host=h prefix={number} second={number}\n" for number in range(1, 5000))
        self.assertEqual([ruling.actions[1] for ruling in self.read(text)], list(range(1, 5000)))
