"""What a case shows beside its score: record versions, and who the entity is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from features.definitions.contracts import Contract
from features.definitions.outcomes import Cohort
from features.definitions.place import Place
from features.snapshots.restrictions import entities_of, location_columns, unlocated
from features.snapshots.shown import newest_identifiers, record_versions
from features.store.archive import Archive
from models.ledger.batches import Identity
from models.ledger.cases import StoredRecord


def stored_records(
    archive: Archive, place: Place, shown: pd.DataFrame
) -> Iterator[StoredRecord]:
    """Yield each record version that a case names, without its identifiers.

    Args:
        archive: Where they are.
        place: Whose contracts say which columns may leave the identity zone.
        shown: `source`, `record_id`, `load`; repeats are given once.
    """
    for source, part in shown.groupby("source"):
        contract = place.contracts[str(source)]
        pairs = part[["record_id", "load"]].drop_duplicates()
        wanted = list(pairs.itertuples(index=False, name=None))
        guarded = unlocated(archive, place, contract)
        places = location_columns(place, contract)
        for row in record_versions(archive, contract, wanted).to_pylist():
            hidden = places if row["record_id"] in guarded else set()
            yield _stored(contract, row, hidden)


def identities(
    archive: Archive, place: Place, cohort: Cohort, entity_ids: set[str]
) -> Iterator[Identity]:
    """Yield how each entity is shown: newest identifiers, the cohort's source first.

    Of a restricted one no place is shown, unless `place.toml` says otherwise.
    """
    sources = sorted(place.contracts.values(), key=lambda c: c.name != cohort.source)
    shown: dict[str, dict[str, str]] = {}
    for contract in sources:
        for row in _shown_identifiers(archive, place, contract, cohort.entity):
            entity_id = row.pop("entity_id")
            if entity_id in entity_ids:
                known = shown.setdefault(entity_id, {})
                for name, value in row.items():
                    known.setdefault(name, str(value))
    for entity_id, display in sorted(shown.items()):
        yield Identity(entity_id, cohort.entity, display)


def _shown_identifiers(
    archive: Archive, place: Place, contract: Contract, kind: str
) -> Iterator[dict[str, Any]]:
    """Yield `entity_id` and one attribute each, without what must not be shown."""
    guarded = entities_of(archive, kind, unlocated(archive, place, contract))
    columns = location_columns(place, contract)
    named = (about for about in contract.about if about.kind == kind)
    places = {n for a in named for n, c in a.identifiers.items() if c in columns}
    for row in newest_identifiers(archive, contract, kind):
        if row["entity_id"] not in guarded or not places & set(row):
            yield row


def _stored(contract: Contract, row: dict[str, Any], hidden: set[str]) -> StoredRecord:
    return StoredRecord(
        record_id=row["record_id"],
        load=row["load"],
        source=contract.name,
        event_date=row["event_date"],
        known_date=row["known_date"],
        content={
            name: _plain(row[name])
            for name in contract.record_columns
            if name not in hidden
        },
    )


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
