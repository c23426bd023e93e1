"""Memory: the DuckDB in which one extract is checked, and what it holds.

A table is computed once and then read as it stands. What is asked of it stays small: an
extract of a few rows costs what its queries take to be written, not to be run.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import ibis
import pyarrow as pa


if TYPE_CHECKING:
    import ibis.expr.types as ir

_MEMORY_LIMIT = "3GB"
_THREADS = 2


class Memory:
    """Tables in memory, by name; a context manager that lets go of them.

    Args:
        folder: Private; for what does not fit into memory.
    """

    def __init__(self, folder: Path) -> None:
        self._connection: Any = ibis.duckdb.connect(
            threads=_THREADS, memory_limit=_MEMORY_LIMIT, temp_directory=str(folder)
        )
        # Cells come from outside; nothing they hold may reach a file or the network.
        self._connection.con.execute("set enable_external_access = false")

    def __enter__(self) -> Self:
        """Return the memory itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back."""
        self._connection.disconnect()

    def lend(self, name: str, table: pa.Table) -> ir.Table:
        """Return an Arrow table as a table to ask of; it is read where it is."""
        self._connection.con.register(name, table)
        return ibis.table(ibis.Schema.from_pyarrow(table.schema), name=name)

    def hold(self, name: str, table: ir.Table) -> ir.Table:
        """Compute a table once, and return one that reads the result."""
        self._query(table).create(name)
        return ibis.table(table.schema(), name=name)

    def fetch(self, table: ir.Table) -> pa.Table:
        """Compute a table and return it."""
        return self._query(table).to_arrow_table().cast(table.schema().to_pyarrow())

    def _query(self, table: ir.Table) -> Any:
        # Ibis' own way to run a query asks DuckDB about the tables again each time.
        return self._connection.con.sql(self._connection.compile(table))
