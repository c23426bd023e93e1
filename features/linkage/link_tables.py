"""Link tables: what came of merging, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.linkage.identities import Identities
from features.linkage.merged import ALONE, Merged
from features.linkage.settled import Weighed


LINKS = pa.schema(
    [
        ("record_id", pa.int64()),
        ("entity", pa.int64()),
        ("entity_id", pa.string()),
        ("identity", pa.int64()),
        ("method", pa.string()),
        ("probability", pa.float64()),
    ]
)
PAIRS = pa.schema(
    [
        ("record_id_l", pa.int64()),
        ("record_id_r", pa.int64()),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("outcome", pa.string()),
    ]
)
FLAGS = pa.schema(
    [
        ("entity", pa.int64()),
        ("reason", pa.string()),
        ("record_id_l", pa.int64()),
        ("record_id_r", pa.int64()),
    ]
)
MODEL = pa.schema([("model", pa.string())])


def links_table(identities: Identities, merged: Merged) -> pa.Table:
    """Return one row a record, by its number; without `entity_id`."""
    nodes = [node for some in merged.clusters for node in some]
    sizes = [len(some) for some in merged.clusters]
    records = [identities.records[node] for node in nodes]
    numbers = np.array([record for some in records for record in some], np.int64)
    # One row an identity, taken as often as it has records.
    rows = np.repeat(np.arange(len(nodes)), [len(some) for some in records])
    order = np.argsort(numbers)
    of_identity = [
        pa.array(np.repeat(np.array(merged.entities, np.int64), sizes)),
        pa.array(_firsts(identities, nodes)),
        pa.array([_method(identities, merged, n) for n in nodes], pa.string()),
        pa.array([_probability(merged, n) for n in nodes], pa.float64()),
    ]
    schema = pa.schema([field for field in LINKS if field.name != "entity_id"])
    taken = (column.take(pa.array(rows[order])) for column in of_identity)
    return pa.table([pa.array(numbers[order]), *taken], schema=schema)


def pairs_table(identities: Identities, weighed: Sequence[Weighed]) -> pa.Table:
    """Return one row for every two identities that were compared."""
    lefts = _firsts(identities, [w.left for w in weighed])
    rights = _firsts(identities, [w.right for w in weighed])
    rows = [(w.probability, w.weight, w.outcome) for w in weighed]
    ends = [np.minimum(lefts, rights), np.maximum(lefts, rights)]
    columns = [*ends, *(zip(*rows, strict=True) if rows else ([], [], []))]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, PAIRS, strict=True)]
    table = pa.table(arrays, schema=PAIRS)
    # A pair may have met by an exact key, unweighed, and again by probability.
    is_weighed = pc.cast(pc.is_valid(table["weight"]), pa.int8())
    keys = [table["record_id_l"], table["record_id_r"], is_weighed, table["outcome"]]
    names = [str(number) for number in range(len(keys))]
    order = pc.sort_indices(
        pa.table(keys, names), sort_keys=[(name, "ascending") for name in names]
    )
    return table.take(order)


def flags_table(identities: Identities, merged: Merged) -> pa.Table:
    """Return two rows for every bridge: one for each entity that it would join."""
    entities = {
        node: entity
        for nodes, entity in zip(merged.clusters, merged.entities, strict=True)
        for node in nodes
    }
    rows = [
        (entities[node], one.outcome, *_ends(identities, one))
        for one in merged.bridges
        for node in (one.left, one.right)
        if node in entities
    ]
    return _table(sorted(rows), FLAGS)


def model_table(model: str) -> pa.Table:
    """Return the text of a model in one cell."""
    return _table([(model,)], MODEL)


def _firsts(identities: Identities, nodes: Sequence[int]) -> NDArray[np.int64]:
    """Return the earliest record of each of some identities."""
    firsts = np.array(identities.first_records, np.int64)
    return firsts[np.array(nodes, np.int64)]


def _ends(identities: Identities, weighed: Weighed) -> tuple[int, int]:
    ends = (identities.first_record(n) for n in (weighed.left, weighed.right))
    left, right = sorted(ends)
    return left, right


def _method(identities: Identities, merged: Merged, node: int) -> str:
    hold = merged.hold.get(node)
    if hold:
        return hold.method
    is_shared = len(identities.records[node]) > 1
    return (identities.exact[node] or ALONE) if is_shared else ALONE


def _probability(merged: Merged, node: int) -> float:
    hold = merged.hold.get(node)
    return hold.probability if hold else 1.0


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
