"""Counting: what happened month by month, of whole months alone.

A month that is running is not counted: from one day to the next its counts would tell
of single people by subtraction.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from serving.desk.small_counts import Count, told_counts
from serving.schemas.figures import CountAnswer, MonthAnswer, TableAnswer


MONTHS = 12
NOTHING = Count(0, 0)

Counts = Mapping[str, Mapping[str, Count]]


@dataclass(frozen=True)
class Span:
    """Whole months, in UTC.

    Attributes:
        end: The first day after them.
    """

    first: dt.date
    end: dt.date

    @property
    def months(self) -> list[str]:
        """The months, the newest first."""
        return [month_of(month.first) for month in self.each]

    @property
    def each(self) -> list[Span]:
        """Each of the months by itself, the newest first."""
        last = _number(self.end)
        numbers = range(last, _number(self.first), -1)
        return [Span(_first_day(number - 1), _first_day(number)) for number in numbers]

    def holds(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Return what holds where a column's day or moment is in the span."""
        first, end = self._ends(column)
        return (column >= first) & (column < end)

    def _ends(self, column: sa.ColumnElement[Any]) -> tuple[dt.date, dt.date]:
        if isinstance(column.type, sa.Date):
            return self.first, self.end
        midnight = dt.time(tzinfo=dt.UTC)
        return (
            dt.datetime.combine(self.first, midnight),
            dt.datetime.combine(self.end, midnight),
        )


def last_months(today: dt.date) -> Span:
    """Return the last twelve whole months.

    >>> last_months(dt.date(2026, 3, 14))
    Span(first=datetime.date(2025, 3, 1), end=datetime.date(2026, 3, 1))
    """
    end = today.replace(day=1)
    return Span(end.replace(year=end.year - 1), end)


def merged(months: Iterable[Counts]) -> Counts:
    """Return counts of several months, each counted by itself, as one."""
    return {name: counts for month in months for name, counts in month.items()}


def month_of(day: dt.date) -> str:
    """Return the month of a day or a moment, such as `2026-03`."""
    return f"{day.year}-{day.month:02d}"


def person_of(table: sa.Table) -> sa.ColumnElement[str]:
    """Return whom a row is about; each that says nobody any more stands for one."""
    forgotten = sa.literal("forgotten ") + sa.cast(table.c.id, sa.Text)
    return sa.func.coalesce(table.c.entity_id, forgotten)


def counted(
    connection: sa.Connection,
    span: Span,
    table: sa.Table,
    by: sa.ColumnElement[Any],
    *which: sa.ColumnElement[bool],
    at: str = "at",
) -> Counts:
    """Return counts by month and by what is asked for.

    Args:
        connection: The transaction that looks.
        span: The months.
        table: Whose rows are counted.
        by: What they are counted by.
        which: Only rows of which all of these hold.
        at: The column that says when.
    """
    moment = table.c[at]
    year, month = (sa.extract(part, moment) for part in ("year", "month"))
    people = sa.func.count(sa.distinct(person_of(table)))
    query = (
        sa.select(year, month, by, sa.func.count(), people)
        .where(span.holds(moment), *which)
        .group_by(year, month, by)
    )
    found: dict[str, dict[str, Count]] = defaultdict(dict)
    for in_year, in_month, name, events, persons in connection.execute(query):
        # Who was forgotten leaves no score behind either.
        label = "forgotten" if name is None else str(name)
        found[f"{int(in_year)}-{int(in_month):02d}"][label] = Count(events, persons)
    return found


def table_answer(
    counts: Counts, span: Span, columns: Sequence[str], most_hidden: int
) -> TableAnswer:
    """Return counts as they are told; what never happened stands as 0."""
    others = {name for month in counts.values() for name in month} - set(columns)
    names = [*columns, *sorted(others)]
    months = []
    for month in span.months:
        row = {name: counts.get(month, {}).get(name, NOTHING) for name in names}
        told = told_counts(row, most_hidden)
        cells = [CountAnswer(name=name, count=told[name]) for name in names]
        months.append(MonthAnswer(month=month, counts=cells))
    return TableAnswer(columns=names, months=months)


def _number(day: dt.date) -> int:
    return 12 * day.year + day.month - 1


def _first_day(number: int) -> dt.date:
    return dt.date(number // 12, number % 12 + 1, 1)
