"""The catalogue as a whole."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.rows import RECORDS, TOPICS


class Catalogue(SynchronousTestCase):
    maxDiff = None

    def test_every_variable_has_one_row(self) -> None:
        names = [row.name for topic in TOPICS for row in topic.rows]
        self.assertEqual(sorted(names), sorted(RECORDS))
        self.assertEqual(len(names), len(set(names)))

    def test_every_variable_has_an_environment_variable_of_its_own(self) -> None:
        self.assertEqual(len({row.environment_name for row in RECORDS.values()}), len(RECORDS))

    def test_every_default_is_a_value_that_could_be_set(self) -> None:
        self.assertEqual([row.name for row in RECORDS.values() if not row.domain.admits(row.default)], [])

    def test_every_variable_is_told_in_a_sentence(self) -> None:
        dull = [row.name for row in RECORDS.values() if not (row.text[0].isupper() and row.text.endswith("."))]
        self.assertEqual(dull, [])

    def test_where_each_value_has_a_meaning_every_value_has_one(self) -> None:
        odd = []
        for row in RECORDS.values():
            meanings = getattr(row.domain, "meanings", ())
            if meanings and row.domain.maximum - row.domain.minimum + 1 != len(meanings):  # type: ignore[union-attr, operator]
                odd.append(row.name)
        self.assertEqual(odd, [])
