"""Versions: which rows of an extract are new, which are corrections, what is gone.

A key of a source names one record for ever. A row brings a new version of it when its
content differs from the version that was the newest on the day the extract came.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.definitions.contracts import Contract
from features.extracts.findings import LINES_SHOWN, Finding
from features.extracts.memory import Memory
from features.store.warehouse import Load, Warehouse


if TYPE_CHECKING:
    import ibis.expr.types as ir

_EARLIER = pa.schema(
    [
        ("record_id", pa.int64()),
        ("position", pa.int32()),
        ("key", pa.string()),
        ("content", pa.string()),
    ]
)
_STATES = pa.schema(
    [
        ("record_id", pa.int64()),
        ("position", pa.int32()),
        ("withdrawn", pa.bool_()),
        ("event_date", pa.date32()),
    ]
)


def _sha256(text: str) -> str:
    raise NotImplementedError


_hash: Any = ibis.udf.scalar.builtin(_sha256, name="sha256")

# Cells hold no control characters, and an empty cell is no value: nothing else joins
# to the same text.
_SEPARATOR = "\x1f"


def key_and_content(contract: Contract, raw: dict[str, Any]) -> dict[str, Any]:
    """Return the expressions `key`, null if a part is empty, and `content`, a hash.

    Where a contract names no key, the content is the key.

    Args:
        contract: The source's.
        raw: Each column's text, null for no value, by the column's name.
    """
    parts = [raw[column.name].fill_null("") for column in contract.columns]
    content = _hash(ibis.literal(_SEPARATOR).join(parts))
    if not contract.key:
        return {"key": content, "content": content}
    key = ibis.literal(_SEPARATOR).join([raw[name] for name in contract.key])
    complete = ibis.and_(*(raw[name].notnull() for name in contract.key))
    return {"key": ibis.ifelse(complete, key, None), "content": content}


def conflicts(contract: Contract, rows: ir.Table, memory: Memory) -> list[Finding]:
    """Return the keys that stand on two lines with different content.

    Args:
        contract: The source's.
        rows: `line`, `key` (null if a part of it is empty) and `content`.
        memory: Where `rows` is held.
    """
    if not contract.key:
        return []
    same_key = ibis.window(group_by="key", order_by="line")
    marked = rows.filter(rows.key.notnull()).select(
        "line",
        "content",
        first_line=rows.line.first().over(same_key),
        first_content=rows.content.first().over(same_key),
    )
    against = marked.filter(marked.content != marked.first_content)
    shown = against.select("line", "first_line", more=against.count().over())
    lines = memory.fetch(shown.order_by("line").limit(LINES_SHOWN)).to_pylist()
    found = [_conflict(f"line {row['first_line']}", row["line"]) for row in lines]
    if lines and (more := lines[0]["more"] - len(lines)):
        found.append(_conflict("an earlier line", None, more))
    return found


def _conflict(other: str, line: int | None, more: int = 0) -> Finding:
    got = f"the key of {other} with other content"
    what = "a key names one record"
    do = "ask the partner which row is right, or add a column to `key`"
    lines = (line,) if line else ()
    return Finding("key.duplicate", what, got, do, None, lines, len(lines) + more)


def earlier_records(
    warehouse: Warehouse, loads: list[Load], received: dt.date, memory: Memory
) -> ir.Table:
    """Return what the warehouse holds of a source: one row a record.

    Versions that came after `received` do not count, their keys do: an older delivery
    is compared with what was known when it came.

    Args:
        warehouse: The store.
        loads: Of the source.
        received: The day the extract came.
        memory: Where to hold the table.

    Returns:
        `key`, `record_id`, `content` (null without a version), `is_present`, and
        `event_date`, the last one known.
    """
    loads = sorted(loads, key=lambda load: (load.received, load.number))
    on_time = sum(load.received <= received for load in loads)
    identities = [warehouse.path(load.identity) for load in loads]
    records = [warehouse.path(load.records) for load in loads]
    rows = memory.lend("earlier_rows", _read(identities, _EARLIER))
    states = memory.lend("earlier_states", _read(records, _STATES))
    in_time = rows.position < on_time
    newest = rows.group_by("record_id").aggregate(
        key=rows.key.min(), content=rows.content.argmax(rows.position, where=in_time)
    )
    counted = states.filter(states.position < on_time).group_by("record_id")
    state = counted.aggregate(
        is_present=~states.withdrawn.argmax(states.position),
        event_date=states.event_date.argmax(states.position),
    )
    whole = newest.left_join(state, "record_id").drop("record_id_right")
    whole = whole.mutate(is_present=whole.is_present.fill_null(False))
    return memory.hold("earlier", whole)


def _read(paths: list[Any], schema: pa.Schema) -> pa.Table:
    """Read some columns of each file, with the file's position in the list."""
    names = [name for name in schema.names if name != "position"]
    tables = []
    for position, path in enumerate(paths):
        table = pq.read_table(path, columns=names)
        column = pa.repeat(pa.scalar(position, pa.int32()), table.num_rows)
        tables.append(table.append_column("position", column).select(schema.names))
    return pa.concat_tables([schema.empty_table(), *tables])


def brought(rows: ir.Table, earlier: ir.Table) -> ir.Table:
    """Return the rows that bring a new version, in line order.

    Args:
        rows: `line`, `key`, `content` and more; of lines with one key the first counts.
        earlier: See `earlier_records`.

    Returns:
        The rows with `record_id`, which is null where the key is new.
    """
    is_first = rows.line == rows.line.min().over(ibis.window(group_by="key"))
    known = earlier.select("key", "record_id", "is_present", old=earlier.content)
    joined = rows.filter(is_first).left_join(known, "key").drop("key_right")
    is_same = joined.is_present & (joined.old == joined.content)
    changed = joined.filter(~is_same.fill_null(False))
    return changed.drop("is_present", "old").order_by("line")


def with_new_ids(versions: pa.Table, first_free: int) -> pa.Table:
    """Number the records that are new, in the order they stand in."""
    ids = versions["record_id"]
    place = pc.cumulative_sum(ids.is_null().cast(pa.int64()))
    numbered = pc.if_else(ids.is_null(), pc.add(place, first_free - 1), ids)
    position = versions.column_names.index("record_id")
    return versions.set_column(position, "record_id", numbered)


def absent(rows: ir.Table, earlier: ir.Table) -> ir.Table:
    """Return `record_id` and `event_date` of records held that no row names."""
    gone = earlier.filter(earlier.is_present).anti_join(rows, "key")
    return gone.select("record_id", "event_date").order_by("record_id")
