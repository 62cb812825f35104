"""The variables about ICP."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.catalogue import Integer
from tsnode.config.rows_icp import ICP

# name behind proxy.config.icp., default, range
INTEGERS = (
    ("enabled", 0, 0, 2),
    ("icp_port", 3130, 0, 65535),
    ("multicast_enabled", 0, 0, 1),
    ("query_timeout", 2, 0, None),
    ("stale_icp_enabled", 0, 0, 1),
    ("lookup_local", 0, 0, 1),
    ("reply_to_unknown_peer", 0, 0, 1),
    ("default_reply_port", 0, 0, 65535),
)


class Rows(SynchronousTestCase):
    maxDiff = None

    def test_numbers_have_traffic_server_s_defaults_and_ranges(self) -> None:
        """Traffic Server 6.2, ``mgmt/RecordsConfig.cc``."""
        found = [
            (row.name.removeprefix("proxy.config.icp."), row.default, row.domain.minimum, row.domain.maximum)
            for row in ICP.rows
            if isinstance(row.domain, Integer)
        ]
        self.assertEqual(sorted(found, key=lambda row: row[0]), sorted(INTEGERS, key=lambda row: row[0]))

    def test_the_others_name_a_file_and_an_interface(self) -> None:
        texts = {row.name: row for row in ICP.rows if not isinstance(row.domain, Integer)}
        self.assertEqual({name: row.default for name, row in texts.items()}, {
            "proxy.config.icp.icp_configuration": "icp.config", "proxy.config.icp.icp_interface": None,
        })  # fmt: skip
        interface = texts["proxy.config.icp.icp_interface"].domain
        self.assertEqual([interface.admits(name) for name in ("eth0", "192.0.2.1", "fe80::1%eth0", "a b")],
                         [True, True, True, False])  # fmt: skip
