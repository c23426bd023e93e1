"""What is shown of records: their versions, whose they are, and who the entity is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.contracts import Contract
from features.snapshots.as_of import is_known
from features.store.archive import Archive, empty_table, table_of


if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_CLOCKS = ["record_id", "load", "event_date", "known_date"]
_WHOSE = {
    "entity_id": "string",
    "record_id": "int64",
    "load": "int32",
    "event_date": "date",
    "probability": "float64",
}


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
        columns, dates as text and decimals as numbers, sorted by record and load.
    """
    columns = {
        "record_id": [record for record, _ in wanted],
        "load": [load for _, load in wanted],
    }
    chosen = table_of(columns, {"record_id": "int64", "load": "int32"})
    table = archive.records(contract).semi_join(chosen, ["record_id", "load"])
    cells = {name: _plain(table[name]) for name in contract.record_columns}
    shown = table.select(*_CLOCKS, **cells)
    return archive.fetch(shown.order_by(["record_id", "load"]))


def records_known(archive: Archive, contract: Contract, on: dt.date) -> ir.Table:
    """Return a source's records as they were known at the end of a day, each once.

    Withdrawn ones are left out, and those without an event date.
    """
    records = archive.records(contract)
    known = is_known(records, on + dt.timedelta(days=1))
    return records.filter(known & records.event_date.notnull())


def whose_records(
    archive: Archive, contract: Contract, kinds: Iterable[str], on: dt.date
) -> pa.Table:
    """Return whose each record of a source is, as it was known at the end of a day.

    Args:
        archive: Where they are; its newest links say whose they are.
        contract: The source's.
        kinds: The kinds of entities that are asked for.
        on: The day; a version that came to be known later is not seen.

    Returns:
        `entity_id`, `record_id`, `load`, `event_date` and the link's `probability`; one
        row for each entity that a record is about, sorted by record and entity.
    """
    known = records_known(archive, contract, on)
    about = {about.kind for about in contract.about}
    found = [
        known.join(archive.links(kind).drop("entity"), "record_id").select(*_WHOSE)
        for kind in sorted(about & set(kinds))
    ]
    found.append(empty_table(_WHOSE))
    return archive.fetch(ibis.union(*found).order_by(["record_id", "entity_id"]))


def newest_identifiers(
    archive: Archive, contract: Contract, kind: str
) -> Iterator[dict[str, Any]]:
    """Yield `entity_id` and each linkage attribute's newest value, as a source gave it.

    They come out of the identity zone, for the ledger's own table of identities and
    nothing else. An attribute that was never given is missing. Kinds that are named by
    a key, such as an area, have none.
    """
    named = [a.identifiers for a in contract.about if a.kind == kind and a.identifiers]
    links = archive.links(kind).select("record_id", "entity_id")
    for identifiers in named:
        columns = dict.fromkeys(identifiers.values())
        values = archive.identity(contract, *columns).join(links, "record_id")
        order = ibis.struct({"load": values.load, "record": values.record_id})
        newest = {
            attribute: values[column].argmax(order, where=values[column].notnull())
            for attribute, column in identifiers.items()
        }
        found = values.group_by("entity_id").aggregate(**newest)
        yield from archive.fetch(found).to_pylist()


def _plain(cell: ir.Value) -> ir.Value:
    """A cell as JSON holds it: a date is text, a decimal a number."""
    kind = cell.type()
    if kind.is_date():
        return cell.cast("string")
    return cell.cast("float64") if kind.is_decimal() else cell
