"""
Twenty files with one fault each, and the page of the manual that shows what ``tsnode check`` says about them.

``python -m tests.cli.faulty`` writes the page anew after a deliberate change.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from tests.project.sources import ROOT
from tsnode.cli.tsnode import main

__all__ = ["FAULTY", "PAGE", "Faulty", "render_page"]

PAGE = ROOT / "docs" / "howto" / "check-a-configuration.rst"


class Faulty(NamedTuple):
    """One file, and what is wrong with it."""

    title: str
    file: str
    text: str


FAULTY = (
    Faulty("A tag that does not exist", "parent.config", 'dest_domain=. parent="p1:8080,p2:8080" round_robn=strict'),
    Faulty("A value that does not exist", "parent.config", 'dest_domain=. parent="p1:8080" round_robin=strictly'),
    Faulty("A weight that is no number", "parent.config",
           'dest_domain=. parent="p1:8080|abc;p2:8080" round_robin=consistent_hash'),
    Faulty("A destination that does not exist", "parent.config", "dest_domian=example.com parent=p1:8080"),
    Faulty("Two destinations", "parent.config", "dest_domain=example.com dest_host=example.org parent=p1:8080"),
    Faulty("A comment behind a rule", "parent.config", "dest_domain=. parent=p1:8080 # the big one"),
    Faulty("A regular expression without its end", "parent.config", "url_regex=/img/(a|b parent=p1:8080"),
    Faulty("A quotation mark without another", "parent.config", 'dest_domain=. parent="p1:8080;p2:8080'),
    Faulty("A port that is too large", "parent.config", "dest_domain=. parent=p1:80800"),
    Faulty("No parent, and no way past them", "parent.config", "dest_domain=. go_direct=false"),
    Faulty("A unit of time that does not exist", "cache.config", "dest_domain=example.com revalidate=2y"),
    Faulty("An action that does not exist", "cache.config", "dest_domain=example.com action=never-cached"),
    Faulty("A limit that is none", "congestion.config", "dest_host=example.com fail_window=0"),
    Faulty("A neighbor of an unknown kind", "icp.config", "peer|192.0.2.7|4|8080|3130|0|0.0.0.0|1|"),
    Faulty("An update at an hour that no clock shows", "update.config", "http://example.com/\\\\24\\3600\\0\\"),
    Faulty("A rule without its replacement", "remap.config", "map http://www.example.com/"),
    Faulty("A range of addresses that is none", "ip_allow.yaml",
           "ip_allow:\n  - apply: in\n    ip_addrs: 10.0.0.0/33\n    action: allow"),
    Faulty("A key twice", "ip_allow.yaml",
           "ip_allow:\n  - apply: in\n    ip_addrs: 10.0.0.0/8\n    action: allow\n    action: deny"),
    Faulty("A variable that is no number", "records.config", "CONFIG proxy.config.http.max_post_size INT 10MB"),
    Faulty("A variable that does not exist", "records.config",
           "CONFIG proxy.config.http.cashe.when_to_revalidate INT 0"),
)  # fmt: skip

_HEAD = """\
Check a configuration
=====================

``tsnode check`` reads a configuration folder as a node would, and tells what is wrong with it before a node does:

.. code-block:: console

   $ tsnode check --config etc/
   etc: nothing is wrong

Every fault is shown with its file, line and column, the line itself, a mark under the place, and what was expected
there; all faults of all files at once. The exit status is 0 where a node would start, and 2 where it would not. With
``--strict`` warnings count, too: the status is 1 then where there are any. ``--json`` prints a list of objects for
other programs, with ``severity``, ``file``, ``line``, ``column``, ``text``, ``problem`` and ``expected``.

Beside faults there are warnings: variables that are not known; rules that can never apply because an earlier one is for
all of their requests; lines of ``cache.config`` that have no effect because another one decides; parents that are this
node itself or stand in a list twice; dots in expressions that stand for any character; times over midnight; neighbors
that ``ip_allow`` keeps out; files that are named and not there.

Twenty faults
-------------

Each of these folders, ``etc``, has one file with one fault.
"""


def run(case: Faulty) -> str:
    """What the command prints about a folder with that file."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            Path("etc").mkdir()
            Path("etc", case.file).write_text(case.text + "\n", encoding="utf-8")
            answer = CliRunner().invoke(main, ["check", "--config", "etc"])
        finally:
            os.chdir(here)
    return f"{answer.output}"


def render_page() -> str:
    """The page, with what the command prints now."""
    parts = [_HEAD]
    for case in FAULTY:
        shown = "".join(f"   {line}\n" if line else "\n" for line in run(case).rstrip("\n").split("\n"))
        parts.append(f"\n{case.title}\n{'~' * len(case.title)}\n\n.. code-block:: console\n\n"
                     f"   $ tsnode check --config etc\n{shown}")  # fmt: skip
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
