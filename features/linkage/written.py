"""What partners wrote of who somebody is, every version, for the person alone.

What comes out of here is personal: it goes into the pack of whoever asked for a copy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.definitions.place import Place
from features.store.manifest import Load
from features.store.warehouse import Warehouse


@dataclass(frozen=True)
class Written:
    """One version of one record, as far as it names somebody.

    Attributes:
        received: The day on which it came.
        values: What a column means, and what it says; empty cells are left out.
    """

    source: str
    record_id: int
    load: int
    received: dt.date
    values: tuple[tuple[str, str], ...]


def written_about(warehouse: Warehouse, place: Place, entity_id: str) -> list[Written]:
    """Return what every version of an entity's records says of who it is.

    Records are theirs by the newest links of their kind. A source that the place does
    not declare any more is read no more.
    """
    manifest = warehouse.manifest()
    records: set[int] = set()
    for kind in dict.fromkeys(version.kind for version in manifest.links):
        version = manifest.links_of(kind)
        if version is not None:
            links = pq.read_table(warehouse.path(version.links))
            own = links.filter(pc.equal(links["entity_id"], entity_id))
            records.update(own["record_id"].to_pylist())
    wanted = pa.array(sorted(records), pa.int64())
    return [
        one for load in manifest.loads for one in _of(warehouse, place, load, wanted)
    ]


def _of(
    warehouse: Warehouse, place: Place, load: Load, wanted: pa.Array
) -> Iterator[Written]:
    contract = place.contracts.get(load.source)
    if contract is None:
        return
    rows = pq.read_table(warehouse.path(load.identity))
    meanings = {
        name: contract.column(name).meaning
        for name in contract.identity_columns
        if name in rows.column_names
    }
    for row in rows.filter(pc.is_in(rows["record_id"], value_set=wanted)).to_pylist():
        values = tuple(
            (meaning, str(row[name]))
            for name, meaning in meanings.items()
            if row[name] is not None
        )
        numbers = (row["record_id"], load.number)
        yield Written(load.source, *numbers, load.received, values)
