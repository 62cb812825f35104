"""Logs made up for tests."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.log_fields import CONTAINERS
from tsnode.model.log_formats import LogField, LogFilter, LogFormat, Logging
from tsnode.testing.config_logging import log_fields, log_filters, log_formats, loggings, render_format


class Made(SynchronousTestCase):
    @given(log_fields())
    def test_a_field_has_a_name_where_it_needs_one(self, field: LogField) -> None:
        self.assertEqual(bool(field.name), field.symbol in CONTAINERS)

    @given(log_formats())
    def test_a_format_has_a_field_and_an_interval_where_it_needs_one(self, log_format: LogFormat) -> None:
        fields = [part for part in log_format.parts if isinstance(part, LogField)]
        self.assertTrue(fields)
        self.assertEqual(any(field.aggregate for field in fields), log_format.interval > 0)
        self.assertEqual(render_format(log_format.parts).count("%<"), len(fields))

    @given(log_filters())
    def test_a_filter_has_values(self, log_filter: LogFilter) -> None:
        self.assertTrue(all(log_filter.values))

    @given(loggings())
    def test_logs_have_formats_and_filters_of_their_file(self, logging: Logging) -> None:
        for log in logging.logs:
            self.assertIn(log.format, logging.formats)
            self.assertTrue(set(log.filters) <= set(logging.filters))
