"""Pace: who looks at more people within an hour than the place allows is stopped."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from models.definitions.frozen_place import ServiceRules
from models.ledger.access_tables import alerts
from models.ledger.tables import views
from serving.access.roles import Caller
from serving.audit import LISTED, TooMany


HOUR = dt.timedelta(hours=1)
ALERT = "too many views"


def keep_pace(
    connection: sa.Connection,
    caller: Caller,
    entity_id: str,
    at: dt.datetime,
    rules: ServiceRules,
) -> None:
    """Stop a caller who has looked at as many others within the hour as is allowed.

    To look again at somebody is not counted, nor to stand on a list. Whoever leads is
    told, once an hour.

    Raises:
        TooMany: It is so; the look is refused and on record.
    """
    query = (
        sa.select(sa.func.count(sa.distinct(views.c.entity_id)))
        .where(views.c.token_name == caller.name, views.c.at > at - HOUR)
        .where(views.c.outcome == "shown", views.c.entity_id.is_not(None))
        .where(views.c.entity_id != entity_id, views.c.action != LISTED)
    )
    if connection.execute(query).scalar_one() < rules.views_per_hour:
        return
    if not _is_told(connection, caller, at):
        row = {"at": at, "kind": ALERT, "about": caller.account, "team": caller.team}
        connection.execute(sa.insert(alerts).values(row))
    raise TooMany


def _is_told(connection: sa.Connection, caller: Caller, at: dt.datetime) -> bool:
    query = sa.select(alerts.c.id).where(
        alerts.c.about == caller.account,
        alerts.c.kind == ALERT,
        alerts.c.at > at - HOUR,
    )
    return connection.execute(query.limit(1)).first() is not None
