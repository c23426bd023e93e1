"""The audit: every look leaves a row, in the transaction that did the looking.

No row, no view: if the row cannot be written, nothing that was read is handed on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import sqlalchemy as sa

from models.ledger import Ledger
from models.ledger_tables import views
from models.states import State


Action = Literal["score", "evidence", "explain", "list"]
Outcome = Literal["shown", "refused", "absent"]

T = TypeVar("T")


class Unseen(Exception):
    """Something was asked for and is not shown.

    Attributes:
        outcome: What the audit says of it.
    """

    outcome: Outcome = "refused"


class Absent(Unseen):
    """It is not there, or not there for this caller: nobody can tell which."""

    outcome = "absent"


class Forbidden(Unseen):
    """The caller's role may not do this at all."""


class NotGiven(Unseen):
    """There is no score to look behind.

    Attributes:
        state: The named reason.
    """

    def __init__(self, state: State) -> None:
        super().__init__(state.value)
        self.state = state


@dataclass
class Look:
    """One look, as it will stand in the audit.

    Attributes:
        by: The name that the token was issued to.
        score: The score's name; None until it is known to exist, because what a
            caller types may be anything, a person's number too.
        entity_id: Whom it is about; None until it is known to exist.
        purpose: What for; the score's own.
    """

    by: str
    action: Action
    score: str | None = None
    entity_id: str | None = None
    purpose: str | None = None


def looked(
    ledger: Ledger,
    look: Look,
    read: Callable[[sa.Connection], T],
    *,
    at: dt.datetime,
) -> T:
    """Return what `read` finds, once the row that says so is committed with it.

    Args:
        ledger: Where the scores and the audit are.
        look: Who looks and what for; `read` fills in what it finds to exist.
        read: Reads in the transaction; raises an `Unseen` for what is not shown.
        at: The moment.

    Raises:
        Unseen: As `read` raised it, recorded too.
        LedgerUnavailable: Something could not be read, or the row not written.
    """
    with ledger.writing() as connection:
        found, unseen = _found(read, connection)
        row = sa.insert(views).values(
            at=at,
            token_name=look.by,
            action=look.action,
            score=look.score,
            entity_id=look.entity_id,
            purpose=look.purpose,
            outcome=unseen.outcome if unseen else "shown",
        )
        connection.execute(row)
    if unseen:
        raise unseen
    return found[0]


def _found(
    read: Callable[[sa.Connection], T], connection: sa.Connection
) -> tuple[list[T], Unseen | None]:
    try:
        return [read(connection)], None
    except Unseen as unseen:
        return [], unseen
