"""What is found of a score: a row of the newest batch, as it may be shown today."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from models.definitions.bundle import Bundle
from models.definitions.states import State
from models.ledger.cases import BatchRow, Scored, ScoreRow, case_of, newest_batch
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.scoring import state_of


_LONGEST_NAME = 63


@dataclass(frozen=True)
class Found:
    """A row of the newest batch, as it may be shown today."""

    bundle: Bundle
    batch: BatchRow
    row: ScoreRow
    given: Scored | State


def find(
    desk: Desk, connection: sa.Connection, look: Look, name: str, entity_id: str
) -> Found:
    """Return somebody's row of the newest batch, as it may be shown today.

    Raises:
        Absent: There is no such score, or none of this person.
    """
    batch = newest_batch(connection, name) if is_plain(name) else None
    row = case_of(connection, batch, entity_id) if batch else None
    if batch is None or row is None:
        raise Absent
    look.score = name
    return as_shown(desk, connection, batch, row)


def as_shown(
    desk: Desk, connection: sa.Connection, batch: BatchRow, row: ScoreRow
) -> Found:
    """Return a row with the state that it has by now, if it has come to one."""
    bundle = desk.shelf.take(connection, batch.bundle)
    stale = bundle.stale_sources(batch.received, desk.on())
    stop = state_of(bundle, row.given, on=desk.on(), stale=stale)
    return Found(bundle, batch, row, stop or row.given)


def is_plain(text: str) -> bool:
    """Nothing that is stored has a longer name, or one that cannot be printed."""
    return len(text) <= _LONGEST_NAME and text.isprintable()
