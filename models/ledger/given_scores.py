"""Given scores: all rows of the newest batch, as monitoring looks at them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from models.definitions.states import State
from models.ledger.cases import BatchRow, newest_batch
from models.ledger.tables import batches, scores


@dataclass(frozen=True)
class GivenScore:
    """One row of a batch, without its case file.

    Attributes:
        index_record: The event that the row stands for; None in a calendar cohort.
        state: Why there is no score; None where there is one.
        log_odds: None where there is no score.
        band: The band's name; None where there is no score, or nobody to rank among.
    """

    entity_id: str
    as_of: dt.date
    index_record: int | None
    state: State | None
    log_odds: float | None
    band: str | None


@dataclass(frozen=True)
class GivenScores:
    """The newest finished batch of a score.

    Attributes:
        snapshot: The name of the snapshot that was scored.
        rows: In the batch's order.
    """

    batch: BatchRow
    snapshot: str
    rows: tuple[GivenScore, ...]


def newest_scores(connection: sa.Connection, score: str) -> GivenScores | None:
    """Return the finished batch of the newest as-of date; None if there is none."""
    batch = newest_batch(connection, score)
    if batch is None:
        return None
    of_batch = sa.select(batches.c.snapshot).where(batches.c.id == batch.id)
    snapshot = connection.execute(of_batch).scalar_one()
    columns = scores.c
    query = (
        sa.select(
            *(columns.entity_id, columns.as_of, columns.index_record),
            *(columns.state, columns.log_odds, columns.band),
        )
        .where(columns.batch == batch.id)
        .order_by(columns.number)
    )
    rows = (dict(row._mapping) for row in connection.execute(query))
    given = tuple(GivenScore(**{**row, "state": _state(row["state"])}) for row in rows)
    return GivenScores(batch, snapshot, given)


def _state(name: str | None) -> State | None:
    return None if name is None else State(name)
