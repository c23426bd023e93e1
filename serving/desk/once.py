"""Once: a write that is sent twice is done once, and answered the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from models.ledger.access_tables import idempotency
from serving.access.roles import Caller
from serving.audit import Look, Outcome, Unseen
from serving.schemas.strict import Schema


# Nobody sends the same again after that.
KEPT_FOR = dt.timedelta(days=1)


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


class Done(Schema):
    """What was done before, as it is kept.

    Attributes:
        role: The caller's then, as are `team` and `partner`.
        entity_id: Whom it was about, as are `listed`; None if about nobody.
        detail: As the look says it: a relation, if a right to look came from one.
        answer: As JSON.
    """

    role: str
    team: str | None
    partner: str | None
    score: str | None
    entity_id: str | None
    purpose: str | None
    detail: dict[str, str | int] | None
    listed: list[str]
    answer: str

    def is_by(self, caller: Caller) -> bool:
        """Say whether the caller is now what they were then."""
        now = (caller.role, caller.team, caller.partner)
        return now == (self.role, self.team, self.partner)

    @property
    def needs_right(self) -> bool:
        """Whether it was done by a right to look at one person."""
        return self.entity_id is not None and "relation" in (self.detail or {})

    def tell(self, look: Look) -> None:
        """Let a look be at whom it was then."""
        look.score, look.purpose, look.detail = self.score, self.purpose, self.detail
        look.entity_id, look.listed = self.entity_id, self.listed


@dataclass(frozen=True)
class Once:
    """What tells that a request is the same as one before.

    Attributes:
        key: As the caller chose it; another account may use the same.
        request_sha256: Of all that was asked.
    """

    key: str
    request_sha256: str

    def done(
        self, connection: sa.Connection, caller: Caller, at: dt.datetime
    ) -> Done | None:
        """Return what was done under this key; None if nothing was.

        What is older than a day is forgotten, whoever did it.

        Raises:
            KeyUsed: Something else was done under this key.
        """
        old = idempotency.c.at <= at - KEPT_FOR
        connection.execute(sa.delete(idempotency).where(old))
        mine = idempotency.c.account == caller.account
        query = sa.select(idempotency).where(mine, idempotency.c.key == self.key)
        kept = connection.execute(query).one_or_none()
        if kept is None:
            return None
        if kept.request_sha256 != self.request_sha256:
            raise KeyUsed
        return Done.model_validate_json(kept.done)

    def keep(
        self,
        connection: sa.Connection,
        caller: Caller,
        look: Look,
        answer: object,
        at: dt.datetime,
    ) -> None:
        """Keep what was done, in its transaction."""
        done = Done(
            role=caller.role,
            team=caller.team,
            partner=caller.partner,
            score=look.score,
            entity_id=look.entity_id,
            purpose=look.purpose,
            detail=dict(look.detail) if look.detail else None,
            listed=list(look.listed),
            answer=_text(answer),
        )
        row = {"account": caller.account, "key": self.key, "at": at}
        row |= {"request_sha256": self.request_sha256, "done": done.model_dump_json()}
        connection.execute(sa.insert(idempotency).values(row))


def _text(answer: object) -> str:
    return answer.model_dump_json() if isinstance(answer, Schema) else "null"
