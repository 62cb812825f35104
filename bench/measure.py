"""One run: warm the server, load it, and check that what was measured is what the scenario says."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load import Asking, Load, LoadFailed, new_urls, run_wrk
from bench.origin import Origin, content_of
from bench.peers import Server
from bench.processes import Running
from bench.scenarios import CONNECTIONS, Scenario, Traffic

WARMING = 3
"""How often each URL of a hit scenario is asked for beforehand: some keep in memory what was asked for twice."""

SAMPLES = 10
"""URLs of a miss run that are asked for again, to see whether they were stored."""

_LONGEST_HEAD = 1500
"""Octets; no server of the comparison sends a longer answer head."""


class NotAsSaid(Exception):
    """The run did not measure what its scenario says; the text says what happened instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one scenario against one server, good or not."""

    scenario: Scenario
    server: str
    turn: int
    load: Load | None = None
    asked: int = 0
    """Requests that reached the origin meanwhile."""
    share: float = 0.0
    """Processor time that the server used, as a part of the run's duration."""
    problem: str = ""
    """Why the figures do not count; empty when they do."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that is up, and how to reach it."""

    server: Server
    programs: Sequence[Running]
    asking: Asking

    def processor_seconds(self) -> float:
        """Processor time of all of its programs so far."""
        return sum(program.processor_seconds() for program in self.programs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What all runs of a campaign have in common."""

    origin: Origin
    seconds: int
    core: int
    """Where wrk runs, beside the origin."""
    folder: Path

    def measure(self, scenario: Scenario, subject: Subject, turn: int) -> Run:
        """Make one run; a failed check becomes the run's problem."""
        load: Load | None = None
        asked, share = 0, 0.0
        problem = ""
        try:
            if scenario.traffic is Traffic.HIT:
                warm_up(scenario, subject.asking)
            asked, used = self.origin.requests(), subject.processor_seconds()
            load = run_wrk(
                scenario, subject.asking, turn=turn, seconds=self.seconds, core=self.core, folder=self.folder
            )
            share = (subject.processor_seconds() - used) / load.seconds
            asked = self.origin.requests() - asked - 1
            check_answers(scenario, load)
            check_origin(scenario, load, asked)
            self._check_storing(scenario, subject.asking, turn, load)
        except (NotAsSaid, LoadFailed, OSError, http.client.HTTPException) as reason:
            problem = f"{type(reason).__name__}: {reason}" if isinstance(reason, OSError) else str(reason)
            if any(program.ended for program in subject.programs):
                problem = f"the server has ended: {subject.programs[0].last_words()}"
        return Run(
            scenario=scenario,
            server=subject.server.name,
            turn=turn,
            load=load,
            asked=asked,
            share=share,
            problem=problem,
        )

    def _check_storing(self, scenario: Scenario, asking: Asking, turn: int, load: Load) -> None:
        """Ask again for some URLs of a run without hits: a storable answer must be a hit by now, another not."""
        if scenario.traffic is Traffic.HIT:
            return
        before = self.origin.requests()
        middle = load.requests // 2
        fetch(scenario, asking, [f"{new_urls(scenario, turn)}{middle + sample}" for sample in range(SAMPLES)])
        asked = self.origin.requests() - before - 1
        expected = 0 if scenario.traffic is Traffic.MISS else SAMPLES
        if asked != expected:
            raise NotAsSaid(f"asked again for {SAMPLES} URLs, the origin got {asked} requests, not {expected}")


def warm_up(scenario: Scenario, asking: Asking) -> None:
    """Fetch every URL of a hit scenario until it is in memory."""
    for _ in range(WARMING):
        fetch(scenario, asking, [scenario.path(number) for number in range(scenario.urls)])


def fetch(scenario: Scenario, asking: Asking, paths: Iterable[str]) -> None:
    """
    Ask for each path once, on one connection.

    :raises NotAsSaid: when an answer is not the scenario's content, whole and with its length told.
    """
    content = content_of(scenario.size)
    connection = http.client.HTTPConnection("127.0.0.1", asking.port, timeout=10)
    try:
        for path in paths:
            connection.request("GET", asking.target(path), headers={"Host": asking.authority})
            answer = connection.getresponse()
            got = answer.read()
            length = answer.getheader("Content-Length")
            if (answer.status, got, length) != (200, content, str(scenario.size)):
                raise NotAsSaid(f"{path} answered {answer.status} with {len(got)} octets, Content-Length {length}")
    finally:
        connection.close()


def check_answers(scenario: Scenario, load: Load) -> None:
    """
    Compare what wrk got with what it asked for.

    :raises NotAsSaid: when there were failures, no answers, or answers of another length.
    """
    if load.failures:
        raise NotAsSaid(load.failures)
    if not load.requests:
        raise NotAsSaid("no answer at all")
    longest = scenario.size + _LONGEST_HEAD
    # The answers that were under way at the end are in the octets, not in the requests.
    if not load.requests * scenario.size < load.octets <= (load.requests + CONNECTIONS) * longest:
        raise NotAsSaid(f"{load.octets / load.requests:.0f} octets an answer, of {scenario.size} octets content")


def check_origin(scenario: Scenario, load: Load, asked: int) -> None:
    """
    Compare what reached the origin with what wrk asked for.

    :raises NotAsSaid: when hits were none, or misses were not misses.
    """
    if scenario.traffic is Traffic.HIT:
        if asked:
            raise NotAsSaid(f"the origin was asked {asked} times in a run of hits")
        return
    # What was under way at the end reached the origin and is not in wrk's count.
    if not load.requests <= asked <= load.requests * 1.01 + 2 * CONNECTIONS:
        raise NotAsSaid(f"the origin was asked {asked} times for {load.requests} answers")
