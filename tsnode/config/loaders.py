"""The files of a folder one by one: which is read, by which grammar, and what is told of the others."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from tsnode.caching.overrides import CacheRule
from tsnode.config.cache import parse_cache
from tsnode.config.congestion import parse_congestion, read_congestion_defaults
from tsnode.config.files import FileText
from tsnode.config.folder import Folder
from tsnode.config.hosting import check_volumes, parse_hosting
from tsnode.config.icp import parse_icp
from tsnode.config.ip_allow import parse_ip_allow
from tsnode.config.ip_allow_lines import parse_ip_allow_lines
from tsnode.config.log_writing import tell_what_is_written
from tsnode.config.logging_yaml import parse_logging
from tsnode.config.parent import parse_parent, parse_parent_proxies
from tsnode.config.reading import Reading
from tsnode.config.records import Records, SettingSource, parse_records
from tsnode.config.records_yaml import parse_records_yaml
from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS
from tsnode.config.rows_node import LENIENT
from tsnode.config.ssl_multicert import parse_ssl_multicert
from tsnode.config.storage import check_folders, parse_storage
from tsnode.config.update import parse_update
from tsnode.config.volume import parse_volume
from tsnode.hierarchy.congestion import CongestionRule
from tsnode.hierarchy.rules import Parent, ParentRule
from tsnode.matching.index import RuleIndex
from tsnode.model.certificates import Certificate
from tsnode.model.errors import Place
from tsnode.model.log_formats import Logging
from tsnode.model.neighbors import IcpNeighbor
from tsnode.model.schedule import ScheduledUpdate
from tsnode.model.storage import Hosting, Storage, Volume
from tsnode.routing.access import LOOPBACK_ONLY, AccessRules
from tsnode.routing.rules import RemapRule

__all__ = [
    "load_access",
    "load_caching_rules",
    "load_certificates",
    "load_congestion",
    "load_default_parents",
    "load_hosting",
    "load_logging",
    "load_neighbors",
    "load_parents",
    "load_records",
    "load_remap",
    "load_schedule",
    "load_storage",
    "load_volumes",
    "mention_others",
]

T = TypeVar("T")

_RECORDS = "records.config"
_RECORDS_YAML = "records.yaml"
_REMAP = "proxy.config.url_remap.filename"
_IP_ALLOW = "proxy.config.cache.ip_allow.filename"
_PARENT = "proxy.config.http.parent_proxy.file"
_PARENTS = "proxy.config.http.parent_proxies"
_CACHE = "proxy.config.cache.control.filename"
_CONGESTION = "proxy.config.http.congestion_control.filename"
_ICP = "proxy.config.icp.icp_configuration"
_UPDATE = "proxy.config.update.update_configuration"
_STORAGE = "proxy.config.cache.storage_filename"
_VOLUME = "proxy.config.cache.volume_filename"
_HOSTING = "proxy.config.cache.hosting_filename"
_CERTIFICATES = "proxy.config.ssl.server.multicert.filename"
_OLD_IP_ALLOW = "ip_allow.config"
_LOGGING = "proxy.config.log.config.filename"
_YAML = (".yaml", ".yml")
_UNSUPPORTED = (
    "plugin.config", "splitdns.config", "socks.config", "sni.yaml", "ssl_server_name.yaml", "ssl_server_name.config",
    "strategies.yaml", "virtualization.config", "vaddrs.config", "log_hosts.config", "logs_xml.config",
    "logging.config", "cluster.config", "prefetch.config", "jsonrpc.yaml", "ipnat.conf",
)  # fmt: skip
_LATER = "has no effect yet"
_NO_EFFECT = "is not supported and has no effect"
_UNSUPPORTED_FOLDERS = ("body_factory",)


def load_records(files: Folder, environ: Mapping[str, str]) -> Records:
    """The value of every variable, and with it whether the node is lenient."""
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


def load_remap(files: Folder, records: Records) -> tuple[RemapRule, ...]:
    """The rules of remap.config."""
    found = files.named_file(records, _REMAP)
    return () if found is None else files.take(parse_remap(found.name, found.text, RECORDS))


def load_access(files: Folder, records: Records) -> AccessRules:
    """The rules of ip_allow, of whichever form there is."""
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


def load_logging(files: Folder, records: Records) -> Logging:
    """What logging.yaml asks for; what is written of that so far is told."""
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


def load_default_parents(files: Folder, records: Records) -> tuple[Parent, ...]:
    """Where requests go that no rule of parent.config is for."""
    written = records.setting(_PARENTS).written
    return files.take(parse_parent_proxies(written)) if records.text(_PARENTS) else ()


def load_parents(files: Folder, records: Records) -> RuleIndex[ParentRule]:
    """The rules of parent.config."""
    return RuleIndex(_load_for_later(files, records, _PARENT, parse_parent))


def load_caching_rules(files: Folder, records: Records) -> RuleIndex[CacheRule]:
    """The rules of cache.config."""
    found = files.named_file(records, _CACHE)
    return RuleIndex() if found is None else RuleIndex(files.take(parse_cache(found.name, found.text)))


def load_congestion(files: Folder, records: Records) -> RuleIndex[CongestionRule]:
    """The rules of congestion.config."""
    limits = read_congestion_defaults(records)
    rules = _load_for_later(files, records, _CONGESTION, lambda name, text: parse_congestion(name, text, limits))
    return RuleIndex(rules)


def load_neighbors(files: Folder, records: Records) -> tuple[IcpNeighbor, ...]:
    """The neighbors of icp.config."""
    return _load_for_later(files, records, _ICP, parse_icp)


def load_schedule(files: Folder, records: Records) -> tuple[ScheduledUpdate, ...]:
    """What update.config has fetched again and again."""
    return _load_for_later(files, records, _UPDATE, parse_update)


def load_storage(files: Folder, records: Records, prefix: Path) -> tuple[Storage, ...]:
    """The lines of storage.config, whose relative paths start from ``prefix``."""
    found = _load_for_later(files, records, _STORAGE, parse_storage)
    return files.take(check_folders(found, lambda path: os.path.isdir(prefix / path)))


def load_volumes(files: Folder, records: Records) -> tuple[Volume, ...]:
    """The lines of volume.config."""
    return _load_for_later(files, records, _VOLUME, parse_volume)


def load_hosting(files: Folder, records: Records, volumes: tuple[Volume, ...]) -> Hosting:
    """The rules of hosting.config, which are about these volumes."""
    rules = _load_for_later(files, records, _HOSTING, parse_hosting)
    return Hosting(files.take(check_volumes(rules, volumes)))


def load_certificates(files: Folder, records: Records) -> tuple[Certificate, ...]:
    """The lines of ssl_multicert.config."""
    return _load_for_later(files, records, _CERTIFICATES, parse_ssl_multicert)


def _load_for_later(
    files: Folder, records: Records, variable: str, parse: Callable[[str, str], Reading[tuple[T, ...]]]
) -> tuple[T, ...]:
    """What stands in the file that a variable names, and that so far nobody heeds."""
    found = files.named_file(records, variable)
    if found is None:
        return ()
    entries = files.take(parse(found.name, found.text))
    files.mention((records.text(variable),), _LATER)
    return entries


def mention_others(files: Folder) -> None:
    """Tell of the files that are not read."""
    files.mention(_UNSUPPORTED, _NO_EFFECT)
    for name in filter(files.holds, _UNSUPPORTED_FOLDERS):
        files.warn(Place(files.path(name)), _NO_EFFECT)
