"""Cell rules: what a contract asks of each row, and the rows that fall short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.columns import Column
from features.definitions.contracts import Contract
from features.extracts.cell_types import Cell, regexp_full_match
from features.extracts.findings import LINES_SHOWN, Finding
from features.extracts.memory import Memory


if TYPE_CHECKING:
    import ibis.expr.types as ir

_SPELLINGS_SHOWN = 12
_CORRECT = "ask the partner to correct it, or declare what is right in the contract"


@dataclass(frozen=True)
class Rule:
    """A rule about rows.

    Attributes:
        broken: An Ibis condition: true where the rule does not hold.
        finding: What to tell then, still without lines.
    """

    broken: Any
    finding: Finding


def column_rules(column: Column, cell: Cell, *, is_key: bool) -> Iterator[Rule]:
    """Yield the rules about one column."""

    def rule(name: str, broken: Any, what: str, got: str) -> Rule:
        return Rule(broken, Finding(name, what, got, _CORRECT, column.header))

    kind = f"type.{column.type}"
    if column.required or is_key:
        what = "a key may not be empty" if is_key else "the cell is required"
        yield rule("value.required", cell.raw.isnull(), what, "no value")
    what = "a cell holds a value, or nothing at all"
    yield rule("value.blank", cell.is_blank, what, "only white space")
    if column.type != "text":
        misformed = ~cell.has_form & ~cell.is_blank
        yield rule(kind, misformed, _expected(column), "another text")
        unfit = cell.has_form & cell.value.isnull()
        got = (
            "a day that no calendar has"
            if column.type == "date"
            else "one too large to store"
        )
        yield rule(kind, unfit, _expected(column), got)
    for name, broken, what, got in _limits(column, cell):
        yield rule(name, broken, what, got)


def _expected(column: Column) -> str:
    match column.type:
        case "integer":
            return "the cell must be an integer, such as -12"
        case "decimal":
            return f"the cell must be a number with at most {column.scale} decimals"
        case "date":
            return f"the cell must be a date written as {' or '.join(column.formats)}"
        case "code" | "boolean":
            listed = ", ".join(column.spellings[:_SPELLINGS_SHOWN])
            more = ", ..." if len(column.spellings) > _SPELLINGS_SHOWN else ""
            return f"the cell must be one of: {listed}{more}"
        case _:
            return "the cell must be a number, such as -1.5"


def _limits(column: Column, cell: Cell) -> Iterator[tuple[str, Any, str, str]]:
    value = cell.value
    if column.pattern:
        broken = value.notnull() & ~regexp_full_match(cell.raw, column.pattern)
        what = f"the cell must match {column.pattern}"
        yield "value.pattern", broken, what, "another text"
    if column.type == "text":
        what = f"a text has at most {column.greatest_length} characters"
        broken = value.length() > column.greatest_length
        yield "value.greatest_length", broken, what, "more"
    if column.type == "date":
        what = f"no date before {column.earliest}"
        yield "value.earliest", value < column.earliest, what, "an earlier one"
    if column.type in ("integer", "decimal", "float"):
        if column.minimum is not None:
            broken = value < _exact(column, column.minimum, ROUND_CEILING)
            yield "value.minimum", broken, f"at least {column.minimum}", "less"
        if column.maximum is not None:
            broken = value > _exact(column, column.maximum, ROUND_FLOOR)
            yield "value.maximum", broken, f"at most {column.maximum}", "more"


def _exact(column: Column, limit: float, rounding: str) -> Any:
    """Return a limit in the column's own decimals; 0.1 means a tenth, not a float.

    It travels as text: a decimal literal of Ibis has three decimals and no more.
    """
    if column.type == "float":
        return limit
    scale = column.scale or 0
    rounded = Decimal(str(limit)).quantize(Decimal(1).scaleb(-scale), rounding)
    return ibis.literal(f"{rounded:f}").cast(f"decimal(38, {scale})")


@dataclass(frozen=True)
class Clocks:
    """When each row happened and was known, as Ibis expressions.

    Attributes:
        event: The stored event date; null for an undated source.
        known: The known date.
    """

    event: Any
    known: Any


def date_rules(
    contract: Contract,
    cells: dict[str, Cell],
    clocks: Clocks,
    received: dt.date,
    period: tuple[dt.date, dt.date] | None,
) -> Iterator[Rule]:
    """Yield the rules about dates, one against another and against the delivery's.

    Args:
        contract: The source's.
        cells: By the column's name.
        clocks: Of each row.
        received: The day the extract came.
        period: First and last day that it covers, if its delivery has a period.
    """

    def rule(name: str, column: str | None, broken: Any, what: str, got: str) -> Rule:
        header = contract.column(column).header if column else None
        return Rule(broken, Finding(name, what, got, _CORRECT, header))

    dates = contract.dates
    late = f"no date after the day of receipt, {received}"
    if dates.event:
        broken = clocks.event > received
        yield rule("date.after_received", dates.event, broken, late, "a later one")
    if dates.recorded:
        broken = cells[dates.recorded].value > received
        yield rule("date.after_received", dates.recorded, broken, late, "a later one")
    if period:
        first, last = period
        broken = ~clocks.event.between(first, last)
        what = f"every event lies in the period from {first} to {last}"
        yield rule("date.outside_period", dates.event, broken, what, "one outside it")
    for order in contract.order:
        broken = cells[order.first].value > cells[order.then].value
        what = f"{contract.column(order.first).header} may not come after it"
        yield rule("date.order", order.then, broken, what, "an earlier date")


def history_rules(contract: Contract, cells: dict[str, Cell]) -> Iterator[Rule]:
    """Yield the rules about the column that gives a `history` load its known dates."""
    # With `lag_days` a row without an event date is known from its receipt: `checks`.
    column = contract.history.column if contract.history else None
    if column:
        what = "in a history load the column must say when the row was known"
        header = contract.column(column).header
        finding = Finding("history.empty", what, "no value", _CORRECT, header)
        yield Rule(cells[column].raw.isnull(), finding)


def breaches(rules: Iterable[Rule], rows: ir.Table) -> list[ir.Value]:
    """Return on how many of `rows` each rule does not hold, as aggregates."""
    return [rows.count(where=rule.broken) for rule in rules]


def findings_of(
    rules: Iterable[Rule], counts: Iterable[int], rows: ir.Table, memory: Memory
) -> Iterator[Finding]:
    """Yield each broken rule with its first lines and on how many it is broken.

    Args:
        rules: Over the columns of `rows`.
        counts: What `breaches` came to.
        rows: Needs `line`.
        memory: Where `rows` is held.
    """
    for rule, count in zip(rules, counts, strict=True):
        if count:
            lines = rows.filter(rule.broken).order_by("line").limit(LINES_SHOWN)
            found = memory.fetch(lines.select("line"))["line"].to_pylist()
            yield replace(rule.finding, lines=tuple(found), count=count)
