"""The chronology: all linked records of a person on one line of time, newest first.

It needs no score, and saves asking round.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace, ShownSource
from models.ledger.people_tables import entity_records
from models.ledger.tables import records
from serving.access.rights import Right
from serving.access.roles import Caller
from serving.answers.records import record_answer
from serving.audit import Look
from serving.desk.desk import Desk
from serving.desk.opinions import record_key
from serving.desk.shown_records import barred_sources, open_sources, stored
from serving.schemas.records import ChronologyAnswer, RecordAnswer, SourceAnswer


@dataclass(frozen=True)
class Stretch:
    """Which part of a chronology.

    Attributes:
        partner: Only of this partner, by its id; None of all.
        source: Only of this source; None of all.
    """

    limit: int = 50
    offset: int = 0
    partner: str | None = None
    source: str | None = None


def chronology(
    desk: Desk, caller: Caller, person: str, stretch: Stretch
) -> ChronologyAnswer:
    """Return a stretch of a person's records.

    Raises:
        Unseen: There is nobody, or no right to look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> ChronologyAnswer:
        right, place = desk.person(connection, caller, look, person)
        return timeline(desk, connection, person, right, place, stretch)

    return desk.asked(caller, "chronology", read)


def timeline(
    desk: Desk,
    connection: sa.Connection,
    person: str,
    right: Right,
    place: FrozenPlace,
    stretch: Stretch,
) -> ChronologyAnswer:
    """Return a stretch of the records of somebody who may be looked at."""
    barred = barred_sources(connection, right)
    counts = _counts(connection, right.entity_id)
    shown = set(open_sources(place, right.purpose, desk.on())) - barred
    chosen = [s.name for s in place.sources if s.name in shown and _is_in(stretch, s)]
    query = (
        _records_of(right, chosen)
        .order_by(entity_records.c.event_date.desc(), entity_records.c.record_id.desc())
        .limit(stretch.limit)
        .offset(stretch.offset)
    )
    return ChronologyAnswer(
        person=person,
        total=sum(counts.get(name, 0) for name in chosen),
        limit=stretch.limit,
        offset=stretch.offset,
        records=[
            record_answer(place, stored(row), row.link)
            for row in connection.execute(query)
        ],
        sources=[
            _source(source, counts.get(source.name, 0), right, barred, desk.on())
            for source in place.sources
        ],
    )


def record_of(
    connection: sa.Connection,
    right: Right,
    place: FrozenPlace,
    number: str,
    on: dt.date,
) -> RecordAnswer | None:
    """Return one record of somebody who may be looked at, by its number.

    Args:
        connection: The transaction that looks.
        right: Why they may be looked at.
        place: Says what the record means, and whether it may be shown.
        number: As it stands beside the record, such as `1042-7`.
        on: The day.

    Returns:
        None if it is none of theirs, or may not be shown.
    """
    key = record_key(number)
    if key is None:
        return None
    shown = set(open_sources(place, right.purpose, on))
    query = _records_of(right, shown - barred_sources(connection, right)).where(
        records.c.record_id == key[0], records.c.load == key[1]
    )
    row = connection.execute(query).one_or_none()
    return record_answer(place, stored(row), row.link) if row else None


def _records_of(right: Right, sources: Collection[str]) -> sa.Select[Any]:
    same = (records.c.record_id == entity_records.c.record_id) & (
        records.c.load == entity_records.c.load
    )
    return (
        sa.select(*records.c, entity_records.c.probability.label("link"))
        .join(entity_records, same)
        .where(entity_records.c.entity_id == right.entity_id)
        .where(entity_records.c.source.in_(sources))
    )


def _is_in(stretch: Stretch, source: ShownSource) -> bool:
    return stretch.partner in (None, source.partner) and stretch.source in (
        None,
        source.name,
    )


def _counts(connection: sa.Connection, entity_id: str) -> dict[str, int]:
    query = (
        sa.select(entity_records.c.source, sa.func.count().label("number"))
        .where(entity_records.c.entity_id == entity_id)
        .group_by(entity_records.c.source)
    )
    return {row.source: row.number for row in connection.execute(query)}


def _source(
    source: ShownSource,
    count: int,
    right: Right,
    barred: frozenset[str],
    on: dt.date,
) -> SourceAnswer:
    why = _why_not(source, right, barred, on)
    age = (on - source.received).days if source.received else None
    return SourceAnswer(
        name=source.name,
        title=source.title,
        partner=source.partner_name,
        partner_id=source.partner,
        # How many there are of what may not be shown is not told either.
        records=0 if why else count,
        received=source.received,
        is_stale=age is None or age > source.greatest_age_days,
        not_shown=why,
    )


def _why_not(
    source: ShownSource, right: Right, barred: frozenset[str], on: dt.date
) -> str | None:
    if right.purpose not in source.purposes:
        return "may not be used for this purpose"
    if not source.may_be_shown(right.purpose, on):
        return "the agreement with the partner has ended"
    if source.name in barred:
        return "the person has opted out of this use"
    return None
