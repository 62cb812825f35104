"""The variables that name the files about storage."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.rows import RECORDS


class Rows(SynchronousTestCase):
    def test_the_files_have_traffic_servers_names(self) -> None:
        for name in ("storage", "volume", "hosting"):
            row = RECORDS[f"proxy.config.cache.{name}_filename"]
            self.assertEqual((row.default, row.effective), (f"{name}.config", False))
