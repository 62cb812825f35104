"""``tsnode check``: what is wrong with a configuration, and what its author should know."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tsnode.config.tree import Loaded, try_load
from tsnode.model.errors import ConfigError
from tsnode.service.collector import spare_the_collector

__all__ = ["check"]

_CLEAN, _WARNED, _WRONG = 0, 1, 2


@click.command(short_help="Find the faults of a configuration folder.")
@click.option("--config", "-c", "folder", type=click.Path(path_type=Path), default=Path("etc"), show_default=True,
              help="The folder with records.config and the others.")
@click.option("--prefix", "-p", type=click.Path(path_type=Path), default=None,
              help="What relative paths start from; the folder above --config if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--strict", is_flag=True, help="End with status 1 where there are warnings.")
def check(folder: Path, prefix: Path | None, as_json: bool, strict: bool) -> None:
    """
    Read a configuration folder as a node would, and print every error and warning with its place and its cure.

    The exit status is 2 where there are errors, which a node would not start with, and 0 where there are none; with
    --strict it is 1 where there are warnings.
    """
    spare_the_collector()
    names = (socket.gethostname(), socket.getfqdn())
    base = (prefix or folder.absolute().parent).absolute()
    found = try_load(folder, base, os.environ, names)  # noqa: TID251  # variables there beat the file
    errors: Sequence[ConfigError] = ()
    warnings: Sequence[ConfigError] = ()
    if isinstance(found, Loaded):
        warnings = found.warnings
    else:
        errors, warnings = found.errors, found.warnings
    if as_json:
        click.echo(render_json(errors, warnings))
    else:
        _print(errors, warnings, folder)
    sys.exit(_WRONG if errors else _WARNED if warnings and strict else _CLEAN)


def render_json(errors: Sequence[ConfigError], warnings: Sequence[ConfigError]) -> str:
    """
    A list of objects: ``severity`` (error or warning), ``file``, ``line`` and ``column`` (from 1; 0 is the whole file),
    ``text`` (the line), ``problem`` and ``expected`` (empty where nothing special is).
    """
    findings = [("error", fault) for fault in errors] + [("warning", fault) for fault in warnings]
    return json.dumps([
        {
            "severity": severity,
            "file": fault.place.file,
            "line": fault.place.line,
            "column": fault.place.column,
            "text": fault.place.text,
            "problem": fault.problem,
            "expected": fault.expected,
        }
        for severity, fault in findings
    ], indent=1)  # fmt: skip


def _print(errors: Sequence[ConfigError], warnings: Sequence[ConfigError], folder: Path) -> None:
    # colors are for terminals only: click leaves them out elsewhere
    for fault in errors:
        click.echo(f"{click.style('error', fg='red', bold=True)}: {fault}")
    for fault in warnings:
        click.echo(f"{click.style('warning', fg='yellow', bold=True)}: {fault}")
    if errors or warnings:
        click.echo(f"{folder}: {_count(len(errors), 'error')}, {_count(len(warnings), 'warning')}")
    else:
        click.echo(f"{folder}: nothing is wrong")


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
