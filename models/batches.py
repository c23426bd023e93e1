"""Batches: a whole cohort's scores written to the ledger, resumably, each once.

A batch is named by what it was made from, so the same work has the same name. Rows go
in by chunks, each in one transaction, in a fixed order; a batch that was cut short goes
on after its last whole chunk. It is shown only once `finished` is set, which is last.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from features.faults import Fault, Refusal
from models.cases import RecordKey, Scored, ScoreRow, StoredRecord
from models.ledger import Ledger, batches, identities, insert_new, records, scores


# A chunk holds the one right to write for about 50 ms on a laptop's disk.
CHUNK_ROWS = 500

T = TypeVar("T")
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Batch:
    """One run of one score over one snapshot.

    Attributes:
        bundle: The sha256 of the bundle that scores.
        as_of: The newest as-of date among the rows.
        snapshot: The snapshot's name.
        received: The day of each source's newest load.
    """

    score: str
    bundle: str
    as_of: dt.date
    snapshot: str
    received: Mapping[str, dt.date]

    @cached_property
    def id(self) -> str:
        """A hash of all that the rows follow from: the same work has the same id."""
        made_from = [self.score, self.bundle, self.as_of.isoformat(), self.snapshot]
        text = json.dumps([made_from, self.received_as_json], sort_keys=True)
        return sha256(text.encode()).hexdigest()

    @property
    def received_as_json(self) -> dict[str, str]:
        """`received` as the ledger keeps it."""
        return {source: day.isoformat() for source, day in self.received.items()}


@dataclass(frozen=True)
class Identity:
    """How an entity is shown to those who may see it; kept apart from its scores."""

    entity_id: str
    kind: str
    display: Mapping[str, str]


@dataclass(frozen=True)
class CaseRows:
    """All that a batch writes.

    Attributes:
        rows: In the same order at every run of the same batch.
        records: Every version of a record that the rows name as evidence.
        identities: Of the entities; the newest given replaces the one before.
    """

    rows: Iterable[ScoreRow]
    records: Iterable[StoredRecord] = field(default=())
    identities: Iterable[Identity] = field(default=())


@dataclass(frozen=True)
class Written:
    """What became of a batch: `rows` in all, of which `new` came with this run."""

    batch: str
    rows: int
    new: int


def write_batch(
    ledger: Ledger,
    batch: Batch,
    cases: CaseRows,
    *,
    clock: Clock,
    chunk_rows: int = CHUNK_ROWS,
) -> Written:
    """Write a batch, or go on with the one that was begun; a finished one is left.

    Args:
        ledger: Where to; the batch's bundle is promoted there already.
        batch: What the rows were made from.
        cases: The rows and what they rest on.
        clock: The time in UTC, for `started` and `finished`.
        chunk_rows: Rows a transaction.

    Raises:
        Refusal: The batch was begun with other rows, or a row names as evidence a
            record that is not among `cases.records`.
    """
    if finished := _start(ledger, batch, clock()):
        return Written(batch.id, finished, 0)
    known: set[RecordKey] = set()
    for chunk in _chunks(cases.records, chunk_rows):
        _write_records(ledger, chunk)
        known.update((record.record_id, record.load) for record in chunk)
    for some in _chunks(cases.identities, chunk_rows):
        _write_identities(ledger, some)
    new = 0
    total = 0
    for rows in _chunks(cases.rows, chunk_rows):
        _check_evidence(rows, known)
        new += _write_rows(ledger, batch, rows, first=total)
        total += len(rows)
    _finish(ledger, batch, total, clock())
    return Written(batch.id, total, new)


def _start(ledger: Ledger, batch: Batch, at: dt.datetime) -> int | None:
    """Note that the batch was begun; returns its size if it is finished already."""
    with ledger.writing() as connection:
        row = insert_new(batches, connection).values(
            id=batch.id,
            score=batch.score,
            bundle=batch.bundle,
            as_of=batch.as_of,
            snapshot=batch.snapshot,
            received=batch.received_as_json,
            started=at,
        )
        connection.execute(row)
        query = sa.select(batches.c.finished).where(batches.c.id == batch.id)
        if connection.execute(query).scalar() is None:
            return None
        return _count(connection, batch)


def _write_records(ledger: Ledger, chunk: list[StoredRecord]) -> None:
    with ledger.writing() as connection:
        rows = [{**vars(record), "content": dict(record.content)} for record in chunk]
        connection.execute(insert_new(records, connection), rows)


def _write_identities(ledger: Ledger, chunk: list[Identity]) -> None:
    with ledger.writing() as connection:
        rows = [{**vars(one), "display": dict(one.display)} for one in chunk]
        insert = insert_new(identities, connection)
        connection.execute(insert, rows)
        connection.execute(
            sa.update(identities).where(
                identities.c.entity_id == sa.bindparam("entity")
            ),
            [{"entity": row["entity_id"], **_without_key(row)} for row in rows],
        )


def _without_key(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "entity_id"}


def _write_rows(
    ledger: Ledger, batch: Batch, rows: list[ScoreRow], *, first: int
) -> int:
    """Write the rows that are not there yet; returns how many those were."""
    with ledger.writing() as connection:
        _lock(connection, batch)
        written = _count(connection, batch)
        if written > first:
            _check_same(connection, batch, rows[: written - first], first)
        new = [
            _as_row(batch, number, row)
            for number, row in enumerate(rows, start=first)
            if number >= written
        ]
        if new:
            connection.execute(sa.insert(scores), new)
        return len(new)


def _lock(connection: sa.Connection, batch: Batch) -> None:
    """Two runs of one batch take turns; SQLite's writers do so in any case."""
    connection.execute(
        sa.select(batches.c.id).where(batches.c.id == batch.id).with_for_update()
    )


def _finish(ledger: Ledger, batch: Batch, total: int, at: dt.datetime) -> None:
    with ledger.writing() as connection:
        if _count(connection, batch) != total:
            raise Refusal([_other_rows(batch, "another number of rows")])
        unfinished = (batches.c.id == batch.id) & batches.c.finished.is_(None)
        connection.execute(sa.update(batches).where(unfinished).values(finished=at))


def _count(connection: sa.Connection, batch: Batch) -> int:
    query = sa.select(sa.func.max(scores.c.number)).where(scores.c.batch == batch.id)
    last = connection.execute(query).scalar()
    return 0 if last is None else int(last) + 1


def _as_row(batch: Batch, number: int, row: ScoreRow) -> dict[str, object]:
    scored = row.given if isinstance(row.given, Scored) else None
    return {
        "batch": batch.id,
        "number": number,
        "entity_id": row.entity_id,
        "as_of": row.as_of,
        "index_record": row.index_record,
        "state": None if isinstance(row.given, Scored) else row.given.value,
        "log_odds": scored and scored.log_odds,
        "probability": scored and scored.probability,
        "rank_share": scored and scored.rank_share,
        "band": scored and scored.band,
        "case_file": scored and scored.case_file.model_dump_json(),
    }


def _check_same(
    connection: sa.Connection, batch: Batch, rows: list[ScoreRow], first: int
) -> None:
    """The last row written must be the one that would have been written now."""
    number = first + len(rows) - 1
    query = sa.select(scores).where(
        scores.c.batch == batch.id, scores.c.number == number
    )
    stored = connection.execute(query).one()._mapping
    if dict(stored) != _as_row(batch, number, rows[-1]):
        raise Refusal([_other_rows(batch, f"another row {number}")])


def _check_evidence(rows: list[ScoreRow], known: set[RecordKey]) -> None:
    named = {
        key
        for row in rows
        if isinstance(row.given, Scored)
        for evidence in row.given.case_file.evidence.values()
        for key in evidence.records
    }
    if absent := len(named - known):
        what = "every record that a score rests on must be given with it"
        got, do = f"{absent} that are not", "give them in `records`"
        raise Refusal([Fault("batch: evidence", what, got, do)])


def _other_rows(batch: Batch, got: str) -> Fault:
    what = "a batch goes on with the rows that it was begun with"
    do = "score a new snapshot; what was begun is never shown"
    return Fault(f"batch {batch.id[:12]}...", what, got, do)


def _chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, size)):
        yield chunk
