"""The two clocks: what counts on an as-of date, as conditions over records.

A record counts only if it happened *and* could be known before the date. The date is
either one day for all rows (a literal) or a column of rows that have each their own.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    import ibis.expr.types as ir


def is_known(records: ir.Table, as_of: Any) -> ir.BooleanValue:
    """Return whether this version of a record was the newest known before `as_of`.

    Args:
        records: Needs `known_date`, `superseded_on` (the known date of the record's
            next version; missing for the newest) and `withdrawn`.
        as_of: A date, or a column of dates.
    """
    current = records.superseded_on.isnull() | (records.superseded_on >= as_of)
    return (records.known_date < as_of) & current & ~records.withdrawn


def is_within(
    records: ir.Table, as_of: Any, window_days: int | None, ago_days: int = 0
) -> Any:
    """Return whether the event lies in [as_of - ago - window, as_of - ago).

    The window is open at its end. With no window, all before that counts.
    """
    end = days_before(as_of, ago_days) if ago_days else as_of
    before = records.event_date < end
    if window_days is None:
        return before
    return before & (records.event_date >= days_before(as_of, ago_days + window_days))


def days_before(as_of: Any, days: int) -> Any:
    """Return `as_of` minus some days, for a date or a column of dates."""
    import ibis

    if isinstance(as_of, dt.date):
        return as_of - dt.timedelta(days=days)
    return as_of - ibis.interval(days=days)
