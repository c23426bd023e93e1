"""What a case shows of the records: their versions, and who the entity is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.contracts import Contract
from features.store.archive import Archive, table_of


if TYPE_CHECKING:
    import pyarrow as pa

_CLOCKS = ["record_id", "load", "event_date", "known_date"]


def record_versions(
    archive: Archive, contract: Contract, wanted: list[tuple[int, int]]
) -> pa.Table:
    """Return some versions of a source's records, without their identifiers.

    Args:
        archive: Where they are.
        contract: The source's; it says which columns may leave the identity zone.
        wanted: Pairs of record id and load.

    Returns:
        `record_id`, `load`, `event_date`, `known_date` and the contract's record
        columns, sorted by record and load.
    """
    columns = {
        "record_id": [record for record, _ in wanted],
        "load": [load for _, load in wanted],
    }
    chosen = table_of(columns, {"record_id": "int64", "load": "int32"})
    table = archive.records(contract).semi_join(chosen, ["record_id", "load"])
    shown = table.select(*_CLOCKS, *contract.record_columns)
    return archive.fetch(shown.order_by(["record_id", "load"]))


def newest_identifiers(
    archive: Archive, contract: Contract, kind: str
) -> Iterator[dict[str, Any]]:
    """Yield `entity_id` and one linkage attribute's newest value, as a source gave it.

    They come out of the identity zone, for the ledger's own table of identities and
    nothing else. Kinds that are named by a key, such as an area, have none.
    """
    identifiers = [a.identifiers for a in contract.about if a.kind == kind]
    links = archive.links(kind).select("record_id", "entity_id")
    for attribute, column in (pair for named in identifiers for pair in named.items()):
        values = archive.identity(contract, column)
        values = values.filter(values[column].notnull()).join(links, "record_id")
        order = ibis.struct({"load": values.load, "record": values.record_id})
        newest = values.group_by("entity_id").aggregate(
            **{attribute: values[column].argmax(order)}
        )
        yield from archive.fetch(newest).to_pylist()
