"""Values that are looked up rather than counted: age, and facts known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from features.contracts import Contract
from features.indicators import Indicator
from features.question import Question
from features.related import newest_record, newest_value


if TYPE_CHECKING:
    import ibis.expr.types as ir


def age_in_years(question: Question, group: Sequence[Indicator]) -> ir.Table:
    """Return `row` and the age in whole years on the as-of date.

    The birth date is read in the identity zone and does not leave this function.
    """
    (indicator,) = group
    family = indicator.family
    contract = question.place.contracts[family.source]
    column = family.column or ""
    born = newest_value(
        question.archive, contract, question.kind, column, question.date_table
    )
    rows = question.rows.join(born, ["entity", "as_of"])
    birthday = rows[column]
    not_yet = (rows.as_of.month() < birthday.month()) | (
        (rows.as_of.month() == birthday.month()) & (rows.as_of.day() < birthday.day())
    )
    years = rows.as_of.year() - birthday.year() - not_yet.cast("int64")
    return rows.select("row", **{indicator.name: years.cast("int64")})


def known_beforehand(question: Question, group: Sequence[Indicator]) -> ir.Table:
    """Return `row` and what was known of the index event before it took place."""
    (indicator,) = group
    contract = question.place.contracts[indicator.family.source]
    column = indicator.family.column or ""
    found = told_beforehand(question, contract)
    return found.select("row", **{indicator.name: found[column]})


def points_of_rows(question: Question) -> ir.Table:
    """Return `row`, `as_of`, `latitude`, `longitude`, for rows whose point is known.

    At events whose own record says beforehand where they are, that is the point;
    otherwise it is the newest one known of the entity.
    """
    point = next(p for p in question.place.file.points if p.kind == question.kind)
    contract = question.place.contracts[point.source]
    names = (point.latitude, point.longitude)
    planned = all(contract.column(name).known_beforehand for name in names)
    if planned and question.event_kind:
        found = told_beforehand(question, contract)
    else:
        found = question.rows
        for name in names:
            dates = question.date_table
            said = newest_value(question.archive, contract, question.kind, name, dates)
            found = found.join(question.archive.keep(said), ["entity", "as_of"])
    found = found.filter(found[names[0]].notnull() & found[names[1]].notnull())
    return found.select(
        "row",
        "as_of",
        latitude=found[names[0]].cast("float64"),
        longitude=found[names[1]].cast("float64"),
    )


def told_beforehand(question: Question, contract: Contract) -> ir.Table:
    """Return the rows with a source's first record about their index event.

    The first version of the first record counts: a later one may hold what became
    known only afterwards.
    """
    kind = question.event_kind or question.kind
    records = question.records_about(contract, kind)
    order = ["known_date", "load", "record_id"]
    first = ibis.row_number().over(group_by="entity", order_by=order)
    told = records.mutate(first=first).filter(ibis._.first == 0)
    told = told.rename(event="entity")
    events = question.archive.links(kind)
    events = events.select(index_record="record_id", event="entity")
    return question.rows.join(events, "index_record").join(told, "event")


def record_of_age(question: Question, contract: Contract, column: str) -> ir.Table:
    """Return the rows with the record that last told the birth date."""
    dates = question.date_table
    told = newest_record(question.archive, contract, question.kind, column, dates)
    records = question.archive.about(contract, question.kind).drop("entity")
    newest = records.filter(records.superseded_on.isnull())
    return question.rows.join(told, ["entity", "as_of"]).join(newest, "record_id")
