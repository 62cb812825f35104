"""wrk: the scripts that it runs, its command, and the figures that it reports."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.scenarios import CONNECTIONS, Scenario, Traffic

HERE = Path(__file__).resolve().parent


class LoadFailed(Exception):
    """wrk gave no report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What wrk saw in one run. ``octets`` counts heads, content, and the part of answers that came too late."""

    requests: int
    octets: int
    seconds: float
    p50: float
    """Median latency, milliseconds."""
    p99: float
    """Latency that 99 of 100 answers stayed below, milliseconds."""
    failures: str
    """Socket errors, timeouts and refusals by kind; empty when there were none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Whom a run asks, and in which form; ports of 127.0.0.1."""

    port: int
    origin: int
    forward: bool

    @property
    def authority(self) -> str:
        """What Host says: where the origin is, whoever is asked."""
        return f"127.0.0.1:{self.origin}"

    def target(self, path: str) -> str:
        """The request target for a path of the origin: absolute for a forward proxy."""
        return f"http://{self.authority}{path}" if self.forward else path


def write_script(scenario: Scenario, folder: Path) -> Path:
    """Give the Lua script of a scenario, complete with the report that we read."""
    kind = "varied" if scenario.varied else "equal" if scenario.traffic is Traffic.HIT else "unique"
    script = folder / f"wrk-{kind}.lua"
    script.write_text((HERE / f"{kind}.lua").read_text() + (HERE / "report.lua").read_text())
    return script


def new_urls(scenario: Scenario, turn: int) -> str:
    """What the paths of a run that must not find anything stored begin with; ``turn`` is the round's number."""
    return f"{scenario.stem}{turn}-"


def run_wrk(scenario: Scenario, asking: Asking, *, turn: int, seconds: int, core: int, folder: Path) -> Load:
    """
    Load one server for that many seconds from that core.

    :raises LoadFailed: when wrk did not end with a report.
    """
    match scenario.traffic, scenario.varied:
        case Traffic.HIT, False:
            arguments = [asking.target(scenario.path(0))]
        case Traffic.HIT, True:
            arguments = [asking.target(scenario.stem), str(scenario.urls), str(turn + 1)]
        case _:
            arguments = [asking.target(new_urls(scenario, turn))]
    command = ["taskset", "-c", str(core), "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s"]
    command += ["-s", str(write_script(scenario, folder)), f"http://127.0.0.1:{asking.port}/"]
    command += ["--", asking.authority, *arguments]
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    return parse_report(ended.stdout, ended.stderr)


def parse_report(output: str, complaints: str = "") -> Load:
    """
    Read what ``report.lua`` printed.

    :raises LoadFailed: when there is no such line.
    """
    for line in output.splitlines():
        if line.startswith("report "):
            figures = json.loads(line.removeprefix("report "))
            kinds = ("connect", "read", "write", "timeout", "status")
            return Load(
                requests=figures["requests"],
                octets=figures["octets"],
                seconds=figures["microseconds"] / 1e6,
                p50=figures["p50"] / 1e3,
                p99=figures["p99"] / 1e3,
                failures=", ".join(f"{figures[kind]} {kind} errors" for kind in kinds if figures[kind]),
            )
    raise LoadFailed(f"wrk gave no report: {(complaints or output).strip()[-200:]}")
