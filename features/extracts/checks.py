"""Checks: an extract's cells typed, and held against every rule of its contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import chain
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features.definitions.contracts import Contract
from features.extracts.cell_rules import (
    Clocks,
    Rule,
    breaches,
    column_rules,
    date_rules,
    findings_of,
    history_rules,
)
from features.extracts.cell_types import Cell, cell_of
from features.extracts.deliveries import Delivery
from features.extracts.findings import Finding
from features.extracts.memory import Memory
from features.extracts.versions import conflicts, key_and_content


class CheckedExtract:
    """An extract's rows, typed.

    Attributes:
        memory: Holds them.
        last_event: The latest event date; None if there is none.
        rows: `line`, `event_date`, `known_date`, `key`, `content` (see `versions`) and
            for each column in the contract's order its text `r0`, its value `v0`,
            whether it has its type's form, `f0`, and whether it is blank, `b0`.
        count: How many rows.

    Args:
        cells: As `tokenise` returns them.
        contract: The source's.
        delivery: How the extract came.
        memory: Where to hold the rows.
    """

    def __init__(
        self, cells: pa.Table, contract: Contract, delivery: Delivery, memory: Memory
    ) -> None:
        self._contract = contract
        self._delivery = delivery
        self.memory = memory
        table = self._with_values(self._with_nulls(memory.lend("cells", cells)))
        read = self._cells_of(table)
        clocks = _read_clocks(contract, delivery, read)
        raw = {name: cell.raw for name, cell in read.items()}
        named = {"event_date": clocks.event, "known_date": clocks.known}
        whole = table.mutate(**named, **key_and_content(contract, raw))
        self.rows = memory.hold("rows", whole)

        self._rules = list(self._all_rules())
        self._told = self._look_through()
        self.count: int = self._told["count"]
        self.last_event: dt.date | None = self._told["last_event"]

    def findings(self) -> list[Finding]:
        """Return every rule that does not hold, with its first lines."""
        counts = [self._told[f"rule{n}"] for n, _ in enumerate(self._rules)]
        found = list(findings_of(self._rules, counts, self.rows, self.memory))
        if self._contract.key and self._told["repeated"]:
            found += conflicts(self.rows, self.memory)
        return found

    def value_of(self, name: str) -> str:
        """Return what `rows` calls the typed value of the contract's column."""
        names = [column.name for column in self._contract.columns]
        return f"v{names.index(name)}"

    def _look_through(self) -> dict[str, Any]:
        """Ask all that one pass over the rows can tell."""
        rows = self.rows
        whole = rows.aggregate(
            count=rows.count(),
            last_event=rows.event_date.max(),
            repeated=rows.key.count() - rows.key.nunique(),
            **{f"rule{n}": b for n, b in enumerate(breaches(self._rules, rows))},
        )
        [told] = self.memory.fetch(whole).to_pylist()
        return dict(told)

    def _all_rules(self) -> Iterator[Rule]:
        contract, delivery = self._contract, self._delivery
        cells = self._cells_of(self.rows)
        clocks = Clocks(self.rows.event_date, self.rows.known_date)
        by_column = (
            column_rules(column, cells[column.name], is_key=column.name in contract.key)
            for column in contract.columns
        )
        dates = date_rules(contract, cells, clocks, delivery.received, delivery.period)
        history = history_rules(contract, cells) if delivery.history else ()
        return chain(*by_column, dates, history)

    def _cells_of(self, table: ir.Table) -> dict[str, Cell]:
        return {
            column.name: Cell(
                table[f"r{n}"], table[f"b{n}"], table[f"f{n}"], table[f"v{n}"]
            )
            for n, column in enumerate(self._contract.columns)
        }

    def _with_nulls(self, cells: ir.Table) -> ir.Table:
        """Put null in place of every spelling of "no value"."""
        spellings = ["", *self._contract.file.null]
        texts = ((n, cells[f"c{n}"]) for n in range(len(self._contract.columns)))
        raw = {f"r{n}": ibis.ifelse(c.isin(spellings), None, c) for n, c in texts}
        return cells.select("line", **raw)

    def _with_values(self, table: ir.Table) -> ir.Table:
        """Add for each raw text its value `v`, its form `f` and whether it is blank."""
        named: dict[str, Any] = {}
        for n, column in enumerate(self._contract.columns):
            cell = cell_of(column, table[f"r{n}"])
            named |= {f"v{n}": cell.value, f"f{n}": cell.has_form}
            named |= {f"b{n}": cell.is_blank}
        return table.mutate(**named)


def _read_clocks(
    contract: Contract, delivery: Delivery, cells: dict[str, Cell]
) -> Clocks:
    if contract.dates.event is None:
        return Clocks(ibis.null("date"), _known(contract, delivery, cells, None))
    day = cells[contract.dates.event].value
    event = (day - ibis.interval(days=contract.dates.lead_days)).cast("date")
    return Clocks(event, _known(contract, delivery, cells, day))


def _known(
    contract: Contract, delivery: Delivery, cells: dict[str, Cell], day: Any
) -> Any:
    """Return the known date of rows that the event column dates on `day`."""
    received = ibis.literal(delivery.received)
    history, recorded = contract.history, contract.dates.recorded
    if delivery.history and history:
        if history.column:
            return cells[history.column].value
        # A row without an event date (a premises without a licence) is whole: it
        # counts in no window, and nothing says it was known before it came.
        known = (day + ibis.interval(days=history.lag_days or 0)).cast("date")
        return ibis.coalesce(known, received)
    if recorded:
        return ibis.greatest(cells[recorded].value, received)
    return received
