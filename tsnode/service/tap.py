"""``twistd tsnode``: its options, and the service they describe."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from twisted.application.service import IService
from twisted.logger import Logger
from twisted.python import usage

from tsnode.config.tree import load
from tsnode.model.errors import ConfigError, ConfigErrors, Place
from tsnode.service.node import NodeService

__all__ = ["Options", "makeService"]

_log = Logger()


class Options(usage.Options):
    """What ``twistd tsnode`` takes."""

    synopsis = "[options]"
    longdesc = (
        "Run a caching HTTP proxy node from a folder of Traffic Server configuration files. "
        "Every file may be missing; then its defaults hold."
    )
    optParameters = [
        ["config", "c", "etc", "The folder with records.config, remap.config and the others."],
        ["prefix", "p", None, "What relative paths in the files start from; the folder above --config if not given."],
    ]


def makeService(options: Any) -> IService:
    """
    The node that the options describe.

    :raises SystemExit: where the configuration has errors; all of them are printed before.
    """
    folder = Path(options["config"]).absolute()
    prefix = Path(options["prefix"]).absolute() if options["prefix"] else folder.parent
    try:
        loaded = load(folder, prefix, os.environ)
        from twisted.internet import reactor  # a plugin's maker is where the reactor comes in

        return NodeService(reactor, loaded, prefix, Place(str(folder / "records.config")))
    except ConfigErrors as faults:
        count = len(faults.errors)
        _stop(f"{faults}\n{count} {'error' if count == 1 else 'errors'} in the configuration; tsnode does not start")
    except ConfigError as fault:
        _stop(f"{fault}\ntsnode does not start")


def _stop(message: str) -> NoReturn:
    sys.stderr.write(message + "\n")
    raise SystemExit(1)
