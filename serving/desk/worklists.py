"""Worklists: what was drawn, who is on it, and to whom each was given."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from models.ledger.access_tables import worklist_people, worklists
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.drawing import draw, drawable
from serving.desk.teams import member_of_team, members, team_of
from serving.desk.worklist_lines import bundle_of, decided_since, lines_of
from serving.schemas.worklists import (
    AllocationAnswer,
    WorklistAnswer,
    WorklistPeopleAnswer,
    WorklistsAnswer,
)


__all__ = ["allocate", "draw", "take_back", "worklist", "worklists_of_team"]

MOST_SHOWN = 50


def worklists_of_team(desk: Desk, caller: Caller) -> WorklistsAnswer:
    """Return a team's worklists, newest first, and what can be drawn.

    Raises:
        Forbidden: The caller leads nobody.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> WorklistsAnswer:
        query = _of_team(caller).order_by(worklists.c.drawn_at.desc()).limit(MOST_SHOWN)
        rows = connection.execute(query).all()
        return WorklistsAnswer(
            worklists=[_worklist(desk, connection, row) for row in rows],
            drawable=drawable(desk, connection),
        )

    return desk.asked(caller, "worklists", read)


def worklist(desk: Desk, caller: Caller, number: int) -> WorklistPeopleAnswer:
    """Return a live worklist with everybody on it, on record for each.

    Raises:
        Absent: The team has no live worklist of that number.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> WorklistPeopleAnswer:
        row = _live(desk, connection, caller, number)
        look.score, look.purpose = row.score, row.purpose
        people = _people(connection, number)
        look.detail = {"worklist": number}
        look.listed = [one.entity_id for one in people]
        return WorklistPeopleAnswer(
            worklist=_worklist(desk, connection, row),
            is_ranked=not desk.place(connection).rules.view_first,
            lines=lines_of(desk, connection, caller, row, people),
            team=[member.answer for member in team_of(connection, caller)],
        )

    return desk.asked(caller, "worklists", read)


def allocate(
    desk: Desk, caller: Caller, worklist: int, number: int, account: str
) -> AllocationAnswer:
    """Give one person on a worklist to a caseworker of the team, who may then look.

    Args:
        desk: Where it is asked.
        caller: Who leads.
        worklist: A live worklist of the team.
        number: The line on it; whoever had the person has them no more.
        account: The account's name.

    Raises:
        Misuse: There is no such caseworker in the team.
        Absent: There is no such worklist or line.
        LedgerUnavailable: Nothing is given without a record of it.
    """

    def write(connection: sa.Connection, look: Look) -> AllocationAnswer:
        person = _person(desk, connection, caller, look, worklist, number)
        member = member_of_team(connection, caller, account)
        look.detail = {"worklist": worklist, "to": member.name}
        if person.allocated_to != member.id:
            given = {"allocated_to": member.id, "allocated_at": desk.clock()}
            _change(connection, person, **given, opened_at=None)
        return AllocationAnswer(worklist=worklist, number=number, account=member.name)

    return desk.asked(caller, "allocate", write)


def take_back(
    desk: Desk, caller: Caller, worklist: int, number: int
) -> AllocationAnswer:
    """Let nobody have a person on a worklist; their right ends at once.

    Raises:
        Absent: There is no such worklist or line.
        LedgerUnavailable: Nothing is changed without a record of it.
    """

    def write(connection: sa.Connection, look: Look) -> AllocationAnswer:
        person = _person(desk, connection, caller, look, worklist, number)
        look.detail = {"worklist": worklist, "to": "nobody"}
        _change(
            connection, person, allocated_to=None, allocated_at=None, opened_at=None
        )
        return AllocationAnswer(worklist=worklist, number=number, account=None)

    return desk.asked(caller, "allocate", write)


def _of_team(caller: Caller) -> sa.Select[Any]:
    return sa.select(worklists).where(worklists.c.team == caller.team)


def _live(
    desk: Desk, connection: sa.Connection, caller: Caller, number: int
) -> sa.Row[Any]:
    live = worklists.c.expires > desk.clock()
    query = _of_team(caller).where(worklists.c.id == number, live)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Absent
    return row


def _people(connection: sa.Connection, number: int) -> list[sa.Row[Any]]:
    people = worklist_people
    query = sa.select(people).where(
        people.c.worklist == number, people.c.ended_at.is_(None)
    )
    return list(connection.execute(query.order_by(people.c.number)))


def _person(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    look: Look,
    worklist: int,
    number: int,
) -> sa.Row[Any]:
    row = _live(desk, connection, caller, worklist)
    look.score, look.purpose = row.score, row.purpose
    for person in _people(connection, worklist):
        if person.number == number:
            look.entity_id = person.entity_id
            return person
    raise Absent


def _change(connection: sa.Connection, person: sa.Row[Any], **values: Any) -> None:
    line = (worklist_people.c.worklist == person.worklist) & (
        worklist_people.c.number == person.number
    )
    connection.execute(sa.update(worklist_people).where(line).values(**values))


def _worklist(
    desk: Desk, connection: sa.Connection, row: sa.Row[Any]
) -> WorklistAnswer:
    people = _people(connection, row.id)
    drawn_by = members(connection, [row.drawn_by])[row.drawn_by]
    return WorklistAnswer(
        id=row.id,
        score=row.score,
        question=bundle_of(desk, connection, row).question,
        as_of=row.as_of,
        drawn_by=drawn_by.display_name,
        drawn_at=row.drawn_at,
        expires=row.expires,
        is_live=row.expires > desk.clock(),
        people=len(people),
        allocated=sum(one.allocated_to is not None for one in people),
        opened=sum(one.opened_at is not None for one in people),
        decided=len(decided_since(connection, row)),
    )
