"""Evidence: the records that an indicator of a row rests on, with dates and links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import ibis

from features.definitions.indicators import Indicator, Measure
from features.snapshots.as_of import is_known
from features.snapshots.coverage import is_observed
from features.snapshots.lookups import records_behind
from features.snapshots.measures import AGGREGATED, behind, deciding_order
from features.snapshots.nearby import near_records
from features.snapshots.packing import columns_read
from features.snapshots.question import Question
from features.snapshots.values import groups_of, with_coverage


if TYPE_CHECKING:
    import ibis.expr.types as ir

# One record decides these; the others rest on all records in their window.
_NEWEST_DECIDES: frozenset[Measure] = frozenset({"latest", "days_since_last"})
_OLDEST_DECIDES: frozenset[Measure] = frozenset({"days_since_first"})

_ByIndicator = dict[str, "ir.Table"]
_COLUMNS = ("record_id", "load", "event_date", "known_date", "probability")


def evidence(question: Question, indicators: Sequence[Indicator]) -> ir.Table:
    """Return the records behind each value of each row.

    A value rests on the records that it counts; a share on all that it is a share of.
    A value that is missing because the source did not observe the entity, or may not be
    used, rests on none.

    Returns:
        `row`, `indicator`, `source`, `record_id`, `load` (which version), `event_date`,
        `known_date`, `probability` (of the link through which the record counts; 1
        for events near a point) and `identity` (which the link holds, missing where its
        probability is 1), sorted by row, indicator and record.
    """
    covered = with_coverage(question, indicators)
    reached = _reached(question, indicators)
    tables = [_of(question, i, covered, reached.get(i.name)) for i in indicators]
    kinds = {_kind_of_links(question, indicator) for indicator in indicators}
    found = ibis.union(*tables).view()
    # Joined once for all: a join for each indicator takes longer to write than to do.
    found = found.left_join(_doubted(question, kinds), ["record_id", "kind"])
    identity = (found.probability < 1).ifelse(found.identity, ibis.null("int64"))
    named = ("row", "indicator", "source", *_COLUMNS)
    order = ["row", "indicator", "record_id"]
    return found.select(*named, identity=identity).order_by(order)


def _doubted(question: Question, kinds: Iterable[str]) -> ir.Table:
    """Return `record_id`, `kind` and `identity` where the link is less than certain."""
    tables = []
    for kind in sorted(kinds):
        links = question.archive.identities(kind)
        links = links.filter(links.probability < 1).select("record_id", "identity")
        tables.append(links.mutate(kind=ibis.literal(kind)))
    return question.archive.keep(ibis.union(*tables))


def _of(
    question: Question,
    indicator: Indicator,
    covered: ir.Table,
    reached: ir.Table | None,
) -> ir.Table:
    if indicator.family.nearby:
        found = near_records(question, indicator).mutate(probability=ibis.literal(1.0))
    elif reached is not None:
        found = _counted(question, indicator, reached)
    else:
        found = records_behind(question, indicator)
    found = found.select("row", *_COLUMNS)
    contract = question.place.contracts[indicator.family.source]
    observed = covered.filter(is_observed(covered, contract, indicator))
    found = found.semi_join(observed, "row")
    return found.select(
        "row",
        indicator=ibis.literal(indicator.name),
        source=ibis.literal(indicator.family.source),
        kind=ibis.literal(_kind_of_links(question, indicator)),
        **{name: name for name in _COLUMNS},
    )


def _kind_of_links(question: Question, indicator: Indicator) -> str:
    """Return the kind through whose links an indicator's records count."""
    family = indicator.family
    if family.measure == "at_index":
        return question.event_kind or question.kind
    if family.relation is None:
        return question.kind
    relation = question.place.relation(family.relation)
    return relation.of if question.counts_members(indicator) else relation.to


def _reached(question: Question, indicators: Sequence[Indicator]) -> _ByIndicator:
    """Return, by indicator, the known records that may count for each key.

    They are held in memory once for all indicators that read a source the same way.
    """
    found: _ByIndicator = {}
    aggregated = [i for i in indicators if i.family.measure in AGGREGATED]
    for group in groups_of(aggregated):
        _, pairs = question.counted(group[0])
        joined = pairs.join(question.records_for(group[0]), "entity")
        other = joined.index_record.isnull() | (joined.record_id != joined.index_record)
        known = joined.filter(is_known(joined, joined.as_of) & other)
        columns = dict.fromkeys(["key", "as_of", *columns_read(group), *_COLUMNS])
        kept = question.archive.keep(known.select(*columns))
        found |= {indicator.name: kept for indicator in group}
    return found


def _counted(question: Question, indicator: Indicator, reached: ir.Table) -> ir.Table:
    """The records inside the window and through the filter, or the one that decides."""
    keys, _ = question.counted(indicator)
    known = reached.filter(behind(reached, indicator, reached.as_of))
    if indicator.family.column:
        known = known.filter(known[indicator.family.column].notnull())
    known = _deciding(known, indicator.family.measure)
    return keys.join(known.select("key", "as_of", *_COLUMNS), ["key", "as_of"])


def _deciding(known: ir.Table, measure: Measure) -> ir.Table:
    order = deciding_order(known)
    if measure in _NEWEST_DECIDES:
        order = order.desc()
    elif measure not in _OLDEST_DECIDES:
        return known
    window = ibis.window(group_by=["key", "as_of"], order_by=order)
    return known.filter(ibis.row_number().over(window) == 0)
