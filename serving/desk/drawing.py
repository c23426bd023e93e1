"""Drawing: a score's top, as one act, made into a worklist that ends by itself."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.definitions.bundle import Bundle
from models.definitions.states import State
from models.ledger.access_tables import worklist_people, worklists
from models.ledger.cases import BatchRow, newest_batch
from models.ledger.ledger import keep_to_self
from models.ledger.tables import batches, scores
from serving.access.roles import Caller
from serving.answers.scores import state_answer
from serving.audit import Absent, Look, NotGiven
from serving.desk.desk import Desk
from serving.desk.found import is_plain
from serving.desk.shown_records import may_be_told_of
from serving.schemas.worklists import DrawableAnswer, DrawnAnswer
from serving.scoring import stop_of


_NOBODY = Fault(
    "score",
    "somebody must be left to draw",
    "nobody with a score that may be told who is on no live worklist",
    "give out those who are drawn already, or wait for the next batch",
)


class Top(NamedTuple):
    """Somebody near the top of a score."""

    entity_id: str
    band: str | None


class Source(NamedTuple):
    """What a worklist is drawn of."""

    bundle: Bundle
    batch: BatchRow


def draw(
    desk: Desk, caller: Caller, score: str, size: int | None = None
) -> DrawnAnswer:
    """Draw a worklist of a score's top for a manager's team.

    Those without a score are not on it, nor those of whose score nothing may be told,
    nor those on a live worklist of the score.

    Args:
        desk: Where it is asked.
        caller: Who leads.
        score: The score's name.
        size: How many at most; None takes the score's capacity.

    Raises:
        Misuse: More than the capacity, or none where no capacity is declared.
        NotGiven: The score is paused, or rests on a stale source.
        Unseen: There is no such score, or the caller may not.
        LedgerUnavailable: Nothing is drawn without a record of it.
    """

    def write(connection: sa.Connection, look: Look) -> DrawnAnswer:
        # Of two who draw at once, the second passes over whom the first has.
        keep_to_self(worklists, connection)
        source = _source(desk, connection, score)
        look.score, look.purpose = score, source.bundle.purpose
        if stop := stopped(desk, source):
            raise NotGiven(stop)
        most = _size(size, capacity_of(desk, connection, source))
        top = _top(desk, connection, source, most)
        if not top:
            raise Misuse([_NOBODY])
        rules = desk.place(connection).rules
        if rules.view_first:
            # A place on it would tell of the score; of pseudonyms the order is chance.
            top.sort(key=lambda one: one.entity_id)
        expires = desk.clock() + dt.timedelta(days=rules.worklist_days)
        row: dict[str, Any] = {"team": caller.team, "drawn_by": caller.account}
        row |= {"drawn_at": desk.clock(), "expires": expires}
        number = _keep(connection, source, top, row)
        look.detail = {"worklist": number, "people": len(top)}
        look.listed = [one.entity_id for one in top]
        return DrawnAnswer(worklist=number, people=len(top), expires=expires)

    return desk.asked(caller, "draw", write)


def drawable(desk: Desk, connection: sa.Connection) -> list[DrawableAnswer]:
    """Return the scores that a worklist can be drawn of, by name."""
    query = sa.select(batches.c.score).distinct().order_by(batches.c.score)
    names = connection.execute(query).scalars().all()
    found = [s for name in names if (s := _newest(desk, connection, name))]
    return [_drawable(desk, connection, source) for source in found]


def capacity_of(desk: Desk, connection: sa.Connection, source: Source) -> int | None:
    """Return how many can be visited; None where nobody has declared it.

    A share is one of those who have a score that may be told.
    """
    bundle = source.bundle
    if bundle.capacity is not None or bundle.capacity_share is None:
        return bundle.capacity
    query = sa.select(sa.func.count()).select_from(_given(desk, connection, source))
    among = connection.execute(query).scalar_one()
    return max(1, math.floor(bundle.capacity_share * among))


def stopped(desk: Desk, source: Source) -> State | None:
    """Return why nobody gets the score today; None if nothing is against it."""
    stale = source.bundle.stale_sources(source.batch.received, desk.on())
    return stop_of(source.bundle, desk.on(), stale)


def _source(desk: Desk, connection: sa.Connection, score: str) -> Source:
    found = _newest(desk, connection, score) if is_plain(score) else None
    if found is None:
        raise Absent
    return found


def _newest(desk: Desk, connection: sa.Connection, score: str) -> Source | None:
    batch = newest_batch(connection, score)
    if batch is None:
        return None
    return Source(desk.shelf.take(connection, batch.bundle), batch)


def _drawable(desk: Desk, connection: sa.Connection, source: Source) -> DrawableAnswer:
    stop = stopped(desk, source)
    return DrawableAnswer(
        score=source.bundle.score,
        question=source.bundle.question,
        as_of=source.batch.as_of,
        capacity=capacity_of(desk, connection, source),
        state=state_answer(stop) if stop else None,
    )


def _size(size: int | None, capacity: int | None) -> int:
    if size is None and capacity is None:
        what, do = "the score declares no capacity", "say how many"
        raise Misuse([Fault("size", what, "nothing", do)])
    if size is not None and capacity is not None and size > capacity:
        what = "a worklist is no longer than can be visited"
        do = f"draw {capacity} or fewer"
        raise Misuse([Fault("size", what, str(size), do)])
    return size or capacity or 0


def _top(desk: Desk, connection: sa.Connection, source: Source, most: int) -> list[Top]:
    """Return the highest who are given the score now and are on no live list of it."""
    given = _given(desk, connection, source)
    busy = (
        sa.select(worklist_people.c.entity_id)
        .join(worklists, worklists.c.id == worklist_people.c.worklist)
        .where(worklists.c.score == source.batch.score)
        .where(worklists.c.expires > desk.clock())
        .where(worklist_people.c.ended_at.is_(None))
    )
    query = (
        sa.select(given.c.entity_id, given.c.band)
        .where(given.c.entity_id.not_in(busy))
        .order_by(given.c.log_odds.desc(), given.c.number)
        .limit(most)
    )
    return [Top(*row) for row in connection.execute(query)]


def _given(desk: Desk, connection: sa.Connection, source: Source) -> sa.Subquery:
    """Return the newest row of each who has a score of which something may be told."""
    newest, bundle = _newest_rows(source.batch).subquery(), source.bundle
    may_be_told = may_be_told_of(
        newest.c.entity_id,
        desk.place(connection),
        bundle.purpose,
        bundle.source_by_name,
        desk.on(),
    )
    has_score = (newest.c.place == 1) & newest.c.state.is_(None)
    return sa.select(newest).where(has_score, may_be_told).subquery()


def _newest_rows(batch: BatchRow) -> sa.Select[Any]:
    """Return everybody's rows, with `place` 1 for the newest: of several events one."""
    order = (scores.c.as_of.desc(), scores.c.index_record.desc().nulls_last())
    place = sa.func.row_number().over(partition_by=scores.c.entity_id, order_by=order)
    names = ("entity_id", "band", "state", "log_odds", "number")
    columns = [scores.c[name] for name in names]
    return sa.select(*columns, place.label("place")).where(scores.c.batch == batch.id)


def _keep(
    connection: sa.Connection,
    source: Source,
    top: list[Top],
    row: Mapping[str, Any],
) -> int:
    row = {**row, "score": source.batch.score, "batch": source.batch.id}
    row |= {"as_of": source.batch.as_of, "purpose": source.bundle.purpose}
    made = connection.execute(sa.insert(worklists).values(row)).inserted_primary_key
    assert made is not None
    lines = [
        {"worklist": made[0], "number": number, **one._asdict()}
        for number, one in enumerate(top, 1)
    ]
    if lines:
        connection.execute(sa.insert(worklist_people), lines)
    return int(made[0])
