"""Batches: a whole cohort's scores written to the ledger, resumably, each once.

A batch is named by what it was made from, so the same work has the same name. Rows go
in by chunks, each in one transaction, in a fixed order; a batch that was cut short goes
on after its last whole chunk, or, if its rows would differ now, from the first. It is
shown only once `finished` is set, which is last.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from features.faults import Fault, Refusal
from models.ledger.cases import RecordKey, Scored, ScoreRow, StoredRecord
from models.ledger.ledger import Ledger, insert_new
from models.ledger.many_rows import write_many
from models.ledger.tables import batches, identities, records, scores


# A chunk holds the one right to write for about 0.1 s on a laptop's disk.
CHUNK_ROWS = 1_000
# Of a version of a record, in the order of its table's columns.
RECORD_VALUES = attrgetter(*records.c.keys())

T = TypeVar("T")
Clock = Callable[[], dt.datetime]
Numbered = Sequence[tuple[int, ScoreRow]]


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


class WrittenRecord(NamedTuple):
    """One version of one record as the ledger keeps it: its content is JSON."""

    record_id: int
    load: int
    source: str
    event_date: dt.date
    known_date: dt.date
    content: str


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

    rows: Sequence[ScoreRow]
    records: Iterable[StoredRecord | WrittenRecord] = field(default=())
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
        Refusal: A row names as evidence a record that is not among `cases.records`, or
            another run has begun the same batch anew with other rows.
    """
    rows_sha256 = _hash_of(batch, cases.rows)
    if _start(ledger, batch, rows_sha256, clock()):
        return Written(batch.id, len(cases.rows), 0)
    known: set[RecordKey] = set()
    for chunk in _chunks(cases.records, chunk_rows):
        _write_records(ledger, chunk)
        known.update((record.record_id, record.load) for record in chunk)
    for some in _chunks(cases.identities, chunk_rows):
        _write_identities(ledger, some)
    new = 0
    for rows in _chunks(enumerate(cases.rows), chunk_rows):
        _check_evidence(rows, known)
        new += _write_rows(ledger, batch, rows, rows_sha256)
    _finish(ledger, batch, rows_sha256, clock())
    return Written(batch.id, len(cases.rows), new)


def _start(ledger: Ledger, batch: Batch, rows_sha256: str, at: dt.datetime) -> bool:
    """Note that the batch is begun; returns whether it is finished already.

    What an approval's end or a source's age has made untrue since it was begun is
    thrown away: nobody was ever shown it.
    """
    with ledger.writing() as connection:
        row = insert_new(batches, connection).values(
            id=batch.id,
            score=batch.score,
            bundle=batch.bundle,
            as_of=batch.as_of,
            snapshot=batch.snapshot,
            received=batch.received_as_json,
            rows_sha256=rows_sha256,
            started=at,
        )
        connection.execute(row)
        begun = _lock(connection, batch)
        if begun.finished is None and begun.rows_sha256 != rows_sha256:
            connection.execute(sa.delete(scores).where(scores.c.batch == batch.id))
            changed = sa.update(batches).where(batches.c.id == batch.id)
            connection.execute(changed.values(rows_sha256=rows_sha256, started=at))
        return begun.finished is not None


def _finish(ledger: Ledger, batch: Batch, rows_sha256: str, at: dt.datetime) -> None:
    """Let the batch be shown, unless another run has thrown its rows away."""
    unfinished = (batches.c.id == batch.id) & batches.c.finished.is_(None)
    with ledger.writing() as connection:
        _lock(connection, batch, rows_sha256)
        connection.execute(sa.update(batches).where(unfinished).values(finished=at))


def _write_records(ledger: Ledger, chunk: list[StoredRecord | WrittenRecord]) -> None:
    # All writers take rows in one order, so that no two wait for each other.
    ordered = sorted(chunk, key=lambda record: (record.record_id, record.load))
    with ledger.writing() as connection:
        write_many(connection, records, map(RECORD_VALUES, ordered), replacing=False)


def _write_identities(ledger: Ledger, chunk: list[Identity]) -> None:
    ordered = sorted(chunk, key=lambda one: one.entity_id)
    with ledger.writing() as connection:
        rows = [(one.entity_id, one.kind, dict(one.display)) for one in ordered]
        write_many(connection, identities, rows)


def _write_rows(ledger: Ledger, batch: Batch, rows: Numbered, rows_sha256: str) -> int:
    """Write the rows that are not there yet; returns how many those were."""
    with ledger.writing() as connection:
        _lock(connection, batch, rows_sha256)
        query = sa.select(sa.func.max(scores.c.number))
        last = connection.execute(query.where(scores.c.batch == batch.id)).scalar()
        written = -1 if last is None else last
        new = [_as_row(batch, n, row) for n, row in rows if n > written]
        if new:
            connection.execute(sa.insert(scores), new)
        return len(new)


def _lock(
    connection: sa.Connection, batch: Batch, expected: str | None = None
) -> sa.Row[Any]:
    """Two runs of one batch take turns; SQLite's writers do so in any case.

    Raises:
        Refusal: The batch's rows are not those that are `expected`.
    """
    query = sa.select(batches).where(batches.c.id == batch.id).with_for_update()
    begun = connection.execute(query).one()
    if expected not in (None, begun.rows_sha256):
        what = "one run of a batch writes at a time"
        got, do = "another that began it anew", "let that one finish"
        raise Refusal([Fault(f"batch {batch.id[:12]}...", what, got, do)])
    return begun


def _hash_of(batch: Batch, rows: Sequence[ScoreRow]) -> str:
    digest = sha256()
    for number, row in enumerate(rows):
        digest.update(json.dumps(_as_row(batch, number, row), default=str).encode())
    return digest.hexdigest()


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
        "withheld": row.withheld and row.withheld.model_dump_json(),
    }


def _check_evidence(rows: Numbered, known: set[RecordKey]) -> None:
    named = {
        key
        for _, row in rows
        if isinstance(row.given, Scored)
        for evidence in row.given.case_file.evidence.values()
        for key in evidence.records
    }
    if absent := len(named - known):
        what = "every record that a score rests on must be given with it"
        got, do = f"{absent} that are not", "give them in `records`"
        raise Refusal([Fault("batch: evidence", what, got, do)])


def _chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, size)):
        yield chunk
