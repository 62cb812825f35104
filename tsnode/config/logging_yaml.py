"""logging.yaml: which logs are written, in which format, about which transactions."""

from __future__ import annotations

from typing import TypeVar

import yaml

from tsnode.config.log_filter import parse_condition
from tsnode.config.log_format import parse_format
from tsnode.config.logging_keys import FILTER_KEYS, FORMAT_KEYS, LOG_KEYS
from tsnode.config.reading import Reading
from tsnode.config.words import nearest
from tsnode.config.yaml_nodes import YamlText
from tsnode.config.yaml_shapes import YamlReader, is_empty
from tsnode.model.log_formats import (
    FilterAction,
    LogDefinition,
    LogField,
    LogFilter,
    LogFormat,
    Logging,
    LogMode,
    Rolling,
    RollingMode,
)

__all__ = ["parse_logging"]

Named = TypeVar("Named", LogFormat, LogFilter)

_ROOT = "logging"
_SECTIONS = ("formats", "filters", "logs")
_FORMAT_KEYS, _FILTER_KEYS, _LOG_KEYS = (
    tuple(key.name for key in keys) for keys in (FORMAT_KEYS, FILTER_KEYS, LOG_KEYS)
)
_ACTIONS = {action.value: action for action in FilterAction}
_MODES = {mode.value: mode for mode in LogMode} | {"bin": LogMode.BINARY, "b": LogMode.BINARY}
_ROLLING = {mode.name.lower(): mode for mode in RollingMode}
_ROLLING_NAMES = (
    _ROLLING | {f"log.roll.{name}": mode for name, mode in _ROLLING.items()} | {str(m.value): m for m in RollingMode}
)
_FLAGS = {"0": False, "1": True, "false": False, "true": True}
_DAY = 86400


def parse_logging(file: str, text: str) -> Reading[Logging]:
    """
    The formats, filters and logs of a file, less the faulty ones and the logs that need them.

    Source: Traffic Server, logging.yaml of 8.1 and 9.2; ``proxy/logging/YamlLogConfig.cc``.
    """
    document = YamlText(file, text)
    reader = _LoggingReader(document)
    root = reader.findings.attempt(document.compose)
    if root is not None:
        reader.read(root)
    formats = tuple(each for each in reader.formats.values() if each is not None)
    filters = tuple(each for each in reader.filters.values() if each is not None)
    return reader.findings.reading(Logging(formats, filters, tuple(reader.logs)))


class _LoggingReader:
    """
    Reads the nodes of a document, keeping what is right and every fault of the rest.

    None stands for a format or filter that has a fault: what names it is left out without another word.
    """

    def __init__(self, document: YamlText) -> None:
        self._reader = YamlReader(document)
        self._document = document
        self.findings = self._reader.findings
        self.formats: dict[str, LogFormat | None] = {}
        self.filters: dict[str, LogFilter | None] = {}
        self.logs: list[LogDefinition] = []

    def read(self, root: yaml.Node) -> None:
        """Take everything from the document's root. Traffic Server 8.0 has no key ``logging`` above all."""
        top = self._reader.mapping(root, (_ROOT, *_SECTIONS))
        inner = top.pop(_ROOT, None)
        if inner is not None:
            for name, node in top.items():
                self._reader.fault(node, f"{name} stands beside '{_ROOT}:'", f"{name} below it")
            top = {} if is_empty(inner) else self._reader.mapping(inner, _SECTIONS)
        elif top:
            self._reader.warn(root, f"Traffic Server 9 reads only what is below '{_ROOT}:'", f"'{_ROOT}:' above all")
        for node in self._reader.items(top.get("formats"), "formats", "formats, each beginning with '- name:'"):
            self._read_format(node)
        for node in self._reader.items(top.get("filters"), "filters", "filters, each beginning with '- name:'"):
            self._read_filter(node)
        for node in self._reader.items(top.get("logs"), "logs", "logs, each beginning with '- filename:'"):
            self._read_log(node)

    def _read_format(self, node: yaml.Node) -> None:
        reader = self._reader
        faults = len(self.findings.errors)
        parts = reader.mapping(node, _FORMAT_KEYS)
        if faults == len(self.findings.errors):
            reader.require(node, parts, ("name", "format"), "the format")
        name = reader.text(parts, "name")
        interval = reader.number(parts, "interval", 0)
        fields: tuple[str | LogField, ...] = ()
        if reader.text(parts, "format") is not None:
            fields = self.findings.take(parse_format(self._document.scalar(parts["format"])))
        if not interval and any(isinstance(part, LogField) and part.aggregate for part in fields):
            reader.fault(parts["format"], "a format with functions needs an interval", "'interval:' and seconds")
        kept = None
        if name is not None and faults == len(self.findings.errors):
            place = self._document.span(node).place
            kept = LogFormat(name=name, parts=fields, interval=interval or 0, place=place)
        self._keep(self.formats, parts.get("name"), kept)

    def _read_filter(self, node: yaml.Node) -> None:
        reader = self._reader
        faults = len(self.findings.errors)
        parts = reader.mapping(node, _FILTER_KEYS)
        if faults == len(self.findings.errors):
            reader.require(node, parts, _FILTER_KEYS, "the filter")
        name = reader.text(parts, "name")
        action = reader.choice(parts, "action", _ACTIONS)
        condition = None
        if reader.text(parts, "condition") is not None:
            condition = self.findings.take(parse_condition(self._document.scalar(parts["condition"])))
        kept = None
        if name is not None and action is not None and condition is not None and faults == len(self.findings.errors):
            kept = LogFilter(
                name=name,
                action=action,
                subject=condition.subject,
                operator=condition.operator,
                values=condition.values,
                place=self._document.span(node).place,
            )
        self._keep(self.filters, parts.get("name"), kept)

    def _keep(self, known: dict[str, Named | None], node: yaml.Node | None, value: Named | None) -> None:
        """Keep one more under the name that ``node`` gives it, unless there is one of that name."""
        if node is None:
            return
        name = self._document.span(node).text
        if name in known:
            self._reader.fault(node, f"{name!r} is there twice", "each name once")
        else:
            known[name] = value

    def _read_log(self, node: yaml.Node) -> None:
        reader = self._reader
        faults = len(self.findings.errors)
        parts = reader.mapping(node, _LOG_KEYS)
        if faults == len(self.findings.errors):
            reader.require(node, parts, ("filename", "format"), "the log")
        filename = reader.text(parts, "filename")
        if filename == "":
            reader.fault(parts["filename"], "the log has no name", "a file name")
        log_format = self._named(parts.get("format"), self.formats, "format")
        filters = [
            self._named(each, self.filters, "filter")
            for each in reader.items(parts.get("filters"), "filters", "names of filters, each behind a -")
        ]
        mode = reader.choice(parts, "mode", _MODES) or LogMode.ASCII
        pipe_buffer_size = reader.number(parts, "pipe_buffer_size", 0)
        if pipe_buffer_size is not None and mode is not LogMode.PIPE:
            reader.warn(parts["pipe_buffer_size"], "this matters for pipes only", "'mode: ascii_pipe'")
        header = reader.text(parts, "header") or ""
        rolling = self._read_rolling(parts)
        hosts = self._read_hosts(parts.get("collation_hosts"))
        if filename is None or log_format is None or None in filters or faults < len(self.findings.errors):
            return
        self.logs.append(LogDefinition(
            filename=filename,
            format=log_format,
            mode=mode,
            header=header,
            rolling=rolling,
            filters=tuple(each for each in filters if each is not None),
            pipe_buffer_size=pipe_buffer_size,
            hosts=hosts,
            place=self._document.span(node).place,
        ))  # fmt: skip

    def _named(self, node: yaml.Node | None, known: dict[str, Named | None], what: str) -> Named | None:
        """The format or filter that is called like this; None where there is none, or one with a fault."""
        if node is None:
            return None
        name = self._document.span(node).text
        if name not in known:
            self._reader.fault(node, f"there is no {what} {name!r}", nearest(name, known) or f"a {what} of this file")
        return known.get(name)

    def _read_rolling(self, parts: dict[str, yaml.Node]) -> Rolling:
        number = self._reader.number
        return Rolling(
            mode=self._reader.choice(parts, "rolling_enabled", _ROLLING_NAMES),
            interval_sec=number(parts, "rolling_interval_sec", 60, _DAY),
            offset_hr=number(parts, "rolling_offset_hr", 0, 23),
            size_mb=number(parts, "rolling_size_mb", 10),
            min_count=number(parts, "rolling_min_count", 0),
            max_count=number(parts, "rolling_max_count", 0),
            allow_empty=self._reader.choice(parts, "rolling_allow_empty", _FLAGS),
        )

    def _read_hosts(self, node: yaml.Node | None) -> tuple[str, ...]:
        """The hosts that lines go to, those first that are tried first."""
        hosts = []
        for each in self._reader.items(node, "collation_hosts", "hosts, each beginning with '- host:'"):
            parts = self._reader.mapping(each, ("host", "failover"))
            self._reader.require(each, parts, ("host",), "the entry")
            hosts.append(self._reader.text(parts, "host"))
            others = self._reader.items(parts.get("failover"), "failover", "host names, each behind a -")
            hosts += [self._document.span(other).text for other in others]
        return tuple(host for host in hosts if host)
