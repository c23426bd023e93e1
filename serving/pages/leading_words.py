"""What pages of finding and leading say: of what is wrong, and when something was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from features.faults import Fault, Misuse
from serving.local_time import LOCAL, dated, day_of


# By what a fault is about: what to do, and the field to do it in.
_WRONG = {
    "query": ("Fill in one of the searches", "surname"),
    "birth_date": ("Give the birth date as day, month and year", "birth_day"),
    "surname": ("Give the surname", "surname"),
    "identifier": ("Choose which number it is", "identifier"),
    "number": ("Give the number", "number"),
    "case_reference": ("Give the case’s number", "case_reference"),
    "reference": ("Give a number or code of 3 to 60 characters", "reference"),
    "reason": ("Say why, in at least 15 characters", "reason"),
    "purpose": ("Choose what you look for", "purpose"),
    "account": ("Choose someone in your team", "account"),
    "score": ("Everyone with a score is on a list already", "size"),
}


def errors_of(misuse: Misuse) -> list[tuple[str, str]]:
    """Return what is wrong in a form, each with the field it is about."""
    return list(dict.fromkeys(_errors(misuse.faults)))


def moment(at: dt.datetime) -> str:
    """Return a moment as clocks show it where the services are.

    >>> moment(dt.datetime(2026, 7, 1, 8, 5, tzinfo=dt.UTC))
    '1 July 2026 at 9:05'
    """
    return f"{dated(day_of(at))} at {clock(at)}"


def clock(at: dt.datetime) -> str:
    """Return a moment without its day.

    >>> clock(dt.datetime(2026, 7, 1, 8, 5, tzinfo=dt.UTC))
    '9:05'
    """
    local = at.astimezone(LOCAL)
    return f"{local.hour}:{local:%M}"


def span(first: dt.datetime, last: dt.datetime) -> str:
    """Return from when until when something was, on one day.

    >>> at = dt.datetime(2026, 7, 1, 8, 5, tzinfo=dt.UTC)
    >>> span(at, at), span(at, at + dt.timedelta(hours=2))
    ('1 July 2026 at 9:05', '1 July 2026, from 9:05 to 11:05')
    """
    if clock(first) == clock(last):
        return moment(first)
    return f"{dated(day_of(first))}, from {clock(first)} to {clock(last)}"


def _errors(faults: Iterable[Fault]) -> Iterable[tuple[str, str]]:
    for fault in faults:
        said = fault.next[0].upper() + fault.next[1:]
        yield _WRONG.get(fault.where, (said, fault.where))
