"""Opinions as they are told: beside the score, with what stewards answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from models.definitions.states import State
from models.ledger.access_tables import accounts
from models.ledger.cases import BatchRow, finished_batches
from models.ledger.tables import batches, scores
from models.ledger.work_tables import opinions
from serving.access.roles import Caller
from serving.audit import Look
from serving.desk.desk import Desk
from serving.desk.found import may_tell
from serving.desk.own_view import waiting_scores
from serving.desk.shown_records import Sight, sight_of
from serving.local_time import dated
from serving.schemas.work import OpinionAnswer, OpinionsAnswer, StewardAnswer


def opinions_about(desk: Desk, caller: Caller, person: str) -> OpinionsAnswer:
    """Return what people think of a person's scores, newest first.

    Raises:
        Unseen: There is nobody, or no right to look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> OpinionsAnswer:
        right, place = desk.person(connection, caller, look, person)
        sight = sight_of(connection, right, place, desk.on())
        said = opinions_of(desk, connection, sight)
        names = {one.score for one in said if one.score}
        hidden = waiting_scores(desk, connection, caller, sight, names)
        return OpinionsAnswer(
            person=person,
            opinions=[one for one in said if one.score not in hidden],
            next_batch={n: next_batch(connection, n) for n in sorted(names - hidden)},
        )

    return desk.asked(caller, "person", read)


def opinions_of(
    desk: Desk,
    connection: sa.Connection,
    sight: Sight,
    score: str | None = None,
) -> list[OpinionAnswer]:
    """Return what people think, newest first, with what stewards answered.

    Args:
        desk: The desk.
        connection: The transaction that looks.
        sight: Whom the scores are about, and which of them may be told.
        score: Only of this one; None of all.
    """
    wanted = opinions.c.entity_id == sight.right.entity_id
    if score is not None:
        wanted &= opinions.c.score == score
    return _answers(desk, connection, sight, wanted)


def next_batch(connection: sa.Connection, score: str) -> str:
    """Return, in words, when a score is made anew, as far as the ledger can know."""
    told = "It can show in the score when the next batch of scores is made"
    newest = finished_batches(connection, score, 1)
    if not newest:
        return f"{told}."
    return f"{told}. The last one was made for {dated(newest[0].as_of)}."


_ANSWERED_BY = accounts.alias("answered_by_account")
_QUERY: sa.Select[Any] = (
    sa.select(
        *opinions.c,
        accounts.c.role,
        accounts.c.display_name.label("by"),
        _ANSWERED_BY.c.display_name.label("steward"),
        batches.c.as_of,
        batches.c.bundle,
    )
    .join(accounts, accounts.c.id == opinions.c.account)
    .outerjoin(_ANSWERED_BY, _ANSWERED_BY.c.id == opinions.c.answered_by)
    .outerjoin(batches, batches.c.id == opinions.c.batch)
    .order_by(opinions.c.at.desc(), opinions.c.id.desc())
)


def one_opinion(
    desk: Desk, connection: sa.Connection, sight: Sight, number: int
) -> OpinionAnswer:
    """Return an opinion by its row's number."""
    return _answers(desk, connection, sight, opinions.c.id == number)[0]


def _answers(
    desk: Desk,
    connection: sa.Connection,
    sight: Sight,
    wanted: sa.ColumnElement[bool],
) -> list[OpinionAnswer]:
    rows = connection.execute(_QUERY.where(wanted)).all()
    return [_answer(desk, connection, sight, row) for row in rows]


def _answer(
    desk: Desk, connection: sa.Connection, sight: Sight, row: sa.Row[Any]
) -> OpinionAnswer:
    partners = {source.partner: source.partner_name for source in sight.place.sources}
    record = None if row.record_id is None else f"{row.record_id}-{row.load}"
    return OpinionAnswer(
        score=row.score,
        as_of=row.as_of,
        said_beside=_said(desk, connection, sight, row.batch, row.bundle),
        kind=row.kind,
        text=row.text,
        record=record,
        partner=row.partner and partners.get(row.partner, row.partner),
        at=row.at,
        by=row.by,
        role=row.role,
        answer=_steward_answer(row),
        **_newer(desk, connection, sight, row),
    )


def _steward_answer(row: sa.Row[Any]) -> StewardAnswer | None:
    if row.answered_at is None:
        return None
    return StewardAnswer(
        verdict=row.verdict,
        text=row.answer or "",
        at=row.answered_at,
        by=row.steward or "",
    )


def _newer(
    desk: Desk, connection: sa.Connection, sight: Sight, row: sa.Row[Any]
) -> dict[str, Any]:
    """Return the newest score that was made after the answer, if there is one."""
    if row.answered_at is None:
        return {}
    newest = finished_batches(connection, row.score, 1)
    if not newest or not _is_later(connection, newest[0], row.answered_at):
        return {}
    batch = newest[0]
    said = _said(desk, connection, sight, batch.id, batch.bundle)
    return {"newer_as_of": batch.as_of, "newer": said} if said else {}


def _is_later(connection: sa.Connection, batch: BatchRow, moment: dt.datetime) -> bool:
    is_later = (batches.c.id == batch.id) & (batches.c.finished > moment)
    query = sa.select(batches.c.id).where(is_later)
    return connection.execute(query).first() is not None


def _said(
    desk: Desk,
    connection: sa.Connection,
    sight: Sight,
    batch: str | None,
    bundle: str | None,
) -> str | None:
    """Return the band or the state of somebody's row in a batch, in words.

    None where nothing of the score may be told.
    """
    query = (
        sa.select(scores.c.band, scores.c.state)
        .where(scores.c.batch == batch, scores.c.entity_id == sight.right.entity_id)
        .order_by(scores.c.as_of.desc(), scores.c.index_record.desc().nulls_last())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None or bundle is None:
        return None
    if row.state is not None:
        return State(row.state).sentence
    meant = desk.shelf.take(connection, bundle)
    labels = {band.name: band.label for band in meant.bands}
    return labels.get(row.band) if may_tell(sight, meant) else None
