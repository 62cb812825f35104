"""The ``@`` options at the end of a line of remap.config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tsnode.config.catalogue import Row
from tsnode.config.cursor import Span
from tsnode.config.reading import Findings
from tsnode.config.words import read_method, read_range
from tsnode.routing.rules import ClientRange, MapFilter, Override

__all__ = ["Options", "read_options"]

_OVERRIDES = "conf_remap.so"

# what belongs to connections, which requests of several rules share, or is asked before any rule is looked for
_OF_CONNECTIONS = frozenset({
    f"proxy.config.{name}"
    for name in (
        "http.down_server.cache_time", "http.keep_alive_enabled_in", "http.keep_alive_no_activity_timeout_in",
        "http.keep_alive_no_activity_timeout_out", "http.per_server.connection.max",
        "http.post.check.content_length.enabled", "http.transaction_active_timeout_in",
        "http.transaction_active_timeout_out", "http.transaction_no_activity_timeout_in",
        "http.transaction_no_activity_timeout_out",
    )
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """What the options of one rule say."""

    filter: MapFilter | None = None
    overrides: tuple[Override, ...] = ()


class _OptionReader:
    """Takes one option after the other; their order matters only for a plugin and its parameters."""

    def __init__(self, rows: Mapping[str, Row], findings: Findings) -> None:
        self._rows = rows
        self._findings = findings
        self._action: bool | None = None
        self._methods: set[bytes] = set()
        self._clients: list[ClientRange] = []
        self._overrides: list[Override] = []
        self._plugin: str | None = None

    def read(self, option: Span) -> None:
        """
        Take one option, given without its ``@``.

        :raises ConfigError: where it is none, or one that is not supported.
        """
        name, value = option.partition("=")
        if value is None or not value.text:
            raise option.error(f"{option.text!r} has no value", "name=value")
        match name.text.lower():
            case "action":
                self._read_action(value)
            case "method":
                self._methods.add(read_method(value))
            case "src_ip":
                self._clients.append(_read_clients(value))
            case "plugin":
                self._read_plugin(value)
            case "pparam":
                self._read_parameter(value)
            case "in_ip":
                raise option.error("in_ip is not supported yet, and what it keeps out would get in", "src_ip")
            case unknown:
                raise option.error(f"unknown option {unknown!r}", "action, method, src_ip, plugin or pparam")

    def finish(self) -> Options:
        """What all options together say."""
        chosen = None
        if self._action is not None or self._methods or self._clients:
            chosen = MapFilter(self._action is not False, frozenset(self._methods), tuple(self._clients))
        return Options(chosen, tuple(self._overrides))

    def _read_action(self, value: Span) -> None:
        if self._action is not None:
            raise value.error("a rule has one action", "action once")
        match value.text.lower():
            case "allow":
                self._action = True
            case "deny":
                self._action = False
            case _:
                raise value.error(f"unknown action {value.text!r}", "allow or deny")

    def _read_plugin(self, value: Span) -> None:
        self._plugin = value.text
        if value.text != _OVERRIDES:
            raise value.error(f"plugin {value.text!r} is not supported", f"{_OVERRIDES}, which is built in")

    def _read_parameter(self, value: Span) -> None:
        if self._plugin is None:
            raise value.error("a parameter belongs to the plugin before it", f"@plugin={_OVERRIDES} first")
        if self._plugin != _OVERRIDES:
            return  # the plugin was refused already
        name, setting = value.partition("=")
        row = self._rows.get(name.text)
        if setting is None or row is None:
            raise value.error(f"{name.text!r} is not a variable with a value", "proxy.config.NAME=VALUE")
        if not row.overridable:
            raise value.error(f"{row.name} cannot have another value for single rules")
        parsed = row.domain.parse(setting)
        if not row.domain.admits(parsed):
            raise setting.error(f"{row.name} cannot be {setting.text!r}", row.domain.range)
        if row.name in _OF_CONNECTIONS:
            self._findings.warnings.append(value.error(f"{row.name} is one for all rules", "records.config"))
        elif not row.effective:
            self._findings.warnings.append(value.error(f"{row.name} is known, but has no effect yet"))
        self._overrides.append(Override(row.name, parsed))


def _read_clients(value: Span) -> ClientRange:
    outside = value.text.startswith("~")
    return ClientRange(read_range(value.part(1) if outside else value), outside)


def read_options(words: tuple[Span, ...], rows: Mapping[str, Row], findings: Findings) -> Options:
    """What the options of a rule say; what is wrong with them is added to ``findings``."""
    reader = _OptionReader(rows, findings)
    for word in words:
        if word.text.startswith("@"):
            findings.attempt(reader.read, word.part(1))
        else:
            findings.errors.append(word.error(f"{word.text!r} is no option", "options, each with @"))
    return reader.finish()
