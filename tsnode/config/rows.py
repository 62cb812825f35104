"""Every variable of records.config that the node knows."""

from __future__ import annotations

from tsnode.config.catalogue import catalogue
from tsnode.config.rows_cache import CACHING, FRESHNESS, STORE, VARIATION
from tsnode.config.rows_certificates import CERTIFICATES
from tsnode.config.rows_hierarchy import CONGESTION, PARENTS
from tsnode.config.rows_icp import ICP
from tsnode.config.rows_node import LOGGING, NODE
from tsnode.config.rows_proxy import CONNECTIONS, HEADS, ORIGINS, SIZES, TIMEOUTS
from tsnode.config.rows_storage import STORAGE
from tsnode.config.rows_traffic_server import LOG_FILES, MACHINERY
from tsnode.config.rows_update import UPDATE

__all__ = ["RECORDS", "TOPICS"]

TOPICS = (
    NODE, CONNECTIONS, ORIGINS, PARENTS, CONGESTION, TIMEOUTS, SIZES, HEADS, CACHING, FRESHNESS, VARIATION, STORE,
    STORAGE, ICP, UPDATE, CERTIFICATES, LOGGING, LOG_FILES, MACHINERY,
)  # fmt: skip
"""All rows, in the order of the manual."""

RECORDS = catalogue(TOPICS)
"""All rows by their names."""
