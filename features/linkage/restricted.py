"""Restricted records: linked inside their own source, and to nothing else.

Whoever was given another identity, or must not be found, is not to be joined with what
others still hold under the old name. So a marked record is never compared with another:
the partner's own number for the person, and nothing else, says which belong together.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.definitions.contracts import Contract
from features.definitions.restrictions import Restriction
from features.linkage.records import newest, read_files
from features.store.manifest import Manifest
from features.store.warehouse import Warehouse


RESTRICTED = "restricted"
_MARKED = pa.schema([("record_id", pa.int64()), ("person", pa.string())])
# Cells hold no control characters: nothing else joins to the same text.
_SEPARATOR = "\x1f"


def restricted_links(
    warehouse: Warehouse, manifest: Manifest, contracts: Iterable[Contract]
) -> pa.Table:
    """Return the links of all records whose newest version is marked.

    Returns:
        `record_id`, `entity`, `identity`, `method`, `probability`. An entity is
        numbered by its earliest record, below zero: so it never has the number, and
        with it the pseudonym, of what the same record was part of before it was marked.
    """
    tables = [
        _marked(warehouse, manifest, contract, contract.restriction)
        for contract in contracts
        if contract.restriction and manifest.loads_of(contract.name)
    ]
    rows = pa.concat_tables([_MARKED.empty_table(), *tables]).sort_by("record_id")
    codes = rows["person"].combine_chunks().dictionary_encode().indices.to_numpy()
    # By rising record id, the first row of each person is the earliest record.
    _, firsts, inverse = np.unique(codes, return_index=True, return_inverse=True)
    earliest = rows["record_id"].to_numpy()[firsts][inverse]
    return pa.table(
        {
            "record_id": rows["record_id"],
            "entity": pa.array(-earliest, pa.int64()),
            "identity": pa.array(earliest, pa.int64()),
            "method": pa.repeat(pa.scalar(RESTRICTED), len(rows)),
            "probability": pa.array(np.ones(len(rows)), pa.float64()),
        }
    )


def _marked(
    warehouse: Warehouse, manifest: Manifest, contract: Contract, marks: Restriction
) -> pa.Table:
    """Return `record_id` and `person`, which names the person inside the source."""
    paths = [warehouse.path(load.identity) for load in manifest.loads_of(contract.name)]
    read = ["record_id", "load", marks.column, marks.linked_by]
    rows = read_files(paths, read)
    codes = pa.array(sorted(marks.codes), pa.string())
    # Few were ever marked: of these alone it matters which version is the newest.
    ever = rows.filter(pc.is_in(rows[marks.column], value_set=codes))["record_id"]
    rows = newest(rows.filter(pc.is_in(rows["record_id"], value_set=ever)))
    rows = rows.filter(pc.is_in(rows[marks.column], value_set=codes))
    numbers = pc.cast(rows["record_id"], pa.string())
    alone = pc.binary_join_element_wise("record", numbers, _SEPARATOR)
    known = pc.binary_join_element_wise(
        "person", pc.cast(rows[marks.linked_by], pa.string()), _SEPARATOR
    )
    # Another source may use the same number for somebody else.
    person = pc.binary_join_element_wise(
        contract.name, pc.coalesce(known, alone), _SEPARATOR
    )
    return pa.table([rows["record_id"], person], ["record_id", "person"]).cast(_MARKED)
