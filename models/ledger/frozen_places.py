"""Frozen places in the ledger: written with the people, read by the service."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.ledger.faults import LedgerUnavailable
from models.ledger.ledger import insert_newest
from models.ledger.people_tables import frozen_places
from models.ledger.prepared import Prepared


_NEWEST = Prepared(
    sa.select(frozen_places.c.sha256)
    .order_by(frozen_places.c.frozen_at.desc())
    .limit(1)
)


def newest_place(connection: sa.Connection) -> FrozenPlace:
    """Return the place as the service knows it.

    Raises:
        LedgerUnavailable: It was never written: run `lamppost people`.
    """
    row = _NEWEST.first(connection)
    if row is None:
        raise LedgerUnavailable("the ledger knows no place; run: lamppost people")
    return _KEPT.take(connection, row.sha256)


def keep_place(
    connection: sa.Connection, place: FrozenPlace, *, at: dt.datetime
) -> None:
    """Keep a place as the one that counts from now on."""
    row = {"sha256": place.sha256, "frozen_at": at, "content": place.content}
    insert = insert_newest(frozen_places, connection)
    connection.execute(insert.values(row))


class _Kept:
    """The place that was read last: what has its hash has its content too."""

    def __init__(self) -> None:
        self._last: tuple[str, FrozenPlace] | None = None

    def take(self, connection: sa.Connection, wanted: str) -> FrozenPlace:
        last = self._last
        if last is None or last[0] != wanted:
            self._last = last = (wanted, _read(connection, wanted))
        return last[1]


_KEPT = _Kept()


def _read(connection: sa.Connection, wanted: str) -> FrozenPlace:
    content = frozen_places.c.content
    query = sa.select(content).where(frozen_places.c.sha256 == wanted)
    return FrozenPlace.model_validate_json(connection.execute(query).scalar_one())
