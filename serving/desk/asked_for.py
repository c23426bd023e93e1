"""What was asked for, opened: one request with its packs, or all about one person."""

from __future__ import annotations

import sqlalchemy as sa

from models.ledger import register
from models.ledger.work_tables import subject_packs
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.identities import UNKNOWN, identities_of
from serving.desk.register import told_to
from serving.schemas.rights import OpenedRequest, PackLine, RequestsAbout


def opened_request(desk: Desk, caller: Caller, number: int) -> OpenedRequest:
    """Return one entry, and the packs that were made for it.

    Raises:
        Unseen: There is none of that number, or the caller's role has no register.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> OpenedRequest:
        found = register.request_in(connection, number)
        if found is None:
            raise Absent
        place = desk.place(connection)
        [told] = told_to(desk, connection, caller, look, place, [found])
        is_open = told.person is not None or not told.is_known
        return OpenedRequest(
            request=told,
            may_answer=is_open and told.answered_on is None,
            packs=_packs_for(connection, number) if told.person else [],
        )

    return desk.asked(caller, "register", read)


def requests_about(desk: Desk, caller: Caller, person: str) -> RequestsAbout:
    """Return what was asked for about somebody, the newest first.

    Raises:
        Unseen: There is nobody, no right to look, or the caller's role has no register.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> RequestsAbout:
        right, place = desk.person(connection, caller, look, person)
        named = identities_of(connection, [right.entity_id])
        found = register.requests_of(connection, right.entity_id)[::-1]
        return RequestsAbout(
            person=person,
            identity=named.get(right.entity_id, UNKNOWN),
            requests=told_to(desk, connection, caller, look, place, found),
        )

    return desk.asked(caller, "register", read)


def _packs_for(connection: sa.Connection, number: int) -> list[PackLine]:
    # What is forgotten has no content any more.
    mine = subject_packs.c.request == number, subject_packs.c.content.is_not(None)
    query = sa.select(subject_packs).where(*mine).order_by(subject_packs.c.id.desc())
    return [
        PackLine(
            number=row.id,
            made_at=row.made_at,
            made_by=row.made_by,
            released_at=row.released_at,
            released_by=row.released_by,
        )
        for row in connection.execute(query)
    ]
