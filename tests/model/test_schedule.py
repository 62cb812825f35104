"""When scheduled updates are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import Place
from tsnode.model.schedule import ScheduledUpdate, first_start
from tsnode.testing.strategies import times

EAST = timezone(timedelta(hours=5, minutes=30))


def update(offset_hour: int, interval: int) -> ScheduledUpdate:
    return ScheduledUpdate(url=b"http://a/", offset_hour=offset_hour, interval=interval, place=Place("u"))


def at(day: int, hour: int, minute: int = 0, second: float = 0, zone: timezone = UTC) -> float:
    """A time in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=zone).timestamp() + second


class Starts(SynchronousTestCase):
    def test_with_an_hour_between_updates_the_next_is_at_the_next_full_hour(self) -> None:
        self.assertEqual(first_start(update(13, 3600), at(26, 12, 30), UTC), at(26, 13))
        self.assertEqual(first_start(update(13, 3600), at(26, 14, 1), UTC), at(26, 15))

    def test_with_a_day_between_them_the_next_is_at_the_offset_hour(self) -> None:
        self.assertEqual(first_start(update(13, 86400), at(26, 14), UTC), at(27, 13))
        self.assertEqual(first_start(update(13, 86400), at(26, 12), UTC), at(26, 13))

    def test_from_noon_every_four_hours(self) -> None:
        """The example in Traffic Server's update.config.default."""
        starts = [first_start(update(12, 14400), at(26, hour, 59), UTC) for hour in (11, 12, 15, 16, 20, 23)]
        self.assertEqual(starts, [at(26, 12), at(26, 16), at(26, 16), at(26, 20), at(27, 0), at(27, 0)])

    def test_a_start_is_never_now(self) -> None:
        self.assertEqual(first_start(update(13, 86400), at(26, 13), UTC), at(27, 13))
        self.assertEqual(first_start(update(13, 60), at(26, 13), UTC), at(26, 13, 1))

    def test_the_hour_is_local(self) -> None:
        now = at(26, 12, 30, zone=EAST)
        self.assertEqual(first_start(update(13, 86400), now, EAST), at(26, 13, zone=EAST))
        self.assertEqual(first_start(update(13, 86400), now, UTC), at(26, 13))

    def test_intervals_that_fill_no_day_begin_anew_at_each_first_start(self) -> None:
        """The last offset hour was yesterday's at 23:00."""
        self.assertEqual(first_start(update(23, 25000), at(26, 12), UTC), at(26, 12, 53, 20))

    @given(st.integers(0, 23), st.integers(1, 86400), times())
    def test_it_is_the_first_time_that_is_whole_intervals_from_the_offset_hour(
        self, hour: int, interval: int, now: float
    ) -> None:
        start = first_start(update(hour, interval), now, EAST)
        self.assertTrue(now < start <= now + interval)
        last = datetime.fromtimestamp(now - hour * 3600, EAST).replace(hour=hour, minute=0, second=0, microsecond=0)
        self.assertEqual((start - last.timestamp()) % interval, 0)
