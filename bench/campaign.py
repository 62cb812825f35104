"""A campaign: origin and servers up, every scenario in every round against every server, all of it gone at the end."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from bench.load import Asking
from bench.measure import Course, NotAsSaid, Run, Subject, fetch
from bench.origin import Origin
from bench.peers import Server, Site, is_root
from bench.processes import Running, StartFailed, free_port
from bench.scenarios import SCENARIOS, Scenario

STARTING = 30.0
"""Seconds a server gets to answer its first request."""

ROOM = 8 << 30
"""Octets that must be free in memory's file system for the campaign to live there."""

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run, and where."""

    servers: Sequence[Server]
    scenarios: Sequence[Scenario]
    rounds: int
    seconds: int
    logs: bool
    server_core: int
    load_core: int


def run_campaign(plan: Plan, tell: Tell) -> list[Run]:
    """Make all runs of a plan. A server that cannot be started has one failed run for each scenario."""
    with ExitStack() as stack:
        folder = stack.enter_context(_temporary_folder())
        os.sched_setaffinity(0, {plan.load_core})
        origin = _start_origin(folder, plan, stack)
        runs: list[Run] = []
        subjects: list[Subject] = []
        for server in plan.servers:
            try:
                subjects.append(_start(server, folder, origin, plan, stack))
            except StartFailed as reason:
                tell(f"{server.name}: {reason}")
                runs += [
                    Run(scenario=scenario, server=server.name, turn=0, problem=str(reason))
                    for scenario in plan.scenarios
                ]
        course = Course(origin=origin, seconds=plan.seconds, core=plan.load_core, folder=folder)
        for turn, scenario, subject in _order(plan, subjects):
            runs.append(course.measure(scenario, subject, turn))
            tell(_line(runs[-1], plan.rounds))
    return runs


def _order(plan: Plan, subjects: Sequence[Subject]) -> Iterator[tuple[int, Scenario, Subject]]:
    """
    Every server once for each scenario of each round, right after each other.

    Who comes first changes from round to round, so that nobody always follows the same one.
    """
    for turn in range(plan.rounds):
        for scenario in plan.scenarios:
            for index in range(len(subjects)):
                yield turn, scenario, subjects[(index + turn) % len(subjects)]


def _line(run: Run, rounds: int) -> str:
    name = f"round {run.turn + 1}/{rounds}  {run.scenario.name:<15} {run.server:<14}"
    if run.problem or run.load is None:
        return f"{name} ERROR {run.problem}"
    return f"{name} {run.load.requests / run.load.seconds:>9,.0f}/s"


def _start_origin(folder: Path, plan: Plan, stack: ExitStack) -> Origin:
    own = folder / "origin"
    own.mkdir()
    origin = Origin(own, free_port(), as_root=is_root())
    running = Running(origin.command(), plan.load_core, own / "output", own, {})
    stack.callback(running.stop)
    asking = Asking(port=origin.port, origin=origin.port, forward=False)
    try:
        _await_answer(running, asking)
    except StartFailed as reason:
        raise StartFailed(f"the origin did not start: {reason}") from reason
    return origin


def _start(server: Server, folder: Path, origin: Origin, plan: Plan, stack: ExitStack) -> Subject:
    """
    Bring one server up.

    :raises StartFailed: when it is not installed or does not answer.
    """
    if missing := server.missing():
        raise StartFailed(missing)
    own = folder / server.name
    own.mkdir()
    site = Site(folder=own, port=free_port(), origin=origin.port, logs=plan.logs, as_root=is_root())
    launch = server.prepare(site)
    asking = Asking(port=site.port, origin=origin.port, forward=server.forward)
    programs: list[Running] = []
    for number, command in enumerate(launch.commands):
        running = Running(command, plan.server_core, own / f"output-{number}", launch.folder, launch.environment)
        stack.callback(running.stop)
        programs.append(running)
        _await_answer(programs[0], asking)
    return Subject(server, programs, asking)


def _await_answer(running: Running, asking: Asking) -> None:
    """
    Wait until a server gives the right answer to a first request.

    :raises StartFailed: when it ends or is not ready in time.
    """
    deadline = time.monotonic() + STARTING
    while True:
        if running.ended:
            raise StartFailed(f"ended at once: {running.last_words()}")
        try:
            fetch(SCENARIOS[0], asking, [SCENARIOS[0].path("first")])
            return
        except (OSError, http.client.HTTPException, NotAsSaid) as reason:
            if time.monotonic() > deadline:
                raise StartFailed(f"no answer after {STARTING:.0f} s: {reason}; {running.last_words()}") from reason
        time.sleep(0.05)


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """
    A folder in memory where there is room, else on disk; removed at the end.

    A request to end (Ctrl-C, SIGTERM, SIGHUP) becomes an exception meanwhile, so that the end is always orderly.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM
    folder = Path(tempfile.mkdtemp(prefix="tsnode-bench-", dir=memory if roomy else None))
    # Servers that give up root must be able to enter.
    folder.chmod(0o755)
    for number in _ENDINGS:
        signal.signal(number, _end)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(number: int, frame: FrameType | None) -> None:
    """Leave through the exits; nothing may interrupt that."""
    for each in _ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def version_of(server: Server) -> str:
    """The line in which a server names its version, or nothing."""
    with suppress(OSError, subprocess.TimeoutExpired):
        told = subprocess.run(server.version, capture_output=True, text=True, timeout=20, check=False)
        for line in (told.stdout + told.stderr).splitlines():
            if any(letter.isdigit() for letter in line):
                return line.strip()
    return ""
