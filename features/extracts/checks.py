"""Checks: an extract's cells typed, and held against every rule of its contract."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features.definitions.contracts import Contract
from features.extracts.cell_rules import (
    Clocks,
    Rule,
    column_rules,
    date_rules,
    findings_of,
    history_rules,
)
from features.extracts.cell_types import Cell, cell_of
from features.extracts.deliveries import Delivery
from features.extracts.findings import Finding
from features.extracts.versions import conflicts, key_and_content


_MEMORY_LIMIT = "3GB"
_THREADS = 2


class CheckedExtract:
    """An extract's rows in DuckDB, in memory; a context manager that lets go of them.

    Attributes:
        connection: Where all tables are computed.
        rows: `line`, `event_date`, `known_date` and `v0`, `v1` ... (the typed columns
            in the contract's order).
        keyed: `line`, `key` and `content`: see `versions`.

    Args:
        cells: As `tokenise` returns them.
        contract: The source's.
        delivery: How the extract came.
        folder: Private; for what does not fit into memory.
    """

    def __init__(
        self, cells: pa.Table, contract: Contract, delivery: Delivery, folder: Path
    ) -> None:
        self._contract = contract
        self._delivery = delivery
        self.connection: Any = ibis.duckdb.connect(
            threads=_THREADS, memory_limit=_MEMORY_LIMIT, temp_directory=str(folder)
        )
        # Cells come from outside; nothing they hold may reach a file or the network.
        self.connection.con.execute("set enable_external_access = false")
        self.connection.con.register("cells", cells)
        table = self._with_values(self._with_nulls(self.connection.table("cells")))
        names = [column.name for column in contract.columns]
        self._cells = {name: _cell(table, n) for n, name in enumerate(names)}
        self._clocks = self._read_clocks()
        self.rows = table.mutate(
            event_date=self._clocks.event, known_date=self._clocks.known
        )
        raw = {name: cell.raw for name, cell in self._cells.items()}
        keyed = table.select("line", **key_and_content(contract, raw))
        self.keyed = self.connection.create_table("keyed", keyed, temp=True)

    def __enter__(self) -> Self:
        """Return the extract itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give back the memory."""
        self.connection.disconnect()

    def findings(self) -> list[Finding]:
        """Return every rule that does not hold, with its first lines."""
        broken = findings_of(self._rules(), self.rows, self.connection)
        return [*broken, *conflicts(self.keyed, self.connection)]

    def _rules(self) -> Iterator[Rule]:
        contract, delivery = self._contract, self._delivery
        by_column = (
            column_rules(
                column, self._cells[column.name], is_key=column.name in contract.key
            )
            for column in contract.columns
        )
        dates = date_rules(
            contract, self._cells, self._clocks, delivery.received, delivery.period
        )
        history = history_rules(contract, self._cells) if delivery.history else ()
        return chain(*by_column, dates, history)

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

    def _read_clocks(self) -> Clocks:
        dates = self._contract.dates
        if dates.event is None:
            return Clocks(ibis.null("date"), self._known(None))
        day = self._cells[dates.event].value
        event = (day - ibis.interval(days=dates.lead_days)).cast("date")
        return Clocks(event, self._known(day))

    def _known(self, day: Any) -> Any:
        """Return the known date of rows that the event column dates on `day`."""
        received = ibis.literal(self._delivery.received)
        history, recorded = self._contract.history, self._contract.dates.recorded
        if self._delivery.history and history:
            if history.column:
                return self._cells[history.column].value
            # A row without an event date (a premises without a licence) is whole: it
            # counts in no window, and nothing says it was known before it came.
            known = (day + ibis.interval(days=history.lag_days or 0)).cast("date")
            return ibis.coalesce(known, received)
        if recorded:
            return ibis.greatest(self._cells[recorded].value, received)
        return received


def _cell(table: ir.Table, n: int) -> Cell:
    return Cell(table[f"r{n}"], table[f"b{n}"], table[f"f{n}"], table[f"v{n}"])
