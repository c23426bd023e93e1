"""What a case shows beside its score: record versions, and who the entity is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ibis
import pandas as pd

from features.archive import Archive
from features.contracts import Contract
from features.outcomes import Cohort
from features.place import Place
from models.batches import Identity
from models.cases import StoredRecord


_CLOCKS = ["record_id", "load", "event_date", "known_date"]


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
        wanted = ibis.memtable(part[["record_id", "load"]].drop_duplicates())
        columns = [*_CLOCKS, *contract.record_columns]
        table = archive.records(contract).semi_join(wanted, ["record_id", "load"])
        found = archive.fetch(table.select(columns).order_by(["record_id", "load"]))
        for row in found.to_pylist():
            yield _stored(contract, row)


def _stored(contract: Contract, row: dict[str, Any]) -> StoredRecord:
    return StoredRecord(
        record_id=row["record_id"],
        load=row["load"],
        source=contract.name,
        event_date=row["event_date"],
        known_date=row["known_date"],
        content={name: _plain(row[name]) for name in contract.record_columns},
    )


def identities(
    archive: Archive, place: Place, cohort: Cohort, entity_ids: set[str]
) -> Iterator[Identity]:
    """Yield how each entity is shown: its newest identifiers, the cohort's source first.

    Kinds that are named by a key, such as an area, have none.
    """
    sources = sorted(place.contracts.values(), key=lambda c: c.name != cohort.source)
    shown: dict[str, dict[str, str]] = {}
    for contract in sources:
        for row in _identifiers(archive, contract, cohort.entity):
            if row["entity_id"] in entity_ids:
                known = shown.setdefault(row["entity_id"], {})
                for name, value in row.items():
                    if value is not None and name != "entity_id":
                        known.setdefault(name, str(value))
    for entity_id, display in sorted(shown.items()):
        yield Identity(entity_id, cohort.entity, display)


def _identifiers(
    archive: Archive, contract: Contract, kind: str
) -> Iterator[dict[str, Any]]:
    """Yield one source's newest identifiers of each entity, by linkage attribute."""
    about = next((a for a in contract.about if a.kind == kind and a.identifiers), None)
    if about is None:
        return
    tables = [archive.identity(contract, c) for c in about.identifiers.values()]
    newest = archive.links(kind).select("record_id", "entity_id")
    for name, table in zip(about.identifiers, tables, strict=True):
        column = table.columns[-1]
        values = table.filter(table[column].notnull())
        newest_first = ibis.struct({"load": values.load, "record": values.record_id})
        linked = values.mutate(order=newest_first).join(newest, "record_id")
        found = linked.group_by("entity_id").aggregate(
            **{name: linked[column].argmax(linked.order)}
        )
        yield from archive.fetch(found).to_pylist()


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
