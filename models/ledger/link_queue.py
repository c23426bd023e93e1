"""The queue of uncertain links: linking asks, stewards answer, linking takes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from models.ledger.ledger import Ledger, keep_to_self
from models.ledger.link_tables import link_answers, link_questions


@dataclass(frozen=True)
class LinkQuestion:
    """A pair of groups of records that may be about one entity.

    Attributes:
        pair: The opaque id that linking gave it.
        partner: Whose records both sides are.
        sides: By attribute, what the left and the right side say. Personal.
        left_entity_id: Whom the left side is about; None if linking gave it to nobody.
        right_entity_id: The same of the right side.
    """

    pair: str
    kind: str
    partner: str
    why: str
    usefulness: float
    holds_scores_back: bool
    sides: Mapping[str, tuple[list[str], list[str]]] = field(repr=False)
    left_entity_id: str | None = None
    right_entity_id: str | None = None


@dataclass(frozen=True)
class LinkAnswer:
    """What a steward said of a pair, and linking has not taken yet."""

    id: int
    pair: str
    partner: str
    at: dt.datetime
    verdict: str
    reason: str


def ask(ledger: Ledger, questions: Sequence[LinkQuestion], *, at: dt.datetime) -> None:
    """Put these questions in the place of all that were asked before.

    Raises:
        LedgerUnavailable: Nothing was changed.
    """
    rows = [{**vars(one), "sides": dict(one.sides)} for one in questions]
    with ledger.writing() as connection:
        keep_to_self(link_questions, connection)
        since = sa.select(link_questions.c.pair, link_questions.c.asked_at)
        asked = {row.pair: row.asked_at for row in connection.execute(since)}
        connection.execute(sa.delete(link_questions))
        for row in rows:
            row["asked_at"] = asked.get(str(row["pair"]), at)
        if rows:
            connection.execute(sa.insert(link_questions), rows)


def untaken(ledger: Ledger) -> list[LinkAnswer]:
    """Return the answers that linking has not taken yet, the oldest first.

    Raises:
        LedgerUnavailable: They cannot be read.
    """
    names = ("id", "pair", "partner", "at", "verdict", "reason")
    query = (
        sa.select(*(link_answers.c[name] for name in names))
        .where(link_answers.c.taken_at.is_(None))
        .order_by(link_answers.c.id)
    )
    with ledger.reading() as connection:
        return [LinkAnswer(**row._mapping) for row in connection.execute(query)]


def mark_taken(
    ledger: Ledger, answer: int, *, decision: int | None, at: dt.datetime
) -> None:
    """Write down which decision an answer became.

    Args:
        ledger: Where the answer is.
        answer: Its number.
        decision: The decision's number; None if nobody asks any more.
        at: The moment.
    """
    values = {"taken_at": at, "decision": decision}
    is_it = link_answers.c.id == answer
    with ledger.writing() as connection:
        connection.execute(sa.update(link_answers).where(is_it).values(values))
