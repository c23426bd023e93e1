"""Kept cases: cases that no source has, kept by a manager for one of the team."""

from __future__ import annotations

import sqlalchemy as sa

from models.ledger.access_tables import accounts, grants
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.contacts import checked_reference, sought
from serving.desk.desk import Desk
from serving.desk.identities import UNKNOWN, identities_of
from serving.desk.teams import member_of_team, team_of
from serving.schemas.leading import (
    CaseDoneAnswer,
    KeepCaseBody,
    KeptCaseAnswer,
    KeptCasesAnswer,
)


_CASE = "case"


def keep_case(desk: Desk, caller: Caller, case: KeepCaseBody) -> CaseDoneAnswer:
    """Open a case for a caseworker of the team, who may look until it is ended.

    Args:
        desk: Where it is asked.
        caller: Who leads.
        case: About whom, as the finder gave it; for whom; its number.

    Raises:
        Misuse: There is no such caseworker in the team, or no number.
        Unseen: There is nobody of that id, or the caller may not.
        LedgerUnavailable: Nothing is given without a record of it.
    """
    reference = checked_reference(case.reference)

    def write(connection: sa.Connection, look: Look) -> CaseDoneAnswer:
        entity_id = sought(desk, connection, caller, look, case.person)
        member = member_of_team(connection, caller, case.account)
        purpose = desk.place(connection).care_purpose
        look.purpose = purpose
        look.detail = {"to": member.name, "reference": reference}
        row = {"kind": _CASE, "account": member.id, "entity_id": entity_id}
        row |= {"purpose": purpose, "reference": reference}
        row |= {"given_by": caller.account, "begins": desk.clock()}
        made = connection.execute(sa.insert(grants).values(row)).inserted_primary_key
        assert made is not None
        return CaseDoneAnswer(id=made[0], is_open=True)

    return desk.asked(caller, "keep case", write)


def end_case(desk: Desk, caller: Caller, number: int) -> CaseDoneAnswer:
    """End a case that a manager keeps for the team; the right to look ends at once.

    Raises:
        Absent: The team has no open case of that number.
        LedgerUnavailable: Nothing is changed without a record of it.
    """

    def write(connection: sa.Connection, look: Look) -> CaseDoneAnswer:
        query = _open_cases(desk, caller).where(grants.c.id == number)
        row = connection.execute(query).one_or_none()
        if row is None:
            raise Absent
        look.entity_id, look.purpose = row.entity_id, row.purpose
        look.detail = {"to": row.name, "ended": 1}
        ended = sa.update(grants).where(grants.c.id == number)
        connection.execute(ended.values(ends=desk.clock()))
        return CaseDoneAnswer(id=number, is_open=False)

    return desk.asked(caller, "keep case", write)


def kept_cases(desk: Desk, caller: Caller) -> KeptCasesAnswer:
    """Return the open cases that are kept for a team, on record for each.

    Raises:
        Forbidden: The caller leads nobody.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> KeptCasesAnswer:
        rows = connection.execute(_open_cases(desk, caller)).all()
        look.purpose = desk.place(connection).care_purpose
        look.listed = list(dict.fromkeys(row.entity_id for row in rows))
        named = identities_of(connection, look.listed)
        kept = [
            KeptCaseAnswer(
                id=row.id,
                person=desk.ids.seal(caller, row.entity_id),
                identity=named.get(row.entity_id, UNKNOWN),
                account=row.name,
                worker=row.display_name,
                reference=row.reference,
                begun=row.begins,
            )
            for row in rows
        ]
        team = [member.answer for member in team_of(connection, caller)]
        return KeptCasesAnswer(cases=kept, team=team)

    return desk.asked(caller, "keep case", read)


def _open_cases(desk: Desk, caller: Caller) -> sa.Select[tuple[object, ...]]:
    is_open = grants.c.ends.is_(None) | (grants.c.ends > desk.clock())
    return (
        sa.select(grants, accounts.c.name, accounts.c.display_name)
        .join(accounts, accounts.c.id == grants.c.account)
        .where(grants.c.kind == _CASE, is_open, accounts.c.team == caller.team)
        .order_by(grants.c.begins.desc(), grants.c.id.desc())
    )
