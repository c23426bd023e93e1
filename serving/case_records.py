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
from features.snapshots.shown import newest_identifiers, record_versions
from features.store.archive import Archive
from models.batches import Identity
from models.cases import StoredRecord


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
        for row in record_versions(archive, contract, wanted).to_pylist():
            yield _stored(contract, row)


def identities(
    archive: Archive, place: Place, cohort: Cohort, entity_ids: set[str]
) -> Iterator[Identity]:
    """Yield how each entity is shown: newest identifiers, the cohort's source first."""
    sources = sorted(place.contracts.values(), key=lambda c: c.name != cohort.source)
    shown: dict[str, dict[str, str]] = {}
    for contract in sources:
        for row in newest_identifiers(archive, contract, cohort.entity):
            entity_id = row.pop("entity_id")
            if entity_id in entity_ids:
                known = shown.setdefault(entity_id, {})
                for name, value in row.items():
                    known.setdefault(name, str(value))
    for entity_id, display in sorted(shown.items()):
        yield Identity(entity_id, cohort.entity, display)


def _stored(contract: Contract, row: dict[str, Any]) -> StoredRecord:
    return StoredRecord(
        record_id=row["record_id"],
        load=row["load"],
        source=contract.name,
        event_date=row["event_date"],
        known_date=row["known_date"],
        content={name: _plain(row[name]) for name in contract.record_columns},
    )


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
