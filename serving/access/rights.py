"""Rights: whom a caller may look at, now, by a dated relation; decided by the database.

Every question about a person is asked together with this, so that whoever has no
relation to a person finds nothing, as if there were nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
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

    @property
    def detail(self) -> Mapping[str, str]:
        """What the audit says of it."""
        reference = {"reference": self.reference} if self.reference else {}
        return {"relation": self.relation, **reference}


@dataclass(frozen=True)
class _Asked:
    """Who asks and when, as expressions: values, or names that are filled in later."""

    account: sa.ColumnElement[Any]
    team: sa.ColumnElement[Any]
    at: sa.ColumnElement[Any]
    today: sa.ColumnElement[Any]
    care: sa.ColumnElement[Any]


_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "account": accounts.c.id.type,
    "team": accounts.c.team.type,
    "at": grants.c.ends.type,
    "today": cases.c.opened_on.type,
    "care": sa.Text(),
}
_LATER = _Asked(**{name: sa.bindparam(name, type_=t) for name, t in _TYPES.items()})


def rights(caller: Caller, moment: Moment) -> sa.Subquery:
    """Return `entity_id`, `relation`, `purpose`, `reference` and `until`.

    One row for each relation that holds now; somebody may be there more than once. Only
    a caseworker and a manager have any.
    """
    values = _values(caller, moment)
    given = {name: sa.literal(value, _TYPES[name]) for name, value in values.items()}
    return _held(caller.role, _Asked(**given))


def right_to(
    connection: sa.Connection, caller: Caller, entity_id: str, moment: Moment
) -> Right | None:
    """Return why a caller may look at somebody: the closest relation; None if none."""
    asked = {**_values(caller, moment), "entity_id": entity_id}
    found = [_right(row) for row in _to_one(caller.role).all(connection, **asked)]
    return min(found, key=lambda right: RELATIONS.index(right.relation), default=None)


@lru_cache
def _to_one(role: Role) -> Prepared:
    """Return the query for one person; made at every look it would be most of one."""
    held = _held(role, _LATER)
    return Prepared(
        sa.select(held).where(held.c.entity_id == sa.bindparam("entity_id"))
    )


def _values(caller: Caller, moment: Moment) -> dict[str, Any]:
    """Return the values; a team that is missing equals none."""
    return {
        "account": caller.account,
        "team": caller.team,
        "at": moment.at,
        "today": moment.today,
        "care": moment.care_purpose,
    }


def _held(role: Role, asked: _Asked) -> sa.Subquery:
    if role not in ("caseworker", "manager"):
        return _related(sa.literal(value=False), asked, sa.null())
    own = _related(accounts.c.id == asked.account, asked, sa.null())
    if role == "caseworker":
        return own
    team = (
        (accounts.c.team == asked.team)
        & (accounts.c.role == "caseworker")
        & accounts.c.disabled_at.is_(None)
    )
    theirs = _related(team, asked, sa.literal("supervised"))
    return sa.union_all(sa.select(own), sa.select(theirs)).subquery("rights")


def _right(row: Any) -> Right:
    return Right(row.entity_id, row.relation, row.purpose, row.reference, row.until)


def _related(
    whose: sa.ColumnElement[bool], asked: _Asked, called: sa.ColumnElement[Any]
) -> sa.Subquery:
    """Return the relations of some accounts, all under one name if one is given."""
    found = sa.union_all(
        _open_cases(whose, asked),
        _allocations(whose, asked),
        _granted(whose, asked),
    ).subquery()
    relation = sa.func.coalesce(sa.cast(called, sa.Text), found.c.relation)
    return sa.select(
        found.c.entity_id,
        relation.label("relation"),
        found.c.purpose,
        found.c.reference,
        found.c.until,
    ).subquery()


def _open_cases(whose: sa.ColumnElement[bool], asked: _Asked) -> sa.Select[Any]:
    is_open = (cases.c.opened_on <= asked.today) & (
        cases.c.closed_on.is_(None) | (cases.c.closed_on > asked.today)
    )
    return (
        sa.select(
            cases.c.entity_id,
            sa.literal("own case", sa.Text).label("relation"),
            sa.cast(asked.care, sa.Text).label("purpose"),
            cases.c.reference,
            sa.cast(sa.null(), grants.c.ends.type).label("until"),
        )
        .join(accounts, accounts.c.worker == cases.c.worker)
        .where(whose, is_open)
    )


def _allocations(whose: sa.ColumnElement[bool], asked: _Asked) -> sa.Select[Any]:
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
        .where(worklists.c.expires > asked.at)
    )


def _granted(whose: sa.ColumnElement[bool], asked: _Asked) -> sa.Select[Any]:
    return (
        sa.select(
            grants.c.entity_id,
            sa.case({"case": "own case"}, value=grants.c.kind, else_=grants.c.kind),
            grants.c.purpose,
            grants.c.reference,
            grants.c.ends,
        )
        .join(accounts, accounts.c.id == grants.c.account)
        .where(whose, grants.c.begins <= asked.at)
        .where(grants.c.ends.is_(None) | (grants.c.ends > asked.at))
    )
