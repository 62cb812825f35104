"""The lines of congestion.config as values, and which of them is for a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from tsnode.matching.condition import Condition
from tsnode.matching.specifiers import Ports, Prefix
from tsnode.model.errors import Place

__all__ = ["CongestionLimits", "CongestionRule", "CongestionScheme", "choose_congestion"]


class CongestionScheme(Enum):
    """What is counted together; the value is the word in congestion.config."""

    PER_IP = "per_ip"
    PER_HOST = "per_host"


@dataclass(frozen=True, slots=True, kw_only=True)
class CongestionLimits:
    """
    What an origin may do before it counts as congested, and what is done then. Times are in seconds.

    ``max_connection_failures`` -1 does not count failures; ``max_connection`` -1 is any number of connections.
    """

    max_connection_failures: int = 5
    fail_window: int = 120
    proxy_retry_interval: int = 10
    client_wait_interval: int = 300
    wait_interval_alpha: int = 30
    live_os_conn_timeout: int = 60
    live_os_conn_retries: int = 2
    dead_os_conn_timeout: int = 15
    dead_os_conn_retries: int = 1
    max_connection: int = -1
    error_page: str = "congestion#retryAfter"
    congestion_scheme: CongestionScheme = CongestionScheme.PER_IP


@dataclass(frozen=True, slots=True, kw_only=True)
class CongestionRule:
    """One line of congestion.config."""

    condition: Condition
    limits: CongestionLimits
    place: Place = field(compare=False)

    @property
    def rank(self) -> int:
        """How specific it is: port and prefix, port, prefix, neither."""
        kinds = {type(specifier) for specifier in self.condition.specifiers}
        return 2 * (Ports in kinds) + (Prefix in kinds)


def choose_congestion(rules: Iterable[CongestionRule]) -> CongestionRule | None:
    """
    The most specific of the ``rules`` for a request, the first one among equals; None where there are none.

    Source: Traffic Server 7, ``proxy/congest/Congestion.cc``.
    """
    return max(rules, key=lambda rule: rule.rank, default=None)
