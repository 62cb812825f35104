"""HTTP dates in their three formats (RFC 9110 §5.6.7), as seconds since the epoch."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

__all__ = ["parse_date", "render_date"]

_DAYS = (b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun")
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_MONTH = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAY = rb"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_NAME = rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = rb"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)"
# RFC 9111 §4.2: a cache reads dates without regard to case, and knows no zone but GMT
_FIXDATE = re.compile(_DAY + rb", ([0-3][0-9]) " + _NAME + rb" ([0-9]{4}) " + _CLOCK + rb" GMT\Z", re.IGNORECASE)
_RFC850 = re.compile(_LONG_DAY + rb", ([0-3][0-9])-" + _NAME + rb"-([0-9]{2}) " + _CLOCK + rb" GMT\Z", re.IGNORECASE)
_ASCTIME = re.compile(_DAY + rb" " + _NAME + rb" ([ 0-3][0-9]) " + _CLOCK + rb" ([0-9]{4})\Z", re.IGNORECASE)

_FIXDATE_LENGTH = 29
_DAY_SECONDS = 86400
_EPOCH = date(1970, 1, 1).toordinal()
_EARLIEST, _LATEST = -62135596800, 253402300799
"""The first second of the year 1 and the last of the year 9999, beyond which there are no such dates."""


def _moment(year: int, month: int, day: int, hour: bytes, minute: bytes, second: bytes) -> float | None:
    """Seconds since the epoch; None where there is no such day."""
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    return float(days * _DAY_SECONDS + int(hour) * 3600 + int(minute) * 60 + int(second))


@lru_cache(maxsize=2048)
def _parse_fixdate(octets: bytes) -> float | None:
    found = _FIXDATE.match(octets)
    if found is None:
        return None
    day, month, year, hour, minute, second = found.groups()
    return _moment(int(year), _MONTH[month.lower()], int(day), hour, minute, second)


def _parse_obsolete(octets: bytes, now: float) -> float | None:
    found = _ASCTIME.match(octets)
    if found is not None:
        month, day, hour, minute, second, year = found.groups()
        return _moment(int(year), _MONTH[month.lower()], int(day), hour, minute, second)
    found = _RFC850.match(octets)
    if found is None:
        return None
    day, month, two_digits, hour, minute, second = found.groups()
    # more than 50 years ahead means the last century that had such a year
    latest = 1970 + int(now // 31556952) + 50
    year_number = latest - (latest - int(two_digits)) % 100
    return _moment(year_number, _MONTH[month.lower()], int(day), hour, minute, second)


def parse_date(octets: bytes, now: float) -> float | None:
    """
    Seconds since the epoch, or None where ``octets`` are no HTTP date.

    ``now`` decides only which century a two-digit year belongs to.

    Source: RFC 9110 §5.6.7.
    """
    if len(octets) == _FIXDATE_LENGTH:
        moment = _parse_fixdate(octets)
        if moment is not None:
            return moment
    return _parse_obsolete(octets, now)


@lru_cache(maxsize=64)
def _render_second(moment: int) -> bytes:
    days, rest = divmod(moment, _DAY_SECONDS)
    day = date.fromordinal(days + _EPOCH)
    hour, rest = divmod(rest, 3600)
    minute, second = divmod(rest, 60)
    return b"%b, %02d %b %04d %02d:%02d:%02d GMT" % (
        _DAYS[day.weekday()], day.day, _MONTHS[day.month - 1], day.year, hour, minute, second,
    )  # fmt: skip


def render_date(moment: float) -> bytes:
    """A moment in the preferred format, to the second below; the nearest date there is if the format cannot tell it."""
    return _render_second(max(_EARLIEST, min(int(moment // 1), _LATEST)))
