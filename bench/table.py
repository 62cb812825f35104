"""What came out: medians, ratios to the best peer, and the table that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.load import Load
from bench.measure import Run
from bench.scenarios import Scenario

OURS = "tsnode"

_BUSY = 0.9
"""Part of its core that a server must have used for its figure to be its own limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One server in one scenario: the medians of its good runs, and what was wrong with the others."""

    scenario: Scenario
    server: str
    good: int
    """How many runs count; 0 makes every figure below 0."""
    rate: float
    """Requests per second."""
    spread: float
    """Highest less lowest rate, as a part of the median."""
    p50: float
    """Milliseconds."""
    p99: float
    """Milliseconds."""
    share: float
    """Part of its core that the server used."""
    problems: tuple[str, ...]

    @property
    def megabytes(self) -> float:
        """Content per second in 10^6 octets."""
        return self.rate * self.scenario.size / 1e6


@dataclass(frozen=True, slots=True)
class Verdict:
    """How tsnode stands to the best of its rivals in one scenario."""

    ratio: float
    best: str
    holds: bool


def summarize(runs: Sequence[Run]) -> list[Result]:
    """One result for each scenario and server, in the order of their first runs, scenario by scenario."""
    pairs = dict.fromkeys((run.scenario, run.server) for run in runs)
    scenarios = dict.fromkeys(scenario for scenario, _ in pairs)
    servers = dict.fromkeys(server for _, server in pairs)
    return [
        _result(scenario, server, [run for run in runs if (run.scenario, run.server) == (scenario, server)])
        for scenario in scenarios
        for server in servers
        if (scenario, server) in pairs
    ]


def _result(scenario: Scenario, server: str, runs: Sequence[Run]) -> Result:
    good = [run for run in runs if not run.problem]
    loads = [run.load for run in good if run.load is not None]
    rates = [load.requests / load.seconds for load in loads]
    middle = _middle(rates)
    return Result(
        scenario=scenario,
        server=server,
        good=len(loads),
        rate=middle,
        spread=(max(rates) - min(rates)) / middle if rates else 0.0,
        p50=_of(loads, lambda load: load.p50),
        p99=_of(loads, lambda load: load.p99),
        share=_middle([run.share for run in good]),
        problems=tuple(f"round {run.turn + 1}: {run.problem}" for run in runs if run.problem),
    )


def _of(loads: Sequence[Load], figure: Callable[[Load], float]) -> float:
    return _middle([figure(load) for load in loads])


def _middle(figures: Sequence[float]) -> float:
    return median(figures) if figures else 0.0


def best_of(scenario: Scenario, results: Sequence[Result]) -> Result | None:
    """The fastest of the scenario's rivals, or nothing when none has a good run."""
    rivals = [one for one in results if one.scenario == scenario and one.good and one.server in scenario.rivals]
    return max(rivals, key=lambda one: one.rate, default=None)


def judge(scenario: Scenario, results: Sequence[Result]) -> Verdict | None:
    """How tsnode stands to the best of the scenario's rivals; nothing when one of the two has no good run."""
    ours = next((one for one in results if (one.scenario, one.server) == (scenario, OURS) and one.good), None)
    best = best_of(scenario, results)
    if ours is None or best is None:
        return None
    ratio = ours.rate / best.rate
    return Verdict(ratio, best.server, ratio >= scenario.target)


def print_table(results: Sequence[Result], console: Console) -> None:
    """Show all results, and below them every run that does not count and every figure that needs a word."""
    table = Table(title="medians", title_justify="left")
    for title in ("scenario", "server"):
        table.add_column(title, no_wrap=True)
    for title in ("requests/s", "spread", "MB/s", "p50 ms", "p99 ms", "its core", "tsnode/best", "target"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for scenario in dict.fromkeys(result.scenario for result in results):
        table.add_section()
        verdict, best = judge(scenario, results), best_of(scenario, results)
        for result in results:
            if result.scenario == scenario:
                table.add_row(
                    scenario.name, result.server, *_figures(result), *_standing(result, verdict, result is best)
                )
    console.print(table)
    for remark in _remarks(results):
        console.print(remark, markup=False, highlight=False, soft_wrap=True)


def _figures(result: Result) -> tuple[str, ...]:
    if not result.good:
        return ("ERROR", "", "", "", "", "")
    return (
        f"{result.rate:,.0f}",
        f"{result.spread:.0%}",
        f"{result.megabytes:,.0f}",
        f"{result.p50:.2f}",
        f"{result.p99:.2f}",
        f"{result.share:.0%}",
    )


def _standing(result: Result, verdict: Verdict | None, best: bool) -> tuple[str, str, str]:
    """The last three columns: ratio and target on tsnode's line, else whether there is something to read below."""
    flaw = f"{len(result.problems)} run(s) in ERROR" if result.problems else ""
    if result.server != OURS:
        return "", "", flaw or ("best" if best else "")
    target = f"{result.scenario.target:.1f}"
    if verdict is None:
        return "", target, flaw or "no peer to compare with"
    return f"{verdict.ratio:.2f}", target, flaw or ("holds" if verdict.holds else "MISSED")


def _remarks(results: Sequence[Result]) -> list[str]:
    remarks = []
    for result in results:
        name = f"{result.scenario.name}, {result.server}"
        remarks += [f"ERROR {name}, {problem}" for problem in result.problems]
        if result.good and result.share < _BUSY:
            remarks.append(
                f"note  {name}: it used {result.share:.0%} of its core; wrk, the origin or something else on this "
                "machine set the pace"
            )
    return remarks
