"""Link tables: what came of merging, as it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from features.linkage.identities import Identities
from features.linkage.merging import ALONE, Merged
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
    first = identities.first_record
    told = [
        (
            node,
            entity,
            first(node),
            *_method(identities, merged, node),
        )
        for nodes, entity in zip(merged.clusters, merged.entities, strict=True)
        for node in nodes
    ]
    columns = list(zip(*told, strict=True)) if told else [()] * 5
    records = [identities.records[node] for node in columns[0]]
    # One row an identity, taken as often as it has records.
    rows = np.repeat(np.arange(len(told)), [len(some) for some in records])
    numbers = np.array([record for some in records for record in some], np.int64)
    order = np.argsort(numbers)
    schema = pa.schema([field for field in LINKS if field.name != "entity_id"])
    of_identity = [
        pa.array(column, field.type).take(pa.array(rows[order]))
        for column, field in zip(columns[1:], list(schema)[1:], strict=True)
    ]
    return pa.table([pa.array(numbers[order]), *of_identity], schema=schema)


def pairs_table(identities: Identities, weighed: Iterable[Weighed]) -> pa.Table:
    """Return one row for every two identities that were compared."""
    rows = [
        (*_ends(identities, w), w.probability, w.weight, w.outcome) for w in weighed
    ]
    # A pair may have met by an exact key, unweighed, and again by probability.
    rows.sort(key=lambda row: (row[0], row[1], row[3] is not None, row[4]))
    return _table(rows, PAIRS)


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


def _ends(identities: Identities, weighed: Weighed) -> tuple[int, int]:
    ends = (identities.first_record(n) for n in (weighed.left, weighed.right))
    left, right = sorted(ends)
    return left, right


def _method(identities: Identities, merged: Merged, node: int) -> tuple[str, float]:
    hold = merged.hold.get(node)
    if hold:
        return hold.method, hold.probability
    exact = identities.exact[node]
    shared = exact is not None and len(identities.records[node]) > 1
    return (exact or ALONE) if shared else ALONE, 1.0


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
