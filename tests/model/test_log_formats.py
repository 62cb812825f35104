"""What an operator wants written down."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import Place
from tsnode.model.log_formats import LogDefinition, LogField, LogFormat, RollingMode


class Values(SynchronousTestCase):
    def test_where_something_is_written_makes_no_difference(self) -> None:
        one = LogFormat(name="a", parts=(LogField(symbol="chi"),))
        log = LogDefinition(filename="a", format=one)
        self.assertEqual(replace(one, place=Place("f", 3)), one)
        self.assertEqual(replace(log, place=Place("f", 4)), log)

    def test_the_ways_of_rolling_have_traffic_server_s_numbers(self) -> None:
        self.assertEqual([mode.name for mode in RollingMode], ["NONE", "TIME", "SIZE", "BOTH", "ANY"])
        self.assertEqual([mode.value for mode in RollingMode], [0, 1, 2, 3, 4])
