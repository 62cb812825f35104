"""What an operator wants written down about transactions: formats, filters and logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tsnode.model.errors import Place

__all__ = [
    "Aggregate",
    "FilterAction",
    "FilterOperator",
    "LogDefinition",
    "LogField",
    "LogFilter",
    "LogFormat",
    "LogMode",
    "Logging",
    "Rolling",
    "RollingMode",
]

NOWHERE = Place("")
"""The place of what no file says."""


class Aggregate(Enum):
    """What becomes of the values of one field during the interval of a format."""

    COUNT = "COUNT"
    SUM = "SUM"
    AVG = "AVG"
    FIRST = "FIRST"
    LAST = "LAST"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogField:
    """
    One value of a transaction.

    ``name`` is a header field, a milestone or a variable, for symbols that need one. ``start`` and ``stop`` cut a part
    out of a text, as Python's slices do. The symbol ``*`` of COUNT is every transaction.
    """

    symbol: str
    name: str = ""
    aggregate: Aggregate | None = None
    start: int | None = None
    stop: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFormat:
    """A line: texts and fields in turn. ``interval``: seconds that one line is about, 0 for one a transaction."""

    name: str
    parts: tuple[str | LogField, ...]
    interval: int = 0
    place: Place = field(default=NOWHERE, compare=False)


class FilterAction(Enum):
    """What becomes of a transaction that a filter's condition is true for."""

    ACCEPT = "accept"
    REJECT = "reject"
    WIPE = "wipe_field_value"


class FilterOperator(Enum):
    """How a field is compared with the values of a filter."""

    MATCH = "MATCH"
    CASE_INSENSITIVE_MATCH = "CASE_INSENSITIVE_MATCH"
    CONTAIN = "CONTAIN"
    CASE_INSENSITIVE_CONTAIN = "CASE_INSENSITIVE_CONTAIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """A condition, true where the field compares with one of the values, and what it is for."""

    name: str
    action: FilterAction
    subject: LogField
    operator: FilterOperator
    values: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


class LogMode(Enum):
    """How a log is written."""

    ASCII = "ascii"
    BINARY = "binary"
    PIPE = "ascii_pipe"


class RollingMode(Enum):
    """When a log file is put aside for a new one; the numbers are Traffic Server's."""

    NONE = 0
    TIME = 1
    SIZE = 2
    BOTH = 3
    ANY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """How one log is rolled, where that is not as the variables say: None is as they say."""

    mode: RollingMode | None = None
    interval_sec: int | None = None
    offset_hr: int | None = None
    size_mb: int | None = None
    min_count: int | None = None
    max_count: int | None = None
    allow_empty: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDefinition:
    """
    One log. ``filename`` stands in the folder of logs, without the ending that the mode gives; stdout and stderr are
    no files. ``hosts`` are those that Traffic Server 8 sends the lines to instead.
    """

    filename: str
    format: LogFormat
    mode: LogMode = LogMode.ASCII
    header: str = ""
    rolling: Rolling = Rolling()
    filters: tuple[LogFilter, ...] = ()
    pipe_buffer_size: int | None = None
    hosts: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Logging:
    """Everything that logging.yaml says."""

    formats: tuple[LogFormat, ...] = ()
    filters: tuple[LogFilter, ...] = ()
    logs: tuple[LogDefinition, ...] = ()
