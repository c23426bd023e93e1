"""Your view first: a mode in which a score waits until the caller has kept a view.

Whatever would tell of the score waits with it: its reasons, how it moved, and what
others did and said. A state that stands for a score gives nothing away.
"""

from __future__ import annotations

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.definitions.states import State
from models.ledger.cases import case_of, newest_batch
from models.ledger.work_tables import opinions
from serving.access.roles import Caller
from serving.audit import Unseen
from serving.desk.desk import Desk
from serving.desk.found import Found, as_shown
from serving.desk.shown_records import Sight


# How an opinion is called that was given before the score was shown.
VIEW_FIRST = "view first"


class OwnViewFirst(Unseen):
    """The score is shown once the caller's own view is kept."""


def waits(
    connection: sa.Connection, caller: Caller, place: FrozenPlace, found: Found
) -> bool:
    """Say whether a score waits for the caller's own view."""
    if not place.rules.view_first or isinstance(found.given, State):
        return False
    return not _has_view(connection, caller, found.row.entity_id, found.batch.id)


def need_own_view(
    connection: sa.Connection, caller: Caller, place: FrozenPlace, found: Found
) -> None:
    """Refuse what tells of a score while it waits.

    Raises:
        OwnViewFirst: It does.
    """
    if waits(connection, caller, place, found):
        raise OwnViewFirst


def waiting_scores(
    desk: Desk, connection: sa.Connection, caller: Caller, sight: Sight, names: set[str]
) -> set[str]:
    """Return which of some scores of somebody wait for the caller's own view.

    Those that are shown as a state do not, as no view of them is asked for.
    """
    if not sight.place.rules.view_first:
        return set()
    return {n for n in names if _waits(desk, connection, caller, sight, n)}


def _waits(
    desk: Desk, connection: sa.Connection, caller: Caller, sight: Sight, name: str
) -> bool:
    batch = newest_batch(connection, name)
    row = case_of(connection, batch, sight.right.entity_id) if batch else None
    if batch is None or row is None:
        return False
    found = as_shown(desk, connection, batch, row, sight)
    return waits(connection, caller, sight.place, found)


def _has_view(
    connection: sa.Connection, caller: Caller, entity_id: str, batch: str
) -> bool:
    query = sa.select(opinions.c.id).where(
        opinions.c.account == caller.account,
        opinions.c.entity_id == entity_id,
        opinions.c.batch == batch,
        opinions.c.kind == VIEW_FIRST,
    )
    return connection.execute(query.limit(1)).first() is not None
