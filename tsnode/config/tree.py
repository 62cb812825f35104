"""A whole configuration, read from its folder into one frozen value."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from tsnode.caching.overrides import CacheRule
from tsnode.caching.policy import CachingPolicy
from tsnode.config.cache import parse_cache
from tsnode.config.congestion import parse_congestion, read_congestion_defaults
from tsnode.config.files import FileText
from tsnode.config.folder import Folder
from tsnode.config.ip_allow import parse_ip_allow
from tsnode.config.ip_allow_lines import parse_ip_allow_lines
from tsnode.config.log_writing import tell_what_is_written
from tsnode.config.logging_yaml import parse_logging
from tsnode.config.parent import parse_parent, parse_parent_proxies
from tsnode.config.records import Records, SettingSource, parse_records
from tsnode.config.records_yaml import parse_records_yaml
from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS
from tsnode.config.rows_node import LENIENT
from tsnode.config.settings import read_caching, read_ports, read_proxy, read_store
from tsnode.hierarchy.congestion import CongestionRule
from tsnode.hierarchy.rules import Parent, ParentRule
from tsnode.matching.index import RuleIndex
from tsnode.model.errors import ConfigError, ConfigErrors, Place
from tsnode.model.log_formats import Logging
from tsnode.model.settings import ProxySettings, StoreSettings
from tsnode.routing.access import LOOPBACK_ONLY, AccessRules
from tsnode.routing.remap import RemapTable
from tsnode.routing.rules import RemapRule

__all__ = ["Configuration", "Loaded", "Refused", "load", "try_load"]

_RECORDS = "records.config"
_RECORDS_YAML = "records.yaml"
_REMAP = "proxy.config.url_remap.filename"
_IP_ALLOW = "proxy.config.cache.ip_allow.filename"
_PARENT = "proxy.config.http.parent_proxy.file"
_PARENTS = "proxy.config.http.parent_proxies"
_CACHE = "proxy.config.cache.control.filename"
_CONGESTION = "proxy.config.http.congestion_control.filename"
_OLD_IP_ALLOW = "ip_allow.config"
_LOGGING = "proxy.config.log.config.filename"
_YAML = (".yaml", ".yml")
_LATER = (
    "icp.config",
    "storage.config",
    "volume.config",
    "hosting.config",
    "update.config",
    "ssl_multicert.config",
)
_UNSUPPORTED = (
    "plugin.config", "splitdns.config", "socks.config", "sni.yaml", "ssl_server_name.yaml", "ssl_server_name.config",
    "strategies.yaml", "virtualization.config", "vaddrs.config", "log_hosts.config", "logs_xml.config",
    "logging.config", "cluster.config", "prefetch.config", "jsonrpc.yaml", "ipnat.conf",
)  # fmt: skip
_NO_EFFECT = "is not supported and has no effect"
_UNSUPPORTED_FOLDERS = ("body_factory",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """
    Everything that the files say. ``records`` has every variable with its value and where that comes from.

    ``default_parents`` are for requests that no rule of ``parents`` is for.
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
    congestion: RuleIndex[CongestionRule]
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
    """A configuration that cannot be used: every error of every file. ``files`` as in :class:`Loaded`."""

    errors: tuple[ConfigError, ...]
    files: Mapping[str, bytes]


def load(folder: Path, prefix: Path, environ: Mapping[str, str]) -> Loaded:
    """
    The configuration in ``folder``. Every file may be missing; relative paths in them start from ``prefix``.

    With ``proxy.config.tsnode.config.lenient`` 1 faulty lines are left out and become warnings. What opens the node
    to others is never guessed: ip_allow and the listening ports have to be right even then.

    :raises ConfigErrors: every error of every file.

    Source: Traffic Server's configuration files.
    """
    match try_load(folder, prefix, environ):
        case Loaded() as loaded:
            return loaded
        case Refused(errors):
            raise ConfigErrors(errors)
        case impossible:
            assert_never(impossible)


def try_load(folder: Path, prefix: Path, environ: Mapping[str, str]) -> Loaded | Refused:
    """The same as :func:`load`, for those who have a configuration already. May be called in a thread."""
    if not os.path.isdir(folder):
        missing = ConfigError(Place(str(folder)), "is no folder", "the one that holds records.config")
        return Refused((missing,), {})
    files = Folder(folder)
    records = _load_records(files, environ)
    ports = files.take_whole(read_ports(records))
    settings = files.take(read_proxy(records, ports, prefix))
    caching = files.take(read_caching(records))
    rules = _load_remap(files, records)
    access = _load_access(files, records)
    logging = _load_logging(files, records)
    files.mention(_LATER, "has no effect yet")
    files.mention(_UNSUPPORTED, _NO_EFFECT)
    for name in filter(files.holds, _UNSUPPORTED_FOLDERS):
        files.warn(Place(files.path(name)), _NO_EFFECT)
    parents = _load_parents(files, records)
    default_parents = _load_default_parents(files, records)
    caching_rules = _load_caching_rules(files, records)
    congestion = _load_congestion(files, records)
    if files.errors:
        return Refused(tuple(_in_order(files.errors)), files.digests)
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
        congestion=congestion,
        records=records,
    )
    return Loaded(tree, tuple(files.warnings), files.digests)


def _in_order(errors: Sequence[ConfigError]) -> list[ConfigError]:
    """Errors by file, the first one read first, and by line: some of a file's are found only after another was read."""
    files = list(dict.fromkeys(error.place.file for error in errors))
    return sorted(errors, key=lambda error: (files.index(error.place.file), error.place.line, error.place.column))


def _load_records(files: Folder, environ: Mapping[str, str]) -> Records:
    found = files.file(_RECORDS_YAML)
    if found is not None:
        if files.has(_RECORDS):
            files.warn(Place(files.path(_RECORDS)), f"is not read, because there is {_RECORDS_YAML}", "one of the two")
        reading = parse_records_yaml(found.name, found.text, environ, RECORDS)
    else:
        found = files.file(_RECORDS) or FileText(_RECORDS, "")
        reading = parse_records(found.name, found.text, environ, RECORDS)
    files.lenient = reading.value.flag(LENIENT)
    return files.take(reading)


def _load_remap(files: Folder, records: Records) -> tuple[RemapRule, ...]:
    found = files.named_file(records, _REMAP)
    return () if found is None else files.take(parse_remap(found.name, found.text, RECORDS))


def _load_access(files: Folder, records: Records) -> AccessRules:
    name = records.text(_IP_ALLOW)
    if records.setting(_IP_ALLOW).source is SettingSource.DEFAULT and not files.has(name) and files.has(_OLD_IP_ALLOW):
        name = _OLD_IP_ALLOW
        found = files.file(name)
    else:
        found = files.named_file(records, _IP_ALLOW)
    if found is None:
        return LOOPBACK_ONLY
    parse = parse_ip_allow if name.endswith(_YAML) else parse_ip_allow_lines
    return files.take_whole(parse(found.name, found.text))


def _load_logging(files: Folder, records: Records) -> Logging:
    name = records.text(_LOGGING)
    found = files.named_file(records, _LOGGING)
    if found is None:
        return Logging()
    if not name.endswith(_YAML):
        if name not in _UNSUPPORTED:
            files.warn(Place(found.name), _NO_EFFECT, "logging.yaml")
        return Logging()
    logging = files.take(parse_logging(found.name, found.text))
    for told in tell_what_is_written(logging):
        files.warn(told.place, told.problem, told.expected)
    return logging


def _load_parents(files: Folder, records: Records) -> RuleIndex[ParentRule]:
    found = files.named_file(records, _PARENT)
    return RuleIndex(() if found is None else files.take(parse_parent(found.name, found.text)))


def _load_default_parents(files: Folder, records: Records) -> tuple[Parent, ...]:
    written = records.setting(_PARENTS).written
    return files.take(parse_parent_proxies(written)) if records.text(_PARENTS) else ()


def _load_caching_rules(files: Folder, records: Records) -> RuleIndex[CacheRule]:
    found = files.named_file(records, _CACHE)
    return RuleIndex(() if found is None else files.take(parse_cache(found.name, found.text)))


def _load_congestion(files: Folder, records: Records) -> RuleIndex[CongestionRule]:
    found = files.named_file(records, _CONGESTION)
    defaults = read_congestion_defaults(records)
    return RuleIndex(() if found is None else files.take(parse_congestion(found.name, found.text, defaults)))
