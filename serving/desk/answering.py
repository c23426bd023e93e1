"""Answering: what a steward says of a record or a link, and what happens next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, get_args

import sqlalchemy as sa

from features.faults import Fault
from models.ledger.ledger import keep_to_self
from models.ledger.link_tables import link_answers
from models.ledger.work_tables import opinions
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.opinions import refuse_misuse
from serving.desk.opinions_told import next_batch
from serving.desk.stewards import RECORD, find_waiting, note
from serving.schemas.work import (
    AnsweredItem,
    LinkReason,
    LinkVerdict,
    RecordVerdict,
    Verdict,
)


# As `features.linkage.decisions_store` has it, which the service does not import.
USUAL_REASON: dict[str, LinkReason] = {
    "same": "identifiers agree",
    "different": "identifiers differ",
    "cannot tell": "not enough to tell",
}
_NEXT_FOR_LINK = "The next linking takes it; the scores follow with their next batch."


def answer(desk: Desk, caller: Caller, item: str, verdict: Verdict) -> AnsweredItem:
    """Keep a steward's answer; what was asked leaves the queue.

    What is said of a record is shown beside the score. A link is made or parted by
    the next linking.

    Raises:
        Misuse: The verdict does not fit what was asked, or says nothing.
        Unseen: It does not wait (any more), or not for this caller.
        LedgerUnavailable: It was not kept.
    """

    def keep(connection: sa.Connection, look: Look) -> AnsweredItem:
        # Of two who answer at once, the second finds it answered.
        keep_to_self(link_answers, connection)
        kind, row = find_waiting(desk, connection, caller, item)
        refuse_misuse(_faults(kind, verdict))
        at = desk.clock()
        look.detail = {"about": kind, "verdict": verdict.verdict}
        note(look, kind, row)
        if kind == RECORD:
            told = _of_record(connection, caller, row, verdict, at)
        else:
            _of_link(connection, caller, row, verdict, at)
            told = _NEXT_FOR_LINK
        return AnsweredItem(item=item, verdict=verdict.verdict, at=at, next=told)

    return desk.asked(caller, "answer", keep)


def _of_record(
    connection: sa.Connection,
    caller: Caller,
    row: Any,
    verdict: Verdict,
    at: dt.datetime,
) -> str:
    still = (opinions.c.id == row.number) & opinions.c.answered_at.is_(None)
    said = {
        "answered_at": at,
        "answered_by": caller.account,
        "verdict": verdict.verdict,
        "answer": (verdict.text or "").strip(),
    }
    asked = sa.update(opinions).where(still).values(said).returning(opinions.c.score)
    score = connection.execute(asked).one_or_none()
    if score is None:
        raise Absent
    told = "Your answer now stands beside the score."
    if verdict.verdict != "corrected by the partner" or score[0] is None:
        return told
    return f"{told} {next_batch(connection, score[0])}"


def _of_link(
    connection: sa.Connection,
    caller: Caller,
    row: Any,
    verdict: Verdict,
    at: dt.datetime,
) -> None:
    said = {
        "pair": row.pair,
        "partner": row.partner,
        "at": at,
        "account": caller.account,
        "verdict": verdict.verdict,
        "reason": verdict.reason or USUAL_REASON[verdict.verdict],
    }
    connection.execute(sa.insert(link_answers).values(said))


def _faults(kind: str, verdict: Verdict) -> Iterator[Fault]:
    known = get_args(RecordVerdict if kind == RECORD else LinkVerdict)
    if verdict.verdict not in known:
        do = f"choose one of: {', '.join(known)}"
        yield Fault("verdict", "the answer must fit the question", "another", do)
    if kind == RECORD and not (verdict.text or "").strip():
        what = "whoever asked must learn what was found out"
        yield Fault("text", what, "nothing", "write it in a few words")
    if kind == RECORD and verdict.reason is not None:
        what = "only a link is decided for a listed reason"
        yield Fault("reason", what, "one", "leave it out, and write a text")
