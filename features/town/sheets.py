"""Sheets: all that a partner ever writes down for one source, and what it changes."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from features.town import recording_parameters as rates
from features.town.days import NEVER, Flags, Ints, Strings


ISO = "%Y-%m-%d"
BRITISH = "%d/%m/%Y"


@dataclass(frozen=True)
class Change:
    """Cells that are written again.

    Attributes:
        rows: Which rows of the sheet.
        recorded: Day numbers on which they are.
        cells: By heading, what stands in these rows from then on.
    """

    rows: Ints
    recorded: Ints
    cells: dict[str, Strings]


@dataclass(frozen=True)
class Sheet:
    """All that a partner ever writes down for one source, by column.

    Attributes:
        columns: Heading -> cells, all of one length.
        happened: Day numbers of the events.
        recorded: Day numbers of writing down.
        changes: What is written again later.
        withdrawn: Rows that a later full delivery no longer holds.
        instead: What goes out in place of this in the delivery of that number.
        encoding: How the file is written; what it cannot hold becomes a `?`.
        date_format: As for strftime.
        recorded_heading: The column that is made of `recorded`.
    """

    source: str
    columns: dict[str, Strings]
    happened: Ints
    recorded: Ints
    changes: tuple[Change, ...] = ()
    withdrawn: Flags | None = None
    instead: dict[int, Sheet] = field(default_factory=dict)
    encoding: str = "utf-8"
    date_format: str = ISO
    recorded_heading: str = "recorded_on"

    def __len__(self) -> int:
        return len(self.recorded)

    def as_of(self, until: int) -> dict[str, Strings]:
        """Return the cells as they stand on a day, changes of that day included."""
        columns = dict(self.columns)
        for change in self.changes:
            known = change.recorded <= until
            for heading, cells in change.cells.items():
                column = columns[heading].copy()
                column[change.rows[known]] = cells[known]
                columns[heading] = column
        return columns

    def changed_within(self, after: int, until: int) -> Ints:
        """Return, by row, the last day of a change within (after, until], or -NEVER."""
        last = np.full(len(self), -NEVER)
        for change in self.changes:
            within = (change.recorded > after) & (change.recorded <= until)
            np.maximum.at(last, change.rows[within], change.recorded[within])
        return last


class Numbers:
    """Gives each row of a source its number; they run on from block to block."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def next(self, prefix: str, count: int, digits: int = 8) -> Strings:
        """Return the next numbers that begin with `prefix`."""
        first = self._given[prefix] + 1
        self._given[prefix] += count
        written = [
            f"{prefix}{number:0{digits}d}" for number in range(first, first + count)
        ]
        return np.array(written, dtype=object)


def dates_as_text(days: Ints, date_format: str) -> Strings:
    """Return day numbers as text; `NEVER` is an empty cell."""
    distinct, places = np.unique(days, return_inverse=True)
    written = [
        "" if day == NEVER else _date(day).strftime(date_format) for day in distinct
    ]
    return np.array(written, dtype=object)[places]


def append_csv(
    path: Path, columns: dict[str, Strings], encoding: str = "utf-8"
) -> None:
    """Add rows to a CSV file; a file that is not there begins with its header."""
    begins = not path.exists()
    with path.open("a", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if begins:
            writer.writerow(columns)
        writer.writerows(zip(*(c.tolist() for c in columns.values()), strict=True))


def with_corrections(
    sheet: Sheet, heading: str, on: int, rng: np.random.Generator
) -> Sheet:
    """Let a few cells of a column be wrong until a day, and then be put right."""
    right = sheet.columns[heading]
    filled = np.flatnonzero((right != "") & (sheet.recorded < on))
    count = min(len(filled), max(1, round(rates.CORRECTED * len(sheet))))
    rows = rng.permutation(filled)[:count]
    wrong = right[rng.permutation(filled)[:count]]
    differs = np.asarray(wrong != right[rows], dtype=bool)
    rows, wrong = rows[differs], wrong[differs]
    column = right.copy()
    column[rows] = wrong
    days = np.full(len(rows), on + rates.DAYS_TO_CORRECTION)
    change = Change(rows, days, {heading: right[rows]})
    columns = {**sheet.columns, heading: column}
    return replace(sheet, columns=columns, changes=(*sheet.changes, change))


def objects(columns: dict[str, Strings]) -> dict[str, Strings]:
    """Return cells as Python's own text: quick to write, and never cut to a width."""
    return {name: np.asarray(cells).astype(object) for name, cells in columns.items()}


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day))
