"""``twistd tsnode``: its options, and the service they describe."""

from __future__ import annotations

import gc
import os
import socket
from functools import partial
from pathlib import Path
from typing import Any, cast

from twisted.application.service import IService
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python import usage

from tsnode.config.tree import load, try_load
from tsnode.model.errors import ConfigError, ConfigErrors, Place
from tsnode.service.collector import spare_the_collector
from tsnode.service.hangup import hear_hangups
from tsnode.service.node import NodeService

__all__ = ["Options", "makeService"]


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

    :raises SystemExit: where the configuration has errors; its message, which Python prints, tells all of them.
    """
    folder = Path(options["config"]).absolute()
    prefix = Path(options["prefix"]).absolute() if options["prefix"] else folder.parent
    try:
        environ = dict(os.environ)
        spare_the_collector()
        names = (socket.gethostname(), socket.getfqdn())
        loaded = load(folder, prefix, environ, names)
        from twisted.internet import reactor  # a plugin's maker is where the reactor comes in

        gc.freeze()
        at = Place(str(folder / "records.config"))
        read = partial(try_load, folder, prefix, environ, names)
        hear = partial(hear_hangups, cast(IReactorFromThreads, reactor))
        return NodeService(reactor, loaded, prefix, at, read, hear)
    except ConfigErrors as faults:
        count = len(faults.errors)
        told = f"{faults}\n{count} {'error' if count == 1 else 'errors'} in the configuration; tsnode does not start"
        raise SystemExit(told) from faults
    except ConfigError as fault:
        raise SystemExit(f"{fault}\ntsnode does not start") from fault
