"""Which records may be shown: by whose they are, the purpose, and opt-outs in force.

The same decides which reasons of a score are told: a `Sight` says it of one look.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace, ShownSource
from models.ledger.cases import StoredRecord
from models.ledger.people_tables import entity_records, withheld_sources
from models.ledger.prepared import Prepared
from models.ledger.tables import records
from serving.access.rights import Right


_WITHHELD = Prepared(
    sa.select(withheld_sources.c.source, withheld_sources.c.purpose).where(
        withheld_sources.c.entity_id == sa.bindparam("entity_id")
    )
)


@dataclass(frozen=True)
class Sight:
    """What one who looks at somebody may be told of, today.

    Attributes:
        withheld: Sources with the purpose for which an opt-out bars each.
        is_for_themself: What is told is for the person, and nobody reviews it: what
            the place flags is left out.
    """

    right: Right
    place: FrozenPlace
    on: dt.date
    withheld: frozenset[tuple[str, str]]
    is_for_themself: bool = False

    def sources(self, purpose: str) -> frozenset[str]:
        """Return the sources that may be used for a score, by a reviewer too.

        Args:
            purpose: What the score is for. Beside what one looks for, that must be
                permitted still, and nobody may have opted out of it.
        """
        both = {self.right.purpose, purpose}
        return frozenset(
            source.name
            for source in self.place.sources
            if all(self._is_open(source, each) for each in both)
        )

    def reason_sources(self, purpose: str) -> frozenset[str]:
        """Return the sources that a score's reasons may be told from.

        Args:
            purpose: What the score is for.
        """
        if not self.is_for_themself:
            return self.sources(purpose)
        # Not all of a special category: that is their own, and a place flags a source
        # that nobody is to read about themself unprepared.
        flagged = {one.name for one in self.place.sources if one.flags}
        return self.sources(purpose) - flagged

    def may_tell(self, purpose: str, of: Iterable[str]) -> bool:
        """Say whether anything may be told of what rests on some sources.

        Args:
            purpose: What the score is for.
            of: The sources that it rests on.
        """
        return not self.sources(purpose).isdisjoint(of)

    def _is_open(self, source: ShownSource, purpose: str) -> bool:
        is_barred = (source.name, purpose) in self.withheld
        return not is_barred and source.may_be_shown(purpose, self.on)


def sight_of(
    connection: sa.Connection,
    right: Right,
    place: FrozenPlace,
    on: dt.date,
    *,
    is_for_themself: bool = False,
) -> Sight:
    """Return what one who looks may be told of; one question to the ledger."""
    rows = _WITHHELD.all(connection, entity_id=right.entity_id)
    withheld = frozenset((row.source, row.purpose) for row in rows)
    return Sight(right, place, on, withheld, is_for_themself)


def sights_of(
    connection: sa.Connection, rights: Sequence[Right], place: FrozenPlace, on: dt.date
) -> list[Sight]:
    """Return of each right what one who looks may be told of, by one question."""
    everybody = [right.entity_id for right in rights]
    query = sa.select(withheld_sources).where(
        withheld_sources.c.entity_id.in_(everybody)
    )
    withheld: dict[str, set[tuple[str, str]]] = {}
    for row in connection.execute(query):
        withheld.setdefault(row.entity_id, set()).add((row.source, row.purpose))
    return [
        Sight(right, place, on, frozenset(withheld.get(right.entity_id, ())))
        for right in rights
    ]


def open_sources(place: FrozenPlace, purpose: str, on: dt.date) -> list[str]:
    """Return the sources whose records may be shown for a purpose on a day."""
    return [s.name for s in place.sources if s.may_be_shown(purpose, on)]


def is_not_withheld(purpose: str) -> sa.ColumnElement[bool]:
    """Return what holds for a row of `entity_records` that no opt-out bars."""
    barred = sa.select(withheld_sources.c.source).where(
        withheld_sources.c.entity_id == entity_records.c.entity_id,
        withheld_sources.c.source == entity_records.c.source,
        withheld_sources.c.purpose == purpose,
    )
    return ~barred.exists()


def may_be_told_of(
    entity_id: sa.ColumnElement[str],
    place: FrozenPlace,
    purpose: str,
    of: Iterable[str],
    on: dt.date,
) -> sa.ColumnElement[bool]:
    """Return what holds of whom `Sight.may_tell` does, to who looks for that purpose.

    Args:
        entity_id: The column that says whom a row is about.
        place: The place.
        purpose: What the score is for, and what one looks for.
        of: The sources that it rests on.
        on: The day.
    """
    usable = set(open_sources(place, purpose, on)).intersection(of)
    barred = (
        sa.select(withheld_sources.c.entity_id)
        .where(withheld_sources.c.purpose == purpose)
        .where(withheld_sources.c.source.in_(usable))
        .group_by(withheld_sources.c.entity_id)
        .having(sa.func.count() == len(usable))
    )
    return entity_id.not_in(barred) if usable else sa.false()


def barred_sources(connection: sa.Connection, right: Right) -> frozenset[str]:
    """Return the sources that an opt-out of this person bars for this purpose."""
    query = sa.select(withheld_sources.c.source).where(
        withheld_sources.c.entity_id == right.entity_id,
        withheld_sources.c.purpose == right.purpose,
    )
    return frozenset(connection.execute(query).scalars())


def stored(row: Any) -> StoredRecord:
    """Return a row that holds one of `records` as a record; the rest of it is left."""
    return StoredRecord(**{c.name: row._mapping[c.name] for c in records.c})
