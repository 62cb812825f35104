"""
``python -m tests [trial arguments]``: run trial, then say the outcome once more in one plain line.

Trial's own closing line names only what is not zero; this one always names passed, failed and skipped.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Sequence

__all__ = ["Outcome", "main", "read_outcome"]

_SUMMARY = re.compile(r"(?:PASSED|FAILED)(?: \((?P<counts>\w+=\d+(?:, \w+=\d+)*)\))?\n?\Z")


class Outcome:
    """How many tests went which way."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.passed = counts.get("successes", 0) + counts.get("expectedFailures", 0)
        self.failed = sum(counts.get(kind, 0) for kind in ("failures", "errors", "unexpectedSuccesses"))
        self.skipped = counts.get("skips", 0)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read_outcome(lines: Iterable[str], exit_code: int) -> Outcome:
    """
    What trial's output says about a run: its last summary line counts.

    A run that ended badly has at least one failure, also where there is no summary or the summary knows of none.
    """
    counts: dict[str, int] = {}
    for line in lines:
        summary = _SUMMARY.match(line)
        if summary is not None:
            pairs = (pair.split("=") for pair in (summary["counts"] or "").split(", ") if pair)
            counts = {kind: int(number) for kind, number in pairs}
    outcome = Outcome(counts)
    if exit_code != 0 and outcome.failed == 0:
        outcome.failed = 1
    return outcome


def main(arguments: Sequence[str]) -> int:
    """Run trial with ``arguments`` (everything below ``tests`` where there are none); its exit code."""
    command = [sys.executable, "-m", "twisted.trial", *(arguments or ["tests"])]
    summaries: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as trial:
        assert trial.stdout is not None
        for line in trial.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if _SUMMARY.match(line) is not None:
                summaries.append(line)
    sys.stdout.write(f"{read_outcome(summaries, trial.returncode)}\n")
    return trial.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
