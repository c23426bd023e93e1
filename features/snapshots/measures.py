"""Measures: from an entity's records before a date to one value, as Ibis aggregates.

Every function takes records that already passed the clocks, and an `as_of` that is one
date or a column of them. Sums are over integers and decimals, so they are exact and do
not depend on the order in which threads add; a true float is first rounded to nine
decimals for that reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
from ibis.expr import datatypes as types

from features.definitions.filters import as_condition
from features.definitions.indicators import Indicator, Measure
from features.snapshots.as_of import is_within


if TYPE_CHECKING:
    import ibis.expr.types as ir

_EXACT = "decimal(38, 9)"

# What an indicator is for an entity of which there is no such record.
ZERO_WHEN_OBSERVED: frozenset[Measure] = frozenset(
    {"count", "sum", "distinct", "exists"}
)


def condition(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.BooleanValue:
    """Return which records an indicator rests on: in its window, through its filter."""
    chosen = is_within(records, as_of, indicator.window_days, indicator.ago_days)
    if indicator.family.filter is not None:
        chosen = chosen & as_condition(indicator.family.filter, records)
    return chosen


def whole(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.BooleanValue:
    """Return which records a share is a share of: in its window, through its `of`."""
    among = is_within(records, as_of, indicator.window_days, indicator.ago_days)
    if indicator.family.of is not None:
        among = among & as_condition(indicator.family.of, records)
    return among


def standard(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.BooleanValue:
    """Return which records a ratio is taken against: in that window, its filter."""
    against = indicator.family.against
    if against is None:
        raise ValueError(f"{indicator.name} is no ratio")
    chosen = is_within(records, as_of, against.window_days, against.ago_days)
    if indicator.family.filter is not None:
        chosen = chosen & as_condition(indicator.family.filter, records)
    return chosen


def behind(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.BooleanValue:
    """Return which records a value rests on: all that it counts or is a part of."""
    if indicator.family.measure == "share":
        return whole(records, indicator, as_of)
    chosen = condition(records, indicator, as_of)
    if indicator.family.measure == "ratio":
        return chosen | standard(records, indicator, as_of)
    return chosen


def aggregate(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    """Return the indicator's value as an aggregate over one entity's `records`.

    Dates come back as the date of the deciding record; `finish` turns them to days.
    """
    return _AGGREGATES[indicator.family.measure](records, indicator, as_of)


def or_zero(value: ir.Value, measure: Measure) -> ir.Value:
    """Return zero where there were no records, for the measures of which it is one."""
    return value.fill_null(0) if measure in ZERO_WHEN_OBSERVED else value


def finish(
    value: ir.Value, indicator: Indicator, as_of: Any, observed: Any
) -> ir.Value:
    """Return the value as a snapshot holds it: days, floats, or missing.

    Args:
        value: What `or_zero` gave; missing where there is nobody to count for.
        indicator: Whose value it is.
        as_of: The row's as-of date.
        observed: Whether the source observed the entity in the window. If not, the
            value is missing: zero while observed is not the same as not observed.
    """
    measure = indicator.family.measure
    if measure in ("days_since_last", "days_since_first"):
        value = as_of.delta(value, unit="day")
    if value.type().is_numeric():
        value = value.cast(types.int64 if value.type().is_integer() else types.float64)
    return observed.ifelse(value, ibis.null(value.type()))


def deciding_order(records: ir.Table) -> ir.Value:
    """Order records by event date; ties by record id, so that there is one latest."""
    return ibis.struct({"date": records.event_date, "id": records.record_id})


def _count(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    return records.count(where=condition(records, indicator, as_of))


def _sum(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    column = exact(_column(records, indicator))
    return column.sum(where=condition(records, indicator, as_of))


def _mean(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    return _mean_of(records, indicator, condition(records, indicator, as_of))


def _ratio(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    here = _mean_of(records, indicator, condition(records, indicator, as_of))
    there = _mean_of(records, indicator, standard(records, indicator, as_of))
    return here / there.nullif(0.0)


def _mean_of(records: ir.Table, indicator: Indicator, chosen: Any) -> Any:
    column = _column(records, indicator)
    counted = chosen & column.notnull()
    total = exact(column).sum(where=counted).cast(types.float64)
    return total / records.count(where=counted).nullif(0).cast(types.float64)


def _min(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    return _column(records, indicator).min(where=condition(records, indicator, as_of))


def _max(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    return _column(records, indicator).max(where=condition(records, indicator, as_of))


def _latest(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    column = _column(records, indicator)
    known = condition(records, indicator, as_of) & column.notnull()
    return column.argmax(deciding_order(records), where=known)


def _last(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    return records.event_date.max(where=condition(records, indicator, as_of))


def _first(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    return records.event_date.min(where=condition(records, indicator, as_of))


def _distinct(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    column = _column(records, indicator)
    return column.nunique(where=condition(records, indicator, as_of))


def _share(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    among = whole(records, indicator, as_of)
    part = among & condition(records, indicator, as_of)
    number = records.count(where=among).nullif(0).cast(types.float64)
    return records.count(where=part).cast(types.float64) / number


def _exists(records: ir.Table, indicator: Indicator, as_of: Any) -> ir.Value:
    return condition(records, indicator, as_of).any().cast(types.int64)


def _column(records: ir.Table, indicator: Indicator) -> Any:
    return records[indicator.family.column]


def exact(column: Any) -> Any:
    """Return a number whose sum does not depend on the order of adding."""
    return column.cast(_EXACT) if column.type().is_floating() else column


_AGGREGATES: dict[Measure, Callable[[Any, Indicator, Any], ir.Value]] = {
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "min": _min,
    "max": _max,
    "latest": _latest,
    "days_since_last": _last,
    "days_since_first": _first,
    "distinct": _distinct,
    "share": _share,
    "exists": _exists,
    "ratio": _ratio,
}
AGGREGATED = frozenset(_AGGREGATES)
