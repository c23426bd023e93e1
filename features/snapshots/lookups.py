"""Values that are looked up rather than counted: ages, months, facts beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from features.definitions.contracts import Contract
from features.definitions.filters import as_condition
from features.definitions.indicators import Indicator
from features.faults import Fault, Refusal
from features.snapshots.question import Question
from features.snapshots.related import newest, told_of_events
from features.store.archive import empty_table


if TYPE_CHECKING:
    import ibis.expr.types as ir

_CLOCKS = ("record_id", "load", "event_date", "known_date", "probability")


def age_in_years(question: Question, group: Sequence[Indicator]) -> ir.Table:
    """Return `row` and the age in whole years on the as-of date.

    The birth date is read in the identity zone and does not leave this function. Who is
    born on 29 February is a year older on 1 March.
    """
    (indicator,) = group
    born = newest(_with_birth_date(question, indicator), ["born"], question.date_table)
    rows = question.rows.join(born, ["entity", "as_of"])
    birthday = rows.told["born"]
    not_yet = (rows.as_of.month() < birthday.month()) | (
        (rows.as_of.month() == birthday.month()) & (rows.as_of.day() < birthday.day())
    )
    years = rows.as_of.year() - birthday.year() - not_yet.cast("int64")
    return rows.select("row", **{indicator.name: years.cast("int64")})


def known_beforehand(question: Question, group: Sequence[Indicator]) -> ir.Table:
    """Return `row` and what was known of the index event before it took place."""
    (indicator,) = group
    found = _fact(question, indicator, [])
    return found.select("row", **{indicator.name: found.fact})


def month_of_year(question: Question, group: Sequence[Indicator]) -> ir.Table:
    """Return `row` and the month of the year, 1 to 12; it rests on no record."""
    (indicator,) = group
    rows = question.rows
    month = (rows.as_of.month() + (indicator.months_ahead - 1)) % 12 + 1
    return rows.select("row", **{indicator.name: month.cast("int64")})


def records_behind(question: Question, indicator: Indicator) -> ir.Table:
    """Return `row` and the clocks of the record that told an age or a fact."""
    if indicator.family.measure == "month":
        numbers = {"row": "int64", "record_id": "int64", "load": "int32"}
        clocks = dict.fromkeys(("event_date", "known_date"), "date")
        return empty_table({**numbers, **clocks, "probability": "float64"})
    if indicator.family.measure == "age":
        records = _with_birth_date(question, indicator)
        told = newest(records, _CLOCKS, question.date_table)
        found = question.rows.join(told, ["entity", "as_of"])
    else:
        found = _fact(question, indicator, _CLOCKS)
        found = found.filter(found.fact.notnull())
    return found.select("row", **{name: found.told[name] for name in _CLOCKS})


def points_of_rows(question: Question) -> ir.Table:
    """Return where each row's entity is; a row whose point is not known is not there.

    At events whose own record says beforehand where they are, that is the point;
    otherwise it is the newest one known of the entity.

    Returns:
        `row`, `as_of`, `index_record`, `latitude`, `longitude`.

    Raises:
        Refusal: The place declares no point for the kind of the rows.
    """
    points = [p for p in question.place.file.points if p.kind == question.kind]
    if not points:
        raise Refusal([_no_point(question)])
    contract = question.place.contracts[points[0].source]
    names = [points[0].latitude, points[0].longitude]
    if question.event_kind and all(_is_known_beforehand(contract, n) for n in names):
        found = _told_beforehand(question, contract, names)
    else:
        records = question.records_about(contract)
        both = records[names[0]].notnull() & records[names[1]].notnull()
        said = newest(records.filter(both), names, question.date_table)
        found = question.rows.join(said, ["entity", "as_of"])
    latitude, longitude = (found.told[name].cast("float64") for name in names)
    found = found.select("row", "as_of", latitude=latitude, longitude=longitude)
    found = found.filter(found.latitude.notnull() & found.longitude.notnull())
    return found.join(question.rows.select("row", "index_record"), "row")


def _with_birth_date(question: Question, indicator: Indicator) -> ir.Table:
    """Return the records of an age's source that tell `born`, with their clocks."""
    contract = question.place.contracts[indicator.family.source]
    column = indicator.family.column or ""
    records = question.records_about(contract)
    clocks = ["entity", "superseded_on", "withdrawn", *_CLOCKS]
    if column in records.columns:
        records = records.select(*clocks, born=column)
    else:
        told = question.archive.identity(contract, column)
        told = told.select("record_id", "load", born=column)
        records = records.select(clocks).join(told, ["record_id", "load"])
    return records.filter(records.born.notnull())


def _fact(question: Question, indicator: Indicator, columns: Sequence[str]) -> ir.Table:
    """Return `row`, `fact` and `told`, a struct of `columns`, of the index event.

    The fact is a cell, or 1 or 0 for whether the record passes the filter; a filter
    that compares a missing cell says nothing, so the fact is missing as well.
    """
    family = indicator.family
    contract = question.place.contracts[family.source]
    kind = question.event_kind or question.kind
    records = question.records_about(contract, kind)
    if family.column:
        fact = records[family.column]
    else:
        fact = as_condition(family.filter or "true", records).cast("int64")
    records = records.mutate(fact=fact)
    events = question.archive.links(kind)
    found = told_of_events(question.rows, records, events, ["fact", *columns])
    return found.mutate(fact=found.told["fact"])


def _told_beforehand(
    question: Question, contract: Contract, columns: Sequence[str]
) -> ir.Table:
    """Return `row`, `as_of` and what a source first told of their index event.

    Rows of a calendar have no index event, so nothing is told of them.
    """
    kind = question.event_kind or question.kind
    records = question.records_about(contract, kind)
    events = question.archive.links(kind)
    return told_of_events(question.rows, records, events, columns)


def _is_known_beforehand(contract: Contract, column: str) -> bool:
    return contract.column(column).known_beforehand


def _no_point(question: Question) -> Fault:
    return Fault(
        f"{question.place.root}/place.toml: points",
        f"indicators of what is nearby need to know where a {question.kind} is",
        "no point for that kind",
        "add [[points]] with the kind, a source and its two columns",
    )
