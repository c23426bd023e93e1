"""What is found of a score: a row of the newest batch, as it may be shown today."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from models.definitions.bundle import Bundle
from models.definitions.states import State
from models.ledger.cases import BatchRow, Scored, ScoreRow, case_of, newest_batch
from models.shown.wording import rests_on
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.shown_records import Sight
from serving.scoring import state_of


_LONGEST_NAME = 63


@dataclass(frozen=True)
class Found:
    """A row of the newest batch, as it may be shown today.

    Attributes:
        open_sources: The sources that its reasons may be told from, to who looks.
    """

    bundle: Bundle
    batch: BatchRow
    row: ScoreRow
    given: Scored | State
    open_sources: frozenset[str] = frozenset()

    @property
    def hidden_sources(self) -> frozenset[str]:
        """The score's sources that nothing may be told from."""
        return frozenset(self.bundle.source_by_name) - self.open_sources

    def hides(self, name: str) -> bool:
        """Say whether nothing may be told of an indicator, or a pair of them."""
        return rests_on(self.bundle, name, self.hidden_sources)


def find(
    desk: Desk,
    connection: sa.Connection,
    look: Look,
    name: str,
    entity_id: str,
    sight: Sight | None = None,
) -> Found:
    """Return somebody's row of the newest batch, as it may be shown today.

    Args:
        desk: Where it is asked.
        connection: The transaction that looks.
        look: Will stand in the audit.
        name: The score's.
        entity_id: Whom it is about.
        sight: What reasons may be told from; None where none is told.

    Raises:
        Absent: There is no such score, or none of this person.
    """
    batch = newest_batch(connection, name) if is_plain(name) else None
    row = case_of(connection, batch, entity_id) if batch else None
    if batch is None or row is None:
        raise Absent
    look.score = name
    return as_shown(desk, connection, batch, row, sight)


def as_shown(
    desk: Desk,
    connection: sa.Connection,
    batch: BatchRow,
    row: ScoreRow,
    sight: Sight | None = None,
) -> Found:
    """Return a row with the state that it has by now, if it has come to one.

    Args:
        desk: Where it is asked.
        connection: The transaction that looks.
        batch: The newest.
        row: Of somebody in it.
        sight: What reasons may be told from; None where none is told.
    """
    bundle = desk.shelf.take(connection, batch.bundle)
    stale = bundle.stale_sources(batch.received, desk.on())
    stop = state_of(bundle, row.given, on=desk.on(), stale=stale)
    return as_seen(Found(bundle, batch, row, stop or row.given), sight)


def as_seen(found: Found, sight: Sight | None) -> Found:
    """Return a row as one who looks may see it.

    Where none of a score's sources may be used for what they look for, the number that
    was made of them may not be either: "restricted" stands for it.

    Args:
        found: The row.
        sight: What reasons may be told from; None where none is told.
    """
    if sight is None:
        return found
    bundle, given = found.bundle, found.given
    if isinstance(given, Scored) and not may_tell(sight, bundle):
        given = State.RESTRICTED
    open_sources = sight.reason_sources(bundle.purpose)
    return replace(found, given=given, open_sources=open_sources)


def may_tell(sight: Sight, bundle: Bundle) -> bool:
    """Say whether anything of a score may be told."""
    return sight.may_tell(bundle.purpose, bundle.source_by_name)


def is_plain(text: str) -> bool:
    """Nothing that is stored has a longer name, or one that cannot be printed."""
    return len(text) <= _LONGEST_NAME and text.isprintable()
