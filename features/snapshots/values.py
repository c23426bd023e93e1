"""Values: every indicator of every row of a snapshot, in a few passes over records.

Records of one source are aggregated together, for all their indicators and windows at
once: one pass for each as-of date when these are few, one join when each row has its
own. Both give the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.contracts import Contract
from features.definitions.indicators import Indicator, Measure
from features.snapshots.as_of import is_known, is_within
from features.snapshots.coverage import coverage_by_date, first_seen, is_observed
from features.snapshots.lookups import (
    age_in_years,
    known_beforehand,
    month_of_year,
)
from features.snapshots.measures import AGGREGATED, aggregate, finish, or_zero
from features.snapshots.nearby import near_events
from features.snapshots.packing import (
    Fields,
    columns_read,
    fields_for,
    packed_sums,
    unpacked,
    with_fields,
)
from features.snapshots.question import Question, kinds_of


if TYPE_CHECKING:
    import datetime as dt

    import ibis.expr.types as ir

# Up to this many as-of dates are aggregated one by one, without joining the rows.
FEW_DATES = 40

_Values = Callable[[Question, Sequence[Indicator]], "ir.Table"]


def indicator_values(question: Question, indicators: Sequence[Indicator]) -> ir.Table:
    """Return the question's rows with one column an indicator, in the order given."""
    found = with_coverage(question, indicators)
    told: dict[str, tuple[Indicator, _Part]] = {}
    for number, group in enumerate(groups_of(indicators)):
        part = _part(question, group, f"part{number}_")
        found = found.left_join(part.values, part.on)
        told |= {indicator.name: (indicator, part) for indicator in group}
    columns = {}
    observed = _Observed(found, question)
    for name in (indicator.name for indicator in indicators):
        indicator, part = told[name]
        value = part.told(found, indicator)
        seen = observed.of(indicator)
        columns[name] = finish(value, indicator, found.as_of, seen)
    return found.select(*question.rows.columns, **columns)


class _Observed:
    """Whether sources observed the rows' entities; asked once for each window."""

    def __init__(self, found: ir.Table, question: Question) -> None:
        self._found = found
        self._question = question
        self._known: dict[tuple[object, ...], Any] = {}

    def of(self, indicator: Indicator) -> Any:
        """Return it for an indicator's source and window."""
        family = indicator.family
        window = indicator.window_days, indicator.ago_days
        key = (family.source, window, family.relation, family.measure)
        if key not in self._known:
            contract = self._question.place.contracts[family.source]
            self._known[key] = is_observed(self._found, contract, indicator)
        return self._known[key]


@dataclass(frozen=True)
class _Part:
    """What one pass over one source's records gave, to be joined to the rows.

    Packed counts are unpacked after the join, so that it stays narrow.

    Attributes:
        values: Its columns begin with `prefix`.
        on: Pairs of a column of the rows and a column of `values`.
        fields: Where counts are packed; None if none are.
    """

    values: ir.Table
    on: list[tuple[str, str]]
    prefix: str
    fields: Fields | None

    def told(self, found: ir.Table, indicator: Indicator) -> ir.Value:
        """Return an indicator's raw value, from the rows joined to `values`."""
        if self.fields and self.fields.holds(indicator):
            return unpacked(found, indicator, self.fields, self.prefix)
        value = found[f"{self.prefix}{indicator.name}"]
        if self.on[0][0] == "row":
            return value
        return or_zero(value, indicator.family.measure)


def _part(question: Question, group: Sequence[Indicator], prefix: str) -> _Part:
    fields = None
    if not _goes_by_date(question, group[0]):
        values = question.archive.keep(raw_values(question, group))
        on = [("row", f"{prefix}row")]
    else:
        values, fields = _by_date(question, group)
        on = [("entity", f"{prefix}key"), ("as_of", f"{prefix}as_of")]
    renamed = {f"{prefix}{name}": name for name in values.columns}
    return _Part(values.rename(renamed), on, prefix, fields)


def _goes_by_date(question: Question, indicator: Indicator) -> bool:
    """Whether the rows' own entities are counted, on few dates."""
    plain = indicator.family.measure in AGGREGATED and not indicator.family.relation
    few = question.event_kind is None and 0 < len(question.dates) <= FEW_DATES
    return plain and few


def raw_values(question: Question, group: Sequence[Indicator]) -> ir.Table:
    """Return `row` and the group's values, for the rows that belong to something."""
    return _WAYS.get(group[0].family.measure, _aggregated)(question, group)


def groups_of(indicators: Iterable[Indicator]) -> list[list[Indicator]]:
    """Split into what one pass over one source's records can give together."""

    def shared(indicator: Indicator) -> tuple[str, str, str]:
        family = indicator.family
        alone = "" if family.measure in AGGREGATED else indicator.name
        return family.source, family.relation or "", alone

    return [list(group) for _, group in groupby(sorted(indicators, key=shared), shared)]


def _aggregated(question: Question, group: Sequence[Indicator]) -> ir.Table:
    """Return a value for every row that belongs to something: records or none."""
    keys, pairs = question.counted(group[0])
    columns = dict.fromkeys([*columns_read(group), "record_id"])
    records = question.records_for(group[0]).select(*columns)
    found = keys.left_join(by_join(pairs, records, group), ["key", "as_of"])
    named = {i.name: or_zero(found[i.name], i.family.measure) for i in group}
    return found.select("row", **named)


def _by_date(
    question: Question, group: Sequence[Indicator]
) -> tuple[ir.Table, Fields | None]:
    """Aggregate by date, with counts and sums packed where they fit."""
    archive = question.archive
    records = question.records_for(group[0])
    source = archive.records(question.place.contracts[group[0].family.source])
    fields = fields_for(source, group, question.most_records, archive)
    needed = records.select(columns_read(group))
    kept = archive.keep(with_fields(records, fields, group) if fields else needed)
    return by_date(kept, question.dates, group, fields=fields), fields


def by_date(
    records: ir.Table,
    dates: Sequence[dt.date],
    group: Sequence[Indicator],
    *,
    fields: Fields | None = None,
) -> ir.Table:
    """Aggregate once for each date, over all entities.

    Args:
        records: What is counted, with the `entity` that each is about.
        dates: The as-of dates.
        group: The indicators.
        fields: Where `records` hold the counts packed; None if they do not.

    Returns:
        `key` (the entity), `as_of` and the values, packed counts as sums.
    """

    def on(as_of: dt.date) -> ir.Table:
        known = records.filter(
            is_known(records, as_of) & is_within(records, as_of, _longest(group))
        )
        alone = [i for i in group if not (fields and fields.holds(i))]
        values = {i.name: aggregate(known, i, as_of) for i in alone}
        sums = packed_sums(known, group, fields, as_of) if fields else {}
        found = known.group_by(key="entity").aggregate(**values, **sums)
        return found.mutate(as_of=as_of)

    return ibis.union(*(on(as_of) for as_of in dates))


def by_join(pairs: ir.Table, records: ir.Table, group: Sequence[Indicator]) -> ir.Table:
    """Aggregate over pairs joined to records: `key`, `as_of`, values.

    Args:
        pairs: `entity`, `as_of`, `key` and `index_record`, which is left out.
        records: What is counted, with the `entity` that each is about.
        group: The indicators.
    """
    joined = pairs.join(records, "entity")
    in_window = is_within(joined, joined.as_of, _longest(group))
    other = joined.index_record.isnull() | (joined.record_id != joined.index_record)
    known = joined.filter(is_known(joined, joined.as_of) & in_window & other)
    values = {i.name: aggregate(known, i, known.as_of) for i in group}
    return known.group_by(["key", "as_of"]).aggregate(**values)


def _longest(group: Sequence[Indicator]) -> int | None:
    """The window that holds all windows of the group; None if one has no end."""
    windows = [indicator.reach_days for indicator in group]
    return None if None in windows else max(days for days in windows if days)


def with_coverage(question: Question, indicators: Iterable[Indicator]) -> ir.Table:
    """Return the rows with what `is_observed` needs about each source read."""
    names = sorted({indicator.family.source for indicator in indicators})
    contracts = [question.place.contracts[name] for name in names]
    covered = coverage_by_date(question.archive, contracts, question.dates)
    found = question.rows.join(covered, "as_of")
    for contract in contracts:
        found = _with_exclusion(question, found, contract)
        if contract.coverage.whom == "linked" and question.kind in kinds_of(contract):
            seen = question.archive.keep(first_seen(question.records_about(contract)))
            found = found.left_join(seen, "entity").drop("entity_right")
            found = found.rename({f"first_seen_{contract.name}": "first_seen"})
    return question.archive.keep(found)


def _with_exclusion(
    question: Question, found: ir.Table, contract: Contract
) -> ir.Table:
    """Add `excluded_<source>`: whether the row's entity opted out of this use of it."""
    name = f"excluded_{contract.name}"
    if not contract.honours:
        return found.mutate(**{name: ibis.literal(value=False)})
    excluded = question.excluded(contract).mutate(out=True)
    found = found.left_join(excluded, "entity").drop("entity_right")
    return found.mutate(**{name: found.out.fill_null(False)}).drop("out")


_WAYS: dict[Measure, _Values] = {
    "at_index": known_beforehand,
    "age": age_in_years,
    "month": month_of_year,
    "nearby_count": near_events,
    "nearby_density": near_events,
}
