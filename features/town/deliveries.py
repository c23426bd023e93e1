"""What each partner sends, and when: one sheet a source, cut into its deliveries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from features.town import recording_parameters as rates
from features.town.days import NEVER, Flags, day_number
from features.town.plant import Plant
from features.town.sheets import Sheet, append_csv, dates_as_text


# What was recorded up to here comes in the first delivery, declared as history.
HISTORY_UNTIL: Final = dt.date(2025, 3, 31)
# Days between a partner's export and our receiving it.
TRANSIT_DAYS: Final = 3
# The days on which each source's deliveries arrive; the first is the history.
RECEIVED: Final = {
    "opt_outs": ("2025-04-22", "2026-03-31"),
    "gp_register": ("2025-04-10", "2025-09-30", "2026-03-31"),
    "gp_events": ("2025-04-10", "2025-09-30", "2026-03-31"),
    "hospital_events": ("2025-04-15", "2025-09-26", "2026-03-27"),
    "asc_cld": ("2025-04-22", "2025-07-21", "2025-10-20", "2026-01-20", "2026-03-31"),
    "carers": ("2025-04-22", "2025-10-20", "2026-03-31"),
    "caseloads": ("2025-04-22", "2026-03-31"),
    "housing_events": ("2025-04-14", "2025-10-06", "2026-03-30"),
    "police_notices": ("2025-04-16", "2025-10-08", "2026-03-30"),
}
# Sources whose every delivery holds all there is.
FULL: Final = frozenset({"opt_outs", "gp_register", "caseloads"})
# Sources whose deliveries hold all of a period: these are its first days.
PERIODS: Final = {
    "police_notices": (dt.date(2019, 4, 1), dt.date(2025, 4, 1), dt.date(2025, 4, 1)),
}


@dataclass(frozen=True)
class Extract:
    """One file that a partner sent.

    Attributes:
        source: The contract's name.
        received: The day on which it came.
        history: It is to be loaded as `history`.
        period: First and last day of a `period` delivery.
    """

    source: str
    path: Path
    received: dt.date
    history: bool
    period: tuple[dt.date, dt.date] | None = None


@dataclass(frozen=True)
class Due:
    """One delivery of a source: what it holds.

    Attributes:
        number: From 0, the history.
        after: Day number: what was recorded until then came before.
        until: Day number: what is recorded later comes later.
    """

    source: str
    number: int
    received: dt.date
    after: int
    until: int

    @property
    def period(self) -> tuple[dt.date, dt.date] | None:
        """First and last day that it covers, if its source has periods."""
        firsts = PERIODS.get(self.source)
        last = dt.date(1970, 1, 1) + dt.timedelta(days=self.until)
        return (firsts[self.number], last) if firsts else None

    def extract(self, folder: Path) -> Extract:
        """Return the file that it is sent as."""
        path = folder / f"{self.source}_{self.received.isoformat()}.csv"
        return Extract(self.source, path, self.received, self.number == 0, self.period)


def deliveries_of(source: str, plant: Plant | None = None) -> Iterator[Due]:
    """Yield a source's deliveries; the last may be missing, where that is planted."""
    received = [dt.date.fromisoformat(day) for day in RECEIVED[source]]
    ends = [HISTORY_UNTIL, *(d - dt.timedelta(TRANSIT_DAYS) for d in received[1:])]
    cuts = [-NEVER, *(day_number(day) for day in ends)]
    missing = plant.of("stale", none=0.0) if plant else 0.0
    newest = received[-1] - dt.timedelta(days=missing)
    for number, day in enumerate(received):
        if source == rates.STALE_SOURCE and missing > 0 and day > newest:
            return
        yield Due(source, number, day, cuts[number], cuts[number + 1])


def deliver(sheet: Sheet, folder: Path, plant: Plant | None = None) -> None:
    """Add a block's rows to the files of all the deliveries of a source."""
    for due in deliveries_of(sheet.source, plant):
        sent = sheet.instead.get(due.number, sheet)
        rows = _rows(sent, due)
        if rows.any():
            _write(sent, due, rows, due.extract(folder).path)


def _rows(sheet: Sheet, due: Due) -> Flags:
    whole = sheet.source in FULL or sheet.source in PERIODS
    after = -NEVER if whole else due.after
    rows = (sheet.recorded > after) & (sheet.recorded <= due.until)
    if due.number and not whole:
        changed = sheet.changed_within(due.after, due.until) > -NEVER
        rows |= changed & (sheet.recorded <= due.after)
    if due.period:
        first, last = (day_number(day) for day in due.period)
        rows &= (sheet.happened >= first) & (sheet.happened <= last)
    if due.number and sheet.withdrawn is not None:
        rows &= ~sheet.withdrawn
    return np.asarray(rows, dtype=bool)


def _write(sheet: Sheet, due: Due, rows: Flags, path: Path) -> None:
    columns = {h: cells[rows] for h, cells in sheet.as_of(due.until).items()}
    recorded = sheet.recorded[rows]
    if due.number:  # nobody noted when a row of the history was changed
        changed = sheet.changed_within(-NEVER, due.until)[rows]
        recorded = np.maximum(recorded, changed)
    columns[sheet.recorded_heading] = dates_as_text(recorded, sheet.date_format)
    append_csv(path, columns, sheet.encoding)
