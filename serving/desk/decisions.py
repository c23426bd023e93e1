"""Decisions: what was done after looking. Nothing is ever sent or closed by one.

They are the evidence that people decide: each is shown beside the score, and counted
for the board without a name.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.ledger.access_tables import accounts
from models.ledger.tables import batches
from models.ledger.work_tables import decisions
from serving.access.roles import Caller
from serving.audit import Look
from serving.desk.desk import Desk
from serving.desk.found import find
from serving.desk.own_view import waiting_scores
from serving.desk.shown_records import sight_of
from serving.schemas.work import Decision, DecisionAnswer, DecisionsAnswer


# Of these nobody could tell later what was done; all others are one click.
NEED_WORDS = ("offered", "referred")


def decide(
    desk: Desk, caller: Caller, person: str, decision: Decision
) -> DecisionAnswer:
    """Keep what was done, beside the person's newest score.

    Raises:
        Misuse: It must be said what was offered, or where to.
        Unseen: It is not there, or the caller may not look.
        LedgerUnavailable: It was not kept.
    """
    what = _words(decision)

    def keep(connection: sa.Connection, look: Look) -> DecisionAnswer:
        right, _ = desk.person(connection, caller, look, person)
        found = find(desk, connection, look, decision.score, right.entity_id)
        row = {
            "at": desk.clock(),
            "account": caller.account,
            "entity_id": right.entity_id,
            "score": decision.score,
            "batch": found.batch.id,
            "kind": decision.kind,
            "what": what,
            "relation": right.relation,
        }
        insert = sa.insert(decisions).values(row).returning(decisions.c.id)
        return _one(connection, connection.execute(insert).scalar_one())

    return desk.asked(caller, "decide", keep)


def decisions_about(desk: Desk, caller: Caller, person: str) -> DecisionsAnswer:
    """Return what was done for a person, newest first.

    Raises:
        Unseen: There is nobody, or no right to look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> DecisionsAnswer:
        right, place = desk.person(connection, caller, look, person)
        done = decisions_of(connection, right.entity_id)
        sight = sight_of(connection, right, place, desk.on())
        names = {one.score for one in done}
        hidden = waiting_scores(desk, connection, caller, sight, names)
        shown = [one for one in done if one.score not in hidden]
        return DecisionsAnswer(person=person, decisions=shown)

    return desk.asked(caller, "person", read)


def decisions_of(
    connection: sa.Connection, entity_id: str, score: str | None = None
) -> list[DecisionAnswer]:
    """Return what was done for somebody, newest first; beside one score or all."""
    query = _QUERY.where(decisions.c.entity_id == entity_id)
    if score is not None:
        query = query.where(decisions.c.score == score)
    newest = query.order_by(decisions.c.at.desc(), decisions.c.id.desc())
    return [_answer(row) for row in connection.execute(newest)]


def _words(decision: Decision) -> str | None:
    """Return what was said; a `Misuse` where something must be said and is not."""
    said = (decision.what or "").strip()
    if decision.kind in NEED_WORDS and not said:
        what = "it must be said what was offered, or where to"
        raise Misuse([Fault("what", what, "nothing", "write it in a few words")])
    return said or None


_QUERY: sa.Select[Any] = (
    sa.select(
        *(decisions.c.score, decisions.c.kind, decisions.c.what, decisions.c.at),
        *(decisions.c.relation, accounts.c.role, batches.c.as_of),
        accounts.c.display_name.label("by"),
    )
    .join(accounts, accounts.c.id == decisions.c.account)
    .outerjoin(batches, batches.c.id == decisions.c.batch)
)


def _one(connection: sa.Connection, number: int) -> DecisionAnswer:
    return _answer(connection.execute(_QUERY.where(decisions.c.id == number)).one())


def _answer(row: sa.Row[Any]) -> DecisionAnswer:
    return DecisionAnswer(**row._mapping)
