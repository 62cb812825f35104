"""What logging.yaml says: strategies, and the file that says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    booleans,
    builds,
    characters,
    composite,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
    text,
)

from tsnode.config.log_fields import CONTAINERS, FIELDS, FieldKind, NameKind
from tsnode.config.log_format import MILESTONES, kind_of
from tsnode.model.log_formats import (
    Aggregate,
    FilterAction,
    FilterOperator,
    LogDefinition,
    LogField,
    LogFilter,
    LogFormat,
    Logging,
    LogMode,
    Rolling,
    RollingMode,
)
from tsnode.testing.yaml_text import quote_yaml

__all__ = ["log_fields", "log_filters", "log_formats", "loggings", "render_field", "render_format", "render_logging"]

_MILESTONES = sampled_from(sorted(MILESTONES))
_NAMES = {
    NameKind.HEADER: sampled_from(["User-Agent", "x", "Set-Cookie"]),
    NameKind.VARIABLE: sampled_from(["proxy.config.http.cache.http", "proxy.node.restarts.proxy.start_time"]),
    NameKind.MILESTONE: _MILESTONES,
    NameKind.MILESTONES: builds("{}-{}".format, _MILESTONES, _MILESTONES),
}
_INTEGERS = [symbol for symbol, row in FIELDS.items() if row.kind is FieldKind.INTEGER]


@composite
def log_fields(draw: DrawFn) -> LogField:
    """Fields of one transaction, some with a name, some cut."""
    symbol = draw(sampled_from([*FIELDS, *CONTAINERS]))
    container = CONTAINERS.get(symbol)
    field = LogField(symbol=symbol, name="" if container is None else draw(_NAMES[container.needs]))
    if kind_of(field) is not FieldKind.TEXT:
        return field
    ends = one_of(none(), integers(-999, 999))
    return LogField(symbol=symbol, name=field.name, start=draw(ends), stop=draw(ends))


def _aggregates() -> SearchStrategy[LogField]:
    summed = builds(LogField, symbol=sampled_from(_INTEGERS), aggregate=sampled_from(Aggregate))
    return one_of(summed, just(LogField(symbol="*", aggregate=Aggregate.COUNT)))


@composite
def log_formats(draw: DrawFn) -> LogFormat:
    """Formats, of one line a transaction or of one an interval."""
    summary = draw(booleans())
    between = text(characters(max_codepoint=0x24F, exclude_characters="%", exclude_categories=["Cs"]), max_size=6)
    parts: list[str | LogField] = [draw(between)]
    for field in draw(lists(_aggregates() if summary else log_fields(), min_size=1, max_size=5)):
        parts += [field, draw(between)]
    interval = draw(integers(1, 86400)) if summary else 0
    return LogFormat(name=draw(_words()), parts=tuple(part for part in parts if part != ""), interval=interval)


def _words() -> SearchStrategy[str]:
    return text("abc_-1é ", min_size=1, max_size=6)


@composite
def log_filters(draw: DrawFn) -> LogFilter:
    """Filters whose values their fields can have."""
    field = draw(log_fields())
    return LogFilter(
        name=draw(_words()),
        action=draw(sampled_from(FilterAction)),
        subject=field,
        operator=draw(sampled_from(FilterOperator)),
        values=tuple(draw(lists(_values(field), min_size=1, max_size=3))),
    )


def _values(field: LogField) -> SearchStrategy[str]:
    """Values that a field may have."""
    match kind_of(field):
        case FieldKind.TEXT:
            return text("abcXYZ./-*é", min_size=1, max_size=6)
        case FieldKind.ADDRESS:
            return sampled_from(["127.0.0.1", "10.0.0.0-10.255.255.255", "::1", "fc00::-fc00::ffff"])
        case FieldKind.INTEGER:
            names = FIELDS[field.symbol].names if field.symbol in FIELDS else ()
            return sampled_from(["0", "200", "99999999999", *names])
        case impossible:
            assert_never(impossible)


@composite
def loggings(draw: DrawFn) -> Logging:
    """Whole files: the logs are in the formats, and have the filters, that are there."""
    formats = draw(lists(log_formats(), max_size=3, unique_by=lambda each: each.name))
    filters = draw(lists(log_filters(), max_size=3, unique_by=lambda each: each.name))
    logs = draw(lists(_logs(formats, filters), max_size=3)) if formats else []
    return Logging(tuple(formats), tuple(filters), tuple(logs))


@composite
def _logs(draw: DrawFn, formats: list[LogFormat], filters: list[LogFilter]) -> LogDefinition:
    mode = draw(sampled_from(LogMode))
    counts = one_of(none(), integers(0, 9))
    return LogDefinition(
        filename=draw(_words()),
        format=draw(sampled_from(formats)),
        mode=mode,
        header=draw(text("ab: #\n'\"é", max_size=5)),
        rolling=draw(builds(
            Rolling, mode=one_of(none(), sampled_from(RollingMode)), interval_sec=one_of(none(), integers(60, 86400)),
            offset_hr=one_of(none(), integers(0, 23)), size_mb=one_of(none(), integers(10, 99)), min_count=counts,
            max_count=counts, allow_empty=one_of(none(), booleans()),
        )),
        filters=tuple(draw(lists(sampled_from(filters), max_size=2))) if filters else (),
        pipe_buffer_size=draw(counts) if mode is LogMode.PIPE else None,
        hosts=tuple(draw(lists(sampled_from(["h.example", "10.0.0.1"]), max_size=2))),
    )  # fmt: skip


def render_field(field: LogField) -> str:
    """What stands between ``%<`` and ``>``."""
    if field.aggregate is not None:
        return f"{field.aggregate.value}({field.symbol})"
    name = f"{{{field.name}}}" if field.name else ""
    if (field.start, field.stop) == (None, None):
        return name + field.symbol
    start, stop = ("" if end is None else str(end) for end in (field.start, field.stop))
    return f"{name}{field.symbol}[{start}:{stop}]"


def render_format(parts: Iterable[str | LogField]) -> str:
    """The text of a format."""
    return "".join(part if isinstance(part, str) else f"%<{render_field(part)}>" for part in parts)


def render_logging(logging: Logging) -> str:
    """The logging.yaml that says it."""
    lines = ["logging:"]
    for section, entries in (
        ("formats", [list(_format_entries(each)) for each in logging.formats]),
        ("filters", [list(_filter_entries(each)) for each in logging.filters]),
        ("logs", [list(_log_entries(each)) for each in logging.logs]),
    ):
        lines.append(f"  {section}:")
        for first, *others in entries:
            lines += [f"    - {first}", *(f"      {other}" for other in others)]
    return "\n".join(lines) + "\n"


def _format_entries(log_format: LogFormat) -> Iterator[str]:
    yield f"name: {quote_yaml(log_format.name)}"
    yield f"format: {quote_yaml(render_format(log_format.parts))}"
    if log_format.interval:
        yield f"interval: {log_format.interval}"


def _filter_entries(log_filter: LogFilter) -> Iterator[str]:
    yield f"name: {quote_yaml(log_filter.name)}"
    yield f"action: {log_filter.action.value}"
    words = render_field(log_filter.subject), log_filter.operator.value, ",".join(log_filter.values)
    yield f"condition: {quote_yaml(' '.join(words))}"


def _log_entries(log: LogDefinition) -> Iterator[str]:
    yield f"filename: {quote_yaml(log.filename)}"
    yield f"format: {quote_yaml(log.format.name)}"
    yield f"mode: {log.mode.value}"
    if log.header:
        yield f"header: {quote_yaml(log.header)}"
    rolling = log.rolling
    for name, number in (
        ("rolling_enabled", None if rolling.mode is None else rolling.mode.value),
        ("rolling_interval_sec", rolling.interval_sec),
        ("rolling_offset_hr", rolling.offset_hr),
        ("rolling_size_mb", rolling.size_mb),
        ("rolling_min_count", rolling.min_count),
        ("rolling_max_count", rolling.max_count),
        ("rolling_allow_empty", None if rolling.allow_empty is None else int(rolling.allow_empty)),
        ("pipe_buffer_size", log.pipe_buffer_size),
    ):
        if number is not None:
            yield f"{name}: {number}"
    if log.filters:
        yield f"filters: [{', '.join(quote_yaml(each.name) for each in log.filters)}]"
    if log.hosts:
        yield f"collation_hosts: [{', '.join(f'{{host: {host}}}' for host in log.hosts)}]"
