"""Related entities, and what the newest or the first record said of an entity.

A record's cells are carried as one struct, `told`, so that no column of a source can be
taken for one of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import ibis

from features.snapshots.as_of import is_known, is_within
from features.snapshots.measures import deciding_order


if TYPE_CHECKING:
    import ibis.expr.types as ir


def membership(members: ir.Table, links: ir.Table, dates: ir.Table) -> ir.Table:
    """Return each member's related entity on each date.

    Args:
        members: The records that may be used of the source that mentions both kinds,
            with the member that each is about.
        links: Of the related kind.
        dates: One column, `as_of`, each date once.

    Returns:
        `entity` (of the member's kind), `as_of`, `related` (of the related kind): what
        the newest record known before the date says. No row where nothing is known.
    """
    links = links.select("record_id", related="entity")
    clocks = ["record_id", "entity", "event_date", "known_date"]
    members = members.select(*clocks, "superseded_on", "withdrawn")
    found = newest(members.join(links, "record_id"), ["related"], dates)
    return found.select("entity", "as_of", related=found.told["related"])


def newest(records: ir.Table, columns: Iterable[str], dates: ir.Table) -> ir.Table:
    """Return what the newest record known before each date says of each entity.

    Returns:
        `entity`, `as_of` and `told`, a struct of `columns`: all from one record. No row
        where nothing is known.
    """
    told = _as_struct(records, columns)
    clocks = ["entity", "record_id", "event_date", "known_date"]
    records = records.select(*clocks, "superseded_on", "withdrawn", told=told)
    dated = dates.cross_join(records)
    known = dated.filter(
        is_known(dated, dated.as_of) & is_within(dated, dated.as_of, None)
    )
    decided = known.told.argmax(deciding_order(known))
    return known.group_by(["entity", "as_of"]).aggregate(told=decided)


def told_of_events(
    rows: ir.Table, records: ir.Table, events: ir.Table, columns: Iterable[str]
) -> ir.Table:
    """Return what a source first said of each row's index event.

    The first version of the first record counts: a later one may hold what became
    known only afterwards.

    Args:
        rows: Needs `row`, `as_of` and `index_record`.
        records: Of the source, about entities of the event's kind.
        events: The links of that kind.
        columns: The columns wanted.

    Returns:
        `row`, `as_of` and `told`, a struct of `columns`.
    """
    order = {name: records[name] for name in ("known_date", "load", "record_id")}
    told = _as_struct(records, columns).argmin(ibis.struct(order))
    first = records.group_by(event="entity").aggregate(told=told)
    events = events.select(index_record="record_id", event="entity")
    found = rows.select("row", "as_of", "index_record").join(events, "index_record")
    return found.join(first, "event").select("row", "as_of", "told")


def _as_struct(records: ir.Table, columns: Iterable[str]) -> ir.StructValue:
    return ibis.struct({name: records[name] for name in columns})
