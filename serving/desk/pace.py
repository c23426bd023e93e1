"""Pace: who looks at more people within an hour than the place allows is stopped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NoReturn

import sqlalchemy as sa

from models.definitions.frozen_place import ServiceRules
from models.ledger.access_tables import alerts
from models.ledger.prepared import Prepared
from models.ledger.tables import views
from serving.access.roles import Caller
from serving.audit import LINKED, LISTED, TooMany
from serving.desk.teams import leaders_of


HOUR = dt.timedelta(hours=1)
ALERT = "too many views"


_BY = sa.bindparam("by", type_=sa.Text)
_LATELY = (
    (views.c.at > sa.bindparam("since"))
    & (views.c.outcome == "shown")
    & (views.c.action != LISTED)
    & (views.c.action != LINKED)
)
_COUNTED = (views.c.token_name == _BY) & _LATELY
_AGAIN = Prepared(
    sa.select(views.c.id)
    # Not by the caller's looks, of which there may be thousands within the hour, each
    # of them read at each look: newest first by the person's, the first is found.
    .where(views.c.entity_id == sa.bindparam("entity_id"))
    .where(views.c.token_name.concat("") == _BY, _LATELY)
    .order_by(views.c.id.desc())
    .limit(1)
)
_PEOPLE = Prepared(
    sa.select(sa.func.count(sa.distinct(views.c.entity_id)).label("people")).where(
        _COUNTED, views.c.entity_id.is_not(None)
    )
)


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
    if beyond_pace(connection, caller, [entity_id], at, rules):
        _stop(connection, caller, at)


def beyond_pace(
    connection: sa.Connection,
    caller: Caller,
    entity_ids: Sequence[str],
    at: dt.datetime,
    rules: ServiceRules,
) -> frozenset[str]:
    """Return who of some people may not be looked at within this hour any more.

    Of itself this stops nothing, and tells nobody.

    Args:
        connection: The transaction that looks.
        caller: Who looks.
        entity_ids: At whom; the first come first.
        at: When.
        rules: How many people there may be.
    """
    asked = {"by": caller.name, "since": at - HOUR}
    # Whoever was let through within the hour was counted then, and fits in still.
    new = [e for e in entity_ids if not _AGAIN.first(connection, **asked, entity_id=e)]
    if not new:
        return frozenset()
    room = rules.views_per_hour - _PEOPLE.first(connection, **asked).people
    return frozenset(new[max(room, 0) :])


def keep_search_pace(
    connection: sa.Connection, caller: Caller, at: dt.datetime, rules: ServiceRules
) -> None:
    """Stop a caller who has searched as often within the hour as is allowed.

    To be told that there is nobody says something too, so that is counted as well; and
    to try a case's number by a link, unless it leads to whom the account may look at.

    Raises:
        TooMany: It is so; the search is refused and on record.
    """
    # A link says for whom once a case's number is tried, and has a purpose where there
    # is a right to look.
    is_tried = views.c.detail.is_not(None) & views.c.purpose.is_(None)
    tried = (views.c.action == LINKED) & is_tried
    query = sa.select(sa.func.count()).where(
        views.c.token_name == caller.name,
        (views.c.action == "find") | tried,
        # Or who goes on asking, while they are stopped, would be stopped for ever.
        views.c.outcome != "refused",
        views.c.at > at - HOUR,
    )
    if connection.execute(query).scalar_one() >= rules.views_per_hour:
        _stop(connection, caller, at)


def _stop(connection: sa.Connection, caller: Caller, at: dt.datetime) -> NoReturn:
    if not _is_told(connection, caller, at):
        row = {"at": at, "kind": ALERT, "about": caller.account}
        row |= {"team": team_to_tell(connection, caller)}
        connection.execute(sa.insert(alerts).values(row))
    raise TooMany


def _is_told(connection: sa.Connection, caller: Caller, at: dt.datetime) -> bool:
    query = sa.select(alerts.c.id).where(
        alerts.c.about == caller.account,
        alerts.c.kind == ALERT,
        alerts.c.at > at - HOUR,
    )
    return connection.execute(query.limit(1)).first() is not None


def team_to_tell(connection: sa.Connection, caller: Caller) -> str | None:
    """Return the team whose managers are told of what somebody did.

    None where there are none, or it is a manager's own doing: then all administrators
    and managers are told, and not of whom.
    """
    if caller.team is None or caller.role == "manager":
        return None
    query = leaders_of(caller.team).limit(1)
    return caller.team if connection.execute(query).first() else None
