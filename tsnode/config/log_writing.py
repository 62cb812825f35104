"""What the node writes of the logs that logging.yaml asks for: so far one file in one format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import assert_never

from tsnode.config.cursor import Span
from tsnode.config.log_format import parse_format
from tsnode.config.yaml_nodes import Scalar
from tsnode.model.errors import ConfigError, Place
from tsnode.model.log_formats import LogDefinition, LogField, Logging, LogMode, Rolling

__all__ = ["WRITTEN", "tell_what_is_written"]

WRITTEN = "squid.log"
"""The one log that is written."""

_FORMAT = (
    "%<cqtq> %<ttms> %<chi> %<crc>/%<pssc> %<psql> %<cqhm> %<cquc> %<caun> %<phr>/%<shn> %<psct>"
)  # fmt: skip


def tell_what_is_written(logging: Logging) -> Iterator[ConfigError]:
    """For each log that is not written as its author wants it, one warning that says what is."""
    written = _written_parts()
    for log in logging.logs:
        name = PurePath(log.filename)
        if name.with_suffix("") != PurePath(WRITTEN).with_suffix("") or log.format.parts != written:
            problem = f"log {log.filename!r} is not written yet"
            yield ConfigError(log.place, problem, f"no file but {WRITTEN}, a line a transaction, in squid's format")
            continue
        lacks = ", ".join(_lacks(log))
        if lacks:
            yield ConfigError(log.place, f"log {log.filename!r} is written as {WRITTEN}, but {lacks}")


def _written_parts() -> tuple[str | LogField, ...]:
    place = Place(WRITTEN, 1, 1, _FORMAT)
    return parse_format(Scalar(Span(_FORMAT, place), [_FORMAT], 0)).value


def _lacks(log: LogDefinition) -> Iterator[str]:
    """What a log in the right format is written without."""
    match log.mode:
        case LogMode.ASCII:
            pass
        case LogMode.BINARY:
            yield "as text"
        case LogMode.PIPE:
            yield "as a file"
        case impossible:
            assert_never(impossible)
    if log.header:
        yield "without its header"
    if log.filters:
        yield "without its filters"
    if log.rolling != Rolling():
        yield "without being rolled"
    if log.hosts:
        yield "on this machine"
