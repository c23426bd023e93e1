"""Cases: what the ledger holds of one entity and one score, and how it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from models.definitions.doubt import LinkDoubt, Private, Probability, Withheld
from models.definitions.states import State
from models.ledger.ledger import Ledger
from models.ledger.prepared import Prepared
from models.ledger.tables import batches, records, scores


RecordKey = tuple[int, int]


class Evidence(Private):
    """The records behind one indicator of one case.

    Attributes:
        records: Record id and load, newest event first; of very many only the newest,
            and none of events near a point. Of an indicator by a relation they are
            other people's: each is shown only to those who may look at whom it is
            about, as `entity_records` says.
        total: How many there are in all.
        earliest_event: The oldest event's date; None without records.
        latest_event: The newest event's date; None without records.
        lowest_link: The least certain link among them; None where none was needed.
        link_product: The product of the links' probabilities, over the different
            identities that probability holds: forty letters in one name are one doubt,
            not forty. None where no link was needed.
    """

    records: list[RecordKey] = Field(default_factory=list)
    total: Annotated[int, Field(ge=0)] = 0
    earliest_event: dt.date | None = None
    latest_event: dt.date | None = None
    lowest_link: Probability | None = None
    link_product: Probability | None = None


class CaseFile(Private):
    """What a score of one entity on one date rests on.

    Attributes:
        values: By indicator; None is missing.
        contributions: Log-odds by indicator, in the model's order.
        evidence: By indicator; those without records may be left out.
        ranked_among: How many were scored on the same as-of date.
        doubt: What the links' uncertainty makes of it; None where nobody asked.
    """

    values: dict[str, float | str | None] = Field(default_factory=dict)
    contributions: dict[str, float] = Field(default_factory=dict)
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    ranked_among: int | None = None
    doubt: LinkDoubt | None = None

    @property
    def lowest_link(self) -> float | None:
        """The least certain link that anything here rests on."""
        links = (e.lowest_link for e in self.evidence.values())
        return min((link for link in links if link is not None), default=None)


@dataclass(frozen=True)
class Scored:
    """A score that can be given.

    Attributes:
        log_odds: The model's base and the contributions.
        rank_share: Share of those scored on the same date that score lower; None where
            there is nobody to compare with, and then there is no band.
        band: The name of the band that the rank lies in.
    """

    log_odds: float
    probability: float
    rank_share: float | None
    band: str | None
    case_file: CaseFile

    def with_doubt(self, doubt: LinkDoubt) -> Scored:
        """Return the score with what the links' uncertainty makes of it."""
        case_file = self.case_file.model_copy(update={"doubt": doubt})
        return replace(self, case_file=case_file)


@dataclass(frozen=True)
class ScoreRow:
    """One entity on one as-of date: its score, or the state that stands for it.

    Attributes:
        index_record: The event that the row stands for; None in a calendar cohort.
        withheld: Why, where doubt in links or a new category gave it its state.
    """

    entity_id: str
    as_of: dt.date
    index_record: int | None
    given: Scored | State
    withheld: Withheld | None = None


@dataclass(frozen=True)
class BatchRow:
    """A finished batch.

    Attributes:
        received: The day of each source's newest load when it was made.
    """

    id: str
    score: str
    bundle: str
    as_of: dt.date
    received: Mapping[str, dt.date]


@dataclass(frozen=True)
class StoredRecord:
    """One version of one record, without anything that names a person."""

    record_id: int
    load: int
    source: str
    event_date: dt.date
    known_date: dt.date
    content: Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True)
class Ranked:
    """A line of the list by rank."""

    entity_id: str
    as_of: dt.date
    index_record: int | None
    state: State | None
    rank_share: float | None
    band: str | None


_FINISHED = Prepared(
    sa.select(batches)
    .where(batches.c.score == sa.bindparam("score"), batches.c.finished.is_not(None))
    .order_by(batches.c.as_of.desc(), batches.c.finished.desc(), batches.c.id)
    .limit(sa.bindparam("most"))
)
_CASE = Prepared(
    sa.select(scores)
    .where(scores.c.batch == sa.bindparam("batch"))
    .where(scores.c.entity_id == sa.bindparam("entity_id"))
    .order_by(scores.c.as_of.desc(), scores.c.index_record.desc().nulls_last())
    .limit(1)
)


def newest_batch(connection: sa.Connection, score: str) -> BatchRow | None:
    """Return the finished batch of the newest as-of date; None if there is none."""
    return next(iter(finished_batches(connection, score, 1)), None)


def finished_batches(
    connection: sa.Connection, score: str, most: int
) -> list[BatchRow]:
    """Return the finished batches of a score, that of the newest as-of date first."""
    return [_batch(row) for row in _FINISHED.all(connection, score=score, most=most)]


def _batch(row: Any) -> BatchRow:
    received = {s: dt.date.fromisoformat(day) for s, day in row.received.items()}
    return BatchRow(row.id, row.score, row.bundle, row.as_of, received)


def case_of(
    connection: sa.Connection, batch: BatchRow, entity_id: str
) -> ScoreRow | None:
    """Return an entity's newest row in a batch; None if the batch has none."""
    row = _CASE.first(connection, batch=batch.id, entity_id=entity_id)
    return None if row is None else _row(row)


def first_withheld_for_link(ledger: Ledger, score: str) -> ScoreRow | None:
    """Return a row of the newest batch whose score doubt in links withholds.

    Args:
        ledger: Where the batch is.
        score: The score's name.

    Returns:
        The first in the order of the batch; None if there is none, or no batch.
    """
    with ledger.reading() as connection:
        batch = newest_batch(connection, score)
        if batch is None:
            return None
        by_link = scores.c.state == State.LINK_UNCERTAIN.value
        query = (
            sa.select(scores)
            .where(scores.c.batch == batch.id, by_link, scores.c.withheld.is_not(None))
            .order_by(scores.c.number)
            .limit(1)
        )
        row = connection.execute(query).one_or_none()
        return None if row is None else _row(row)


def records_of(
    connection: sa.Connection, keys: Collection[RecordKey]
) -> list[StoredRecord]:
    """Return the versions of records that the keys name, newest event first."""
    wanted = sa.tuple_(records.c.record_id, records.c.load).in_(list(keys))
    query = (
        sa.select(records)
        .where(wanted)
        .order_by(records.c.event_date.desc(), records.c.record_id.desc())
    )
    return [StoredRecord(**row._mapping) for row in connection.execute(query)]


def rank_among(
    connection: sa.Connection, batch: BatchRow, as_of: dt.date, log_odds: float
) -> tuple[float, int] | None:
    """Return the share scored lower on that date, and how many were; None if nobody."""
    lower = sa.func.sum(sa.case((scores.c.log_odds < log_odds, 1), else_=0))
    query = sa.select(lower, sa.func.count()).where(
        scores.c.batch == batch.id,
        scores.c.as_of == as_of,
        scores.c.log_odds.is_not(None),
    )
    below, among = connection.execute(query).one()
    return (below / among, among) if among else None


def newest_as_of(connection: sa.Connection, batch: BatchRow) -> dt.date | None:
    """Return the newest as-of date on which anyone was scored; None if nobody was."""
    query = sa.select(sa.func.max(scores.c.as_of)).where(
        scores.c.batch == batch.id, scores.c.log_odds.is_not(None)
    )
    return connection.execute(query).scalar()


def ranked(
    connection: sa.Connection,
    batch: BatchRow,
    as_of: dt.date,
    *,
    limit: int,
    offset: int,
) -> tuple[list[Ranked], int]:
    """Return a page of the rows of one date, highest first, and how many there are."""
    of_date = (scores.c.batch == batch.id, scores.c.as_of == as_of)
    total = connection.execute(sa.select(sa.func.count()).where(*of_date)).scalar_one()
    query = (
        sa.select(*_ranked_columns())
        .where(*of_date)
        .order_by(scores.c.log_odds.desc().nulls_last(), scores.c.number)
        .limit(limit)
        .offset(offset)
    )
    page = [
        Ranked(**{**row._mapping, "state": _state(row.state)})
        for row in connection.execute(query)
    ]
    return page, total


def _ranked_columns() -> Sequence[sa.ColumnElement[object]]:
    names = ("entity_id", "as_of", "index_record", "state", "rank_share", "band")
    return [scores.c[name] for name in names]


def _row(row: Any) -> ScoreRow:
    given = _scored(row) if row.state is None else State(row.state)
    why = row.withheld and Withheld.model_validate_json(row.withheld)
    return ScoreRow(row.entity_id, row.as_of, row.index_record, given, why)


def _scored(row: Any) -> Scored:
    case_file = CaseFile.model_validate_json(row.case_file)
    numbers = (row.log_odds, row.probability, row.rank_share)
    return Scored(*numbers, row.band, case_file)


def _state(name: str | None) -> State | None:
    return None if name is None else State(name)
