"""The ``tsnode`` command, for work that needs no running node."""

from __future__ import annotations

from importlib.metadata import version

import click

from tsnode.cli.check import check
from tsnode.cli.explain import explain_command
from tsnode.cli.push import push_command

__all__ = ["main"]


@click.group(name="tsnode", epilog="A node is started with: twistd -n tsnode --config etc/")
@click.version_option(version("tsnode"), prog_name="tsnode", message="%(prog)s %(version)s")
def main() -> None:
    """A caching HTTP proxy node for cache hierarchies."""


main.add_command(check)
main.add_command(explain_command)
main.add_command(push_command)
