"""The variables about parents and congestion."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.rows import RECORDS


class Rows(SynchronousTestCase):
    def test_the_files_have_traffic_servers_names(self) -> None:
        for name, file in (
            ("http.parent_proxy.file", "parent.config"),
            ("cache.control.filename", "cache.config"),
            ("http.congestion_control.filename", "congestion.config"),
        ):
            self.assertEqual(RECORDS[f"proxy.config.{name}"].default, file)

    def test_attempts_at_one_parent_are_at_least_one(self) -> None:
        domain = RECORDS["proxy.config.http.parent_proxy.per_parent_connect_attempts"].domain
        self.assertEqual([domain.admits(number) for number in (0, 1)], [False, True])

    def test_a_local_variable_keeps_its_name(self) -> None:
        self.assertIn("proxy.local.http.parent_proxy.disable_connect_tunneling", RECORDS)

    def test_a_limit_may_be_none(self) -> None:
        prefix = "proxy.config.http.congestion_control.default."
        for name in ("max_connection", "max_connection_failures"):
            domain = RECORDS[prefix + name].domain
            self.assertEqual([domain.admits(number) for number in (-2, -1)], [False, True])
