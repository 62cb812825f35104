"""volume.config: how the cache is divided."""

from __future__ import annotations

from tsnode.config.cursor import Span, read_lines
from tsnode.config.grammar import Label, Tag
from tsnode.config.line_fields import Fields, read_number
from tsnode.config.reading import Findings, Reading
from tsnode.config.storage import MOST_VOLUMES
from tsnode.model.storage import UNIT, Share, Volume

__all__ = ["FIELDS", "parse_volume"]

_MEGABYTE = 2**20
_UNIT_MEGABYTES = UNIT // _MEGABYTE
_ALL = 100
_MOST_MEGABYTES = 10**9 - 1
_SCHEMES = ("http", "https")
_WORDS = {"true": True, "false": False}


def _read_size(value: Span) -> Share | int:
    if value.text.endswith("%"):
        return Share(read_number(value.part(0, -1), 1, _ALL, "a share"))
    megabytes = read_number(value, 1, _MOST_MEGABYTES, "size")
    if megabytes % _UNIT_MEGABYTES:
        raise value.error(f"{megabytes} MB is no multiple of {_UNIT_MEGABYTES} MB", "128, 256 and so on, or a share")
    return megabytes * _MEGABYTE


def _read_scheme(value: Span) -> str:
    if value.text.lower() not in _SCHEMES:
        raise value.error(f"scheme cannot be {value.text!r}", "http")
    return value.text.lower()


def _read_flag(value: Span) -> bool:
    if value.text.lower() not in _WORDS:
        raise value.error(f"ramcache cannot be {value.text!r}", "true or false")
    return _WORDS[value.text.lower()]


NUMBER = Label(
    Tag("volume", f"1 to {MOST_VOLUMES}", "", "The number that other files call it by.", "volume=1"),
    lambda value: read_number(value, 1, MOST_VOLUMES, "volume"),
)  # fmt: skip
SCHEME = Label(
    Tag("scheme", "http", "", "What is kept there; the answers to http and https requests are the same to a cache.",
        "scheme=http"),
    _read_scheme,
)  # fmt: skip
SIZE = Label(
    Tag("size", "a multiple of 128 (MB), or 1% to 100%", "", "How large it is. Shares are rounded down to 128 MB.",
        "size=50%"),
    _read_size,
)  # fmt: skip
RAM_CACHE = Label(
    Tag("ramcache", "true, false", "true", "Whether its objects may be kept in memory as well.", "ramcache=false"),
    _read_flag,
)  # fmt: skip

_LABELS: tuple[Label[object], ...] = (NUMBER, SCHEME, SIZE, RAM_CACHE)

FIELDS = tuple(label.tag for label in _LABELS)
"""Everything that a line of volume.config may say."""


def parse_volume(file: str, text: str) -> Reading[tuple[Volume, ...]]:
    """
    The volumes of a file in their order, less the faulty lines and those that would make shares of more than 100 %.

    Source: Traffic Server, volume.config. Up to 8 its example has a volume for https, though its source refuses that.
    """
    findings = Findings()
    found: list[Volume] = []
    for line in read_lines(file, text):
        volume = findings.attempt(_read_line, line, found, findings)
        if volume is not None:
            found.append(volume)
    return findings.reading(tuple(found))


def _read_line(line: Span, before: list[Volume], findings: Findings) -> Volume:
    fields = Fields(line, _LABELS, findings)
    fields.read(line)
    number, scheme, size = fields.need(NUMBER), fields.need(SCHEME), fields.need(SIZE)
    for other in before:
        if other.number == number:
            problem = f"volume {number} is in line {other.place.line}, too"
            raise fields.span(NUMBER).error(problem, "each volume once")
    shares = sum(map(_percent, (*[other.size for other in before], size)))
    if isinstance(size, Share) and shares > _ALL:
        raise fields.span(SIZE).error(f"the volumes up to here have {shares} %", f"at most {_ALL} %")
    if scheme != _SCHEMES[0]:
        findings.warnings.append(fields.span(SCHEME).error(f"{scheme} is taken for http", "http"))
    ram_cache = fields.get(RAM_CACHE)
    return Volume(number=number, size=size, ram_cache=ram_cache is not False, place=line.place)


def _percent(size: Share | int) -> int:
    return size.percent if isinstance(size, Share) else 0
