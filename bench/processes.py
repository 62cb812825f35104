"""Programs that a campaign starts: pinned to one core, timed, and ended with all that they started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 5.0
"""Seconds a program gets to end by itself before it is killed."""

_TICKS = os.sysconf("SC_CLK_TCK")


class StartFailed(Exception):
    """A program could not be started or did not answer; the text says why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One process; ``started`` (clock ticks since boot) tells it from a later one of the same number."""

    pid: int
    parent: int
    started: int
    ticks: int
    """Clock ticks of processor time used so far, ended and awaited children included."""


def look_at(pid: int) -> Seen | None:
    """The process of that number, or nothing once it is gone or only waits to be collected."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    return Seen(pid, int(fields[1]), int(fields[19]), sum(int(field) for field in fields[11:15]))


def family_of(pid: int) -> list[Seen]:
    """The process and all that descend from it, parents before their children."""
    everyone = [seen for name in os.listdir("/proc") if name.isdigit() and (seen := look_at(int(name)))]
    family = [seen for seen in everyone if seen.pid == pid]
    for member in family:
        family.extend(seen for seen in everyone if seen.parent == member.pid)
    return family


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


class Running:
    """A program that runs on one core, in its own session, with its output in a file."""

    def __init__(
        self, command: Sequence[str], core: int, output: Path, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self._output = output
        with output.open("ab") as sink:
            self._process = subprocess.Popen(
                ["taskset", "-c", str(core), *command],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    @property
    def ended(self) -> bool:
        """Whether it has stopped by itself."""
        return self._process.poll() is not None

    def processor_seconds(self) -> float:
        """Processor time that it and its descendants have used so far."""
        return sum(member.ticks for member in family_of(self._process.pid)) / _TICKS

    def last_words(self) -> str:
        """The end of its output, in one line."""
        lines = self._output.read_text(errors="replace").split("\n")
        return " / ".join(line.strip() for line in lines if line.strip())[-240:]

    def stop(self) -> None:
        """End it and every descendant: politely, then not."""
        family = family_of(self._process.pid)
        with suppress(ProcessLookupError):
            self._process.terminate()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and (self._process.poll() is None or _still_there(family)):
            time.sleep(0.02)
        for member in _still_there(family):
            with suppress(ProcessLookupError):
                os.kill(member.pid, signal.SIGKILL)
        self._process.wait()


def _still_there(family: Sequence[Seen]) -> list[Seen]:
    return [member for member in family if (now := look_at(member.pid)) and now.started == member.started]
