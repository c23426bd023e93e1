"""Frozen places in the ledger: written with the people, read by the service."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.ledger.faults import LedgerUnavailable
from models.ledger.ledger import insert_newest
from models.ledger.people_tables import frozen_places


_NEWEST = sa.select(frozen_places).order_by(frozen_places.c.frozen_at.desc()).limit(1)


def newest_place(connection: sa.Connection) -> FrozenPlace:
    """Return the place as the service knows it.

    Raises:
        LedgerUnavailable: It was never written: run `lamppost people`.
    """
    row = connection.execute(_NEWEST).one_or_none()
    if row is None:
        raise LedgerUnavailable("the ledger knows no place; run: lamppost people")
    return _read(row.sha256, row.content)


def keep_place(
    connection: sa.Connection, place: FrozenPlace, *, at: dt.datetime
) -> None:
    """Keep a place as the one that counts from now on."""
    row = {"sha256": place.sha256, "frozen_at": at, "content": place.content}
    insert = insert_newest(frozen_places, connection)
    connection.execute(insert.values(row))


@lru_cache(maxsize=4)
def _read(sha256: str, content: str) -> FrozenPlace:
    # A promise of the hash: what has it has this content, so it is read once.
    return FrozenPlace.model_validate_json(content)
