"""Values of variables made up for tests."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import data, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.catalogue import Row, Value
from tsnode.config.rows import RECORDS
from tsnode.testing.config_records import record_values, render_records, render_records_yaml, values_of


class Made(SynchronousTestCase):
    @given(sampled_from(list(RECORDS.values())), data())
    def test_a_value_is_one_that_the_variable_can_have(self, row: Row, given_data: object) -> None:
        value = given_data.draw(values_of(row.domain))  # type: ignore[attr-defined]
        self.assertTrue(row.domain.admits(value))

    @given(record_values(RECORDS))
    def test_there_is_a_line_for_each_variable(self, values: dict[str, Value]) -> None:
        self.assertEqual(render_records(values, RECORDS).count("\n"), len(values))

    def test_names_that_go_on_behind_others_are_written_with_their_points(self) -> None:
        text = render_records_yaml({"proxy.config.a.b": 1, "proxy.config.a.b.c": None, "proxy.config.a.d": "x"})
        self.assertEqual(text, 'records: {"a": {"b": 1, "d": "x", "b.c": ~}}\n')
