"""Ends: what came first, the outcome or something after which it cannot be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.filters import as_condition
from features.definitions.outcomes import EVENT, NO_EVENT, Outcome
from features.snapshots.measures import exact
from features.snapshots.question import Question


if TYPE_CHECKING:
    import ibis.expr.types as ir

# Later than any day of a horizon, with any number of ends.
_NEVER = 2**40


def how_rows_end(question: Question, outcome: Outcome) -> ir.Table:
    """Return how each row ended, whether or not that can be known yet.

    Returns:
        `row`; `happened`, how many outcomes there were in the horizon, or what a column
        of theirs adds up to; `ended`, the name of what came first, or "no event";
        `days` from the as-of date to it, to the end of the horizon where nothing came.
        The outcome of an index event has no days.
    """
    if outcome.of_index:
        return _of_index(question, outcome)
    order = outcome.in_order
    rows = question.rows.select("row")
    for name, found in _first_days(question, outcome):
        found = found.mutate(first=found.days * len(order) + order.index(name))
        found = found.rename({f"first {name}": "first"}).drop("days")
        rows = rows.left_join(found, "row").drop("row_right")
    firsts = [rows[f"first {name}"].fill_null(_NEVER) for name in order]
    first = ibis.least(*firsts) if len(firsts) > 1 else firsts[0]
    named = ((first % len(order) == n, name) for n, name in enumerate(order))
    ended = ibis.cases((first == _NEVER, NO_EVENT), *named, else_=NO_EVENT)
    days = (first == _NEVER).ifelse(outcome.closes_after_days, first // len(order))
    happened = rows.happened.fill_null(0)
    return rows.select("row", happened=happened, ended=ended, days=days.cast("int64"))


def _first_days(question: Question, outcome: Outcome) -> Iterator[tuple[str, ir.Table]]:
    """Yield, for the outcome and each end, the rows it came to, and after how long."""
    events = _events(question, outcome.source, outcome.filter, column=outcome.column)
    yield EVENT, _within(question, events, outcome, counted=True)
    for end in outcome.ends:
        events = _events(question, end.source, end.filter)
        yield end.name, _within(question, events, outcome, counted=False)


def _events(
    question: Question,
    source: str,
    text: str,
    *,
    kind: str | None = None,
    column: str | None = None,
) -> ir.Table:
    """Return what passes a filter, from the newest version of every record.

    Returns:
        `entity`, `event_date` and `amount`, what each adds: a cell, or 1.
    """
    contract = question.place.contracts[source]
    records = question.records_about(contract, kind)
    newest = records.superseded_on.isnull() & ~records.withdrawn
    events = records.filter(newest & as_condition(text, records))
    amount = exact(events[column]) if column else ibis.literal(1, "int64")
    return events.select("entity", "event_date", amount=amount)


def _within(
    question: Question, events: ir.Table, outcome: Outcome, *, counted: bool
) -> ir.Table:
    """Return `row`, `days` to the first event in the horizon and, if asked, a count."""
    found = question.rows.join(events, "entity")
    start = found.as_of + ibis.interval(days=outcome.starts_after_days)
    end = found.as_of + ibis.interval(days=outcome.closes_after_days)
    found = found.filter((found.event_date >= start) & (found.event_date < end))
    days: Any = found.event_date.delta(found.as_of, unit="day").min()
    more = {"happened": _total(found)} if counted else {}
    return found.group_by("row").aggregate(days=days, **more)


def _total(found: ir.Table) -> Any:
    """Return the sum of the amounts: whole, or a float once it is exact."""
    total: Any = found.amount.sum()
    whole = found.amount.type().is_integer()
    return total.cast("int64" if whole else "float64")


def _of_index(question: Question, outcome: Outcome) -> ir.Table:
    """Count the outcome's records about the very event that a row stands for."""
    kind = question.event_kind or ""
    events = _events(question, outcome.source, outcome.filter, kind=question.event_kind)
    links = question.archive.links(kind)
    links = links.select(index_record="record_id", event="entity")
    index = question.rows.join(links, "index_record")
    found = index.join(events, index.event == events.entity)
    found = found.group_by("row").aggregate(happened=found.count())
    rows = question.rows.select("row").left_join(found, "row").drop("row_right")
    happened = rows.happened.fill_null(0)
    ended = (happened > 0).ifelse(EVENT, NO_EVENT)
    return rows.select("row", happened=happened, ended=ended, days=ibis.null("int64"))
