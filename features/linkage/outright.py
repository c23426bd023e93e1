"""Kinds named outright: records whose contract says which entity they are about."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.definitions.contracts import About, Contract
from features.linkage.records import newest, read_files
from features.store.manifest import Manifest
from features.store.warehouse import Warehouse


# Cells hold no control characters: nothing else joins to the same text.
_SEPARATOR = "\x1f"


def named_outright(
    warehouse: Warehouse, manifest: Manifest, contracts: Iterable[Contract], kind: str
) -> pa.Table:
    """Return the links of a kind whose sources give a `key` or a `constant`.

    One key names one entity in all sources. The newest version of a record counts,
    and for one that was withdrawn its last; with a part of the key missing it has no
    link.

    Returns:
        `record_id`, `entity`, `identity`, `method` and `probability`, by `record_id`.
        Records of one key say the same: the entity is their identity.
    """
    tables = [
        _keys(warehouse, manifest, contract, about)
        for contract in contracts
        for about in contract.about
        if about.kind == kind and manifest.loads_of(contract.name)
    ]
    schema = pa.schema(
        [("record_id", pa.int64()), ("key", pa.string()), ("method", pa.string())]
    )
    rows = pa.concat_tables([schema.empty_table(), *(t.cast(schema) for t in tables)])
    rows = rows.sort_by("record_id")
    codes = rows["key"].combine_chunks().dictionary_encode().indices.to_numpy()
    # By rising record id, the first row of each key is its earliest record.
    _, firsts, inverse = np.unique(codes, return_index=True, return_inverse=True)
    entities = rows["record_id"].to_numpy()[firsts][inverse]
    return pa.table(
        {
            "record_id": rows["record_id"],
            "entity": pa.array(entities, pa.int64()),
            "identity": pa.array(entities, pa.int64()),
            "method": rows["method"],
            "probability": pa.array(np.ones(len(rows)), pa.float64()),
        }
    )


def _keys(
    warehouse: Warehouse, manifest: Manifest, contract: Contract, about: About
) -> pa.Table:
    """Return `record_id`, `key` and `method` of the records that name an entity."""
    loads = manifest.loads_of(contract.name)
    paths = [warehouse.path(load.records) for load in loads]
    read = ["record_id", "load", "withdrawn", *dict.fromkeys(about.key)]
    rows = read_files(paths, read)
    rows = newest(rows.filter(pc.invert(rows["withdrawn"])))
    method = "key" if about.key else "constant"
    if about.constant is None:
        cells = [pc.cast(rows[name], pa.string()) for name in about.key]
        key = pc.binary_join_element_wise(*cells, _SEPARATOR)
    else:
        key = pa.repeat(pa.scalar(about.constant), rows.num_rows)
    methods = pa.repeat(pa.scalar(method), rows.num_rows)
    links = pa.table([rows["record_id"], key, methods], ["record_id", "key", "method"])
    return links.filter(pc.is_valid(links["key"]))
