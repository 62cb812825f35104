"""YAML as text."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis.strategies import text
from twisted.trial.unittest import SynchronousTestCase

from tsnode.testing.yaml_text import quote_yaml


class Quoting(SynchronousTestCase):
    @given(text())
    def test_what_is_quoted_is_read(self, value: str) -> None:
        self.assertEqual(yaml.safe_load(quote_yaml(value)), value)
