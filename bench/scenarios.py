"""What is measured: the scenarios, their sizes and the ratio tsnode is to reach in each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

CONNECTIONS = 32
"""Keep-alive connections of every run."""

VARIED_URLS = 200
"""Distinct URLs that a run with varied heads asks for."""


class Traffic(Enum):
    """What a run must be made of; each run is checked against it."""

    HIT = "hit"
    """Every answer comes from memory; the origin is not asked at all."""

    MISS = "miss"
    """Every URL is new; the origin is asked for each, and the answer is stored."""

    PASS = "pass"
    """Every URL is new; the origin is asked for each, and the answer may not be stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One line of the comparison; ``size`` is the content's length in octets."""

    name: str
    traffic: Traffic
    size: int
    folder: str
    varied: bool = False
    target: float = 1.0
    """The least ratio of tsnode's requests per second to those of the best of :attr:`rivals`."""

    @property
    def rivals(self) -> frozenset[str]:
        """The servers whose best is the measure. nginx misses are left out: it is no forward proxy."""
        everyone = frozenset({"nginx", "squid", "varnish", "trafficserver"})
        return everyone if self.traffic is Traffic.HIT else everyone - {"nginx"}

    @property
    def urls(self) -> int:
        """Distinct URLs that are asked for again and again; 0 where each is asked for once."""
        if self.traffic is not Traffic.HIT:
            return 0
        return VARIED_URLS if self.varied else 1

    def path(self, tail: str | int) -> str:
        """The origin-form target of one URL of the scenario."""
        return f"{self.stem}{tail}"

    @property
    def stem(self) -> str:
        """What the paths of all of the scenario's URLs begin with."""
        return f"/{self.folder}/{'varied' if self.varied else self.name}-"


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="hit-1k", traffic=Traffic.HIT, size=1024, folder="1k", target=1.1),
    Scenario(name="hit-64k", traffic=Traffic.HIT, size=64 * 1024, folder="64k"),
    Scenario(name="hit-1m", traffic=Traffic.HIT, size=1024 * 1024, folder="1m"),
    Scenario(name="hit-1k-varied", traffic=Traffic.HIT, size=1024, folder="1k", varied=True, target=1.1),
    Scenario(name="hit-64k-varied", traffic=Traffic.HIT, size=64 * 1024, folder="64k", varied=True),
    Scenario(name="hit-1m-varied", traffic=Traffic.HIT, size=1024 * 1024, folder="1m", varied=True),
    Scenario(name="miss-1k", traffic=Traffic.MISS, size=1024, folder="1k"),
    Scenario(name="pass-1k", traffic=Traffic.PASS, size=1024, folder="pass-1k"),
)
