"""The spine: one row per entity and as-of date, or per index event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
from ibis.expr import datatypes as types

from features.definitions.contracts import Contract
from features.definitions.filters import as_condition
from features.definitions.outcomes import AtEvents, Cohort
from features.definitions.place import Place
from features.snapshots.as_of import is_known, is_within
from features.store.archive import Archive, table_of


if TYPE_CHECKING:
    import ibis.expr.types as ir


def spine(
    archive: Archive, place: Place, cohort: Cohort, dates: Sequence[dt.date]
) -> ir.Table:
    """Return the rows that a cohort has, in the order of the snapshot.

    Args:
        archive: Where the records and links are.
        place: Whose contracts describe the cohort's source.
        cohort: Who, and when.
        dates: The as-of dates wanted, at least one; at events, the first and the last
            day.

    Returns:
        `row` (0, 1, 2 ...), `entity`, `entity_id`, `as_of` and `index_record` (missing
        in a calendar cohort), sorted by date, pseudonym and index record.
    """
    contract = place.contracts[cohort.source]
    if cohort.at_events:
        rows = _at_events(archive, contract, cohort, cohort.at_events)
        rows = rows.filter(rows.as_of.between(min(dates), max(dates)))
    else:
        rows = _listed(archive, contract, cohort, dates)
    rows = rows.join(in_order(archive, cohort.entity), "entity")
    order = ["as_of", "place", "index_record"]
    number = ibis.row_number().over(order_by=order)
    return archive.keep(rows.mutate(row=number).drop("place").order_by("row"))


def in_order(archive: Archive, kind: str) -> ir.Table:
    """Return `entity`, `entity_id` and `place`: 0, 1, 2 ... by pseudonym.

    To sort many rows by a number takes half as long as by a text.
    """
    place = ibis.row_number().over(order_by="entity_id")
    return archive.entities(kind).mutate(place=place)


def _listed(
    archive: Archive, contract: Contract, cohort: Cohort, dates: Sequence[dt.date]
) -> ir.Table:
    """Who the register listed before each date, as known then."""
    clocks = ["entity", "event_date", "known_date", "superseded_on", "withdrawn"]
    records = _matching(archive, contract, cohort).select(clocks)
    days = table_of({"as_of": sorted(set(dates))}, {"as_of": "date"})
    dated = days.cross_join(records)
    listed = dated.filter(
        is_known(dated, dated.as_of) & is_within(dated, dated.as_of, None)
    )
    rows = listed.select("entity", "as_of").distinct()
    return rows.mutate(index_record=ibis.null(types.int64))


def _at_events(
    archive: Archive, contract: Contract, cohort: Cohort, at: AtEvents
) -> ir.Table:
    """The events themselves, as their newest versions date them."""
    records = _matching(archive, contract, cohort)
    newest = records.superseded_on.isnull() & ~records.withdrawn
    last = at.last or dt.date.max
    dated = records.filter(newest & records.event_date.between(at.first, last))
    return dated.select("entity", as_of="event_date", index_record="record_id")


def _matching(archive: Archive, contract: Contract, cohort: Cohort) -> ir.Table:
    records = archive.about(contract, cohort.entity)
    if cohort.filter is None:
        return records
    return records.filter(as_condition(cohort.filter, records))
