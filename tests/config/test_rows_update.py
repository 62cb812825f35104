"""The variables about Scheduled Update."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.rows_update import UPDATE

DEFAULTS = {
    "enabled": 0,
    "force": 0,
    "retry_count": 10,
    "retry_interval": 2,
    "concurrent_updates": 100,
    "max_update_state_machines": 500,
    "memory_use_mb": 50,
    "update_configuration": "update.config",
}


class Rows(SynchronousTestCase):
    def test_defaults_are_traffic_server_s(self) -> None:
        """Traffic Server 5.3, ``mgmt/RecordsConfig.cc``."""
        self.assertEqual({row.name.removeprefix("proxy.config.update."): row.default for row in UPDATE.rows}, DEFAULTS)

    def test_at_least_one_url_is_updated_at_a_time(self) -> None:
        """Else none ever would be."""
        domains = {row.name: row.domain for row in UPDATE.rows}
        for name in ("concurrent_updates", "max_update_state_machines"):
            domain = domains[f"proxy.config.update.{name}"]
            self.assertEqual([domain.admits(number) for number in (0, 1)], [False, True])
