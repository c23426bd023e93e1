"""The audit: every look leaves a row, in the transaction that did the looking.

No row, no view: if the row cannot be written, nothing that was read is handed on.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import sqlalchemy as sa

from models.audit.access_report import Access, accesses_of, is_known
from models.audit.audit import Audit
from models.audit.rows import Entry
from models.definitions.states import State
from serving.metrics import METRICS


Action = Literal[
    "people",
    "find",
    "link",
    "person",
    "score",
    "evidence",
    "chronology",
    "history",
    "contact",
    "break glass",
    "decide",
    "opine",
    "explain",
    "worklists",
    "draw",
    "allocate",
    "keep case",
    "alerts",
    "list",
    "report",
    "register",
    "queue",
    "answer",
    "models",
    "practise",
    "figures",
    "accounts",
    "sign in",
    "sign out",
]
Outcome = Literal["shown", "refused", "absent"]

# What stands in the audit for each person whom a list named.
LISTED = "listed"
# What stands there for an address that was made for another program: nobody looked.
LINKED = "link"

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


class TooMany(Unseen):
    """The caller has looked at more people within the hour than the place allows."""


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
        detail: What else tells why they might: the relation, a case's number.
        listed: Whom a list named: each has a row of their own.
        also: Looks at others that came with it: each has a row of its own.
    """

    by: str
    action: Action
    score: str | None = None
    entity_id: str | None = None
    purpose: str | None = None
    detail: Mapping[str, str | int] | None = None
    listed: Sequence[str] = ()
    also: Sequence[Look] = ()


def looked(
    audit: Audit,
    look: Look,
    read: Callable[[sa.Connection], T],
    *,
    at: dt.datetime,
) -> T:
    """Return what `read` finds, once the row that says so is committed with it.

    Args:
        audit: Where the look is recorded, in the ledger that it looks into.
        look: Who looks and what for; `read` fills in what it finds to exist.
        read: Reads in the transaction; raises an `Unseen` for what is not shown.
        at: The moment.

    Raises:
        Unseen: As `read` raised it, recorded too.
        LedgerUnavailable: Something could not be read, or the row not written.
    """

    def recorded(connection: sa.Connection) -> tuple[list[T], Unseen | None]:
        found, unseen = _found(read, connection)
        outcome = unseen.outcome if unseen else "shown"
        audit.append(connection, *_entries(look, outcome, at))
        return found, unseen

    found, unseen = audit.ledger.together(recorded)
    METRICS.views.labels(look.action, unseen.outcome if unseen else "shown").inc()
    if unseen:
        raise unseen
    return found[0]


def who_looked(
    audit: Audit, entity_id: str, *, by: str, purpose: str, at: dt.datetime
) -> list[Access]:
    """Return every look at an entity, oldest first; that this was asked is one too.

    Raises:
        Absent: The ledger knows nobody of that id.
        LedgerUnavailable: Nothing is told without a record of it.
    """
    look = Look(by, "report", purpose=purpose)

    def read(connection: sa.Connection) -> list[Access]:
        if not is_known(connection, entity_id):
            raise Absent
        look.entity_id = entity_id
        return accesses_of(connection, entity_id)

    return looked(audit, look, read, at=at)


def _found(
    read: Callable[[sa.Connection], T], connection: sa.Connection
) -> tuple[list[T], Unseen | None]:
    try:
        return [read(connection)], None
    except Unseen as unseen:
        return [], unseen


def _entries(look: Look, outcome: Outcome, at: dt.datetime) -> list[Entry]:
    """Return the look itself, and one row for everybody else whom it showed."""
    detail = json.dumps(look.detail, sort_keys=True) if look.detail else None
    of = (look.score, look.entity_id, look.purpose, outcome, detail)
    itself = Entry(at, look.by, look.action, *of)
    return [
        itself,
        *(replace(itself, action=LISTED, entity_id=one) for one in look.listed),
        *(entry for one in look.also for entry in _entries(one, outcome, at)),
    ]
