"""Former names: what was written under a pseudonym that is another's now.

After two people turn out to be one, what was done about either is about the one. Looks
stay as they were recorded; `former_names` says whose they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from models.ledger.access_tables import alerts, grants, worklist_people
from models.ledger.ledger import Ledger
from models.ledger.people_tables import former_names
from models.ledger.tables import views, views_unchained
from models.ledger.work_tables import decisions, opinions, rights_requests


# Whose rows are about whoever has the pseudonym's records now.
FOLLOWING = (
    *(decisions, opinions, rights_requests),
    *(worklist_people, grants, alerts),
)


@dataclass(frozen=True)
class Followed:
    """What became of rows under pseudonyms that stand for nobody any more.

    Attributes:
        moved: Rows that are now under the entity that has all of the records.
        left: Rows that stay where they are: no one entity has all of the records.
        left_names: Under how many pseudonyms those are.
    """

    moved: int = 0
    left: int = 0
    left_names: int = 0


def names_written(ledger: Ledger) -> set[str]:
    """Return all pseudonyms about which something was done, looks included.

    Also those that were former names already: they may stand for somebody again.
    """
    found: set[str] = set()
    with ledger.reading() as connection:
        for table in (*FOLLOWING, views, views_unchained, former_names):
            found.update(connection.execute(_names(table)).scalars())
    return found


def follow(
    ledger: Ledger, heirs: Mapping[str, str | None], *, at: dt.datetime
) -> Followed:
    """Let what was written under pseudonyms that are gone be about their heirs.

    In one transaction, so that nobody sees a part of it; done again it finds nothing.
    Whoever would stand twice on a worklist then stands there once.

    Args:
        ledger: Whose rows they are; looks are not touched.
        heirs: By pseudonym that stands for nobody now; None where nobody has all.
        at: The moment in UTC, at which the second place on a worklist ends.
    """
    merged = {name: heir for name, heir in heirs.items() if heir is not None}
    left: list[str] = []
    with ledger.writing() as connection:
        moved = sum(_move(connection, table, merged) for table in FOLLOWING)
        _leave_one_place(connection, set(merged.values()), at)
        _keep(connection, merged)
        for table in FOLLOWING:
            query = sa.select(table.c.entity_id).where(table.c.entity_id.is_not(None))
            written = connection.execute(query).scalars()
            left += (name for name in written if name in heirs)
    return Followed(moved, len(left), len(set(left)))


def former_names_of(connection: sa.Connection, entity_id: str) -> list[str]:
    """Return the pseudonyms under which others looked at somebody before a merge."""
    query = sa.select(former_names.c.entity_id).where(former_names.c.now == entity_id)
    return list(connection.execute(query.order_by(former_names.c.entity_id)).scalars())


def _names(table: sa.Table) -> sa.Select[str]:
    column = table.c.entity_id
    return sa.select(column).where(column.is_not(None)).distinct()


def _move(connection: sa.Connection, table: sa.Table, merged: Mapping[str, str]) -> int:
    there = set(connection.execute(_names(table)).scalars()) & merged.keys()
    statement = sa.update(table).where(table.c.entity_id == sa.bindparam("was"))
    statement = statement.values(entity_id=sa.bindparam("now"))
    return sum(
        connection.execute(statement, {"was": name, "now": merged[name]}).rowcount
        for name in sorted(there)
    )


def _leave_one_place(
    connection: sa.Connection, heirs: set[str], at: dt.datetime
) -> None:
    """End what would have one worker, or nobody, told twice of the same person.

    Two workers who were each given one of two keep their places: they must both be told
    who it is now, and neither be left without a right in the middle of a visit.
    """
    place = worklist_people.c
    query = sa.select(place.worklist, place.number, place.entity_id, place.allocated_to)
    query = query.where(place.ended_at.is_(None))
    # Whoever was given to somebody comes first, so that a place that is free ends.
    ordered = query.order_by(place.allocated_to.is_(None), place.number)
    held: dict[tuple[int, str], set[int | None]] = {}
    for row in connection.execute(ordered).all():
        if row.entity_id not in heirs:
            continue
        workers = held.setdefault((row.worklist, row.entity_id), set())
        if workers and row.allocated_to in {None, *workers}:
            same = (place.worklist == row.worklist) & (place.number == row.number)
            ended = sa.update(worklist_people).where(same).values(ended_at=at)
            connection.execute(ended)
        workers.add(row.allocated_to)


def _keep(connection: sa.Connection, merged: Mapping[str, str]) -> None:
    """Let these be all former names: one that stands for somebody again is none."""
    query = sa.select(former_names.c.entity_id, former_names.c.now)
    if {row.entity_id: row.now for row in connection.execute(query)} == merged:
        return
    connection.execute(sa.delete(former_names))
    if merged:
        rows = [{"entity_id": was, "now": now} for was, now in sorted(merged.items())]
        connection.execute(sa.insert(former_names), rows)
