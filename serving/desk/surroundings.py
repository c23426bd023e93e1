"""Surroundings: what stands around every page; nothing of it is about anybody."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.ledger.frozen_places import newest_place
from models.ledger.ledger import Ledger, LedgerUnavailable
from serving.access.roles import Caller
from serving.desk.alerts import unseen


@dataclass(frozen=True)
class Surroundings:
    """What stands around a page.

    Attributes:
        place: The place's title; empty until the ledger knows a place.
        notice: What is said above every page; None if nothing is.
        unseen: How many alerts for the caller nobody has seen yet.
    """

    place: str
    notice: str | None
    unseen: int


def surroundings(ledger: Ledger, caller: Caller) -> Surroundings:
    """Return what stands around a caller's pages.

    Raises:
        LedgerUnavailable: It does not answer.
    """
    with ledger.reading() as connection:
        place = _place(connection)
        title, notice = (place.title, place.rules.notice) if place else ("", None)
        return Surroundings(title, notice, unseen(connection, caller))


def _place(connection: sa.Connection) -> FrozenPlace | None:
    """Return the place; who administers may enter before there is one."""
    try:
        return newest_place(connection)
    except LedgerUnavailable:
        return None
