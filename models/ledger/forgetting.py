"""Forgetting in the ledger: what is said of people leaves every table of it.

Rows that count something for the board, such as decisions, stay and say nobody. What
only exists for one person goes with its row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from features.faults import Fault
from features.forgetting.tombstones import Seals, Tombstone
from models.ledger.access_tables import alerts, grants, idempotency, worklist_people
from models.ledger.engines import shown_address
from models.ledger.ledger import Ledger, LedgerUnavailable, insert_new
from models.ledger.link_tables import link_questions
from models.ledger.people_tables import (
    cases,
    entity_records,
    former_names,
    withheld_sources,
)
from models.ledger.tables import (
    batches,
    identities,
    metadata,
    records,
    scores,
)
from models.ledger.work_tables import (
    decisions,
    opinions,
    rights_requests,
    subject_packs,
    tombstones,
)


# SQLite takes 32,766 values in a statement.
_AT_ONCE = 500

# Whose rows go with the person.
_ROWS_OF_ONE = (
    *(scores, identities, entity_records, cases, withheld_sources),
    *(worklist_people, grants, former_names),
)
_NO_SCORE = {"entity_id": None, "score": None, "batch": None}
_NO_RECORD = {"record_id": None, "load": None, "text": None, "answer": None}
# Whose rows stay, and what they do not say any more.
_KEPT: dict[sa.Table, dict[str, None]] = {
    alerts: {"entity_id": None, "reason": None},
    decisions: {**_NO_SCORE, "what": None},
    opinions: {**_NO_SCORE, **_NO_RECORD},
    rights_requests: {"entity_id": None, "what": None, "answer": None},
}

# They may quote what was written about anybody and do not say of whom: answers that are
# kept to be given again, and questions to stewards, which the next linking asks afresh.
_OF_ANYBODY = (idempotency, link_questions)

_Change = sa.Delete | sa.Update


class Copy(NamedTuple):
    """A version of a record, as the ledger numbers it."""

    source: str
    record_id: int
    load: int


@dataclass(frozen=True)
class Going:
    """What goes from the ledger.

    Attributes:
        names: Pseudonyms of people and of other entities.
        copies: Versions of records.
        tombstone: Says which records of a source go by their date or load.
    """

    names: frozenset[str]
    copies: frozenset[Copy]
    tombstone: Tombstone


def going_of(connection: sa.Connection, tombstone: Tombstone, seals: Seals) -> Going:
    """Return what a tombstone stands for in this ledger; nothing once it is gone."""
    sealed, copied = set(tombstone.entities), set(tombstone.copies)
    names = frozenset(n for n in names_in(connection) if seals.entity(n) in sealed)
    copies = frozenset(
        copy for copy in copies_in(connection) if seals.copy(*copy) in copied
    )
    return Going(names, copies, tombstone)


def names_in(connection: sa.Connection) -> Iterator[str]:
    """Yield every pseudonym that the ledger holds, in whatever table; some twice."""
    for table in metadata.sorted_tables:
        if "entity_id" in table.c:
            column = table.c.entity_id
            query = sa.select(column).where(column.is_not(None)).distinct()
            yield from connection.execute(query).scalars()


def copies_in(connection: sa.Connection) -> Iterator[Copy]:
    """Yield every version of a record that the ledger holds; some twice."""
    for table in (records, entity_records):
        query = sa.select(table.c.source, table.c.record_id, table.c.load).distinct()
        yield from (Copy(*row) for row in connection.execute(query))


def copies_of(connection: sa.Connection, entity_id: str) -> list[Copy]:
    """Return the versions of records that the ledger holds about somebody."""
    mine = sa.select(entity_records.c.record_id).where(
        entity_records.c.entity_id == entity_id
    )
    columns = (records.c.source, records.c.record_id, records.c.load)
    query = sa.select(*columns).where(records.c.record_id.in_(mine))
    return [Copy(*row) for row in connection.execute(query)]


def tombstones_in(connection: sa.Connection) -> list[Tombstone]:
    """Return the ledger's own tombstones, oldest first."""
    query = sa.select(tombstones.c.content).order_by(tombstones.c.id)
    found = connection.execute(query).scalars()
    return [Tombstone.model_validate_json(content) for content in found]


def unreplayed(connection: sa.Connection, seals: Collection[str]) -> Fault | None:
    """Return a fault if a ledger knows nothing of a purge that was written down.

    It is from a backup, or the purge was cut short: it would show who was forgotten.

    Args:
        connection: A transaction, or none.
        seals: Of the tombstones that stand beside the ledger's anchors.
    """
    known = set(connection.execute(sa.select(tombstones.c.seal)).scalars())
    lacking = len(set(seals) - known)
    if not lacking:
        return None
    where = shown_address(connection.engine.url)
    what = "the ledger knows of every purge that is kept beside the anchors"
    return Fault(where, what, f"nothing of {lacking}", "run: lamppost purge replay")


def forget(connection: sa.Connection, going: Going, *, is_new: bool) -> dict[str, int]:
    """Remove what goes, in a transaction under way; looks at it are for the audit.

    Args:
        connection: The transaction.
        going: What goes.
        is_new: This ledger did not know of the tombstone yet.

    Returns:
        By table how many rows went or say nobody now; none of those without any.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    statements: list[_Change] = []
    for names in _some(sorted(going.names)):
        statements += _of_names(names)
    for numbers in _some(sorted({copy.record_id for copy in going.copies})):
        statements += _of_records(numbers)
    if going.tombstone.source is not None:
        statements += _of_source(going.tombstone)
    counts: Counter[str] = Counter()
    for statement in statements:
        name = str(statement.entity_description["name"])
        counts[name] += connection.execute(statement).rowcount
    if is_new or counts.total():
        for table in _OF_ANYBODY:
            connection.execute(sa.delete(table))
    return {name: count for name, count in sorted(counts.items()) if count}


def keep_tombstone(connection: sa.Connection, tombstone: Tombstone) -> bool:
    """Keep a tombstone in the ledger, unless it is there; say whether it was new."""
    kept = {"at", "what", "because", "by", "seal", "counts"}
    row = tombstone.model_dump(include=kept) | {"content": tombstone.model_dump_json()}
    return connection.execute(insert_new(tombstones, connection), row).rowcount > 0


def scrub(ledger: Ledger) -> None:
    """Let nothing of what was removed stay behind in the database's free space.

    On Postgres space is only freed for use again; what is in its log and in backups
    goes when those do.

    Raises:
        LedgerUnavailable: Others hold the database.
    """
    raw = ledger.engine.raw_connection()
    driver: Any = raw.driver_connection
    is_postgres = ledger.engine.dialect.name == "postgresql"
    try:
        if is_postgres:
            driver.autocommit = True
        driver.execute("VACUUM")
    except ledger.engine.dialect.loaded_dbapi.Error as error:
        raise LedgerUnavailable("what was removed cannot be scrubbed") from error
    finally:
        if is_postgres:
            driver.autocommit = False
        raw.close()


def _of_names(names: Sequence[str]) -> list[_Change]:
    return [
        _empty_packs(names),
        *(sa.delete(t).where(t.c.entity_id.in_(names)) for t in _ROWS_OF_ONE),
        sa.delete(former_names).where(former_names.c.now.in_(names)),
        *(
            sa.update(table).where(table.c.entity_id.in_(names)).values(nothing)
            for table, nothing in _KEPT.items()
        ),
    ]


def _of_records(numbers: Sequence[int]) -> list[_Change]:
    said = sa.update(opinions).where(opinions.c.record_id.in_(numbers))
    tables = (records, entity_records, cases)
    return [
        said.values(_NO_RECORD),
        *(sa.delete(table).where(table.c.record_id.in_(numbers)) for table in tables),
    ]


def _of_source(tombstone: Tombstone) -> list[_Change]:
    def goes(table: sa.Table) -> sa.ColumnElement[bool]:
        found = table.c.source == tombstone.source
        if tombstone.before is not None:
            found &= table.c.event_date < tombstone.before
        if tombstone.last_load is not None:
            found &= table.c.load <= tombstone.last_load
        return found

    tables = (records, entity_records)
    opened = (
        sa.delete(cases).where(
            cases.c.record_id.in_(sa.select(table.c.record_id).where(goes(table)))
        )
        for table in tables
    )
    resting = sa.select(batches.c.id).where(batches.c.score.in_(tombstone.scores))
    going = scores.c.batch.in_(resting) & (scores.c.as_of <= tombstone.last_as_of)
    return [
        # First, while it can be told whose records and scores go.
        _empty_packs(sa.select(entity_records.c.entity_id).where(goes(entity_records))),
        _empty_packs(sa.select(scores.c.entity_id).where(going)),
        *opened,
        *(sa.delete(table).where(goes(table)) for table in tables),
        sa.delete(scores).where(going),
    ]


def _empty_packs(of: sa.Select[Any] | Sequence[str]) -> sa.Update:
    """Packs quote records, and all that is held: they go as a whole."""
    of_them = rights_requests.c.entity_id.in_(of)
    requests = sa.select(rights_requests.c.id).where(of_them)
    held = subject_packs.c.content.is_not(None)
    packs = sa.update(subject_packs).where(held, subject_packs.c.request.in_(requests))
    return packs.values(content=None)


def _some(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(values), _AT_ONCE):
        yield values[first : first + _AT_ONCE]
