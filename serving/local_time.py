"""Local time: which day a moment is on where the services are, and its words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


LOCAL = ZoneInfo("Europe/London")


def day_of(at: dt.datetime) -> dt.date:
    """Return the day that a moment in UTC is on.

    >>> day_of(dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)).isoformat()
    '2026-07-02'
    """
    return at.astimezone(LOCAL).date()


def dated(day: dt.date) -> str:
    """Return a day in words.

    >>> dated(dt.date(2026, 11, 1))
    '1 November 2026'
    """
    return f"{day.day} {day:%B %Y}"


def end_of_day(at: dt.datetime) -> dt.datetime:
    """Return when the day of a moment ends, in UTC.

    >>> end_of_day(dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)).isoformat()
    '2026-07-01T23:00:00+00:00'
    """
    tomorrow = day_of(at) + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), LOCAL).astimezone(dt.UTC)
