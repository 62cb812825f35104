"""The command line: ``python -m bench``."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.campaign import Plan, run_campaign, version_of
from bench.measure import Run
from bench.peers import SERVERS, Server
from bench.processes import StartFailed
from bench.scenarios import SCENARIOS
from bench.table import Result, judge, print_table, summarize

_NAMES = [server.name for server in SERVERS]
_WIDTH = 150


def _servers(context: click.Context, parameter: click.Parameter, value: str | None) -> Sequence[Server]:
    """The servers of a list of names; without one, all that are installed."""
    if value is None:
        return [server for server in SERVERS if not server.missing()]
    asked = [name.strip() for name in value.split(",")]
    if unknown := [name for name in asked if name not in _NAMES]:
        raise click.BadParameter(f"unknown server {', '.join(unknown)}; there are {', '.join(_NAMES)}")
    return [server for server in SERVERS if server.name in asked]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seconds", type=click.IntRange(1), default=3, show_default=True, help="Length of one run.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Runs of each kind.")
@click.option(
    "--only",
    type=click.Choice([scenario.name for scenario in SCENARIOS]),
    multiple=True,
    help="Only this scenario; may be repeated.",
)
@click.option("--servers", callback=_servers, metavar="NAME,…", help=f"Some of {', '.join(_NAMES)}.")
@click.option("--logs", is_flag=True, help="Every server writes its access log.")
@click.option("--json", "report", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures there too.")
@click.option("--server-core", type=int, default=0, show_default=True, help="The core of the servers.")
@click.option("--load-core", type=int, default=1, show_default=True, help="The core of wrk and the origin.")
def main(
    seconds: int,
    rounds: int,
    only: tuple[str, ...],
    servers: Sequence[Server],
    logs: bool,
    report: Path | None,
    server_core: int,
    load_core: int,
) -> None:
    """Run tsnode and its peers side by side, one core each, and print the medians."""
    _check_machine(server_core, load_core)
    plan = Plan(
        servers=servers,
        scenarios=[scenario for scenario in SCENARIOS if not only or scenario.name in only],
        rounds=rounds,
        seconds=seconds,
        logs=logs,
        server_core=server_core,
        load_core=load_core,
    )
    versions = {server.name: version_of(server) for server in servers}
    for name, version in versions.items():
        click.echo(f"{name}: {version}", err=True)
    try:
        runs = run_campaign(plan, lambda line: click.echo(line, err=True))
    except StartFailed as reason:
        raise click.ClickException(str(reason)) from reason
    results = summarize(runs)
    print_table(results, Console() if sys.stdout.isatty() else Console(width=_WIDTH))
    if report is not None:
        report.write_text(json.dumps(_record(plan, versions, runs, results), indent=1) + "\n")
    sys.exit(1 if any(run.problem for run in runs) else 0)


def _check_machine(server_core: int, load_core: int) -> None:
    """Refuse what could only give wrong figures."""
    if missing := [program for program in ("nginx", "wrk", "taskset") if shutil.which(program) is None]:
        raise click.ClickException(f"{', '.join(missing)} not found: the origin is nginx, the load is wrk's")
    if server_core == load_core or not {server_core, load_core} <= os.sched_getaffinity(0):
        raise click.ClickException(
            f"cores {server_core} and {load_core} must be two of those that this process may use: "
            f"{', '.join(map(str, sorted(os.sched_getaffinity(0))))}"
        )


def _record(plan: Plan, versions: dict[str, str], runs: list[Run], results: list[Result]) -> dict[str, Any]:
    """Everything, as plain values; scenarios by name."""
    return {
        "machine": {"kernel": platform.release(), "python": platform.python_version(), "cores": os.cpu_count()},
        "versions": versions,
        "seconds": plan.seconds,
        "rounds": plan.rounds,
        "logs": plan.logs,
        "runs": [asdict(run) | {"scenario": run.scenario.name} for run in runs],
        "results": [asdict(result) | {"scenario": result.scenario.name} for result in results],
        "verdicts": {
            scenario.name: {
                "ratio": verdict.ratio,
                "best": verdict.best,
                "target": scenario.target,
                "holds": verdict.holds,
            }
            for scenario in plan.scenarios
            if (verdict := judge(scenario, results)) is not None
        },
    }


if __name__ == "__main__":
    main()
