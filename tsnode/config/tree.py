"""A whole configuration, read from its folder into one frozen value."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from tsnode.caching.overrides import CacheRule
from tsnode.caching.policy import CachingPolicy
from tsnode.config.advice import advise_files, advise_neighbors, advise_remap
from tsnode.config.folder import Folder
from tsnode.config.loaders import (
    load_access,
    load_caching_rules,
    load_certificates,
    load_congestion,
    load_default_parents,
    load_hosting,
    load_logging,
    load_neighbors,
    load_parents,
    load_records,
    load_remap,
    load_schedule,
    load_storage,
    load_volumes,
    mention_others,
)
from tsnode.config.records import Records
from tsnode.config.settings import read_caching, read_overridden, read_ports, read_proxy, read_store, read_withheld
from tsnode.hierarchy.congestion import CongestionRule
from tsnode.hierarchy.rules import Parent, ParentRule
from tsnode.matching.index import RuleIndex
from tsnode.model.certificates import Certificate
from tsnode.model.errors import ConfigError, ConfigErrors, Place
from tsnode.model.log_formats import Logging
from tsnode.model.neighbors import IcpNeighbor
from tsnode.model.schedule import ScheduledUpdate
from tsnode.model.settings import ListenPort, ProxySettings, StoreSettings
from tsnode.model.storage import Hosting, Storage, Volume
from tsnode.routing.access import AccessRules
from tsnode.routing.remap import RemapTable
from tsnode.routing.rules import Override, RemapRule

__all__ = ["Configuration", "Loaded", "Refused", "load", "try_load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """
    Everything that the files say. ``records`` has every variable with its value and where that comes from.

    ``default_parents`` are for requests that no rule of ``parents`` is for. ``overridden`` has what ``caching`` and
    ``settings`` are for the requests of rules in remap.config that have values of their own.
    """

    settings: ProxySettings
    caching: CachingPolicy
    store: StoreSettings
    remap: RemapTable
    access: AccessRules
    logging: Logging
    parents: RuleIndex[ParentRule]
    default_parents: tuple[Parent, ...]
    caching_rules: RuleIndex[CacheRule]
    overridden: Mapping[tuple[Override, ...], tuple[CachingPolicy, ProxySettings]]
    congestion: RuleIndex[CongestionRule]
    storage: tuple[Storage, ...]
    volumes: tuple[Volume, ...]
    hosting: Hosting
    certificates: tuple[Certificate, ...]
    neighbors: tuple[IcpNeighbor, ...]
    schedule: tuple[ScheduledUpdate, ...]
    records: Records


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    A configuration that can be used, and what its author should know about it.

    ``files`` has a digest of what is in each file that was there, by the names that places show.
    """

    tree: Configuration
    warnings: tuple[ConfigError, ...]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Refused:
    """A configuration that cannot be used: every error of every file; the rest as in :class:`Loaded`."""

    errors: tuple[ConfigError, ...]
    files: Mapping[str, bytes]
    warnings: tuple[ConfigError, ...] = ()


def load(folder: Path, prefix: Path, environ: Mapping[str, str], own_names: Sequence[str] = ()) -> Loaded:
    """
    The configuration in ``folder``. Every file may be missing; relative paths in them start from ``prefix``.
    ``own_names`` are what this machine is called, by which a parent is known to be this node itself.

    With ``proxy.config.tsnode.config.lenient`` 1 faulty lines are left out and become warnings. What opens the node
    to others is never guessed: ip_allow and the listening ports have to be right even then.

    :raises ConfigErrors: every error of every file.

    Source: Traffic Server's configuration files.
    """
    match try_load(folder, prefix, environ, own_names):
        case Loaded() as loaded:
            return loaded
        case Refused(errors):
            raise ConfigErrors(errors)
        case impossible:
            assert_never(impossible)


def try_load(
    folder: Path, prefix: Path, environ: Mapping[str, str], own_names: Sequence[str] = ()
) -> Loaded | Refused:
    """The same as :func:`load`, for those who have a configuration already. May be called in a thread."""
    if not os.path.isdir(folder):
        missing = ConfigError(Place(str(folder)), "is no folder", "the one that holds records.config")
        return Refused((missing,), {})
    files = Folder(folder)
    records = load_records(files, environ)
    ports = files.take_whole(read_ports(records))
    settings = files.take(read_proxy(records, ports, prefix))
    caching = files.take(read_caching(records))
    rules = load_remap(files, records)
    access = replace(load_access(files, records), withheld=read_withheld(records))
    logging = load_logging(files, records)
    parents = load_parents(files, records)
    default_parents = load_default_parents(files, records)
    caching_rules = load_caching_rules(files, records)
    congestion = load_congestion(files, records)
    neighbors = load_neighbors(files, records)
    schedule = load_schedule(files, records)
    storage = load_storage(files, records, prefix)
    volumes = load_volumes(files, records)
    hosting = load_hosting(files, records, volumes)
    certificates = load_certificates(files, records)
    mention_others(files)
    if files.errors:
        return Refused(tuple(_in_order(files.errors)), files.digests, tuple(files.warnings))
    tree = Configuration(
        settings=settings,
        caching=caching,
        store=read_store(records),
        remap=RemapTable(rules, settings),
        access=access,
        logging=logging,
        parents=parents,
        default_parents=default_parents,
        caching_rules=caching_rules,
        overridden=_read_all_overridden(records, rules, ports, prefix),
        congestion=congestion,
        storage=storage,
        volumes=volumes,
        hosting=hosting,
        certificates=certificates,
        neighbors=neighbors,
        schedule=schedule,
        records=records,
    )
    return Loaded(tree, (*files.warnings, *_advise(tree, own_names)), files.digests)


def _read_all_overridden(
    records: Records, rules: Sequence[RemapRule], ports: tuple[ListenPort, ...], prefix: Path
) -> dict[tuple[Override, ...], tuple[CachingPolicy, ProxySettings]]:
    different = {rule.overrides for rule in rules if rule.overrides}
    return {overrides: read_overridden(records, overrides, ports, prefix) for overrides in different}


def _advise(tree: Configuration, own_names: Sequence[str]) -> Iterator[ConfigError]:
    yield from advise_remap(tree.remap.rules)
    ports = tree.settings.ports
    others = (tree.congestion.rules,)
    yield from advise_files(
        tree.parents.rules, tree.default_parents, tree.caching_rules.rules, others, tree.records, ports, own_names
    )
    yield from advise_neighbors(tree.neighbors, tree.access)


def _in_order(errors: Sequence[ConfigError]) -> list[ConfigError]:
    """Errors by file, the first one read first, and by line: some of a file's are found only after another was read."""
    files = list(dict.fromkeys(error.place.file for error in errors))
    return sorted(errors, key=lambda error: (files.index(error.place.file), error.place.line, error.place.column))
