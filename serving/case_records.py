"""What a case shows beside its score: record versions, and who the entity is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import repeat

import pandas as pd

from features.definitions.contracts import Contract
from features.definitions.place import Place
from features.snapshots.restrictions import entities_of, location_columns
from features.snapshots.shown import newest_identifiers, record_versions
from features.store.archive import Archive
from features.store.json_columns import cells_of, json_without
from models.ledger.batches import Identity, WrittenRecord
from models.ledger.cases import RecordKey


def stored_records(
    archive: Archive, place: Place, shown: pd.DataFrame, guarded: Collection[int]
) -> Iterator[WrittenRecord]:
    """Yield each record version that a case names, without its identifiers.

    Args:
        archive: Where they are.
        place: Whose contracts say which columns may leave the identity zone.
        shown: `source`, `record_id`, `load`; repeats are given once.
        guarded: The records that are shown without a place.
    """
    for source, part in shown.groupby("source"):
        contract = place.contracts[str(source)]
        pairs = part[["record_id", "load"]].drop_duplicates()
        wanted = list(pairs.itertuples(index=False, name=None))
        yield from versions(archive, place, contract, wanted, guarded)


def versions(
    archive: Archive,
    place: Place,
    contract: Contract,
    wanted: list[RecordKey],
    guarded: Collection[int],
) -> Iterator[WrittenRecord]:
    """Yield some versions of a source's records, without their identifiers.

    Args:
        archive: Where they are.
        place: Whose contracts say which columns may leave the identity zone.
        contract: The source's.
        wanted: Pairs of record id and load; what the archive lacks is left out.
        guarded: The records that are shown without a place.
    """
    table = record_versions(archive, contract, wanted)
    names = table.column_names[4:]
    where = [record in guarded for record in table["record_id"].to_pylist()]
    hidden = location_columns(place, contract)
    content = json_without(table, names, hidden=hidden, where=where)
    clocks = map(cells_of, table.columns[2:4])
    ids = (column.to_pylist() for column in table.columns[:2])
    # The others end; a source's name is repeated for ever.
    columns = (*ids, repeat(contract.name), *clocks, content.to_pylist())
    yield from map(WrittenRecord, *columns)


def identities(
    archive: Archive,
    place: Place,
    kind: str,
    entity_ids: Collection[str],
    guarded: Collection[int],
    *,
    first: str | None = None,
) -> Iterator[Identity]:
    """Yield how each entity is shown: by its newest identifiers.

    Of a restricted one no place is shown, unless `place.toml` says otherwise.

    Args:
        archive: Where they are.
        place: Says what tells where somebody is.
        kind: Of the entities.
        entity_ids: Whose.
        guarded: The records of those of whom no place is shown.
        first: The source whose identifiers go before all others'.
    """
    sources = sorted(place.contracts.values(), key=lambda c: c.name != first)
    unplaced = entities_of(archive, kind, guarded)
    shown: dict[str, dict[str, str]] = {}
    for contract in sources:
        places = _places(place, contract, kind)
        for row in newest_identifiers(archive, contract, kind):
            entity_id = row.pop("entity_id")
            if entity_id in entity_ids:
                hidden = places if entity_id in unplaced else ()
                known = shown.setdefault(entity_id, {})
                for name, value in row.items():
                    if value is not None and name not in hidden:
                        known.setdefault(name, str(value))
    for entity_id, display in sorted(shown.items()):
        yield Identity(entity_id, kind, display)


def _places(place: Place, contract: Contract, kind: str) -> set[str]:
    """Return the linkage attributes by which a source says where somebody is."""
    columns = location_columns(place, contract)
    named = (about for about in contract.about if about.kind == kind)
    return {n for a in named for n, c in a.identifiers.items() if c in columns}
