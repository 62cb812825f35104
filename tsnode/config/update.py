"""update.config: which URLs are brought up to date in the cache, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tsnode.config.cursor import Span
from tsnode.config.grammar import Label, Tag
from tsnode.config.matcher_tags import read_number
from tsnode.config.reading import Findings, Reading
from tsnode.model.errors import BadRequest, Place
from tsnode.model.fields import Fields, Line
from tsnode.model.schedule import ScheduledUpdate
from tsnode.model.target import parse_target

__all__ = ["FIELDS", "LONGEST_RECORD", "parse_update"]

LONGEST_RECORD = 32768
"""How many characters one entry may have."""

T = TypeVar("T")

_DELIMITER = "\\"
_BLANKS = " \t"
_START = re.compile(r"[ \t]*[A-Za-z][A-Za-z0-9+.-]*://")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[!-~]+")
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEADER = re.compile(rf"({_NAME}):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
# a semicolon in a comment or in a quoted string ends no header
_SEMICOLON = re.compile(rf'"[^"]*"|\([^()]*\)|;(?=[ \t]*{_NAME}:)')


def _read_url(field: Span) -> bytes:
    """A URL: the canonical one of a resource, where it is about http."""
    if not _URL.fullmatch(field.text):
        raise field.error(f"{field.text!r} is no URL", "one such as http://www.example.com/")
    url = field.text.encode("ascii")
    if not _is_http(url):
        return url
    try:
        return parse_target(b"GET", url, b"").url
    except BadRequest as fault:
        raise field.error(f"{field.text!r} is no URL: {fault}", "one such as http://www.example.com/") from fault


def _is_http(url: bytes) -> bool:
    return url[:7].lower() == b"http://"


def _read_headers(field: Span) -> tuple[Line, ...]:
    """The headers in one line of the field: semicolons separate them where the name of another one follows."""
    ends = [found.span() for found in _SEMICOLON.finditer(field.text) if found[0] == ";"]
    starts = [0, *[stop for _, stop in ends]]
    stops = [*[start for start, _ in ends], len(field.text)]
    parts = [_strip(field.part(start, stop), ";") for start, stop in zip(starts, stops, strict=True)]
    return tuple([_read_header(part) for part in parts if part.text])


def _read_header(part: Span) -> Line:
    found = _HEADER.fullmatch(part.text)
    if found is None:
        raise part.error(f"{part.text!r} is no header", "Name: value, with semicolons between several")
    return found[1].encode("ascii"), found[2].encode("utf-8")


URL = Label(
    Tag("URL", "an http URL", "", "What is updated. URLs of other schemes are known, and cannot be.",
        "http://www.example.com/"),
    _read_url,
)  # fmt: skip
HEADERS = Label(
    Tag("request_headers", "Name: value, with semicolons or line ends between several", "none",
        "What is sent with each request for it.", "User-Agent: update; Accept-Language: en"),
    _read_headers,
)  # fmt: skip
OFFSET_HOUR = Label(
    Tag("offset_hour", "0 to 23", "", "The hour of the day, in local time, that updates are counted from.", "13"),
    lambda field: read_number(field, 0, 23, "hour of the day"),
)  # fmt: skip
INTERVAL = Label(
    Tag("interval", "1 to 86400 s", "",
        "How long it is from one update to the next. 3600 is every full hour, 86400 once a day.", "3600"),
    lambda field: read_number(field, 1, 86400, "number of seconds in a day"),
)  # fmt: skip
DEPTH = Label(
    Tag("recursion_depth", "0 to 128", "",
        "How many links away from the page other URLs of its host are updated, too. 0 is none.", "5"),
    lambda field: read_number(field, 0, 128, "depth"),
)  # fmt: skip

FIELDS = tuple(label.tag for label in (URL, HEADERS, OFFSET_HOUR, INTERVAL, DEPTH))
"""The fields of an entry of update.config, in their order."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One entry as it stands: the lines that it goes over."""

    lines: tuple[Span, ...]

    @property
    def length(self) -> int:
        """Its characters, line ends among them."""
        return sum(len(line.place.text) + 1 for line in self.lines)

    def fields(self) -> list[list[Span]]:
        """What stands in each field, blanks left out; one that goes over several lines has several parts."""
        fields: list[list[Span]] = [[]]
        for line in self.lines:
            first, *others = [_strip(piece) for piece in line.pieces(_DELIMITER)]
            fields[-1].append(first)
            fields += [[other] for other in others]
        return fields


def parse_update(file: str, text: str) -> Reading[tuple[ScheduledUpdate, ...]]:
    r"""
    The entries of a file in its order; none at all where any of them is faulty.

    An entry goes on over the ends of lines until it has its five ``\``, of which the last one may be missing at the
    end of a line. A line that begins with a URL begins an entry, so that one that is cut short spoils no other.

    Source: Traffic Server 5.3, update.config; ``proxy/Update.cc``. That looks for line ends between headers only, the
    manual has semicolons there; both are read.
    """
    findings = Findings()
    updates = [findings.attempt(_read_record, record, findings) for record in _records(file, text)]
    right = tuple([update for update in updates if update is not None])
    return findings.reading(() if findings.errors else right)


def _records(file: str, text: str) -> Iterator[_Record]:
    """The entries of a text, those that are not whole among them. What is too long is not kept to its end."""
    lines: list[Span] = []
    length = delimiters = 0
    for number, written in enumerate(text.split("\n"), start=1):
        written = written.removesuffix("\r")
        if lines and _START.match(written):
            yield _Record(tuple(lines))
            lines, length, delimiters = [], 0, 0
        content = written.strip(_BLANKS)
        if not content or (not lines and content.startswith("#")):
            continue
        if length <= LONGEST_RECORD:
            lines.append(Span(written, Place(file, number, 1, written)))
        length += len(written) + 1
        delimiters += written.count(_DELIMITER)
        if delimiters >= len(FIELDS) - 1:
            yield _Record(tuple(lines))
            lines, length, delimiters = [], 0, 0
    if lines:
        yield _Record(tuple(lines))


def _read_record(record: _Record, findings: Findings) -> ScheduledUpdate | None:
    """
    The update of an entry; None where something in it is wrong, which is told.

    :raises ConfigError: where it has not the right number of fields, or is too long.
    """
    faults = len(findings.errors)
    start = _strip(record.lines[0])
    fields = _split(record, findings)
    url = findings.attempt(_read_one, URL, fields[0])
    headers = [findings.attempt(HEADERS.read, part) for part in fields[1]]
    offset_hour = findings.attempt(_read_one, OFFSET_HOUR, fields[2])
    interval = findings.attempt(_read_one, INTERVAL, fields[3])
    depth = findings.attempt(_read_one, DEPTH, fields[4])
    if url is not None and not _is_http(url):
        findings.warnings.append(start.error("only http URLs can be updated", "one that begins with http://"))
        depth = depth and 0
    if len(findings.errors) > faults:
        return None
    assert url is not None and offset_hour is not None and interval is not None and depth is not None
    return ScheduledUpdate(
        url=url,
        headers=Fields([line for lines in headers for line in lines or ()]),
        offset_hour=offset_hour,
        interval=interval,
        depth=depth,
        place=start.place,
    )


def _split(record: _Record, findings: Findings) -> list[list[Span]]:
    """
    The five fields of an entry.

    :raises ConfigError: where it has not so many, or is too long.
    """
    if record.length > LONGEST_RECORD:
        raise _strip(record.lines[0]).error("the entry is too long", f"at most {LONGEST_RECORD} characters")
    wanted = len(FIELDS)
    fields = record.fields()
    if len(fields) < wanted:
        last = fields[-1][0]
        raise last.part(len(last.text)).error(
            f"an entry has {wanted} fields, this one {len(fields)}", "\\".join(tag.name for tag in FIELDS) + "\\"
        )
    if len(fields) > wanted:
        rest = fields[wanted][0]
        if len(fields) > wanted + 1:
            raise rest.error(f"an entry has {wanted} fields, this one more", "the end of the line")
        if rest.text:
            findings.warnings.append(rest.error("what stands behind the last \\ has no effect", "the end of the line"))
    return fields[:wanted]


def _read_one(label: Label[T], parts: Sequence[Span]) -> T:
    """
    The value of a field that cannot go over several lines.

    :raises ConfigError: where it does, or is none.
    """
    filled = [part for part in parts if part.text]
    if len(filled) > 1:
        raise filled[1].error(f"{label.name} goes on in another line", "\\ before it")
    return label.read(filled[0] if filled else parts[0])


def _strip(span: Span, more: str = "") -> Span:
    """A span without the blanks around it, and without what else is named."""
    blanks = _BLANKS + more
    start = len(span.text) - len(span.text.lstrip(blanks))
    return span.part(start, max(start, len(span.text.rstrip(blanks))))
