"""congestion.config: which origins are spared, and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from tsnode.config.cursor import Span
from tsnode.config.grammar import Label, Tag
from tsnode.config.matcher import Actions, MatcherGrammar, read_rules
from tsnode.config.matcher_tags import DESTINATIONS, SPECIFIERS, read_choice
from tsnode.config.reading import Findings, Reading
from tsnode.config.records import Records
from tsnode.hierarchy.congestion import CongestionLimits, CongestionRule, CongestionScheme

__all__ = ["TAGS", "parse_congestion", "read_congestion_defaults"]

_INTEGER = re.compile("-?[0-9]{1,10}")
_LARGEST = 2**31 - 1
_SCHEMES = tuple(scheme.value for scheme in CongestionScheme)
_STANDARD = CongestionLimits()


def _read_integer(value: Span, name: str, right: Callable[[int], bool], range_: str) -> int:
    if not _INTEGER.fullmatch(value.text) or not right(int(value.text)):
        raise value.error(f"{name} cannot be {value.text!r}", range_)
    return int(value.text)


def _positive(name: str, unit: str, text: str) -> Label[int]:
    """The label of a number that is at least 1."""
    default = getattr(_STANDARD, name)
    return Label(
        Tag(name, f"1 or more{unit}", str(default), text, f"{name}={default}"),
        lambda value: _read_integer(value, name, lambda number: 0 < number <= _LARGEST, f"1 or more{unit}"),
        repeats=True,
    )


_NUMBERS: tuple[Label[int], ...] = (
    Label(
        Tag("max_connection_failures", "1 to 65535, or -1", "5",
            "So many failed requests within fail_window make an origin congested; -1 does not count them.",
            "max_connection_failures=3"),
        lambda value: _read_integer(
            value, "max_connection_failures", lambda number: number == -1 or 0 < number < 65536, "1 to 65535, or -1"
        ),
        repeats=True,
    ),
    _positive("fail_window", " s", "The time in which failures are counted."),
    _positive("proxy_retry_interval", " s", "How long a congested origin is left alone before it is tried again."),
    _positive("client_wait_interval", " s", "What clients are told to wait."),
    _positive("wait_interval_alpha", " s", "Up to how much is added to that, by chance."),
    _positive("live_os_conn_timeout", " s", "How long connecting may take while the origin is not congested."),
    _positive("live_os_conn_retries", "", "How often an origin is tried while it is not congested."),
    _positive("dead_os_conn_timeout", " s", "How long connecting may take while it is."),
    _positive("dead_os_conn_retries", "", "How often it is tried while it is."),
    Label(
        Tag("max_connection", "0 or more, or -1", "-1",
            "So many connections are opened to an origin at a time; -1 is any number.", "max_connection=100"),
        lambda value: _read_integer(
            value, "max_connection", lambda number: -1 <= number <= _LARGEST, "0 or more, or -1"
        ),
        repeats=True,
    ),
)  # fmt: skip
ERROR_PAGE = Label(
    Tag("error_page", "the name of a template", "congestion#retryAfter", "What clients get.",
        'error_page="congestion#retryAfter"'),
    lambda value: value.text, repeats=True,
)  # fmt: skip
SCHEME = Label(
    Tag("congestion_scheme", ", ".join(_SCHEMES), "per_ip",
        "Whether the addresses of a host are counted apart or together.", "congestion_scheme=per_host"),
    lambda value: CongestionScheme(read_choice(value, "congestion_scheme", _SCHEMES)), repeats=True,
)  # fmt: skip

_GRAMMAR = MatcherGrammar(
    destinations=tuple(label for label in DESTINATIONS if label.name != "url"),
    specifiers=SPECIFIERS,
    actions=(*_NUMBERS, ERROR_PAGE, SCHEME),
)

TAGS = _GRAMMAR.tags
"""Everything that a line of congestion.config may say."""


def parse_congestion(
    file: str, text: str, defaults: CongestionLimits = _STANDARD
) -> Reading[tuple[CongestionRule, ...]]:
    """
    The rules of a file in their order, less the faulty ones; ``defaults`` hold where a line says nothing.

    Source: Traffic Server 7, congestion.config; ``proxy/congest/Congestion.cc``. The manual has url_regex where the
    source has host_regex; both are read.
    """
    findings = Findings()
    rulings = read_rules(_GRAMMAR, file, text, lambda line: _build(line, defaults), findings)
    return findings.reading(
        tuple([CongestionRule(condition=where, limits=limits, place=place) for where, limits, place in rulings])
    )


def _build(line: Actions, defaults: CongestionLimits) -> CongestionLimits:
    numbers: Mapping[str, int] = {label.name: number for label in _NUMBERS if (number := line.find(label)) is not None}
    return replace(
        defaults,
        error_page=line.get(ERROR_PAGE, defaults.error_page),
        congestion_scheme=line.get(SCHEME, defaults.congestion_scheme),
        **numbers,
    )


def read_congestion_defaults(records: Records) -> CongestionLimits:
    """What the variables say about lines that say nothing."""
    prefix = "proxy.config.http.congestion_control.default."
    numbers: Mapping[str, int] = {label.name: records.integer(prefix + label.name) for label in _NUMBERS}
    return replace(
        _STANDARD,
        error_page=records.text(f"{prefix}error_page"),
        congestion_scheme=CongestionScheme(records.text(f"{prefix}congestion_scheme")),
        **numbers,
    )
