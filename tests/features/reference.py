"""A slow, plain reference of what a snapshot holds: loops over records, no tables.

It is written from what the words mean, not from the engine: for every row it looks at
every record, asks what was known of it before the row's date, and adds up by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from features.definitions.contracts import Contract
from features.definitions.indicators import Indicator
from features.definitions.relations import Relation
from tests.features.plain_distance import density_of, metres_between
from tests.features.plain_filter import holds
from tests.features.reference_records import Records, Row, is_within, latest
from tests.features.world import Version


class Reference(Records):
    """The answers to a world's question, one row at a time."""

    def value(self, row: Row, indicator: Indicator) -> Any:
        """Return an indicator's value; None where it is missing."""
        family = indicator.family
        contract = self.place.contracts[family.source]
        if self._is_excluded(row, contract):
            return None
        if family.measure == "at_index":
            told = self.told(row, family.source)
            return self._fact(told, indicator) if told else None
        if family.measure == "month":
            return month_after(row.as_of, indicator.months_ahead)
        if not self.is_observed(row, indicator):
            return None
        if family.measure == "age":
            return self._age(row, indicator)
        if family.nearby:
            return self._nearby(row, indicator)
        records = self.behind(row, indicator)
        if records is None:
            return None
        return measured(records, indicator, row.as_of, self.passes)

    def _fact(self, told: Version, indicator: Indicator) -> Any:
        """Return a cell, or 1 or 0 for whether the record passes the filter."""
        family = indicator.family
        if family.column is not None:
            return _plain(told.cells[family.column])
        truth = holds(self.world.trees[family.filter or ""], told.cells)
        return None if truth is None else int(truth)

    def _is_excluded(self, row: Row, contract: Contract) -> bool:
        is_about = self.kind in {about.kind for about in contract.about}
        return is_about and self.has_opted_out(self.kind, row.entity, contract)

    def is_observed(self, row: Row, indicator: Indicator) -> bool:
        """Return whether the source observed the row's entity in the window."""
        family = indicator.family
        coverage = self.place.contracts[family.source].coverage
        until = max(
            (
                min(load.received, row.as_of)
                for load in self.world.loads
                if load.source == family.source
                if load.history or load.received < row.as_of
            ),
            default=None,
        )
        end = row.as_of - dt.timedelta(days=indicator.ago_days)
        if until is None or end <= coverage.since:
            return False
        days = indicator.window_days
        if days is not None and until <= end - dt.timedelta(days=days):
            return False
        if coverage.whom == "linked" and not family.relation and not family.nearby:
            return self._was_seen(row, family.source)
        return True

    def _was_seen(self, row: Row, source: str) -> bool:
        return any(
            max(version.on or version.known, version.known) < row.as_of
            for versions in self.versions_of(source)
            for version in versions
            if version.about.get(self.kind) == row.entity
        )

    def behind(self, row: Row, indicator: Indicator) -> list[Version] | None:
        """Return the records before the date and the filter; None: about nobody."""
        family = indicator.family
        about = self._whose(row, indicator)
        if about is None:
            return None
        return [
            record
            for record in self.known(family.source, row.as_of)
            if about(record) and record.record != row.index_record
            if record.on and record.on < row.as_of
        ]

    def _whose(
        self, row: Row, indicator: Indicator
    ) -> Callable[[Version], bool] | None:
        if indicator.family.relation is None:
            return lambda record: record.about.get(self.kind) == row.entity
        relation = self.place.relation(indicator.family.relation)
        contract = self.place.contracts[indicator.family.source]
        kinds = {about.kind for about in contract.about}
        of_members = relation.others_only and relation.of in kinds
        direct = relation.to in kinds and not of_members
        related = self.related(row, relation, direct=direct)
        if not related:
            return None
        if direct:
            return lambda record: record.about.get(relation.to) in related
        return lambda record: self._is_of_a_member(record, row, relation, related)

    def _is_of_a_member(
        self, record: Version, row: Row, relation: Relation, related: set[int]
    ) -> bool:
        if relation.of not in record.about:
            return False
        member = record.about[relation.of]
        if relation.others_only and member == row.entity:
            return False
        return bool(
            related & self.belonged(member, relation, row.as_of, relation.counts)
        )

    def _age(self, row: Row, indicator: Indicator) -> int | None:
        saying = [
            record
            for record in self.known(indicator.family.source, row.as_of)
            if record.about.get(self.kind) == row.entity
            if record.on and record.on < row.as_of
            if record.cells[indicator.family.column] is not None
        ]
        if not saying:
            return None
        born = latest(saying).cells[indicator.family.column]
        birthdays = row.as_of.year - born.year
        before = (row.as_of.month, row.as_of.day) < (born.month, born.day)
        return birthdays - before

    # Points ----------------------------------------------------------------------

    def _nearby(self, row: Row, indicator: Indicator) -> float | int | None:
        nearby, family = indicator.family.nearby, indicator.family
        assert nearby is not None
        point = self.point(row)
        events = [
            (record.cells[nearby.latitude], record.cells[nearby.longitude])
            for record in self.known(family.source, row.as_of)
            if record.record != row.index_record
            if is_within(record, row.as_of, indicator.window_days)
            if self.passes(family.filter, record)
        ]
        placed = [event for event in events if None not in event]
        if point is None:
            return None
        if family.measure == "nearby_count":
            radius = nearby.radius_metres or 0
            return sum(metres_between(point, event) <= radius for event in placed)
        return density_of(point, placed, nearby.bandwidth_degrees or 0.0)

    def point(self, row: Row) -> tuple[float, float] | None:
        """Return where the row's entity is, as known on its date."""
        point = next(p for p in self.place.file.points if p.kind == self.kind)
        contract = self.place.contracts[point.source]
        names = (point.latitude, point.longitude)
        if self.event_kind and all(contract.column(n).known_beforehand for n in names):
            told = self.told(row, point.source)
            said = [told] if told else []
        else:
            said = [
                record
                for record in self.known(point.source, row.as_of)
                if record.about.get(self.kind) == row.entity
                if record.on and record.on < row.as_of
            ]
        said = [r for r in said if None not in (r.cells[names[0]], r.cells[names[1]])]
        if not said:
            return None
        decides = said[0] if len(said) == 1 else latest(said)
        return decides.cells[names[0]], decides.cells[names[1]]


def measured(
    records: list[Version],
    indicator: Indicator,
    as_of: dt.date,
    passes: Callable[[str | None, Version], bool],
) -> Any:
    """Return a measure over the records of a window."""
    family = indicator.family
    end = as_of - dt.timedelta(days=indicator.ago_days)
    within = [r for r in records if is_within(r, end, indicator.window_days)]
    counted = [record for record in within if passes(family.filter, record)]
    if family.measure == "ratio":
        return _ratio(counted, records, indicator, as_of, passes)
    if family.measure == "share":
        whole = [record for record in within if passes(family.of, record)]
        part = [record for record in whole if record in counted]
        return len(part) / len(whole) if whole else None
    if family.column is None:
        return _of_records(
            family.measure, [(as_of - r.on).days for r in counted if r.on]
        )
    if family.measure == "latest":
        counted = [r for r in counted if r.cells[family.column] is not None]
        return _plain(latest(counted).cells[family.column]) if counted else None
    cells = [record.cells[family.column] for record in counted]
    cells = [cell for cell in cells if cell is not None]
    return _of_cells(family.measure, cells, are_whole=family.column == "number")


def _ratio(
    counted: list[Version],
    records: list[Version],
    indicator: Indicator,
    as_of: dt.date,
    passes: Callable[[str | None, Version], bool],
) -> float | None:
    """Return the mean of a column over its mean in the other window."""
    family, against = indicator.family, indicator.family.against
    assert against is not None
    end = as_of - dt.timedelta(days=against.ago_days)
    others = [
        record
        for record in records
        if is_within(record, end, against.window_days) and passes(family.filter, record)
    ]
    here, there = (_mean(each, family.column or "") for each in (counted, others))
    return None if here is None or not there else here / there


def _mean(records: list[Version], column: str) -> float | None:
    cells = [r.cells[column] for r in records if r.cells[column] is not None]
    total = sum(map(exactly, cells), Fraction(0))
    return float(total / len(cells)) if cells else None


def month_after(day: dt.date, months: int) -> int:
    """Return the month of the year so many months after a day's own."""
    for _ in range(months):
        day = day.replace(day=28) + dt.timedelta(days=4)
    return day.month


def _of_records(measure: str, days_ago: list[int]) -> int | None:
    return {
        "count": len(days_ago),
        "exists": int(bool(days_ago)),
        "days_since_last": min(days_ago, default=None),
        "days_since_first": max(days_ago, default=None),
    }[measure]


def _of_cells(measure: str, cells: list[Any], *, are_whole: bool) -> Any:
    if measure == "distinct":
        return len(set(cells))
    total = sum(map(exactly, cells), Fraction(0))
    if measure == "sum":
        return int(total) if are_whole else float(total)
    if not cells:
        return None
    return {
        "mean": float(total / len(cells)),
        "min": _plain(min(cells)),
        "max": _plain(max(cells)),
    }[measure]


def exactly(value: int | Decimal | float) -> Fraction:
    """Return a number as it is added up."""
    # A true float is rounded to nine decimals, so that its sum has no order.
    return (
        Fraction(round(Decimal(value), 9))
        if isinstance(value, float)
        else Fraction(value)
    )


def _plain(value: Any) -> Any:
    """Return a value as a snapshot holds it: decimals become floats."""
    return float(value) if isinstance(value, Decimal) else value
