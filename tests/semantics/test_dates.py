"""Dates are read in all three formats, and never misread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from hypothesis import given
from hypothesis.strategies import SearchStrategy, binary, builds, floats, from_regex, integers, one_of, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.dates import parse_date, render_date

NOW = 1_700_000_000.0  # 2023-11-14

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moments(first: datetime, last: datetime) -> SearchStrategy[datetime]:
    """Whole seconds between the two."""
    return integers(int(seconds(first)), int(seconds(last))).map(lambda count: EPOCH + timedelta(seconds=count))


LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def seconds(moment: datetime) -> float:
    return (moment - EPOCH).total_seconds()


MOMENTS = moments(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))


def as_rfc850(moment: datetime) -> bytes:
    day = LONG_DAYS[moment.weekday()]
    return f"{day}, {moment:%d}-{MONTHS[moment.month - 1]}-{moment.year % 100:02} {moment:%H:%M:%S} GMT".encode()


def as_asctime(moment: datetime) -> bytes:
    day = LONG_DAYS[moment.weekday()][:3]
    return f"{day} {MONTHS[moment.month - 1]} {moment.day:2} {moment:%H:%M:%S} {moment.year:04}".encode()


class Reading(SynchronousTestCase):
    """RFC 9110 §5.6.7."""

    def test_the_three_examples_of_the_standard_are_one_moment(self) -> None:
        for written in (
            b"Sun, 06 Nov 1994 08:49:37 GMT",
            b"Sunday, 06-Nov-94 08:49:37 GMT",
            b"Sun Nov  6 08:49:37 1994",
        ):
            self.assertEqual(parse_date(written, NOW), 784111777.0, written)

    def test_case_makes_no_difference(self) -> None:
        """RFC 9111 §4.2."""
        self.assertEqual(parse_date(b"sun, 06 nov 1994 08:49:37 gmt", NOW), 784111777.0)
        self.assertEqual(parse_date(b"SUNDAY, 06-NOV-94 08:49:37 GMT", NOW), 784111777.0)

    def test_what_is_no_date_is_none(self) -> None:
        for written in (
            b"", b"0", b"-1", b"now",
            b"Sun, 06 Nov 1994 08:49:37 UTC",
            b"Sun, 06 Nov 1994 08:49:37 +0100",
            b"Sun, 06 Nov 1994 24:00:00 GMT",
            b"Sun, 31 Feb 1994 08:49:37 GMT",
            b"Sun, 00 Nov 1994 08:49:37 GMT",
            b"Sun, 06 Nov 0000 08:49:37 GMT",
            b"Wed, 29 Feb 2023 08:49:37 GMT",
            b"Sun, 06 Nov 1994 08:49:37 GMT\n",
            b"Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
            b"Sunday, 31-Feb-94 08:49:37 GMT",
            b"Sun Feb 31 08:49:37 1994",
        ):  # fmt: skip
            self.assertIsNone(parse_date(written, NOW), written)

    def test_a_leap_day_and_a_leap_second_are_read(self) -> None:
        self.assertEqual(parse_date(b"Thu, 29 Feb 2024 00:00:00 GMT", NOW), 1709164800.0)
        self.assertEqual(parse_date(b"Sat, 31 Dec 2016 23:59:60 GMT", NOW), 1483228800.0)

    def test_a_two_digit_year_is_never_more_than_fifty_years_ahead(self) -> None:
        for year, meant in ((73, 2073), (74, 1974)):
            written = b"Monday, 06-Nov-%d 08:49:37 GMT" % year
            self.assertEqual(parse_date(written, NOW), seconds(datetime(meant, 11, 6, 8, 49, 37, tzinfo=UTC)))

    @given(MOMENTS)
    def test_every_second_of_the_calendar_is_read_in_the_formats_that_can_tell_it(self, moment: datetime) -> None:
        self.assertEqual(parse_date(format_datetime(moment, usegmt=True).encode(), NOW), seconds(moment))
        self.assertEqual(parse_date(as_asctime(moment), NOW), seconds(moment))

    @given(moments(datetime(1974, 1, 1, tzinfo=UTC), datetime(2073, 12, 31, tzinfo=UTC)))
    def test_the_last_century_and_the_next_fifty_years_fit_into_two_digits(self, moment: datetime) -> None:
        self.assertEqual(parse_date(as_rfc850(moment), NOW), seconds(moment))

    @given(
        one_of(
            binary(max_size=40),
            from_regex(rb"(Mon|Sunday),? [0-9]{2}[ -]Feb[ -][0-9]{2,4} ([0-9]{2}:){2}[0-9]{2} GMT", fullmatch=True),
            from_regex(rb"Mon Feb [ 0-9]{2} ([0-9]{2}:){2}[0-9]{2} [0-9]{4}", fullmatch=True),
        )
    )
    def test_whatever_the_octets_they_are_a_moment_or_none(self, octets: bytes) -> None:
        moment = parse_date(octets, NOW)
        if moment is not None:
            rendered = parsedate_to_datetime(render_date(moment).decode())
            self.assertEqual(seconds(rendered), moment)


class Writing(SynchronousTestCase):
    """The preferred format."""

    @given(MOMENTS)
    def test_it_is_what_the_standard_library_writes(self, moment: datetime) -> None:
        self.assertEqual(render_date(seconds(moment)), format_datetime(moment, usegmt=True).encode())

    @given(floats(min_value=-62135596800, max_value=253402300799))
    def test_a_fraction_of_a_second_is_cut_off(self, moment: float) -> None:
        self.assertEqual(parse_date(render_date(moment), NOW), moment // 1)

    @given(builds(float, integers(min_value=253402300800, max_value=10**15)), sampled_from([1.0, 1e3]))
    def test_what_the_format_cannot_tell_becomes_its_nearest_second(self, moment: float, scale: float) -> None:
        self.assertEqual(render_date(moment * scale), b"Fri, 31 Dec 9999 23:59:59 GMT")
        self.assertEqual(render_date(-moment * scale), b"Mon, 01 Jan 0001 00:00:00 GMT")
