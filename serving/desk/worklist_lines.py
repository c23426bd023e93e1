"""The lines of a worklist: who is on it, as whoever leads may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from models.definitions.bundle import Bundle
from models.definitions.states import State
from models.ledger.access_tables import worklist_people
from models.ledger.cases import case_of, newest_batch
from models.ledger.tables import batches
from models.ledger.work_tables import decisions
from serving.access.rights import Right
from serving.access.roles import Caller
from serving.answers.scores import state_answer
from serving.desk.desk import Desk
from serving.desk.found import as_shown, may_tell
from serving.desk.identities import UNKNOWN, identities_of
from serving.desk.newest import viewed
from serving.desk.shown_records import sights_of
from serving.desk.teams import Member, members
from serving.schemas.scores import StateAnswer
from serving.schemas.worklists import WorklistLine


def bundle_of(desk: Desk, connection: sa.Connection, row: sa.Row[Any]) -> Bundle:
    """Return what a worklist was drawn of."""
    query = sa.select(batches.c.bundle).where(batches.c.id == row.batch)
    return desk.shelf.take(connection, connection.execute(query).scalar_one())


def lines_of(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    row: sa.Row[Any],
    people: list[sa.Row[Any]],
) -> list[WorklistLine]:
    """Return everybody on a worklist, as the caller may see them.

    Where one's own view comes first, neither the band nor what was done is told of
    those of whom the caller has not kept one.

    Args:
        desk: Where it is asked.
        connection: The transaction that looks.
        caller: Who leads.
        row: The worklist.
        people: Who is on it.
    """
    named = identities_of(connection, [one.entity_id for one in people])
    bundle = bundle_of(desk, connection, row)
    labels = {band.name: band.label for band in bundle.bands}
    workers = members(connection, {p.allocated_to for p in people if p.allocated_to})
    states = _states(desk, connection, row, bundle, people)
    waiting = _waiting(desk, connection, caller, row, people) - set(states)
    decided, hidden = decided_since(connection, row), waiting | set(states)
    return [
        WorklistLine(
            number=one.number,
            person=_handle(desk, caller, one),
            identity=named.get(one.entity_id, UNKNOWN),
            band=None if one.entity_id in hidden else labels.get(one.band or ""),
            view_first=one.entity_id in waiting,
            state=states.get(one.entity_id),
            **_given_to(workers.get(one.allocated_to)),
            allocated_at=one.allocated_at,
            opened_at=one.opened_at,
            decided=None if one.entity_id in waiting else decided.get(one.entity_id),
        )
        for one in people
    ]


def _waiting(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    row: sa.Row[Any],
    people: list[sa.Row[Any]],
) -> set[str]:
    """Return of whom the caller must keep their own view first."""
    batch = newest_batch(connection, row.score)
    if batch is None or not desk.place(connection).rules.view_first:
        return set()
    return {one.entity_id for one in people} - viewed(connection, caller, batch)


def _handle(desk: Desk, caller: Caller, one: sa.Row[Any]) -> str | None:
    return desk.ids.seal(caller, one.entity_id) if one.allocated_to else None


def _given_to(worker: Member | None) -> dict[str, str | None]:
    return {
        "account": worker.name if worker else None,
        "worker": worker.display_name if worker else None,
    }


def decided_since(connection: sa.Connection, row: sa.Row[Any]) -> Mapping[str, str]:
    """Return what was done last since the drawing, for those on the worklist."""
    query = (
        sa.select(decisions.c.entity_id, decisions.c.kind)
        .join(worklist_people, worklist_people.c.entity_id == decisions.c.entity_id)
        .where(worklist_people.c.worklist == row.id)
        .where(decisions.c.score == row.score, decisions.c.at >= row.drawn_at)
        .order_by(decisions.c.id)
    )
    return {one.entity_id: one.kind for one in connection.execute(query)}


def _states(
    desk: Desk,
    connection: sa.Connection,
    row: sa.Row[Any],
    bundle: Bundle,
    people: list[sa.Row[Any]],
) -> Mapping[str, StateAnswer]:
    """Return the states of those whose score cannot be given any more.

    Args:
        desk: Where it is asked.
        connection: The transaction that looks.
        row: The worklist.
        bundle: What its bands were drawn of.
        people: Who is on it.
    """
    batch, place = newest_batch(connection, row.score), desk.place(connection)
    rights = [
        Right(one.entity_id, "allocated", row.purpose, str(row.id), row.expires)
        for one in people
    ]
    found = {}
    for sight in sights_of(connection, rights, place, desk.on()):
        entity_id = sight.right.entity_id
        case = case_of(connection, batch, entity_id) if batch else None
        # Of whom nothing may be told, what was drawn once may not be told either.
        given = None if may_tell(sight, bundle) else State.RESTRICTED
        if batch and case:
            now = as_shown(desk, connection, batch, case, sight).given
            given = now if isinstance(now, State) else given
        if given:
            found[entity_id] = state_answer(given)
    return found
