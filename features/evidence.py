"""Evidence: the records that an indicator of a row rests on, with dates and links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from features.as_of import is_known
from features.indicators import Indicator, Measure
from features.lookups import record_of_age, told_beforehand
from features.measures import AGGREGATED, condition, deciding_order
from features.nearby import near_records
from features.question import Question


if TYPE_CHECKING:
    import ibis.expr.types as ir

# One record decides these; the others rest on all records in their window.
_NEWEST_DECIDES: frozenset[Measure] = frozenset({"latest", "days_since_last"})
_OLDEST_DECIDES: frozenset[Measure] = frozenset({"days_since_first"})


def evidence(question: Question, indicators: Sequence[Indicator]) -> ir.Table:
    """Return the records behind each value of each row.

    Returns:
        `row`, `indicator`, `source`, `record_id`, `load` (which version), `event_date`,
        `known_date` and `probability` (of the link through which the record counts; 1
        for events near a point), sorted by row, indicator and record.
    """
    tables = [_of(question, indicator) for indicator in indicators]
    order = ["row", "indicator", "record_id"]
    return ibis.union(*tables).order_by(order)


def _of(question: Question, indicator: Indicator) -> ir.Table:
    if indicator.family.nearby:
        found = near_records(question, indicator).mutate(probability=ibis.literal(1.0))
    elif indicator.family.measure in AGGREGATED:
        found = _counted(question, indicator)
    else:
        found = _looked_up(question, indicator)
    return found.select(
        "row",
        indicator=ibis.literal(indicator.name),
        source=ibis.literal(indicator.family.source),
        record_id="record_id",
        load="load",
        event_date="event_date",
        known_date="known_date",
        probability="probability",
    )


def _counted(question: Question, indicator: Indicator) -> ir.Table:
    """The records inside the window and through the filter, or the one that decides."""
    keys, pairs = question.keys_of(indicator)
    own = keys.select("as_of", "key", entity="key").distinct()
    records = question.records_for(indicator)
    joined = (own if pairs is None else pairs).join(records, "entity")
    known = joined.filter(is_known(joined, joined.as_of))
    known = known.filter(condition(known, indicator, known.as_of))
    if indicator.family.column:
        known = known.filter(known[indicator.family.column].notnull())
    known = _deciding(known, indicator.family.measure)
    return keys.join(known, ["key", "as_of"])


def _deciding(known: ir.Table, measure: Measure) -> ir.Table:
    order = deciding_order(known)
    if measure in _NEWEST_DECIDES:
        order = order.desc()
    elif measure not in _OLDEST_DECIDES:
        return known
    place = ibis.row_number().over(group_by=["key", "as_of"], order_by=order)
    return known.mutate(place=place).filter(ibis._.place == 0)


def _looked_up(question: Question, indicator: Indicator) -> ir.Table:
    """The record that told a fact known beforehand, or a birth date."""
    contract = question.place.contracts[indicator.family.source]
    if indicator.family.measure == "age":
        return record_of_age(question, contract, indicator.family.column or "")
    return told_beforehand(question, contract)

