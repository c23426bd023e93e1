"""Once: a write that is sent twice is done once, and answered the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from models.ledger.access_tables import idempotency
from serving.access.roles import Caller
from serving.audit import Outcome, Unseen
from serving.schemas.strict import Schema


# Nobody sends the same again after that.
KEPT_FOR = dt.timedelta(days=1)

T = TypeVar("T")


class Repeated(Unseen):
    """It was done before; nothing was done again.

    Attributes:
        answer: What was answered then, as JSON.
    """

    outcome: Outcome = "shown"

    def __init__(self, answer: str) -> None:
        super().__init__("done before")
        self.answer = answer


class KeyUsed(Unseen):
    """The key was used for something else."""


@dataclass(frozen=True)
class Once:
    """What tells that a request is the same as one before.

    Attributes:
        key: As the caller chose it; another account may use the same.
        request_sha256: Of all that was asked.
    """

    key: str
    request_sha256: str

    def do(
        self,
        connection: sa.Connection,
        caller: Caller,
        at: dt.datetime,
        write: Callable[[], T],
    ) -> T:
        """Return what `write` does, unless it was done before, in its transaction.

        Raises:
            Repeated: It was; with the answer.
            KeyUsed: Something else was done under this key.
        """
        mine = idempotency.c.account == caller.account
        old = idempotency.c.at <= at - KEPT_FOR
        connection.execute(sa.delete(idempotency).where(mine, old))
        query = sa.select(idempotency).where(mine, idempotency.c.key == self.key)
        if done := connection.execute(query).one_or_none():
            if done.request_sha256 != self.request_sha256:
                raise KeyUsed
            raise Repeated(done.answer)
        answer = write()
        row = {"account": caller.account, "key": self.key, "at": at}
        row |= {"request_sha256": self.request_sha256, "answer": _text(answer)}
        connection.execute(sa.insert(idempotency).values(row))
        return answer


def _text(answer: object) -> str:
    return answer.model_dump_json() if isinstance(answer, Schema) else "null"
