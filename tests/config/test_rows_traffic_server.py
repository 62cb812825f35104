"""The variables that the shipped files of Traffic Server set."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.rows import RECORDS
from tsnode.config.rows_traffic_server import LOG_FILES, MACHINERY

# as Traffic Server 9.2 ships them: name behind proxy.config., value
SHIPPED = (
    ("exec_thread.autoconfig", 1), ("exec_thread.autoconfig.scale", 1.0), ("exec_thread.limit", 2),
    ("accept_threads", 1), ("task_threads", 2), ("cache.threads_per_disk", 8), ("exec_thread.affinity", 1),
    ("http.parent_proxy.retry_time", 300), ("http.parent_proxy.connect_attempts_timeout", 30),
    ("http.forward.proxy_auth_to_parent", 0), ("http.uncacheable_requests_bypass_parent", 1),
    ("net.default_inactivity_timeout", 86400), ("net.connections_throttle", 30000), ("net.max_requests_in", 0),
    ("cache.log.alternate.eviction", 0), ("cache.min_average_object_size", 8000),
    ("log.max_space_mb_headroom", 1000), ("log.rolling_enabled", 1), ("log.rolling_interval_sec", 86400),
    ("log.rolling_size_mb", 10), ("log.auto_delete_rolled_files", 1), ("log.periodic_tasks_interval", 5),
    ("ssl.client.verify.server.policy", "PERMISSIVE"), ("ssl.client.verify.server.properties", "ALL"),
    ("ssl.client.CA.cert.filename", None), ("diags.debug.enabled", 0), ("diags.debug.tags", "http|dns"),
    ("res_track_memory", 0), ("dump_mem_info_frequency", 0), ("http.slow.log.threshold", 0),
)  # fmt: skip


class Shipped(SynchronousTestCase):
    def test_what_is_shipped_is_the_default(self) -> None:
        self.assertEqual([name for name, value in SHIPPED if RECORDS[f"proxy.config.{name}"].default != value], [])

    def test_nothing_of_the_machinery_has_an_effect(self) -> None:
        rows = [*MACHINERY.rows, *LOG_FILES.rows]
        self.assertEqual([row.name for row in rows if row.effective], ["proxy.config.log.config.filename"])
