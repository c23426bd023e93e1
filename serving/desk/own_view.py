"""Your view first: a mode in which a score waits until the caller has kept a view.

Whatever would tell of the score waits with it: its reasons, how it moved, and what
others did and said. A state that stands for a score gives nothing away.
"""

from __future__ import annotations

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.definitions.states import State
from models.ledger.cases import newest_batch
from models.ledger.work_tables import opinions
from serving.access.roles import Caller
from serving.audit import Unseen
from serving.desk.found import Found


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
    connection: sa.Connection,
    caller: Caller,
    place: FrozenPlace,
    entity_id: str,
    names: set[str],
) -> set[str]:
    """Return which of some scores of somebody wait for the caller's own view."""
    if not place.rules.view_first:
        return set()
    newest = ((name, newest_batch(connection, name)) for name in names)
    return {
        name
        for name, batch in newest
        if batch and not _has_view(connection, caller, entity_id, batch.id)
    }


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
