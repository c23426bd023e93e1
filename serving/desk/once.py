"""Once: a write that is sent twice is done once, and answered the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from models.ledger.access_tables import idempotency
from serving.access.roles import Caller
from serving.audit import Action, Look, Outcome, Unseen
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


class DoneLook(Schema):
    """A look as it stood in the audit, to stand there again."""

    action: Action
    score: str | None
    entity_id: str | None
    purpose: str | None
    detail: dict[str, str | int] | None
    listed: list[str]
    also: list[DoneLook]

    @classmethod
    def of(cls, look: Look) -> DoneLook:
        """Return a look as it is kept."""
        return cls(
            action=look.action,
            score=look.score,
            entity_id=look.entity_id,
            purpose=look.purpose,
            detail=dict(look.detail) if look.detail else None,
            listed=list(look.listed),
            also=[cls.of(one) for one in look.also],
        )

    def tell(self, look: Look) -> None:
        """Let a look be at whom it was then."""
        look.score, look.purpose, look.detail = self.score, self.purpose, self.detail
        look.entity_id, look.listed = self.entity_id, self.listed
        look.also = [one._by(look.by) for one in self.also]

    def _by(self, name: str) -> Look:
        look = Look(name, self.action)
        self.tell(look)
        return look


class Done(Schema):
    """What was done before, as it is kept.

    Attributes:
        role: The caller's then, as are `team` and `partner`.
        look: At whom, and why they might.
        answer: As JSON.
    """

    role: str
    team: str | None
    partner: str | None
    look: DoneLook
    answer: str

    def is_by(self, caller: Caller) -> bool:
        """Say whether the caller is now what they were then."""
        now = (caller.role, caller.team, caller.partner)
        return now == (self.role, self.team, self.partner)

    @property
    def by_right_to(self) -> str | None:
        """Whom it was done about by a right to look at them; None if by none."""
        return self.look.entity_id if "relation" in (self.look.detail or {}) else None


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
            look=DoneLook.of(look),
            answer=_text(answer),
        )
        row = {"account": caller.account, "key": self.key, "at": at}
        row |= {"request_sha256": self.request_sha256, "done": done.model_dump_json()}
        connection.execute(sa.insert(idempotency).values(row))


def _text(answer: object) -> str:
    return answer.model_dump_json() if isinstance(answer, Schema) else "null"
