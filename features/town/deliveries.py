"""What each partner sends, and when: one sheet a source, cut into its deliveries."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from features.town import parameters as rates
from features.town.people import NEVER, Flags, Ints, Strings, day_number


# What was recorded up to here comes in the first delivery, declared as history.
HISTORY_UNTIL = dt.date(2025, 3, 31)
# Days between a partner's export and our receiving it.
TRANSIT_DAYS = 3
# The days on which each source's deliveries arrive; the first is the history.
RECEIVED = {
    "gp_register": ("2025-04-10", "2025-09-30", "2026-03-31"),
    "gp_events": ("2025-04-10", "2025-09-30", "2026-03-31"),
    "hospital_events": ("2025-04-15", "2025-09-26", "2026-03-27"),
    "social_care": ("2025-04-22", "2025-09-30", "2026-03-31"),
    "opt_outs": ("2025-04-22", "2026-03-31"),
}


@dataclass(frozen=True)
class Extract:
    """One file that a partner sent.

    Attributes:
        source: The contract's name.
        received: The day on which it came.
        history: It is to be loaded as `history`.
        period: First and last day of a `period` delivery; no source here has any.
    """

    source: str
    path: Path
    received: dt.date
    history: bool
    period: tuple[dt.date, dt.date] | None = None


@dataclass(frozen=True)
class Sheet:
    """All that a partner ever writes down for one source, by column.

    Attributes:
        columns: The header's name -> cells, all of one length.
        recorded: Day numbers; the column `recorded_on` is made of them.
        corrected: The column in which a few cells turn out wrong later.
        withdrawn: Rows that a later full delivery no longer holds.
        is_full: Every delivery holds all there is, rather than what is new.
        encoding: How the file is written.
        date_format: As for strftime.
    """

    source: str
    columns: dict[str, Strings]
    recorded: Ints
    corrected: str
    withdrawn: Flags
    is_full: bool = False
    encoding: str = "utf-8"
    date_format: str = "%Y-%m-%d"


def dates_as_text(days: Ints, date_format: str) -> Strings:
    """Return day numbers as text; `NEVER` is an empty cell."""
    distinct, places = np.unique(days, return_inverse=True)
    written = [
        "" if day == NEVER else _date(day).strftime(date_format) for day in distinct
    ]
    return np.array(written, dtype=object)[places]


def deliver(sheet: Sheet, folder: Path, rng: np.random.Generator) -> list[Extract]:
    """Write a source's deliveries; a few rows of the history come again, corrected."""
    received = [dt.date.fromisoformat(day) for day in RECEIVED[sheet.source]]
    ends = [HISTORY_UNTIL, *(d - dt.timedelta(TRANSIT_DAYS) for d in received[1:])]
    cuts = [-NEVER, *(day_number(day) for day in ends)]
    later, corrected = _put_right(sheet, cuts[1], rng)
    extracts = []
    for number, day in enumerate(received):
        version = later if number else sheet
        after = -NEVER if sheet.is_full else cuts[number]
        due = (sheet.recorded > after) & (sheet.recorded <= cuts[number + 1])
        if number == 1:
            due |= corrected
        if number:
            due &= ~sheet.withdrawn
        path = folder / f"{sheet.source}_{day.isoformat()}.csv"
        _write(version, due, path)
        extracts.append(Extract(sheet.source, path, day, history=number == 0))
    return extracts


def write_csv(path: Path, columns: dict[str, Strings], encoding: str = "utf-8") -> None:
    """Write columns of text as a CSV file with a header."""
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(c.tolist() for c in columns.values()), strict=True))


def _write(sheet: Sheet, rows: Flags, path: Path) -> None:
    columns = {name: column[rows] for name, column in sheet.columns.items()}
    columns["recorded_on"] = dates_as_text(sheet.recorded[rows], sheet.date_format)
    write_csv(path, columns, sheet.encoding)


def _put_right(
    sheet: Sheet, until: int, rng: np.random.Generator
) -> tuple[Sheet, Flags]:
    """Return the sheet after a few rows of the history were corrected, and which."""
    wrong = sheet.columns[sheet.corrected]
    filled = np.flatnonzero((wrong != "") & (sheet.recorded <= until))
    chosen = rng.permutation(filled)[: max(1, round(rates.CORRECTED * len(wrong)))]
    right, recorded = wrong.copy(), sheet.recorded.copy()
    right[chosen] = wrong[rng.permutation(filled)[: len(chosen)]]
    changed = np.asarray(right != wrong, dtype=bool)
    recorded[changed] = until + rates.DAYS_TO_CORRECTION
    columns = {**sheet.columns, sheet.corrected: right}
    return replace(sheet, columns=columns, recorded=recorded), changed


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day))
