"""The variables about certificates."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.rows import RECORDS


class Rows(SynchronousTestCase):
    def test_they_have_traffic_servers_names_and_no_effect_yet(self) -> None:
        for name, default in (
            ("server.multicert.filename", "ssl_multicert.config"), ("server.cert.path", None),
            ("server.private_key.path", None), ("CA.cert.path", None),
        ):  # fmt: skip
            row = RECORDS[f"proxy.config.ssl.{name}"]
            self.assertEqual((row.default, row.effective), (default, False))
