"""The register of rights: who asked for what, by when it is due, what was answered."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, cast

import sqlalchemy as sa

from models.ledger.work_tables import rights_requests


# For those who hand one on and need not know the library.
Connection = sa.Connection
Kind = Literal["access", "rectification", "objection", "restriction", "complaint"]
Outcome = Literal["granted", "granted in part", "refused", "withdrawn"]


@dataclass(frozen=True)
class Asked:
    """What somebody asks for.

    Attributes:
        kind: Which right.
        entity_id: Of whom it is asked about; None if the ledger has nobody such, or
            it is not known yet who.
        received_on: The day it came; the clock runs from it.
        owner: The role that must answer.
        what: In a few words.
    """

    kind: Kind
    entity_id: str | None
    received_on: dt.date
    owner: str
    what: str | None = None


@dataclass(frozen=True)
class Request:
    """An entry of the register.

    Attributes:
        number: 1, 2, 3 ...
        due_on: The last day on which it is answered in time.
        entered_by: Who wrote it down.
    """

    number: int
    kind: Kind
    entity_id: str | None
    received_on: dt.date
    due_on: dt.date
    owner: str
    entered_by: str
    what: str | None
    answered_on: dt.date | None
    answered_by: str | None
    outcome: Outcome | None
    answer: str | None

    def days_left(self, on: dt.date) -> int:
        """Return how many days there are left, or were; below 0 it is late."""
        return (self.due_on - (self.answered_on or on)).days

    def clock(self, on: dt.date) -> str:
        """Return how it stands against its day, in words."""
        left = self.days_left(on)
        if self.answered_on is None:
            return _left(left)
        return "answered in time" if left >= 0 else f"answered {_days(-left)} late"


def due_on(received_on: dt.date) -> dt.date:
    """Return by when a request is to be answered: one month later.

    It is the same day of the next month, or its last day where there is no such day
    (UK GDPR, Article 12(3), as the Information Commissioner counts).

    >>> due_on(dt.date(2027, 1, 31))
    datetime.date(2027, 2, 28)
    """
    year, month = received_on.year + received_on.month // 12, received_on.month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, min(received_on.day, last))


def enter(connection: sa.Connection, asked: Asked, *, by: str) -> Request:
    """Write down what was asked for."""
    row = vars(asked) | {"due_on": due_on(asked.received_on), "entered_by": by}
    insert = sa.insert(rights_requests).values(row).returning(rights_requests)
    return _request(connection.execute(insert).one())


def requests_in(
    connection: sa.Connection, *, is_answered: bool | None = False
) -> list[Request]:
    """Return what waits, the most urgent first; or what was answered; None: both."""
    answered = rights_requests.c.answered_on
    query = sa.select(rights_requests)
    if is_answered is not None:
        query = query.where(
            answered.is_not(None) if is_answered else answered.is_(None)
        )
    ordered = query.order_by(
        answered.is_not(None), rights_requests.c.due_on, rights_requests.c.id
    )
    return [_request(row) for row in connection.execute(ordered)]


def requests_of(connection: sa.Connection, entity_id: str) -> list[Request]:
    """Return all that was asked for about somebody, oldest first."""
    query = sa.select(rights_requests).where(rights_requests.c.entity_id == entity_id)
    found = connection.execute(query.order_by(rights_requests.c.id))
    return [_request(row) for row in found]


def request_in(connection: sa.Connection, number: int) -> Request | None:
    """Return an entry; None if there is none of that number."""
    query = sa.select(rights_requests).where(rights_requests.c.id == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else _request(row)


def answer(
    connection: sa.Connection,
    number: int,
    outcome: Outcome,
    text: str,
    *,
    by: str,
    on: dt.date,
) -> Request | None:
    """Answer a request once; None if it does not wait."""
    open_one = (rights_requests.c.id == number) & rights_requests.c.answered_on.is_(
        None
    )
    said = {"answered_on": on, "answered_by": by, "outcome": outcome, "answer": text}
    update = sa.update(rights_requests).where(open_one).values(said)
    row = connection.execute(update.returning(rights_requests)).one_or_none()
    return None if row is None else _request(row)


def _request(row: sa.Row[Any]) -> Request:
    fields = dict(row._mapping)
    return Request(number=cast(int, fields.pop("id")), **fields)


def _left(days: int) -> str:
    if days < 0:
        return f"{_days(-days)} overdue"
    return f"{_days(days)} left" if days else "due today"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
