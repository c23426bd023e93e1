"""The newest batches: which scores there are, and in what words they speak."""

from __future__ import annotations

import sqlalchemy as sa

from models.ledger.cases import BatchRow, newest_batch
from models.ledger.tables import batches
from serving.desk.desk import Desk
from serving.schemas.people import NamedScore


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


def first_score(connection: sa.Connection) -> str | None:
    """Return the first score that anybody has, by name; None if there is none."""
    query = sa.select(sa.func.min(batches.c.score)).where(
        batches.c.finished.is_not(None)
    )
    found: str | None = connection.execute(query).scalar()
    return found
