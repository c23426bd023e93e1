"""Coverage: whom a source observed, and until when, as known on a date.

A source that did not cover an entity in a window gives a missing value there, never a
zero. A window that is covered in part counts as observed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.contracts import Contract
from features.definitions.indicators import Indicator
from features.snapshots.as_of import days_before
from features.store.archive import Archive, table_of
from features.store.warehouse import Load


if TYPE_CHECKING:
    import ibis.expr.types as ir


def covered_until(loads: Iterable[Load], as_of: dt.date) -> dt.date | None:
    """Return the end of what a source had covered by `as_of`; None if nothing.

    A load declared `history` stands in for deliveries that came in time, so it covers
    up to the as-of date; any other covers up to the day it was received, if that is
    before the as-of date.
    """
    ends = [
        min(as_of, load.received)
        for load in loads
        if load.history or load.received < as_of
    ]
    return max(ends, default=None)


def coverage_by_date(
    archive: Archive, contracts: Sequence[Contract], dates: Sequence[dt.date]
) -> ir.Table:
    """Return `as_of` and, for each source, `covered_<source>`: see `covered_until`."""
    columns: dict[str, list[dt.date | None]] = {"as_of": list(dates)}
    for contract in contracts:
        loads = archive.manifest.loads_of(contract.name)
        ends = [covered_until(loads, as_of) for as_of in dates]
        columns[f"covered_{contract.name}"] = ends
    return archive.keep(table_of(columns, dict.fromkeys(columns, "date")))


def first_seen(records: ir.Table) -> ir.Table:
    """Return `entity` and `first_seen`: when a source was first known to hold it.

    That is the first day on which some version of a record had both happened and become
    known. It stays so if the record is withdrawn later: the source had observed them.
    """
    seen = ibis.greatest(records.event_date, records.known_date)
    return records.group_by("entity").aggregate(first_seen=seen.min())


def is_observed(rows: ir.Table, contract: Contract, indicator: Indicator) -> Any:
    """Return whether the source observed each row's entity in the window.

    Args:
        rows: Needs `as_of`, `covered_<source>`, `excluded_<source>` (the person opted
            out of this use) and, for a source that covers only whom it is linked to,
            `first_seen_<source>`.
        contract: The source's.
        indicator: Its window and, if any, its relation: whether a related entity is
            linked to the source says nothing of whether it was covered, and no more
            does whether events near a point are linked to the entity.
    """
    allowed = ~rows[f"excluded_{contract.name}"]
    if indicator.family.measure in ("at_index", "month"):
        # Told of the event itself and declared known before it, or by the calendar: no
        # window to cover.
        return allowed
    until = rows[f"covered_{contract.name}"]
    end = days_before(rows.as_of, indicator.ago_days)
    observed = (end > contract.coverage.since) & until.notnull()
    if indicator.window_days is not None:
        back = indicator.ago_days + indicator.window_days
        observed = observed & (until > days_before(rows.as_of, back))
    if contract.coverage.whom == "linked" and _is_about_itself(indicator):
        seen = rows[f"first_seen_{contract.name}"]
        observed = observed & seen.notnull() & (seen < rows.as_of)
    return (observed & allowed).fill_null(False)


def _is_about_itself(indicator: Indicator) -> bool:
    return indicator.family.relation is None and indicator.family.nearby is None
