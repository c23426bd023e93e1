"""Teams: the caseworkers whom a manager supervises, and their accounts' names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.ledger.access_tables import accounts
from models.ledger.ledger import Ledger
from serving.access.rights import Moment, rights
from serving.access.roles import Caller
from serving.schemas.leading import MemberAnswer


@dataclass(frozen=True)
class Member:
    """An account, as pages name it."""

    id: int
    name: str
    display_name: str
    worker: str | None

    @property
    def caller(self) -> Caller:
        """A caseworker as who asks."""
        return Caller(self.id, self.name, "caseworker", worker=self.worker)

    @property
    def answer(self) -> MemberAnswer:
        """Whom somebody or something can be given to."""
        return MemberAnswer(account=self.name, name=self.display_name)


_COLUMNS = [accounts.c[n] for n in ("id", "name", "display_name", "worker")]


def team_of(connection: sa.Connection, caller: Caller) -> list[Member]:
    """Return the caseworkers of a manager's team who may work now, by their names."""
    query = sa.select(*_COLUMNS).where(
        accounts.c.team == caller.team,
        accounts.c.role == "caseworker",
        accounts.c.disabled_at.is_(None),
    )
    rows = connection.execute(query.order_by(accounts.c.display_name, accounts.c.id))
    return [Member(**row._mapping) for row in rows]


def leaders_of(team: str | sa.ColumnElement[str | None]) -> sa.Select[Any]:
    """Ask for the managers of a team who may work now.

    Args:
        team: Its name, or the column of another table that holds it.
    """
    return sa.select(accounts.c.id).where(
        accounts.c.team == team,
        accounts.c.role == "manager",
        accounts.c.disabled_at.is_(None),
    )


def member_of_team(connection: sa.Connection, caller: Caller, account: str) -> Member:
    """Return a caseworker of a manager's team, by the account's name.

    Raises:
        Misuse: There is none of that name in the team.
    """
    for member in team_of(connection, caller):
        if member.name == account:
            return member
    what, do = "it must be a caseworker of your team", "choose one of the team"
    raise Misuse([Fault("account", what, "another name", do)])


def workers_by_person(
    connection: sa.Connection, caller: Caller, moment: Moment
) -> Mapping[str, str]:
    """Return whose people a manager's team has: by the person, the workers' names."""
    if caller.role != "manager":
        return {}
    found: dict[str, list[str]] = {}
    for member in team_of(connection, caller):
        held = rights(member.caller, moment)
        query = sa.select(held.c.entity_id).distinct()
        for entity_id in connection.execute(query).scalars():
            found.setdefault(entity_id, []).append(member.display_name)
    return {entity_id: ", ".join(names) for entity_id, names in found.items()}


def members(
    connection: sa.Connection, numbers: Collection[int]
) -> Mapping[int, Member]:
    """Return some accounts by their numbers."""
    query = sa.select(*_COLUMNS).where(accounts.c.id.in_(numbers))
    return {row.id: Member(**row._mapping) for row in connection.execute(query)}


def members_by_name(
    connection: sa.Connection, names: Collection[str]
) -> Mapping[str, Member]:
    """Return some accounts by the names that stand in the audit."""
    query = sa.select(*_COLUMNS).where(accounts.c.name.in_(names))
    return {row.name: Member(**row._mapping) for row in connection.execute(query)}


def display_names(ledger: Ledger, names: Iterable[str | None]) -> Mapping[str, str]:
    """Return how pages name those who did something: by each name, what is shown.

    Whoever has no account here, such as who used the command line, is called by the
    name itself.

    Args:
        ledger: Holds the accounts.
        names: As they stand in the register, in packs and in the audit.

    Raises:
        LedgerUnavailable: It does not answer.
    """
    wanted = {name for name in names if name}
    with ledger.reading() as connection:
        found = members_by_name(connection, wanted)
    return {n: found[n].display_name if n in found else n for n in wanted}
