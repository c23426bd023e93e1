"""The archive: what the warehouse held at one manifest version, as Ibis tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from features.definitions.contracts import Column, Contract
from features.store.warehouse import Load, Manifest, StoredFile, Warehouse


if TYPE_CHECKING:
    import ibis.expr.types as ir

_TYPES = {
    "text": "string",
    "code": "string",
    "integer": "int64",
    "float": "float64",
    "date": "date",
    "boolean": "boolean",
}
_CLOCKS = {
    "record_id": "int64",
    "load": "int32",
    "line": "int32",
    "event_date": "date",
    "known_date": "date",
    "withdrawn": "boolean",
}
_LINKS = {
    "record_id": "int64",
    "entity": "int64",
    "entity_id": "string",
    "probability": "float64",
}
_PAIRS = {
    "record_id_l": "int64",
    "record_id_r": "int64",
    "probability": "float64",
    "weight": "float64",
    "outcome": "string",
}


class Archive:
    """A manifest version opened for computing, in memory, over its Parquet files.

    Args:
        warehouse: Whose files are read.
        manifest: The version; nothing that came later is seen.
        threads: DuckDB's.
    """

    def __init__(
        self, warehouse: Warehouse, manifest: Manifest, *, threads: int = 2
    ) -> None:
        import ibis

        self.manifest = manifest
        self.warehouse = warehouse
        self._connection = ibis.duckdb.connect(threads=threads)
        self._number = 0
        self._read_before: dict[tuple[str, ...], ir.Table] = {}

    def close(self) -> None:
        """Give back the memory."""
        self._connection.disconnect()

    def records(self, contract: Contract) -> ir.Table:
        """Return every version of every record of a source.

        Returns:
            The stored columns and `superseded_on`: the known date of the record's next
            version, missing for its newest.
        """
        import ibis

        loads = self.manifest.loads_of(contract.name)
        if not loads:
            cells = {n: type_of(contract.column(n)) for n in contract.record_columns}
            return empty_table({**_CLOCKS, **cells, "superseded_on": "date"})
        table = self._read([load.records for load in loads])
        if not any(load.changed + load.withdrawn for load in loads):
            return table.mutate(superseded_on=ibis.null("date"))
        order = ["known_date", _in_order_of_delivery(table, loads)]
        versions = ibis.window(group_by="record_id", order_by=order)
        return table.mutate(superseded_on=table.known_date.lead().over(versions))

    def identity(self, contract: Contract, *columns: str) -> ir.Table:
        """Return record_id, load and some columns out of the identity zone."""
        loads = self.manifest.loads_of(contract.name)
        if not loads:
            types = {"record_id": "int64", "load": "int32"}
            cells = {name: type_of(contract.column(name)) for name in columns}
            return empty_table({**types, **cells})
        table = self._read([load.identity for load in loads])
        return table.select("record_id", "load", *columns)

    def links(self, kind: str) -> ir.Table:
        """Return a kind's newest links: record_id, entity, entity_id, probability.

        `entity` is the number of the entity's earliest record, `entity_id` its keyed
        pseudonym. A kind that was never linked has no rows.
        """
        version = self.manifest.links_of(kind)
        if version is None:
            return empty_table(_LINKS)
        table = self._read([version.links])
        return table.select("record_id", "entity", "entity_id", "probability")

    def entities(self, kind: str) -> ir.Table:
        """Return `entity` and `entity_id` of every entity of a kind, each once."""
        links = self.links(kind)
        return links.group_by("entity").aggregate(entity_id=links.entity_id.arbitrary())

    def identities(self, kind: str) -> ir.Table:
        """Return a kind's newest links as record_id, identity, entity, probability.

        `identity` is the number of the earliest record that says the same, and moves
        with this one from entity to entity.
        """
        columns = ("record_id", "identity", "entity", "probability")
        version = self.manifest.links_of(kind)
        if version is None:
            return empty_table({**_LINKS, "identity": "int64"}).select(columns)
        table = self._read([version.links])
        if "identity" not in table.columns:  # linked before identities were kept
            table = table.mutate(identity=table.record_id)
        return table.select(columns)

    def pairs(self, kind: str) -> ir.Table:
        """Return the pairs that were compared for a kind's newest links.

        Returns:
            `record_id_l` and `record_id_r` (each the earliest of its identity),
            `probability`, `weight` (missing where an exact key decided) and `outcome`.
        """
        version = self.manifest.links_of(kind)
        if version is None:
            return empty_table(_PAIRS)
        return self._read([version.pairs]).select(*_PAIRS)

    def flagged(self, kind: str) -> ir.Table:
        """Return `entity`: those of a kind that may be one with another.

        Which it is waits for a steward; until then no score is given of either.
        """
        version = self.manifest.links_of(kind)
        if version is None or version.flags is None:
            return empty_table({"entity": "int64"})
        return self._read([version.flags]).select("entity").distinct()

    def about(self, contract: Contract, kind: str) -> ir.Table:
        """Return a source's records with the entity of `kind` that each is about."""
        records = self.records(contract)
        links = self.links(kind).drop("entity_id")
        return records.join(links, "record_id")

    def keep(self, table: ir.Table) -> ir.Table:
        """Compute a table once and hold the result in memory."""
        self._number += 1
        name = f"kept_{self._number}"
        return self._connection.create_table(name, table, temp=True)

    def fetch(self, table: ir.Table) -> Any:
        """Compute a table and return it as an Arrow table."""
        return self._connection.to_pyarrow(table)

    def _read(self, files: Sequence[StoredFile]) -> ir.Table:
        paths = tuple(str(self.warehouse.path(file)) for file in files)
        if paths not in self._read_before:
            self._read_before[paths] = self._connection.read_parquet(list(paths))
        return self._read_before[paths]


def _in_order_of_delivery(table: ir.Table, loads: Sequence[Load]) -> ir.Value:
    """Return what orders versions known on one day: an older delivery may come late."""
    delivered = sorted(loads, key=lambda load: (load.received, load.number))
    places = {load.number: place for place, load in enumerate(delivered)}
    return table.load if delivered == list(loads) else table.load.cases(*places.items())


def table_of(
    columns: Mapping[str, Sequence[Any]], types: Mapping[str, str]
) -> ir.Table:
    """Return a small table in memory, typed even where it is empty or all missing."""
    import ibis
    import pyarrow as pa

    schema = ibis.schema(dict(types)).to_pyarrow()
    return ibis.memtable(pa.table(dict(columns), schema=schema))


def empty_table(types: Mapping[str, str]) -> ir.Table:
    """Return a table without rows."""
    return table_of({name: [] for name in types}, types)


def type_of(column: Column) -> str:
    """Return the Ibis type that a contract's column is stored as."""
    if column.type == "decimal":
        return f"decimal(18, {column.scale})"
    return _TYPES[column.type]
