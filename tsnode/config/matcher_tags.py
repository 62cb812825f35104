"""The destinations and specifiers that all control-matcher files know."""

from __future__ import annotations

import re

from tsnode.config.cursor import Span
from tsnode.config.grammar import Label, Tag, suggest
from tsnode.config.words import read_method, read_range
from tsnode.matching.destinations import (
    Addresses,
    Destination,
    Domain,
    ExactUrl,
    Host,
    HostExpression,
    UrlExpression,
    rule_name,
)
from tsnode.matching.specifiers import (
    Clients,
    DayTime,
    Internal,
    LocalPort,
    Method,
    Ports,
    Prefix,
    Scheme,
    Specifier,
    Suffix,
    TagName,
)
from tsnode.model.addresses import parse_address
from tsnode.model.expressions import Expression, ExpressionError, compile_expression

__all__ = ["DESTINATIONS", "SPECIFIERS", "read_choice", "read_domain", "read_number", "read_port"]

_NAME = re.compile(r"[!-.0-9;-=A-Z\\^-~]+")
_NOT_IN_NAMES = re.compile(r"[/:?#@\[\]]")
_DIGITS = re.compile("[0-9]{1,10}")
_CLOCK = re.compile("([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?")
_SCHEMES = ("http", "https", "ws", "wss", "ftp")


def read_number(value: Span, least: int, most: int, what: str) -> int:
    """
    A whole number from ``least`` to ``most``.

    :raises ConfigError: where it is none.
    """
    if not _DIGITS.fullmatch(value.text) or not least <= int(value.text) <= most:
        raise value.error(f"{value.text!r} is no {what}", f"{least} to {most}")
    return int(value.text)


def read_port(value: Span) -> int:
    """
    The number of a port.

    :raises ConfigError: where it is none.
    """
    return read_number(value, 1, 65535, "port")


def read_choice(value: Span, what: str, choices: tuple[str, ...]) -> str:
    """
    One of some words, in lower case.

    :raises ConfigError: where it is none of them.
    """
    word = value.text.lower()
    if word not in choices:
        close = suggest(word, choices)
        raise value.error(f"unknown {what} {value.text!r}", close if close in choices else _either(choices))
    return word


def _either(words: tuple[str, ...]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}"


def _read_name(value: Span) -> str:
    """A host name or address as rules are kept under it."""
    if not _NAME.fullmatch(value.text):
        wrong = _NOT_IN_NAMES.search(value.text)
        if wrong is None:
            raise value.error(f"{value.text!r} is no host", "ASCII characters; other names in their xn-- form")
        if parse_address(value.text.strip("[]")) is None:
            raise value.part(wrong.start()).error(f"{value.text!r} is no host", "a name or an address, nothing else")
    return rule_name(value.text)


def _read_host(value: Span) -> Destination:
    name = _read_name(value)
    if not name:
        raise value.error(f"{value.text!r} names no host", "a host; dest_domain=. for all")
    return Host(name)


def read_domain(value: Span) -> Destination:
    """
    A domain; ``.`` is all of them.

    :raises ConfigError: where it is none.
    """
    return Domain(_read_name(value))


def _compile(value: Span) -> Expression:
    if not value.text:
        raise value.error("the expression is empty", "what is to be found")
    try:
        return compile_expression(value.text)
    except ExpressionError as fault:
        raise value.part(fault.position).error(f"in the expression: {fault.problem}", "a regular expression") from fault


def _read_url(value: Span) -> Destination:
    if "://" not in value.text:
        raise value.error(f"{value.text!r} is no URL", "scheme://host/path, decoded")
    return ExactUrl(value.text)


def _read_ports(value: Span) -> Specifier:
    low, high = value.partition("-")
    first = read_port(low)
    last = first if high is None else read_port(high)
    if first > last:
        raise value.error(f"{value.text!r} ends before it begins", "the smaller port first")
    return Ports(first, last)


def _read_suffix(value: Span) -> Specifier:
    if value.text == "*":
        return Suffix(("",))
    endings = tuple(ending.text.lower() for ending in value.pieces(",") if ending.text)
    if not endings:
        raise value.error("the list is empty", "endings with commas between them, or *")
    return Suffix(endings)


def _read_time(value: Span) -> Specifier:
    first, last = value.partition("-")
    if last is None:
        raise value.error("the range has no end", "HH:MM-HH:MM")
    return DayTime(_read_clock(first), _read_clock(last))


def _read_clock(value: Span) -> int:
    """Seconds since midnight."""
    found = _CLOCK.fullmatch(value.text)
    if found is None:
        raise value.error(f"{value.text!r} is no time of the day", "HH:MM or HH:MM:SS")
    hours, minutes, seconds = (int(part) for part in found.groups("0"))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise value.error(f"{value.text!r} is no time of the day", "00:00 to 23:59:59")
    return hours * 3600 + minutes * 60 + seconds


DESTINATIONS: tuple[Label[Destination], ...] = (
    Label(
        Tag("dest_domain", "a domain", "", "The host of that name and all below it; . is every host.",
            "dest_domain=example.com"),
        read_domain,
    ),
    Label(Tag("dest_host", "a host", "", "That host only.", "dest_host=www.example.com"), _read_host),
    Label(
        Tag("dest_ip", "a, a-b or a/bits", "",
            "Hosts with such an address. Of several lines with the address the last one counts, alone.",
            "dest_ip=192.0.2.0/24"),
        lambda value: Addresses(read_range(value)),
    ),
    Label(
        Tag("url_regex", "a regular expression", "",
            "URLs in which it is found; %XX is decoded and + is a blank. Case matters.", r"url_regex=example\.com/a"),
        lambda value: UrlExpression(_compile(value)),
    ),
    Label(
        Tag("host_regex", "a regular expression", "", "Hosts in which it is found.", r"host_regex=^www\."),
        lambda value: HostExpression(_compile(value)),
    ),
    Label(Tag("url", "a URL", "", "That URL only, decoded.", "url=http://example.com/a"), _read_url),
)  # fmt: skip

SPECIFIERS: tuple[Label[Specifier], ...] = (
    Label(Tag("port", "n or n-m", "any", "The port of the URL.", "port=8080-8090"), _read_ports),
    Label(
        Tag("scheme", ", ".join(_SCHEMES), "any", "The scheme of the URL.", "scheme=https"),
        lambda value: Scheme(read_choice(value, "scheme", _SCHEMES)),
    ),
    Label(
        Tag("prefix", "text", "any", "The path begins with it; slashes in front do not count, segments neither.",
            "prefix=/images"),
        lambda value: Prefix(value.text.lstrip("/")),
    ),
    Label(
        Tag("suffix", "texts with commas between them, or *", "any",
            "The path ends with one of them; case does not matter.", "suffix=gif,jpg"),
        _read_suffix,
    ),
    Label(
        Tag("method", "a method", "any", "The method of the request; case does not matter.", "method=post"),
        lambda value: Method(read_method(value)),
    ),
    Label(
        Tag("time", "HH:MM[:SS]-HH:MM[:SS]", "any",
            "The local time at which the request began, both ends included. A range over midnight never holds.",
            "time=08:00-17:59:59"),
        _read_time,
    ),
    Label(
        Tag("src_ip", "a, a-b or a/bits", "any", "The client's address.", "src_ip=10.0.0.0/8"),
        lambda value: Clients(read_range(value)),
    ),
    Label(
        Tag("internal", "true, false", "any", "Whether the node made the request itself.", "internal=false"),
        lambda value: Internal(read_choice(value, "value", ("true", "false")) == "true"),
    ),
    Label(
        Tag("iport", "a port", "any", "The port of the node that the client connected to.", "iport=8080"),
        lambda value: LocalPort(read_port(value)),
    ),
    Label(
        Tag("tag", "text", "any", "A tag of the request; ordinary requests have none.", "tag=a"),
        lambda value: TagName(value.text),
    ),
)  # fmt: skip
