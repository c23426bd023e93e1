"""Rights: whom a caller may look at, now, by a dated relation; decided by the database.

Every question about a person is asked together with this, so that whoever has no
relation to a person finds nothing, as if there were nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import sqlalchemy as sa

from models.ledger.access_tables import accounts, grants, worklist_people, worklists
from models.ledger.people_tables import cases
from models.ledger.prepared import Prepared
from serving.access.roles import Caller, Role


Relation = Literal["own case", "allocated", "contact", "supervised", "break-glass"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)


@dataclass(frozen=True)
class Moment:
    """When rights are asked for.

    Attributes:
        at: The time in UTC, which contacts, worklists and break-glass go by.
        today: The day that cases go by; another one only where data of the past are
            shown.
        care_purpose: What a worker's own open case is looked at for.
    """

    at: dt.datetime
    today: dt.date
    care_purpose: str


@dataclass(frozen=True)
class Right:
    """Why somebody may be looked at.

    Attributes:
        purpose: What for; it follows from the relation.
        reference: A case's or a contact's number, or a worklist's.
        until: When it ends, if that is known.
    """

    entity_id: str
    relation: Relation
    purpose: str
    reference: str | None
    until: dt.datetime | None


def rights(caller: Caller, moment: Moment) -> sa.Subquery:
    """Return `entity_id`, `relation`, `purpose`, `reference` and `until`.

    One row for each relation that holds now; somebody may be there more than once. Only
    a caseworker and a manager have any.
    """
    if caller.role not in ("caseworker", "manager"):
        return _related(sa.literal(value=False), moment, sa.null())
    own = _related(accounts.c.id == caller.account, moment, sa.null())
    if caller.role == "caseworker" or caller.team is None:
        return own
    team = (
        (accounts.c.team == caller.team)
        & (accounts.c.role == "caseworker")
        & accounts.c.disabled_at.is_(None)
    )
    theirs = _related(team, moment, sa.literal("supervised"))
    return sa.union_all(sa.select(own), sa.select(theirs)).subquery("rights")


def right_to(
    connection: sa.Connection, caller: Caller, entity_id: str, moment: Moment
) -> Right | None:
    """Return why a caller may look at somebody: the closest relation; None if none."""
    asked = {
        **{"account": caller.account, "team": caller.team, "entity_id": entity_id},
        **{"at": moment.at, "today": moment.today, "care": moment.care_purpose},
    }
    query = _to_one(caller.role, caller.team is not None)
    found = [_right(row) for row in query.all(connection, **asked)]
    return min(found, key=lambda right: RELATIONS.index(right.relation), default=None)


@lru_cache
def _to_one(role: Role, has_team: bool) -> Prepared:
    """Return the query for one person; made at every look it would be most of one."""
    account = sa.bindparam("account", type_=sa.Integer)
    team = sa.bindparam("team", type_=sa.Text) if has_team else None
    caller: Any = _Unnamed(role, account, team)
    moment: Any = Moment(
        sa.bindparam("at", type_=grants.c.ends.type),  # type: ignore[arg-type]
        sa.bindparam("today", type_=sa.Date),  # type: ignore[arg-type]
        sa.bindparam("care", type_=sa.Text),  # type: ignore[arg-type]
    )
    held = rights(caller, moment)
    return Prepared(
        sa.select(held).where(held.c.entity_id == sa.bindparam("entity_id"))
    )


@dataclass(frozen=True)
class _Unnamed:
    """Any caller of a role, whose own values are filled in later."""

    role: Role
    account: sa.BindParameter[Any]
    team: sa.BindParameter[Any] | None


def _right(row: Any) -> Right:
    return Right(row.entity_id, row.relation, row.purpose, row.reference, row.until)


def _related(
    whose: sa.ColumnElement[bool], moment: Moment, called: sa.ColumnElement[Any]
) -> sa.Subquery:
    """Return the relations of some accounts, all under one name if one is given."""
    found = sa.union_all(
        _open_cases(whose, moment),
        _allocations(whose, moment),
        _granted(whose, moment),
    ).subquery()
    relation = sa.func.coalesce(sa.cast(called, sa.Text), found.c.relation)
    return sa.select(
        found.c.entity_id,
        relation.label("relation"),
        found.c.purpose,
        found.c.reference,
        found.c.until,
    ).subquery()


def _open_cases(whose: sa.ColumnElement[bool], moment: Moment) -> sa.Select[Any]:
    is_open = (cases.c.opened_on <= moment.today) & (
        cases.c.closed_on.is_(None) | (cases.c.closed_on > moment.today)
    )
    return (
        sa.select(
            cases.c.entity_id,
            sa.literal("own case", sa.Text).label("relation"),
            sa.cast(moment.care_purpose, sa.Text).label("purpose"),
            cases.c.reference,
            sa.cast(sa.null(), grants.c.ends.type).label("until"),
        )
        .join(accounts, accounts.c.worker == cases.c.worker)
        .where(whose, is_open)
    )


def _allocations(whose: sa.ColumnElement[bool], moment: Moment) -> sa.Select[Any]:
    return (
        sa.select(
            worklist_people.c.entity_id,
            sa.literal("allocated", sa.Text),
            worklists.c.purpose,
            sa.cast(worklists.c.id, sa.Text),
            worklists.c.expires,
        )
        .join(worklists, worklists.c.id == worklist_people.c.worklist)
        .join(accounts, accounts.c.id == worklist_people.c.allocated_to)
        .where(whose, worklist_people.c.ended_at.is_(None))
        .where(worklists.c.expires > moment.at)
    )


def _granted(whose: sa.ColumnElement[bool], moment: Moment) -> sa.Select[Any]:
    called = {"case": "own case"}
    return (
        sa.select(
            grants.c.entity_id,
            sa.case(called, value=grants.c.kind, else_=grants.c.kind),
            grants.c.purpose,
            grants.c.reference,
            grants.c.ends,
        )
        .join(accounts, accounts.c.id == grants.c.account)
        .where(whose, grants.c.begins <= moment.at)
        .where(grants.c.ends.is_(None) | (grants.c.ends > moment.at))
    )
