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
_NOTHING = pa.schema(
    [
        ("record_id", pa.int64()),
        ("key", pa.string()),
        ("content", pa.string()),
        ("is_present", pa.bool_()),
    ]
).empty_table()
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


def conflicts(rows: ir.Table, memory: Memory) -> list[Finding]:
    """Return the keys that stand on two lines with different content.

    Args:
        rows: `line`, `key` (null if a part of it is empty) and `content`.
        memory: Where `rows` is held.
    """
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
        `key`, `record_id`, `content` (null without a version) and `is_present`.
    """
    if not loads:
        return memory.lend("earlier", _NOTHING)
    loads = _in_order(loads)
    on_time = _on_time(loads, received)
    paths = [warehouse.path(load.identity) for load in loads]
    rows = memory.lend("earlier_rows", _read(paths, _EARLIER))
    newest = rows.group_by("record_id").aggregate(
        key=rows.key.min(),
        content=rows.content.argmax(rows.position, where=rows.position < on_time),
    )
    newest = newest.mutate(is_present=newest.content.notnull())
    if any(load.withdrawn for load in loads):
        gone = _states(warehouse, loads, received, memory)
        gone = gone.filter(gone.withdrawn).select("record_id", "withdrawn")
        newest = newest.left_join(gone, "record_id").drop("record_id_right")
        is_present = newest.is_present & newest.withdrawn.isnull()
        newest = newest.mutate(is_present=is_present).drop("withdrawn")
    return memory.hold("earlier", newest)


def event_dates(
    warehouse: Warehouse, loads: list[Load], received: dt.date, memory: Memory
) -> ir.Table:
    """Return `record_id` and `event_date`, the last one known of each record held."""
    states = _states(warehouse, loads, received, memory)
    return states.select("record_id", "event_date")


def _states(
    warehouse: Warehouse, loads: list[Load], received: dt.date, memory: Memory
) -> ir.Table:
    """Return each record's newest version that came in time, without its content."""
    loads = _in_order(loads)
    paths = [warehouse.path(load.records) for load in loads]
    rows = memory.lend("earlier_states", _read(paths, _STATES))
    counted = rows.filter(rows.position < _on_time(loads, received))
    return counted.group_by("record_id").aggregate(
        withdrawn=rows.withdrawn.argmax(rows.position),
        event_date=rows.event_date.argmax(rows.position),
    )


def _in_order(loads: list[Load]) -> list[Load]:
    return sorted(loads, key=lambda load: (load.received, load.number))


def _on_time(loads: list[Load], received: dt.date) -> int:
    return sum(load.received <= received for load in loads)


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
    """Return `record_id` of the records held that no row names."""
    gone = earlier.filter(earlier.is_present).anti_join(rows, "key")
    return gone.select("record_id").order_by("record_id")
