"""Records: what the newest version of each says of the entity that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.definitions.attributes import AttributeReader, readers_of
from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules
from features.definitions.vetoes import Value
from features.store.manifest import Load, Manifest
from features.store.warehouse import Warehouse


def read_files(paths: Iterable[Path], columns: list[str]) -> pa.Table:
    """Return some columns of files of one form, one after the other."""
    return pa.concat_tables(_read(path, columns) for path in paths)


def _read(path: Path, columns: list[str]) -> pa.Table:
    # A place has many small files: as one file each is read twice as fast as it is as a
    # data set that might be more.
    with pq.ParquetFile(path) as file:
        return file.read(columns=columns, use_threads=False)


def newest_records(
    warehouse: Warehouse,
    manifest: Manifest,
    contract: Contract,
    rules: KindRules,
    names: Sequence[str],
    readers: Mapping[str, AttributeReader] | None = None,
) -> pa.Table:
    """Return `record_id` and attributes of the newest version of each record.

    Records that were withdrawn are among them, as they last were.

    Args:
        warehouse: Whose loads are read.
        manifest: The version whose loads count.
        contract: Of the source.
        rules: The kind's.
        names: The attributes.
        readers: That have read other sources of the kind, and so need not read the
            same values again; None: new ones.
    """
    readers = readers or readers_of(rules.attributes)
    about = next(about for about in contract.about if about.kind == rules.kind)
    needed = {n for name in names for n in (name, *rules.attributes[name].made_of)}
    columns = {n: c for n, c in about.identifiers.items() if n in needed}
    loads = manifest.loads_of(contract.name)
    read = ["record_id", "load", *dict.fromkeys(columns.values())]
    paths = [warehouse.path(load.identity) for load in loads]
    rows = newest(read_files(paths, read))
    ids = rows["record_id"].combine_chunks()
    raw = {name: rows[column].combine_chunks() for name, column in columns.items()}
    raw["record_id"] = ids
    values = {name: readers[name].read(raw) for name in names}
    return pa.table({"record_id": ids, **values})


def newest(versions: pa.Table) -> pa.Table:
    """Return, of each `record_id`, the row with the largest `load`."""
    ordered = versions.sort_by([("record_id", "ascending"), ("load", "ascending")])
    ids = ordered["record_id"].to_numpy()
    is_last = pa.array([], pa.bool_())
    if len(ids):
        is_last = pa.array([*(ids[1:] != ids[:-1]), True], pa.bool_())
    return ordered.filter(is_last)


def changed_records(
    warehouse: Warehouse,
    manifest: Manifest,
    contracts: Iterable[Contract],
    rules: KindRules,
    last_load: int,
) -> set[int]:
    """Return the records that say something else than they did after `last_load`."""
    loads = [load for load in manifest.loads if load.number <= last_load]
    earlier = manifest.model_copy(update={"loads": loads})
    changed: set[int] = set()
    for contract in contracts:
        if not earlier.loads_of(contract.name):
            continue
        later = [ld for ld in manifest.loads_of(contract.name) if ld.number > last_load]
        ids = [_ids(warehouse, ld) for ld in later]
        touched = pa.array(np.unique(np.concatenate([*ids, np.array([], np.int64)])))
        if len(touched):
            both = (
                newest_records(warehouse, version, contract, rules, rules.used)
                for version in (earlier, manifest)
            )
            before, now = (_by_record(rows, touched) for rows in both)
            changed |= {r for r, said in before.items() if said != now.get(r)}
    return changed


def _ids(warehouse: Warehouse, load: Load) -> Any:
    table = read_files([warehouse.path(load.identity)], ["record_id"])
    return table["record_id"].to_numpy()


def _by_record(rows: pa.Table, wanted: pa.Array) -> dict[int, tuple[Value, ...]]:
    some = rows.filter(pc.is_in(rows["record_id"], value_set=wanted))
    columns = (some[name].to_pylist() for name in some.column_names)
    return {row[0]: row[1:] for row in zip(*columns, strict=True)}
