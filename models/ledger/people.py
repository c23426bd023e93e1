"""People in the ledger: what is new is written, what is gone removed, by chunks.

Whoever reads meanwhile sees each record, case and person either as it was or as it is
to be: what belongs to one of them changes in one transaction. Killed anywhere, the next
run finishes the work, because it compares what is there with what is to be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple

import sqlalchemy as sa

from models.ledger.batches import RECORD_VALUES, Identity, WrittenRecord
from models.ledger.cases import RecordKey, StoredRecord
from models.ledger.ledger import Ledger
from models.ledger.many_rows import write_many
from models.ledger.people_tables import cases, entity_records, withheld_sources
from models.ledger.tables import identities, records


# So many rows a transaction: it holds SQLite's one right to write for about 0.1 s.
CHUNK_ROWS = 10_000

_Row = tuple[Any, ...]


class EntityRecord(NamedTuple):
    """Whose a record is, by the link through which it is theirs."""

    entity_id: str
    record_id: int
    load: int
    source: str
    event_date: dt.date
    probability: float


class OpenedCase(NamedTuple):
    """A case, as the caseload's source has it.

    Attributes:
        worker: The worker's number in that source.
        reference: The case's number there.
        closed_on: The first day on which it is no longer open; None while it is.
    """

    record_id: int
    entity_id: str
    worker: str
    reference: str
    opened_on: dt.date
    closed_on: dt.date | None


class WithheldSource(NamedTuple):
    """Whose records of a source may not be shown for a purpose."""

    entity_id: str
    source: str
    purpose: str


@dataclass(frozen=True)
class Changed:
    """What a table had to be told: `rows` there are to be, `written` and `removed`."""

    rows: int = 0
    written: int = 0
    removed: int = 0

    def __add__(self, other: Changed) -> Changed:
        """Return both together."""
        rows, written = self.rows + other.rows, self.written + other.written
        return Changed(rows, written, self.removed + other.removed)


def kept_versions(
    ledger: Ledger, source: str, located: Sequence[str]
) -> dict[RecordKey, bool]:
    """Return which versions of a source's records the ledger keeps.

    Args:
        ledger: Where they are.
        source: Whose.
        located: The columns that say where somebody is.

    Returns:
        Of each version, whether any of these columns is in its content.
    """
    text = sa.cast(records.c.content, sa.Text)
    # As JSON a name stands with its quotes, which within a value are written \\".
    held = [text.contains(f'"{name}": ', autoescape=True) for name in located]
    query = sa.select(
        records.c.record_id, records.c.load, sa.or_(sa.false(), *held)
    ).where(records.c.source == source)
    with ledger.reading() as connection:
        found = connection.execute(query).all()
    return {(record_id, load): bool(told) for record_id, load, told in found}


def keep_records(
    ledger: Ledger, stored: Iterable[StoredRecord | WrittenRecord]
) -> Changed:
    """Keep versions of records; those that are there are made as they are given.

    None is removed: a score that was given may rest on any of them.
    """
    written = 0
    rows = iter(stored)
    while chunk := list(map(RECORD_VALUES, islice(rows, CHUNK_ROWS))):
        with ledger.writing() as connection:
            write_many(connection, records, chunk)
        written += len(chunk)
    return Changed(written, written)


def replace_entity_records(
    ledger: Ledger, source: str, whose: Iterable[EntityRecord]
) -> Changed:
    """Let a source's records be those of these entities and of nobody else."""
    return _replace(ledger, entity_records, whose, entity_records.c.source == source)


def forget_other_sources(ledger: Ledger, sources: Sequence[str]) -> Changed:
    """Let nobody's be the records of sources that the place no longer names."""
    others = entity_records.c.source.not_in(sources)
    return _replace(ledger, entity_records, [], others)


def replace_identities(
    ledger: Ledger, kinds: Sequence[str], shown: Iterable[Identity]
) -> Changed:
    """Let the entities of some kinds be shown as these; any other is not shown."""
    wanted = [(one.entity_id, one.kind, dict(one.display)) for one in shown]
    return _replace(ledger, identities, wanted, identities.c.kind.in_(kinds))


def replace_cases(ledger: Ledger, opened: Iterable[OpenedCase]) -> Changed:
    """Let these be all cases that there are."""
    return _replace(ledger, cases, opened)


def withhold(ledger: Ledger, withheld: Iterable[WithheldSource]) -> Changed:
    """Withhold these sources, and go on withholding those that were.

    Called before anything is shown, as `replace_withheld` is when all is written.
    """
    return _replace(ledger, withheld_sources, withheld, removing=False)


def replace_withheld(ledger: Ledger, withheld: Iterable[WithheldSource]) -> Changed:
    """Let these be all sources that are withheld."""
    return _replace(ledger, withheld_sources, withheld)


def _replace(
    ledger: Ledger,
    table: sa.Table,
    wanted: Iterable[_Row],
    among: sa.ColumnElement[bool] | None = None,
    *,
    removing: bool = True,
) -> Changed:
    """Make the rows of a table, or those `among` them, as wanted, by chunks.

    Args:
        ledger: Whose table it is.
        table: Which.
        wanted: Rows of all its columns, in their order.
        among: Which rows the wanted stand for; None means all.
        removing: Whether those that are not wanted go.
    """
    there = _rows(ledger, table, among)
    new = {_key(table, row): row for row in wanted}
    gone = sorted(there.keys() - new.keys()) if removing else []
    changed = [key for key in sorted(new) if there.get(key) != new[key]]
    for keys in _chunks(table, gone, changed):
        _write(ledger, table, keys, new)
    return Changed(len(new), len(changed), len(gone))


def _rows(
    ledger: Ledger, table: sa.Table, among: sa.ColumnElement[bool] | None
) -> dict[_Row, _Row]:
    query = sa.select(table) if among is None else sa.select(table).where(among)
    with ledger.reading() as connection:
        found = connection.execute(query).all()
    return {_key(table, row): tuple(row) for row in found}


def _key(table: sa.Table, row: Sequence[Any]) -> _Row:
    # All keys here are the first columns of their tables, in order.
    return tuple(row[: len(table.primary_key)])


def _chunks(
    table: sa.Table, gone: Sequence[_Row], changed: Sequence[_Row]
) -> Iterator[Sequence[_Row]]:
    """Yield keys for one transaction each.

    What comes in the place of a row that goes is in one with it: the record moves.
    """
    about = list(table.c).index(table.c.get("record_id", next(iter(table.c))))
    moved = {key[about] for key in gone}
    plain = [key for key in changed if key[about] not in moved]
    # In the order of the key, so that what is written together lies together.
    for first in range(0, len(plain), CHUNK_ROWS):
        yield plain[first : first + CHUNK_ROWS]
    chunk: list[_Row] = []
    moving = (key for key in changed if key[about] in moved)
    for key in sorted(chain(gone, moving), key=lambda key: (key[about], key)):
        if len(chunk) >= CHUNK_ROWS and key[about] != chunk[-1][about]:
            yield chunk
            chunk = []
        chunk.append(key)
    if chunk:
        yield chunk


def _write(
    ledger: Ledger, table: sa.Table, keys: Sequence[_Row], new: dict[_Row, _Row]
) -> None:
    rows = [new[key] for key in keys if key in new]
    gone = [_named(table, key) for key in keys if key not in new]
    with ledger.writing() as connection:
        if gone:
            same = [c == sa.bindparam(f"key_{c.name}") for c in table.primary_key]
            connection.execute(sa.delete(table).where(*same), gone)
        write_many(connection, table, rows)


def _named(table: sa.Table, key: _Row) -> dict[str, Any]:
    columns = [f"key_{column.name}" for column in table.primary_key]
    return dict(zip(columns, key, strict=True))


def busiest_worker(connection: sa.Connection, on: dt.date) -> str | None:
    """Return the number of the worker who has most cases open; None if nobody has."""
    is_open = cases.c.closed_on.is_(None) | (cases.c.closed_on > on)
    query = (
        sa.select(cases.c.worker)
        .where(is_open)
        .group_by(cases.c.worker)
        .order_by(sa.func.count().desc(), cases.c.worker)
    )
    found: str | None = connection.execute(query.limit(1)).scalar()
    return found
