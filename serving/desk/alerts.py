"""Alerts: what whoever leads must be told of, and whether somebody has seen it.

A team's managers see who did it and about whom. Where a team has nobody who leads, or
it was a manager, all managers and administrators see that it happened, and no more. So
it is too once the last who led a team has gone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from models.ledger.access_tables import alerts
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.identities import UNKNOWN, identities_of
from serving.desk.teams import leaders_of, members
from serving.schemas.leading import AlertAnswer, AlertsAnswer, SeenAnswer
from serving.schemas.people import IdentityAnswer


MOST_SHOWN = 100


def alerts_of(desk: Desk, caller: Caller) -> AlertsAnswer:
    """Return the alerts for a caller, newest first, on record for whom they are about.

    Raises:
        Forbidden: Nobody tells the caller anything.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> AlertsAnswer:
        order = (alerts.c.at.desc(), alerts.c.id.desc())
        query = sa.select(alerts).where(_for(caller)).order_by(*order)
        rows = connection.execute(query.limit(MOST_SHOWN)).all()
        about = [r.entity_id for r in rows if r.entity_id and _is_theirs(caller, r)]
        look.listed = list(dict.fromkeys(about))
        named = identities_of(connection, about)
        workers = members(connection, {row.about for row in rows})
        return AlertsAnswer(
            unseen=unseen(connection, caller),
            alerts=[
                _alert(desk, caller, row, workers[row.about].display_name, named)
                for row in rows
            ],
        )

    return desk.asked(caller, "alerts", read)


def see_alert(desk: Desk, caller: Caller, number: int) -> SeenAnswer:
    """Say that an alert was seen; to see it again changes nothing.

    Raises:
        Absent: There is none of that number for the caller.
        LedgerUnavailable: Nothing is changed without a record of it.
    """

    def write(connection: sa.Connection, look: Look) -> SeenAnswer:
        query = sa.select(alerts).where(_for(caller), alerts.c.id == number)
        row = connection.execute(query).one_or_none()
        if row is None:
            raise Absent
        look.detail = {"alert": number}
        if row.seen_at is None:
            seen = {"seen_at": desk.clock(), "seen_by": caller.account}
            changed = sa.update(alerts).where(alerts.c.id == number)
            connection.execute(changed.values(seen))
        return SeenAnswer(id=number)

    return desk.asked(caller, "alerts", write)


def unseen(connection: sa.Connection, caller: Caller) -> int:
    """Return how many alerts nobody has seen; it tells nothing of anybody."""
    if not caller.may("alerts"):
        return 0
    query = sa.select(sa.func.count()).where(_for(caller), alerts.c.seen_at.is_(None))
    return int(connection.execute(query).scalar_one())


def _for(caller: Caller) -> sa.ColumnElement[bool]:
    """Nobody is told of their own doing: another must see it."""
    is_led = leaders_of(alerts.c.team).exists()
    theirs = alerts.c.team.is_(None) | ~is_led
    if caller.role == "manager":
        theirs = theirs | (alerts.c.team == caller.team)
    return theirs & (alerts.c.about != caller.account)


def _is_theirs(caller: Caller, row: sa.Row[Any]) -> bool:
    """Say whether somebody leads whom it is about, and is told who that is."""
    return row.team is not None and row.team == caller.team


def _alert(
    desk: Desk,
    caller: Caller,
    row: sa.Row[Any],
    worker: str,
    named: dict[str, IdentityAnswer],
) -> AlertAnswer:
    is_known = _is_theirs(caller, row)
    whom = row.entity_id if is_known else None
    return AlertAnswer(
        id=row.id,
        at=row.at,
        kind=row.kind,
        worker=worker if is_known else None,
        person=desk.ids.seal(caller, whom) if whom else None,
        identity=named.get(whom, UNKNOWN) if whom else None,
        reason=row.reason if is_known else None,
        is_seen=row.seen_at is not None,
    )
