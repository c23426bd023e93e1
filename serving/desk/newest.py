"""The newest batches: which scores there are, and in what words they speak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from models.definitions.states import State
from models.ledger.cases import (
    BatchRow,
    CaseFile,
    Scored,
    ScoreRow,
    finished_batches,
    newest_batch,
)
from models.ledger.tables import batches, scores
from models.ledger.work_tables import opinions
from serving.access.roles import Caller
from serving.desk.desk import Desk
from serving.desk.own_view import VIEW_FIRST
from serving.schemas.people import NamedScore


# A date may have been scored more than once.
_MOST_BATCHES = 20
_NOTHING = CaseFile()


def named_scores(desk: Desk, connection: sa.Connection) -> list[NamedScore]:
    """Return the scores that anybody has, by their names."""
    found = [
        (batch.score, desk.shelf.take(connection, batch.bundle).question)
        for batch in newest_batches(connection)
    ]
    return [NamedScore(name=name, question=question) for name, question in found]


def newest_batches(connection: sa.Connection) -> list[BatchRow]:
    """Return the newest finished batch of each score, by the scores' names."""
    query = sa.select(batches.c.score).distinct().order_by(batches.c.score)
    names = connection.execute(query).scalars().all()
    found = (newest_batch(connection, name) for name in names)
    return [batch for batch in found if batch]


def band_labels(desk: Desk, connection: sa.Connection, name: str | None) -> list[str]:
    """Return the labels of a score's bands, the highest first."""
    batch = newest_batch(connection, name) if name else None
    if batch is None:
        return []
    bands = desk.shelf.take(connection, batch.bundle).bands
    return [band.label for band in sorted(bands, key=lambda one: -one.from_rank)]


def two_dates(connection: sa.Connection, name: str) -> list[BatchRow]:
    """Return the newest batch of a score, and that of the as-of date before it."""
    found: dict[dt.date, BatchRow] = {}
    for batch in finished_batches(connection, name, _MOST_BATCHES):
        found.setdefault(batch.as_of, batch)
    return list(found.values())[:2]


def bare_rows(
    connection: sa.Connection, batch: BatchRow, entity_ids: Collection[str]
) -> dict[str, ScoreRow]:
    """Return many people's newest rows of a batch, without what the scores rest on."""
    names = ("entity_id", "as_of", "index_record", "state", "log_odds", "probability")
    columns = [scores.c[name] for name in (*names, "rank_share", "band")]
    query = sa.select(*columns).where(
        scores.c.batch == batch.id, scores.c.entity_id.in_(entity_ids)
    )
    # In order here: asked for that, SQLite would go through the whole batch instead.
    rows = sorted(connection.execute(query), key=_age)
    # Of each the newest comes last, and stays.
    return {row.entity_id: _bare(row) for row in rows}


def viewed(connection: sa.Connection, caller: Caller, batch: BatchRow) -> set[str]:
    """Return of whom a caller gave their own view before they saw a batch's scores."""
    query = sa.select(opinions.c.entity_id).where(
        opinions.c.account == caller.account,
        opinions.c.batch == batch.id,
        opinions.c.kind == VIEW_FIRST,
    )
    return set(connection.execute(query).scalars())


def _age(row: sa.Row[Any]) -> tuple[dt.date, int]:
    """Return what is larger for a newer row: of a date, the latest index event's."""
    return row.as_of, -1 if row.index_record is None else row.index_record


def _bare(row: sa.Row[Any]) -> ScoreRow:
    given: Scored | State
    if row.state is None:
        numbers = (row.log_odds, row.probability, row.rank_share)
        given = Scored(*numbers, row.band, _NOTHING)
    else:
        given = State(row.state)
    return ScoreRow(row.entity_id, row.as_of, row.index_record, given)


def first_score(connection: sa.Connection) -> str | None:
    """Return the first score that anybody has, by name; None if there is none."""
    query = sa.select(sa.func.min(batches.c.score)).where(
        batches.c.finished.is_not(None)
    )
    found: str | None = connection.execute(query).scalar()
    return found
