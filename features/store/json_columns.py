"""Columns as the ledger takes them: the content of many records becomes JSON.

A column says the same few things again and again, so each is written once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


# As the ledger writes JSON; a test holds the two to each other.
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False)


def json_of(table: pa.Table, names: Collection[str]) -> pa.Array:
    """Return each row of some columns as an object, as the ledger writes JSON.

    Args:
        table: Texts, numbers, truth values and what is missing.
        names: Of the columns; in the object they stand in their order.

    >>> rows = pa.table({"b": [1, None], "a": ["x", "y"]})
    >>> json_of(rows, ["b", "a"]).to_pylist()
    ['{"a": "x", "b": 1}', '{"a": "y", "b": null}']
    """
    fields = [_field(table, name) for name in sorted(names)]
    if not fields:
        return pa.array(["{}"] * len(table), pa.string())
    inner = pc.binary_join_element_wise(*fields, ", ")
    return pc.binary_join_element_wise("{", inner, "}", "")


def json_without(
    table: pa.Table,
    names: Collection[str],
    *,
    hidden: Collection[str],
    where: Sequence[bool],
) -> pa.Array:
    """Return the same, where some rows are without some of the columns.

    Args:
        table: As above.
        names: Of all columns.
        hidden: The columns that those rows are without.
        where: Which rows.

    >>> rows = pa.table({"b": [1, 2], "a": ["x", "y"]})
    >>> json_without(rows, ["b", "a"], hidden=["a"], where=[True, False]).to_pylist()
    ['{"b": 1}', '{"a": "y", "b": 2}']
    """
    mask = pa.array(where, pa.bool_())
    kept = [name for name in names if name not in hidden]
    fewer = json_of(table.filter(mask), kept)
    return pc.replace_with_mask(json_of(table, names), mask, fewer)


def cells_of(column: pa.ChunkedArray) -> list[Any]:
    """Return a column's cells; those that are the same are one object, made once.

    >>> cells_of(pa.chunked_array([["a", None], ["a"]]))
    ['a', None, 'a']
    """
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    different = coded.dictionary.to_pylist()
    return [different[index] for index in coded.indices.to_numpy().tolist()]


def _field(table: pa.Table, name: str) -> pa.Array:
    column = table[name].combine_chunks().dictionary_encode(null_encoding="encode")
    key = _ENCODER.encode(name)
    said = [f"{key}: {_ENCODER.encode(v)}" for v in column.dictionary.to_pylist()]
    return pa.array(said, pa.string()).take(column.indices)
