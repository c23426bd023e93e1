"""Acceptance: what a checked extract brings, written to the warehouse as one load."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from features.definitions.contracts import Contract
from features.extracts.cell_types import stored_type
from features.extracts.checks import CheckedExtract
from features.extracts.deliveries import Delivery
from features.extracts.versions import (
    absent,
    brought,
    earlier_records,
    event_dates,
    with_new_ids,
)
from features.store.warehouse import Load, Warehouse, Writer


if TYPE_CHECKING:
    import ibis.expr.types as ir

_RECORD_FIELDS = [
    ("record_id", pa.int64()),
    ("load", pa.int32()),
    ("line", pa.int32()),
    ("event_date", pa.date32()),
    ("known_date", pa.date32()),
    ("withdrawn", pa.bool_()),
]
_IDENTITY_FIELDS = [
    ("record_id", pa.int64()),
    ("load", pa.int32()),
    ("key", pa.string()),
    ("content", pa.string()),
]


class Acceptance:
    """One checked extract on its way into the warehouse.

    Args:
        warehouse: The store.
        writer: The right to write to it.
        contract: The source's.
        delivery: How the extract came.
        extract: Its rows; no finding is against them.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        writer: Writer,
        contract: Contract,
        delivery: Delivery,
        extract: CheckedExtract,
    ) -> None:
        self._writer = writer
        self._contract = contract
        self._delivery = delivery
        self._extract = extract
        self._number = 1 + max(
            (load.number for load in writer.manifest.loads), default=0
        )
        loads = writer.manifest.loads_of(contract.name)
        self._held = (warehouse, loads, delivery.received, extract.memory)
        self._earlier = earlier_records(*self._held)
        found = extract.memory.fetch(brought(self._wanted(), self._earlier))
        self._new = found["record_id"].null_count
        self._versions = with_new_ids(found, writer.manifest.next_record_id)

    def load(self, content_sha256: str) -> Load:
        """Write and commit the load; `content_sha256` is of the extract, unpacked."""
        withdrawn = self._withdrawn()
        records = pa.concat_tables([withdrawn, self._records()])
        name = f"{self._number:06d}-{content_sha256[:12]}.parquet"
        path = f"records/{self._contract.name}/{name}"
        load = Load(
            number=self._number,
            source=self._contract.name,
            content_sha256=content_sha256,
            contract_sha256=_hash_of(self._contract),
            received=self._delivery.received,
            history=self._delivery.history,
            period=self._delivery.period,
            rows=self._extract.count,
            new=self._new,
            changed=self._versions.num_rows - self._new,
            withdrawn=withdrawn.num_rows,
            last_event=self._extract.last_event,
            records=self._writer.stage("warehouse", path, records),
            identity=self._writer.stage("identity", path, self._identity()),
        )
        manifest = self._writer.manifest
        next_id = manifest.next_record_id + load.new
        loads = [*manifest.loads, load]
        changes = {"loads": loads, "next_record_id": next_id}
        self._writer.commit(manifest.model_copy(update=changes))
        return load

    def _withdrawn(self) -> pa.Table:
        """Return a withdrawal for each record that a whole delivery does not hold."""
        schema = self._schema(_RECORD_FIELDS, self._contract.record_columns)
        if self._contract.file.delivery == "delta":
            return schema.empty_table()
        gone = absent(self._extract.rows, self._earlier)
        if period := self._delivery.period:
            happened = event_dates(*self._held)
            inside = happened.filter(happened.event_date.between(*period))
            gone = gone.semi_join(inside, "record_id")
        ids = self._extract.memory.fetch(gone)
        columns = {
            "record_id": ids["record_id"],
            "load": _repeat(self._number, ids),
            "line": _repeat(0, ids),
            "known_date": _repeat(self._delivery.received, ids),
            "withdrawn": _repeat(True, ids),
        }
        nothing = pa.nulls(ids.num_rows)
        return pa.table(
            [columns.get(name, nothing) for name in schema.names], names=schema.names
        ).cast(schema)

    def _records(self) -> pa.Table:
        names = self._contract.record_columns
        table = self._versions
        columns = [table["record_id"], _repeat(self._number, table), table["line"]]
        columns += [table["event_date"], table["known_date"], _repeat(False, table)]
        columns += [table[self._extract.value_of(name)] for name in names]
        return self._as_stored(columns, _RECORD_FIELDS, names)

    def _identity(self) -> pa.Table:
        names = self._contract.identity_columns
        table = self._versions
        columns = [table["record_id"], _repeat(self._number, table)]
        columns += [table["key"], table["content"]]
        columns += [table[self._extract.value_of(name)] for name in names]
        return self._as_stored(columns, _IDENTITY_FIELDS, names)

    def _wanted(self) -> ir.Table:
        """Return the extract's rows with what is stored of them, and nothing else."""
        values = [self._extract.value_of(c.name) for c in self._contract.columns]
        clocks = ["event_date", "known_date"]
        return self._extract.rows.select("line", "key", "content", *clocks, *values)

    def _as_stored(
        self, columns: list[Any], fields: list[tuple[str, Any]], names: Sequence[str]
    ) -> pa.Table:
        schema = self._schema(fields, names)
        return pa.table(columns, names=schema.names).cast(schema)

    def _schema(self, fields: list[tuple[str, Any]], names: Sequence[str]) -> pa.Schema:
        columns = (self._contract.column(name) for name in names)
        return pa.schema([*fields, *((c.name, stored_type(c)) for c in columns)])


def _repeat(value: int | bool | dt.date, like: pa.Table) -> pa.Array:
    return pa.repeat(pa.scalar(value), like.num_rows)


def _hash_of(contract: Contract) -> str:
    return hashlib.sha256(contract.model_dump_json().encode()).hexdigest()
