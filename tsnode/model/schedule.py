"""What is brought up to date in the cache at set times, and when that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from tsnode.model.errors import Place
from tsnode.model.fields import Fields

__all__ = ["ScheduledUpdate", "first_start"]

_DAY = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledUpdate:
    """
    One entry of update.config.

    ``url`` is canonical where it is an http URL; others are known and cannot be fetched. ``headers`` go with every
    request. ``interval`` is in seconds, from an ``offset_hour`` of the local day on. ``depth`` is how many links away
    from the page at ``url`` others are updated as well, 0 being none.

    Source: Traffic Server 5.3, update.config.
    """

    url: bytes
    headers: Fields = field(default_factory=Fields)
    offset_hour: int = 0
    interval: int = _DAY
    depth: int = 0
    place: Place = field(compare=False)


def first_start(update: ScheduledUpdate, now: float, zone: tzinfo) -> float:
    """
    When an update is due for the first time after ``now``; then it is every interval.

    All starts are whole intervals away from the last time that it was the offset hour in ``zone``.

    Source: Traffic Server 5.3, ``proxy/Update.cc``, UpdateEntry::ComputeScheduleTime.
    """
    today = datetime.fromtimestamp(now, zone)
    base = today.replace(hour=update.offset_hour, minute=0, second=0, microsecond=0, fold=0).timestamp()
    if base > now:
        base -= _DAY
    return base + ((now - base) // update.interval + 1) * update.interval
