"""Versions: which rows of an extract are new, which are corrections, what is gone.

A key of a source names one record for ever. A row brings a new version of it when its
content differs from the version that was the newest on the day the extract came.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from features.definitions.contracts import Contract
from features.extracts.findings import LINES_SHOWN, Finding
from features.store.warehouse import Load, Warehouse


if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

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


@dataclass(frozen=True)
class Versions:
    """What an extract changes.

    Attributes:
        rows: `line`, `record_id`, `key`, `content`, `is_new`: one a new version.
        absent: `record_id`, `event_date`: records held so far that it does not name.
    """

    rows: ir.Table
    absent: ir.Table


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


def conflicts(keyed: ir.Table, connection: BaseBackend) -> list[Finding]:
    """Return the keys that stand on two lines with different content.

    Args:
        keyed: `line`, `key` (null if a part of it is empty) and `content`.
        connection: Where `keyed` is computed.
    """
    same_key = ibis.window(group_by="key", order_by="line")
    marked = keyed.filter(keyed.key.notnull()).mutate(
        first_line=keyed.line.first().over(same_key),
        first_content=keyed.content.first().over(same_key),
    )
    against = marked.filter(marked.content != marked.first_content)
    count = connection.execute(against.count())
    shown = against.order_by("line").limit(LINES_SHOWN).select("line", "first_line")
    lines = connection.to_pyarrow(shown).to_pylist()
    found = [_conflict(f"line {row['first_line']}", row["line"]) for row in lines]
    if count > len(lines):
        found.append(_conflict("an earlier line", None, int(count) - len(lines)))
    return found


def _conflict(other: str, line: int | None, more: int = 0) -> Finding:
    got = f"the key of {other} with other content"
    what = "a key names one record"
    do = "ask the partner which row is right, or add a column to `key`"
    lines = (line,) if line else ()
    return Finding("key.duplicate", what, got, do, None, lines, len(lines) + more)


def earlier_records(
    warehouse: Warehouse, loads: list[Load], received: dt.date, connection: Any
) -> ir.Table:
    """Return what the warehouse holds of a source: one row a record.

    Versions that came after `received` do not count, their keys do: an older delivery
    is compared with what was known when it came.

    Args:
        warehouse: The store.
        loads: Of the source.
        received: The day the extract came.
        connection: Where to hold the table.

    Returns:
        `key`, `record_id`, `content` (null without a version), `is_present`, and
        `event_date`, the last one known.
    """
    loads = sorted(loads, key=lambda load: (load.received, load.number))
    on_time = sum(load.received <= received for load in loads)
    identities = [warehouse.path(load.identity) for load in loads]
    records = [warehouse.path(load.records) for load in loads]
    rows = _held(connection, "earlier_rows", _read(identities, _EARLIER))
    states = _held(connection, "earlier_states", _read(records, _STATES))
    keys = rows.group_by("record_id").aggregate(key=rows.key.min())
    known = rows.filter(rows.position < on_time).group_by("record_id")
    newest = known.aggregate(content=rows.content.argmax(rows.position))
    counted = states.filter(states.position < on_time).group_by("record_id")
    state = counted.aggregate(
        is_present=~states.withdrawn.argmax(states.position),
        event_date=states.event_date.argmax(states.position),
    )
    whole = keys.left_join(newest, "record_id").drop("record_id_right")
    whole = whole.left_join(state, "record_id").drop("record_id_right")
    whole = whole.mutate(is_present=whole.is_present.fill_null(False))
    return connection.create_table("earlier", whole, temp=True)


def _read(paths: list[Any], schema: pa.Schema) -> pa.Table:
    """Read some columns of each file, with the file's position in the list."""
    names = [name for name in schema.names if name != "position"]
    tables = []
    for position, path in enumerate(paths):
        table = pq.read_table(path, columns=names)
        column = pa.repeat(pa.scalar(position, pa.int32()), table.num_rows)
        tables.append(table.append_column("position", column).select(schema.names))
    return pa.concat_tables([schema.empty_table(), *tables])


def _held(connection: Any, name: str, table: pa.Table) -> ir.Table:
    connection.con.register(name, table)
    return connection.table(name)


def compare(
    keyed: ir.Table, earlier: ir.Table, next_record_id: int, connection: Any
) -> Versions:
    """Return which versions an extract brings; new keys get ids in line order.

    Args:
        keyed: `line`, `key` and `content`; of lines with one key the first counts.
        earlier: See `earlier_records`.
        next_record_id: The first id that is free.
        connection: Where to hold the result.
    """
    firsts = keyed.group_by("key").aggregate(
        line=keyed.line.min(), content=keyed.content.min()
    )
    known = earlier.select("key", "record_id", "is_present", old=earlier.content)
    joined = firsts.left_join(known, "key").drop("key_right")
    added = joined.filter(joined.record_id.isnull())
    numbers = ibis.row_number().over(ibis.window(order_by=added.line))
    added = added.mutate(record_id=numbers + next_record_id)
    is_same = joined.is_present & (joined.old == joined.content)
    changed = joined.filter(joined.record_id.notnull() & ~is_same.fill_null(False))
    names = ["line", "record_id", "key", "content"]
    rows = added.select(*names, is_new=True).union(changed.select(*names, is_new=False))
    held = connection.create_table("versions", rows, temp=True)
    gone = earlier.filter(earlier.is_present).anti_join(firsts, "key")
    return Versions(held, gone.select("record_id", "event_date"))
