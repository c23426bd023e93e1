"""A slow, plain reference of what a snapshot holds: loops over records, no tables.

It is written from what the words mean, not from the engine: for every row it looks at
every record, asks what was known of it before the row's date, and adds up by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from features.contracts import Contract
from features.indicators import Indicator
from features.place import Relation
from tests.features.plain_distance import density_of, metres_between
from tests.features.plain_filter import holds
from tests.features.world import Version, World


ZERO_WHEN_OBSERVED = ("count", "sum", "distinct", "exists", "nearby_count")
NOT_FOR_OWN_CARE = ("national data opt-out", "type 1")


@dataclass(frozen=True)
class Row:
    """A row of the spine."""

    entity: int
    as_of: dt.date
    index_record: int | None


class Reference:
    """The answers to a world's question, one row at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.place = world.place
        self.kind = world.plan.cohort.entity
        events = world.plan.cohort.at_events
        self.event_kind = events.kind if events else None

    # Which records count -------------------------------------------------------

    def known(self, source: str, as_of: dt.date) -> Iterator[Version]:
        """Yield what was known before a date: each record's newest version by then."""
        for versions in self._records(source):
            seen = [version for version in versions if version.known < as_of]
            if seen and not _newest(seen).withdrawn:
                yield _newest(seen)

    def today(self, source: str) -> Iterator[Version]:
        """Yield each record as it stands now."""
        for versions in self._records(source):
            if not _newest(versions).withdrawn:
                yield _newest(versions)

    def _records(self, source: str) -> Iterator[list[Version]]:
        """Yield the versions of each record that may be used."""
        found: dict[int, list[Version]] = {}
        for version in self.world.versions:
            if version.source == source and self._is_usable(version):
                found.setdefault(version.record, []).append(version)
        yield from found.values()

    def _is_usable(self, version: Version) -> bool:
        contract = self.place.contracts[version.source]
        about = {about.kind for about in contract.about}
        return not any(
            kind in about and self.has_opted_out(kind, entity, contract)
            for kind, entity in version.about.items()
        )

    # Opt-outs --------------------------------------------------------------------

    def scopes(self, kind: str, entity: int) -> set[str]:
        """Return what an entity has opted out of on the day of the build."""
        found = set()
        for contract in self.place.contracts.values():
            if contract.objections and kind in {about.kind for about in contract.about}:
                found |= set(self._declared(contract, kind, entity))
        if self.place.purpose(self.world.plan.purpose).individual_care:
            found -= set(NOT_FOR_OWN_CARE)
        return found

    def _declared(self, contract: Contract, kind: str, entity: int) -> Iterator[str]:
        marked = contract.objections
        assert marked is not None
        on = self.world.on
        records: dict[int, list[Version]] = {}
        for version in self.world.versions:
            if version.source == contract.name and version.about.get(kind) == entity:
                records.setdefault(version.record, []).append(version)
        for versions in records.values():
            newest = _newest(versions)
            ends = newest.cells[marked.ends] if marked.ends else None
            purpose = newest.cells[marked.purpose] if marked.purpose else None
            begun = newest.on is None or newest.on <= on
            lasts = begun and (ends is None or ends > on)
            if not newest.withdrawn and lasts:
                if purpose in (None, self.world.plan.purpose):
                    scope = marked.scopes.get(newest.cells[marked.column])
                    yield from [scope] if scope else []

    def has_opted_out(self, kind: str, entity: int, contract: Contract) -> bool:
        """Return whether a source's records about an entity may not be used."""
        return bool(self.scopes(kind, entity) & set(contract.honours))

    # Rows ----------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """Return the spine, in the order of the snapshot."""
        cohort, dates = self.world.plan.cohort, self.world.dates
        rows = set()
        if cohort.at_events:
            first = max(cohort.at_events.first, min(dates))
            last = min(cohort.at_events.last or dt.date.max, max(dates))
            for event in self._listed(self._unfiltered_today(cohort.source)):
                if event.on and first <= event.on <= last:
                    rows.add(Row(event.about[self.kind], event.on, event.record))
        else:
            for as_of in dates:
                for record in self._listed(self._unfiltered_known(as_of)):
                    if record.on and record.on < as_of:
                        rows.add(Row(record.about[self.kind], as_of, None))
        return sorted(
            rows, key=lambda r: (r.as_of, f"{self.kind}-{r.entity}", r.index_record)
        )

    def _unfiltered_today(self, source: str) -> Iterator[Version]:
        """Whoever opted out is listed all the same, to be given a state."""
        for versions in self._all_records(source):
            if not _newest(versions).withdrawn:
                yield _newest(versions)

    def _unfiltered_known(self, as_of: dt.date) -> Iterator[Version]:
        for versions in self._all_records(self.world.plan.cohort.source):
            seen = [version for version in versions if version.known < as_of]
            if seen and not _newest(seen).withdrawn:
                yield _newest(seen)

    def _all_records(self, source: str) -> Iterable[list[Version]]:
        found: dict[int, list[Version]] = {}
        for version in self.world.versions:
            if version.source == source:
                found.setdefault(version.record, []).append(version)
        return found.values()

    def _listed(self, records: Iterable[Version]) -> Iterator[Version]:
        for record in records:
            if self.kind in record.about:
                if self._passes(self.world.plan.cohort.filter, record):
                    yield record

    def _passes(self, text: str | None, record: Version) -> bool:
        return text is None or holds(self.world.trees[text], record.cells) is True

    # Related entities ------------------------------------------------------------

    def related(self, row: Row, relation: Relation, *, direct: bool) -> int | None:
        """Return what a row's entity belonged to on its date; None if not known."""
        contract = self.place.contracts[relation.source]
        if direct and self._is_told_beforehand(contract, relation.to):
            told = self.told(row, relation.source)
            return told.about.get(relation.to) if told else None
        return self.belonged(row.entity, relation, row.as_of)

    def belonged(self, entity: int, relation: Relation, as_of: dt.date) -> int | None:
        """Return what an entity belonged to, as the newest record known says."""
        saying = [
            record
            for record in self.known(relation.source, as_of)
            if record.about.get(relation.of) == entity and relation.to in record.about
            if record.on and record.on < as_of
        ]
        return _latest(saying).about[relation.to] if saying else None

    def _is_told_beforehand(self, contract: Contract, kind: str) -> bool:
        kinds = {about.kind: about for about in contract.about}
        if self.event_kind not in kinds:
            return False
        names = kinds[kind].columns
        return all(contract.column(name).known_beforehand for name in names)

    def told(self, row: Row, source: str) -> Version | None:
        """Return the first thing a source said about the row's index event."""
        kind = self.event_kind
        index = [v for v in self.world.versions if v.record == row.index_record]
        if kind is None or not index or kind not in index[0].about:
            return None
        event = index[0].about[kind]
        said = [
            version
            for versions in self._records(source)
            for version in versions
            if version.about.get(kind) == event
        ]
        return min(said, key=lambda v: (v.known, v.load, v.record), default=None)

    # Values ----------------------------------------------------------------------

    def value(self, row: Row, indicator: Indicator) -> Any:
        """Return an indicator's value; None where it is missing."""
        family = indicator.family
        contract = self.place.contracts[family.source]
        if self._is_excluded(row, contract):
            return None
        if family.measure == "at_index":
            told = self.told(row, family.source)
            return _plain(told.cells[family.column]) if told else None
        if not self.is_observed(row, indicator):
            return None
        if family.measure == "age":
            return self._age(row, indicator)
        if family.nearby:
            return self._nearby(row, indicator)
        records = self.behind(row, indicator)
        if records is None:
            return None
        return measured(records, indicator, row.as_of, self._passes)

    def _is_excluded(self, row: Row, contract: Contract) -> bool:
        is_about = self.kind in {about.kind for about in contract.about}
        return is_about and self.has_opted_out(self.kind, row.entity, contract)

    def is_observed(self, row: Row, indicator: Indicator) -> bool:
        """Return whether the source observed the row's entity in the window."""
        family = indicator.family
        coverage = self.place.contracts[family.source].coverage
        until = None
        for load in self.world.loads:
            if load.source == family.source:
                if load.history or load.received < row.as_of:
                    end = min(load.received, row.as_of)
                    until = end if until is None else max(until, end)
        if until is None or row.as_of <= coverage.since:
            return False
        days = indicator.window_days
        if days is not None and until <= row.as_of - dt.timedelta(days=days):
            return False
        if coverage.whom == "linked" and not family.relation and not family.nearby:
            return self._was_seen(row, family.source)
        return True

    def _was_seen(self, row: Row, source: str) -> bool:
        return any(
            max(version.on or version.known, version.known) < row.as_of
            for versions in self._records(source)
            for version in versions
            if version.about.get(self.kind) == row.entity
        )

    def behind(self, row: Row, indicator: Indicator) -> list[Version] | None:
        """Return the records in the window, before the filter; None: about nobody."""
        family = indicator.family
        about = self._whose(row, indicator)
        if about is None:
            return None
        return [
            record
            for record in self.known(family.source, row.as_of)
            if about(record) and record.record != row.index_record
            if _is_within(record, row.as_of, indicator.window_days)
        ]

    def _whose(
        self, row: Row, indicator: Indicator
    ) -> Callable[[Version], bool] | None:
        if indicator.family.relation is None:
            return lambda record: record.about.get(self.kind) == row.entity
        relation = self.place.relation(indicator.family.relation)
        contract = self.place.contracts[indicator.family.source]
        direct = relation.to in {about.kind for about in contract.about}
        related = self.related(row, relation, direct=direct)
        if related is None:
            return None
        if direct:
            return lambda record: record.about.get(relation.to) == related
        return lambda record: (
            relation.of in record.about
            and self.belonged(record.about[relation.of], relation, row.as_of) == related
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
        born = _latest(saying).cells[indicator.family.column]
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
            if _is_within(record, row.as_of, indicator.window_days)
            if self._passes(family.filter, record)
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
        newest = said[0] if len(said) == 1 else _latest(said)
        return newest.cells[names[0]], newest.cells[names[1]]


def measured(
    records: list[Version],
    indicator: Indicator,
    as_of: dt.date,
    passes: Callable[[str | None, Version], bool],
) -> Any:
    """Return a measure over the records of a window."""
    family = indicator.family
    counted = [record for record in records if passes(family.filter, record)]
    column = family.column or ""
    cells = [r.cells[column] for r in counted if column and r.cells[column] is not None]
    ages = [(as_of - record.on).days for record in counted if record.on]
    match family.measure:
        case "count":
            return len(counted)
        case "exists":
            return int(bool(counted))
        case "sum":
            return _plain(sum(map(_exact, cells), Fraction(0)), like=cells)
        case "mean":
            exact = sum(map(_exact, cells), Fraction(0))
            return float(exact / len(cells)) if cells else None
        case "min" | "max" as name:
            pick = min if name == "min" else max
            return _plain(pick(cells)) if cells else None
        case "distinct":
            return len(set(cells))
        case "days_since_last":
            return min(ages, default=None)
        case "days_since_first":
            return max(ages, default=None)
        case "latest":
            said = [r for r in counted if r.cells[column] is not None]
            return _plain(_latest(said).cells[column]) if said else None
        case "share":
            whole = [record for record in records if passes(family.of, record)]
            part = [record for record in whole if passes(family.filter, record)]
            return len(part) / len(whole) if whole else None
    raise ValueError(family.measure)


def _newest(versions: list[Version]) -> Version:
    return max(versions, key=lambda version: (version.known, version.load))


def _latest(records: list[Version]) -> Version:
    return max(records, key=lambda record: (record.on, record.record))


def _is_within(record: Version, as_of: dt.date, days: int | None) -> bool:
    if record.on is None or record.on >= as_of:
        return False
    return days is None or record.on >= as_of - dt.timedelta(days=days)


def _exact(value: int | Decimal | float) -> Fraction:
    # A true float is rounded to nine decimals, so that its sum has no order.
    return (
        Fraction(round(Decimal(value), 9))
        if isinstance(value, float)
        else Fraction(value)
    )


def _plain(value: Any, like: list[Any] | None = None) -> Any:
    """Return a value as a snapshot holds it: decimals become floats."""
    if isinstance(value, Fraction):
        is_whole = all(isinstance(cell, int) for cell in like or [])
        return int(value) if is_whole else float(value)
    return float(value) if isinstance(value, Decimal) else value
