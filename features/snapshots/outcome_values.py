"""Outcome values: did it happen, how often, or can nobody know yet."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.filters import as_condition
from features.definitions.outcomes import Outcome
from features.snapshots.question import Question
from features.store.archive import Archive
from features.store.warehouse import Load


if TYPE_CHECKING:
    import ibis.expr.types as ir


def outcome_values(question: Question, outcome: Outcome) -> ir.Table:
    """Return `row`, `outcome` and `outcome_status` for every row.

    The outcome is 0 or 1 (or a count) and missing when it is not known. The status is
    `event`, `no event`, `not yet known` (the horizon and the recording lag have not
    passed at the source's newest delivery) or `opted out` (the records that would tell
    may not be used for this purpose).
    """
    happened = _happened(question, outcome)
    rows = question.rows.left_join(happened, "row").drop("row_right")
    contract = question.place.contracts[outcome.source]
    excluded = question.excluded(contract).mutate(out=True)
    rows = rows.left_join(excluded, "entity").drop("entity_right")
    count = rows.happened.fill_null(0)
    value = count if outcome.measure == "count" else (count > 0).cast("int64")
    status = ibis.cases(
        (rows.out.notnull(), "opted out"),
        (~_is_known(rows, outcome, question.archive), "not yet known"),
        (count > 0, "event"),
        else_="no event",
    )
    told = status.isin(["event", "no event"])
    missing = ibis.null("int64")
    return rows.select(
        "row", outcome=told.ifelse(value, missing), outcome_status=status
    )


def last_delivery(loads: list[Load]) -> dt.date | None:
    """Return the day of the newest delivery, up to which outcomes can be known."""
    return max((load.received for load in loads), default=None)


def _is_known(rows: ir.Table, outcome: Outcome, archive: Archive) -> Any:
    until = last_delivery(archive.manifest.loads_of(outcome.source))
    if until is None:
        return ibis.literal(value=False)
    wait = outcome.horizon_days + outcome.recording_lag_days
    return rows.as_of <= until - dt.timedelta(days=wait)


def _happened(question: Question, outcome: Outcome) -> ir.Table:
    """Count each row's outcome events, from the newest version of every record."""
    contract = question.place.contracts[outcome.source]
    kind = question.event_kind if outcome.of_index else question.kind
    records = question.records_about(contract, kind)
    newest = records.superseded_on.isnull() & ~records.withdrawn
    events = records.filter(newest & as_condition(outcome.filter, records))
    events = events.select("entity", event_date="event_date", happened_id="record_id")
    if outcome.of_index:
        links = question.archive.links(kind or "")
        links = links.select(index_record="record_id", event="entity")
        rows = question.rows.join(links, "index_record")
        found = rows.join(events, rows.event == events.entity)
    else:
        found = question.rows.join(events, "entity")
        horizon = ibis.interval(days=outcome.horizon_days)
        within = (found.event_date >= found.as_of) & (
            found.event_date < found.as_of + horizon
        )
        found = found.filter(within)
    return found.group_by("row").aggregate(happened=found.count())
