"""Owners: which partner a record came from, so that its steward can be asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyarrow as pa
import pyarrow.compute as pc

from features.definitions.place import Place
from features.linkage.queue import UncertainPair
from features.linkage.records import read_files
from features.store.warehouse import Warehouse


def owners(
    warehouse: Warehouse, place: Place, pairs: Iterable[UncertainPair]
) -> dict[str, str]:
    """Return, by pair, the partner whose records both sides are, and nobody else's.

    A pair of records of several partners is left out: no one partner's steward may see
    all of it.
    """
    pairs = list(pairs)
    records = {record for pair in pairs for side in pair.sides for record in side}
    partner_of = _partners(warehouse, place, records)
    found = {}
    for pair in pairs:
        partners = {partner_of.get(record) for side in pair.sides for record in side}
        [partner, *others] = partners or {None}
        if partner is not None and not others:
            found[pair.id] = partner
    return found


def _partners(
    warehouse: Warehouse, place: Place, records: Collection[int]
) -> dict[int, str]:
    manifest, wanted = warehouse.manifest(), pa.array(sorted(records), pa.int64())
    found: dict[int, str] = {}
    for contract in place.contracts.values():
        paths = [
            warehouse.path(load.records) for load in manifest.loads_of(contract.name)
        ]
        if paths:
            ids = read_files(paths, ["record_id"])["record_id"]
            own = ids.filter(pc.is_in(ids, value_set=wanted))
            found |= dict.fromkeys(own.to_pylist(), contract.partner)
    return found
