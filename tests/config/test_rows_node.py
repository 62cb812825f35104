"""The variables about the node itself."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.rows import RECORDS
from tsnode.config.rows_node import LENIENT


class Node(SynchronousTestCase):
    def test_a_faulty_configuration_is_refused_unless_somebody_says_otherwise(self) -> None:
        self.assertEqual(RECORDS[LENIENT].default, 0)

    def test_a_file_name_is_not_empty(self) -> None:
        domain = RECORDS["proxy.config.url_remap.filename"].domain
        names = ("remap.config", "a b", "", None)
        self.assertEqual([domain.admits(name) for name in names], [True, True, False, False])

    def test_the_files_have_traffic_servers_names(self) -> None:
        self.assertEqual(RECORDS["proxy.config.url_remap.filename"].default, "remap.config")
        self.assertEqual(RECORDS["proxy.config.cache.ip_allow.filename"].default, "ip_allow.yaml")
