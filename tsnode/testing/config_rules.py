"""Hypothesis strategies for the conditions of rule lines and the requests they are about, and how they are written."""

from __future__ import annotations

import re
from typing import assert_never

from hypothesis.strategies import (
    SearchStrategy,
    booleans,
    builds,
    from_regex,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
    text,
    tuples,
)

from tsnode.matching.condition import Condition
from tsnode.matching.destinations import (
    Addresses,
    Destination,
    Domain,
    ExactUrl,
    Host,
    HostExpression,
    UrlExpression,
)
from tsnode.matching.request import RuleRequest, see_request
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
from tsnode.model.addresses import Address, AddressRange
from tsnode.model.expressions import Expression, compile_expression
from tsnode.model.target import make_target

__all__ = ["conditions", "destinations", "render_condition", "render_value", "rule_requests", "specifiers"]

_BARE = re.compile(r'[^\x00-\x20"\\\x7f-\U0010ffff](?:[^\x00-\x20\\\x7f-\U0010ffff]|\\(?![0-9]))*')
_NAMES = ("example.com", "www.example.com", "a.b.example.com", "com", "notexample.com", "192.0.2.7", "::1")
_DOCUMENTATION = 0x20010DB8 << 96
_EXPRESSIONS = ("example", r"a\.b", "^http://www", r"\.gif$", "(?i)EXAMPLE", "[0-9]+", "two words", "é", r"x\\y", '"')
_TEXT = "abcxyz019._- /~é\"\\#="


def _names() -> SearchStrategy[str]:
    return one_of(sampled_from(_NAMES), from_regex(r"[a-c][a-c0-9]{0,2}(?:\.[a-c]{1,2}){0,3}", fullmatch=True))


def _ranges() -> SearchStrategy[AddressRange]:
    """Ranges of few addresses, so that they overlap."""
    ends = tuples(integers(0, 40), integers(0, 40)).map(sorted)
    return one_of(
        ends.map(lambda pair: AddressRange(4, 0xC0000200 + pair[0], 0xC0000200 + pair[1])),
        ends.map(lambda pair: AddressRange(6, _DOCUMENTATION + pair[0], _DOCUMENTATION + pair[1])),
    )


def _addresses() -> SearchStrategy[Address]:
    """Addresses in and beside these ranges."""
    near = integers(0, 45)
    return one_of(
        near.map(lambda number: Address(4, 0xC0000200 + number)),
        near.map(lambda number: Address(6, _DOCUMENTATION + number)),
    )


def _expressions() -> SearchStrategy[Expression]:
    written = text(_TEXT, min_size=1, max_size=6).map(re.escape)
    return one_of(sampled_from(_EXPRESSIONS), written).map(compile_expression)


def destinations() -> SearchStrategy[Destination]:
    """Destinations of every kind."""
    return one_of(
        builds(Host, _names()),
        builds(Domain, one_of(_names(), just(""))),
        builds(Addresses, _ranges()),
        builds(UrlExpression, _expressions()),
        builds(HostExpression, _expressions()),
        builds(ExactUrl, text(_TEXT, max_size=6).map("http://example.com/".__add__)),
    )


def specifiers() -> SearchStrategy[Specifier]:
    """Specifiers of every kind."""
    ports = sampled_from((1, 80, 443, 8080, 65535))
    endings = text("abcgif019._ é", min_size=1, max_size=4)
    return one_of(
        tuples(ports, ports).map(lambda pair: Ports(min(pair), max(pair))),
        builds(Scheme, sampled_from(("http", "https"))),
        builds(Prefix, text(_TEXT, max_size=4).map(lambda written: written.lstrip("/"))),
        builds(Suffix, one_of(just(("",)), lists(endings, min_size=1, max_size=3).map(tuple))),
        builds(Method, sampled_from((b"GET", b"POST", b"X-1"))),
        builds(DayTime, integers(0, 86399), integers(0, 86399)),
        builds(Clients, _ranges()),
        builds(Internal, booleans()),
        builds(LocalPort, ports),
        builds(TagName, text(_TEXT, max_size=4)),
    )


def conditions(*, repeated: bool = False) -> SearchStrategy[Condition]:
    """Destinations with up to three specifiers; with ``repeated`` several of them may be of one kind."""
    unique = None if repeated else lambda specifier: specifier.label
    several = lists(specifiers(), max_size=3, unique_by=unique)
    return builds(Condition, destinations(), several.map(tuple))


def rule_requests() -> SearchStrategy[RuleRequest]:
    """Requests that such conditions are about, and some that they are not."""
    hosts = one_of(_names(), _names().map(str.upper), _names().map("x.".__add__), _names().map(lambda name: name + "."))
    paths = text("abcgifxyz019._-/;?%+", max_size=6).map(lambda path: f"/{path}".encode())

    def make(
        host: str, port: int, path: bytes, client: Address, address: Address | None
    ) -> SearchStrategy[RuleRequest]:
        octets = (f"[{host}]" if ":" in host else host).encode()
        return builds(
            see_request,
            just(make_target(b"http", octets.lower(), port, path)),
            method=sampled_from((b"GET", b"post", b"X-1")),
            client=just(str(client)),
            url=just(b"http://%b:%d%b" % (octets, port, path)),
            local_port=sampled_from((80, 8080)),
            internal=booleans(),
            time_of_day=integers(0, 86399),
            lookup=just(lambda: address),
        )

    ports = sampled_from((1, 80, 443, 8080))
    return tuples(hosts, ports, paths, _addresses(), one_of(none(), _addresses())).flatmap(lambda parts: make(*parts))


def render_value(value: str, *, quoted: bool = False) -> str:
    """A value as it stands behind ``=``: as it is where it can, else (or where ``quoted``) in quotation marks."""
    if not quoted and _BARE.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def render_condition(condition: Condition, *, quoted: bool = False) -> list[str]:
    """The pairs of a condition."""
    parts = (condition.destination, *condition.specifiers)
    return [f"{part.label}={render_value(_render_part(part), quoted=quoted)}" for part in parts]


def _render_part(part: Destination | Specifier) -> str:
    match part:
        case Host(text) | Prefix(text) | TagName(text) | Scheme(text) | ExactUrl(text):
            return text or "/" * isinstance(part, Prefix)
        case Domain(name):
            return name or "."
        case Addresses(span) | Clients(span):
            return str(span)
        case UrlExpression(expression) | HostExpression(expression):
            return expression.text
        case Ports(first, last):
            return f"{first}-{last}"
        case Suffix(endings):
            return "*" if endings == ("",) else ",".join(endings)
        case Method(method):
            return method.decode("ascii")
        case DayTime(first, last):
            return f"{_render_clock(first)}-{_render_clock(last)}"
        case Internal(wanted):
            return str(wanted).lower()
        case LocalPort(port):
            return str(port)
        case impossible:
            assert_never(impossible)


def _render_clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
