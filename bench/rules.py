"""
What rule files cost: loading one of a hundred thousand lines, and finding the line for a request.

Times are of the processor; those of a match are the median of several runs.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from tsnode.config.parent import parse_parent
from tsnode.config.tree import load
from tsnode.hierarchy.rules import ParentRule
from tsnode.matching.index import RuleIndex
from tsnode.matching.request import RuleRequest, see_request
from tsnode.model.target import make_target
from tsnode.service.collector import spare_the_collector

__all__ = ["main"]

_RUNS = 7
_CALLS = 20_000
_LINES = 100_000


def _render(count: int, *, distinct: bool) -> str:
    """A file with so many hosts and domains, in turn; ``distinct``: each with parents of its own."""
    lines = []
    for number in range(count):
        kind = "dest_host" if number % 2 else "dest_domain"
        first, second = (f"p{number}", f"q{number}") if distinct else ("p1", "p2")
        parents = f"{first}.example:8080;{second}.example:8080"
        lines.append(f'{kind}=h{number}.example parent="{parents}" round_robin=strict\n')
    return "".join(lines)


def _loading(text: str) -> tuple[float, float]:
    """Seconds that it takes to load a folder with that parent.config: of the processor, and by the clock."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "parent.config").write_text(text, encoding="utf-8")
        started, clock = time.process_time(), time.perf_counter()
        load(folder, folder, {})
        return time.process_time() - started, time.perf_counter() - clock


def _request(host: str) -> RuleRequest:
    target = make_target(b"http", host.encode(), 80, b"/a/b.html")
    return see_request(target, method=b"GET", client="192.0.2.1")


def _matching(index: RuleIndex[ParentRule], requests: list[RuleRequest]) -> float:
    """Microseconds that finding the first line takes."""
    costs = []
    for _ in range(_RUNS):
        started = time.process_time()
        for number in range(_CALLS):
            index.first(requests[number % len(requests)])
        costs.append((time.process_time() - started) / _CALLS * 1e6)
    return median(costs)


def main() -> None:
    """Print the figures; the collector is spared, as a node and ``tsnode check`` do."""
    spare_the_collector()
    for distinct, what in ((False, "the same parents"), (True, "parents of their own")):
        processor, clock = _loading(_render(_LINES, distinct=distinct))
        print(f"{processor:8.2f} s   load {_LINES} lines of parent.config with {what} ({clock:.2f} s by the clock)")
    costs = {}
    for count in (10, 10_000):
        index = RuleIndex(parse_parent("parent.config", _render(count, distinct=False)).value)
        hosts = [f"h{number * (count // 10)}.example" for number in range(10)]
        costs[count] = _matching(index, [_request(host) for host in (*hosts, "none.example")])
        print(f"{costs[count]:8.2f} us  find the line for a request among {count} hosts and domains")
    print(f"{costs[10_000] / costs[10]:8.2f}     the ratio of the two")


if __name__ == "__main__":
    main()
