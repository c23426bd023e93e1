"""A person: who they are, why the caller may look, and what their scores say."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from models.ledger.access_tables import worklist_people
from models.ledger.cases import case_of
from serving.access.rights import Right
from serving.access.roles import Caller
from serving.audit import Look
from serving.desk.desk import Desk
from serving.desk.found import Found, as_shown
from serving.desk.history import steps
from serving.desk.identities import UNKNOWN, identities_of
from serving.desk.newest import newest_batches
from serving.desk.own_view import waits
from serving.desk.people import relation_answer
from serving.desk.scores import told
from serving.desk.shown_records import Sight, sight_of
from serving.schemas.people import (
    IdentityAnswer,
    PersonAnswer,
    PersonScore,
    RelationAnswer,
)


class Shown(NamedTuple):
    """What stands at the head of every page about a person."""

    right: Right
    identity: IdentityAnswer
    relation: RelationAnswer


def person(desk: Desk, caller: Caller, ref: str) -> PersonAnswer:
    """Return a person with all their scores, or the states that stand for them.

    Raises:
        Unseen: There is nobody, or no right to look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> PersonAnswer:
        right, place = desk.person(connection, caller, look, ref)
        mark_opened(connection, desk, caller, right)
        named = identities_of(connection, [right.entity_id])
        sight = sight_of(connection, right, place, desk.on())
        found = [
            person_score(desk, connection, caller, ref, sight, one)
            for one in _newest(desk, connection, sight)
        ]
        return PersonAnswer(
            person=ref,
            identity=named.get(right.entity_id, UNKNOWN),
            relation=relation_answer(right, place),
            scores=found,
        )

    return desk.asked(caller, "person", read)


def _newest(desk: Desk, connection: sa.Connection, sight: Sight) -> list[Found]:
    found = []
    for batch in newest_batches(connection):
        if row := case_of(connection, batch, sight.right.entity_id):
            found.append(as_shown(desk, connection, batch, row, sight))
    return found


def person_score(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    ref: str,
    sight: Sight,
    found: Found,
) -> PersonScore:
    """Return a score as a person's page shows it.

    Args:
        desk: Where it is asked.
        connection: The transaction that looks.
        caller: Who asks.
        ref: The opaque id of whom it is about.
        sight: What may be told, and whether the caller's own view is asked for first.
        found: The score, or the state that stands for it.
    """
    is_waiting = waits(connection, caller, sight.place, found)
    name = found.bundle.score
    return PersonScore(
        name=name,
        question=found.bundle.question,
        score=None if is_waiting else told(ref, found),
        view_first=is_waiting,
        bands=[band.label for band in found.bundle.bands],
        history=[] if is_waiting else steps(desk, connection, name, sight),
    )


def mark_opened(
    connection: sa.Connection, desk: Desk, caller: Caller, right: Right
) -> None:
    """Let whoever was newly given be no longer new."""
    mine = worklist_people.c.allocated_to == caller.account
    theirs = worklist_people.c.entity_id == right.entity_id
    is_new = worklist_people.c.opened_at.is_(None)
    connection.execute(
        sa.update(worklist_people)
        .where(mine, theirs, is_new)
        .values(opened_at=desk.clock())
    )
