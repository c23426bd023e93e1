"""A person's own access report: who looked, when, what for.

It names those who looked, because that is what is asked, and nobody else whom they
looked at. A look at a list counts where the person stood on the page that was shown.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from models.ledger.former_names import former_names_of
from models.ledger.people_tables import cases, entity_records
from models.ledger.tables import identities, scores, views, views_unchained


@dataclass(frozen=True)
class Access:
    """One look.

    Attributes:
        at: When.
        by: Who: the name that the account or token was issued to.
        action: What was done.
        score: Which score it was about.
        purpose: What for.
        outcome: `shown`, or what came of it instead.
        is_chained: Whether the audit vouches for it; looks of before it was chained
            are told all the same.
        relation: Why they might; None of looks of before that was kept.
        reference: A case's, contact's or worklist's number that the relation rests on.
        grant: The number of the right that was given by it; None if none was.
    """

    at: dt.datetime
    by: str
    action: str
    score: str | None
    purpose: str | None
    outcome: str
    is_chained: bool
    relation: str | None = None
    reference: str | None = None
    grant: int | None = None


# Who has no score and was never looked at is known all the same, by what is held.
_KNOWN_BY = (scores, identities, entity_records, cases, views, views_unchained)


def is_known(connection: sa.Connection, entity_id: str) -> bool:
    """Say whether the ledger holds, or ever showed, anything about an entity."""
    names = _names_of(connection, entity_id)
    for table in _KNOWN_BY:
        query = sa.select(table.c.entity_id).where(table.c.entity_id.in_(names))
        if connection.execute(query.limit(1)).first():
            return True
    return False


def accesses_of(connection: sa.Connection, entity_id: str) -> list[Access]:
    """Return every look at an entity, oldest first; empty if nobody looked.

    Looks under a name that it had before a merge are among them.
    """
    names = _names_of(connection, entity_id)
    found = [
        *_rows(connection, views_unchained, names),
        *_rows(connection, views, names),
        *_lists(connection, names),
    ]
    return sorted(found, key=lambda access: access.at)


def _names_of(connection: sa.Connection, entity_id: str) -> list[str]:
    return [entity_id, *former_names_of(connection, entity_id)]


def _rows(
    connection: sa.Connection, table: sa.Table, names: Sequence[str]
) -> Iterator[Access]:
    query = sa.select(table).where(table.c.entity_id.in_(names))
    for row in connection.execute(query.order_by(table.c.id)):
        yield _access(row, is_chained=table is views)


def _lists(connection: sa.Connection, names: Sequence[str]) -> Iterator[Access]:
    """Yield the lists that showed the entity; of before the chain it cannot be told."""
    places = cache(_places_by_batch(connection, names))
    is_list = (views.c.action == "list", views.c.outcome == "shown")
    for row in connection.execute(sa.select(views).where(*is_list)):
        page = json.loads(row.detail)
        end = page["offset"] + page["limit"]
        there = places(page["batch"], page["as_of"])
        if any(page["offset"] <= place < end for place in there):
            yield _access(row, is_chained=True)


def _places_by_batch(
    connection: sa.Connection, names: Sequence[str]
) -> Callable[[str, str], list[int]]:
    """Return what tells where on a batch's list of a date the entity stands, from 0."""

    def places(batch: str, as_of: str) -> list[int]:
        order = (scores.c.log_odds.desc().nulls_last(), scores.c.number)
        place = sa.func.row_number().over(order_by=order) - 1
        listed = (
            sa.select(scores.c.entity_id, place.label("place"))
            .where(scores.c.batch == batch)
            .where(scores.c.as_of == dt.date.fromisoformat(as_of))
            .subquery()
        )
        query = sa.select(listed.c.place).where(listed.c.entity_id.in_(names))
        return list(connection.execute(query).scalars())

    return places


def _access(row: sa.Row[Any], *, is_chained: bool) -> Access:
    told = (row.score, row.purpose, row.outcome)
    # Looks of before the chain have no detail.
    detail = json.loads(row.detail) if is_chained and row.detail else {}
    why = (detail.get(key) for key in ("relation", "reference", "grant"))
    return Access(row.at, row.token_name, row.action, *told, is_chained, *why)
