"""Which records may be shown: by whose they are, the purpose, and opt-outs in force."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.ledger.cases import StoredRecord
from models.ledger.people_tables import entity_records, withheld_sources
from models.ledger.tables import records
from serving.access.rights import Right


def open_sources(place: FrozenPlace, purpose: str, on: dt.date) -> list[str]:
    """Return the sources whose records may be shown for a purpose on a day."""
    return [s.name for s in place.sources if s.may_be_shown(purpose, on)]


def is_not_withheld(purpose: str) -> sa.ColumnElement[bool]:
    """Return what holds for a row of `entity_records` that no opt-out bars."""
    barred = sa.select(withheld_sources.c.source).where(
        withheld_sources.c.entity_id == entity_records.c.entity_id,
        withheld_sources.c.source == entity_records.c.source,
        withheld_sources.c.purpose == purpose,
    )
    return ~barred.exists()


def barred_sources(connection: sa.Connection, right: Right) -> frozenset[str]:
    """Return the sources that an opt-out of this person bars for this purpose."""
    query = sa.select(withheld_sources.c.source).where(
        withheld_sources.c.entity_id == right.entity_id,
        withheld_sources.c.purpose == right.purpose,
    )
    return frozenset(connection.execute(query).scalars())


def stored(row: Any) -> StoredRecord:
    """Return a row that holds one of `records` as a record; the rest of it is left."""
    return StoredRecord(**{c.name: row._mapping[c.name] for c in records.c})
