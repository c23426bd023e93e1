"""Outcome values: did it happen, how much of it, or can nobody know yet."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.outcomes import EVENT, NOT_YET_KNOWN, OPTED_OUT, Outcome
from features.snapshots.ends import how_rows_end
from features.snapshots.question import Question
from features.store.manifest import Load, Manifest


if TYPE_CHECKING:
    import ibis.expr.types as ir


def outcome_values(question: Question, outcome: Outcome, *, lag_days: int) -> ir.Table:
    """Return `row`, `outcome`, `outcome_status` and `outcome_days` for every row.

    The outcome is 0 or 1 (or a number) and missing when it is not known. The status
    says what came first: `event`, the name of an end, or `no event`; `not yet known`
    (the horizon and the recording lag have not passed at the newest delivery of a
    source that tells) or `opted out` (the records that would tell may not be used for
    this purpose). The days run from the as-of date to what came first, to the horizon
    where nothing did; they are missing where the status tells of neither.

    Args:
        question: The rows.
        outcome: What is asked of them.
        lag_days: How long after the horizon it may still be unrecorded.
    """
    rows = question.rows.left_join(how_rows_end(question, outcome), "row")
    rows = rows.drop("row_right")
    rows = rows.left_join(_excluded(question, outcome), "entity").drop("entity_right")
    known = _is_known(rows, outcome, question.archive.manifest, lag_days)
    told = rows.out.isnull() & known
    status = ibis.cases(
        (rows.out.notnull(), OPTED_OUT), (~known, NOT_YET_KNOWN), else_=rows.ended
    )
    value = _value(rows, outcome)
    return rows.select(
        "row",
        outcome=told.ifelse(value, ibis.null(value.type())),
        outcome_status=status,
        outcome_days=told.ifelse(rows.days, ibis.null("int64")),
    )


def last_delivery(loads: list[Load]) -> dt.date | None:
    """Return the day of the newest delivery, up to which outcomes can be known."""
    return max((load.received for load in loads), default=None)


def _value(rows: ir.Table, outcome: Outcome) -> Any:
    """Return the number, or 1 if it came first, 0 if it did not, and else nothing."""
    if outcome.none_is_unknown:
        return (rows.ended == EVENT).ifelse(
            rows.happened, ibis.null(rows.happened.type())
        )
    if outcome.is_number:
        return rows.happened
    value = (rows.ended == EVENT).cast("int64")
    censoring = [end.name for end in outcome.ends if end.kind == "censoring"]
    if not censoring:
        return value
    return rows.ended.isin(censoring).ifelse(ibis.null("int64"), value)


def _excluded(question: Question, outcome: Outcome) -> ir.Table:
    """Return `entity` and `out`: of whom a source that tells may not be used."""
    contracts = [question.place.contracts[name] for name in outcome.sources]
    tables = [question.excluded(contract) for contract in contracts]
    return ibis.union(*tables, distinct=True).mutate(out=True)


def _is_known(
    rows: ir.Table, outcome: Outcome, manifest: Manifest, lag_days: int
) -> Any:
    """Return whether each source that tells has come since the row's last day."""
    days = [last_delivery(manifest.loads_of(name)) for name in outcome.sources]
    until = min((day for day in days if day), default=None)
    if until is None or None in days:
        return ibis.literal(value=False)
    wait = dt.timedelta(days=outcome.closes_after_days + lag_days)
    return rows.as_of <= until - wait
