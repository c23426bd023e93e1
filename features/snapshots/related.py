"""Related entities, and what the newest or the first record said of an entity.

A record's cells are carried as one struct, `told`, so that no column of a source can be
taken for one of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import ibis

from features.definitions.filters import as_condition
from features.definitions.relations import Relation
from features.snapshots.as_of import is_known, is_within
from features.snapshots.measures import deciding_order


if TYPE_CHECKING:
    import ibis.expr.types as ir


def membership(
    members: ir.Table,
    links: ir.Table,
    dates: ir.Table,
    relation: Relation,
    role: str | None = None,
) -> ir.Table:
    """Return to what each member belonged on each date, by the records known then.

    Args:
        members: The records that may be used of the source that mentions both kinds,
            with the member that each is about.
        links: Of the related kind.
        dates: One column, `as_of`, each date once.
        relation: Says what ends a membership, and whether there may be several.
        role: A filter: only such records make a member; None takes all.

    Returns:
        `entity` (of the member's kind), `as_of`, `related` (of the related kind). No
        row where nothing is known, or what was known has ended before the date.
    """
    if role is not None:
        members = members.filter(as_condition(role, members))
    links = links.select("record_id", related="entity")
    said = members.select(
        *("record_id", "entity", "event_date", "known_date"),
        *("superseded_on", "withdrawn"),
        closes=_or_false(relation.ended, members),
        ends=members[relation.ends] if relation.ends else ibis.null("date"),
    ).join(links, "record_id")
    if relation.many:
        return _lasting(said, dates)
    opened = newest(said.filter(~said.closes), ["related", "ends"], dates)
    opened = opened.filter(_lasts(opened)).select(
        "entity", "as_of", related=opened.told["related"]
    )
    if relation.ended is None:
        return opened
    return opened.semi_join(_lasting(said, dates), ["entity", "as_of", "related"])


def _lasting(said: ir.Table, dates: ir.Table) -> ir.Table:
    """Return each membership that had not ended, also if there are several at once."""
    found = newest(said, ["closes", "ends"], dates, of=("entity", "related"))
    found = found.filter(_lasts(found) & ~found.told["closes"])
    return found.select("entity", "as_of", "related")


def _lasts(found: ir.Table) -> ir.BooleanValue:
    """Like every event, an end counts once its day is before the date."""
    ends = found.told["ends"]
    return ends.isnull() | (ends >= found.as_of)


def _or_false(text: str | None, records: ir.Table) -> ir.BooleanValue:
    if text is None:
        return ibis.literal(value=False)
    return as_condition(text, records).fill_null(False)


def newest(
    records: ir.Table,
    columns: Iterable[str],
    dates: ir.Table,
    *,
    of: Sequence[str] = ("entity",),
) -> ir.Table:
    """Return what the newest record known before each date says of each entity.

    Args:
        records: With their clocks.
        columns: What is wanted of the newest.
        dates: One column, `as_of`, each date once.
        of: The columns that name what there is a newest record of.

    Returns:
        `of`, `as_of` and `told`, a struct of `columns`: all from one record. No row
        where nothing is known.
    """
    told = _as_struct(records, columns)
    clocks = ["record_id", "event_date", "known_date", "superseded_on", "withdrawn"]
    records = records.select(*of, *clocks, told=told)
    dated = dates.cross_join(records)
    known = dated.filter(
        is_known(dated, dated.as_of) & is_within(dated, dated.as_of, None)
    )
    decided = known.told.argmax(deciding_order(known))
    return known.group_by([*of, "as_of"]).aggregate(told=decided)


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
