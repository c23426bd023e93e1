"""Writings: how records name whom they are about, read for a steward's eyes.

What comes out of here is personal. It goes to the review of pairs and into the identity
zone, and nowhere else: not to a log, not to a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules
from features.definitions.place import Place
from features.definitions.vetoes import Value
from features.linkage.records import newest, newest_records, read_files
from features.store.manifest import Manifest
from features.store.warehouse import Warehouse


@dataclass(frozen=True)
class Readable:
    """Where identifiers of one kind are read from."""

    warehouse: Warehouse
    manifest: Manifest
    place: Place
    rules: KindRules

    @property
    def contracts(self) -> list[Contract]:
        """The sources of the kind that have been loaded."""
        return [
            contract
            for contract in self.place.contracts.values()
            if self.rules.kind in {about.kind for about in contract.about}
            and self.manifest.loads_of(contract.name)
        ]

    @property
    def shown(self) -> list[str]:
        """The attributes with a column of their own that linking reads."""
        used = self.rules.used
        made_of = {o for name in used for o in self.rules.attributes[name].made_of}
        told = {self.rules.truth.attribute} if self.rules.truth else set()
        return [
            name
            for name, attribute in self.rules.attributes.items()
            if attribute.of is None and name in {*used, *made_of} - told
        ]


def values_of(
    readable: Readable, records: Iterable[int], names: Iterable[str]
) -> dict[int, tuple[Value, ...]]:
    """Return some attributes of some records, in the form in which linking reads them.

    A record that was never loaded is absent.
    """
    wanted, names = pa.array(sorted(set(records)), pa.int64()), list(names)
    found: dict[int, tuple[Value, ...]] = {}
    for contract in readable.contracts:
        rows = newest_records(
            readable.warehouse, readable.manifest, contract, readable.rules, names
        )
        rows = rows.filter(pc.is_in(rows["record_id"], value_set=wanted))
        columns = [rows[name].to_pylist() for name in names]
        values = zip(*columns, strict=True) if names else [()] * len(rows)
        found |= dict(zip(rows["record_id"].to_pylist(), values, strict=True))
    return found


def cells_of(
    readable: Readable, records: Iterable[int]
) -> dict[int, Mapping[str, str | None]]:
    """Return what is written in some records, attribute by attribute, as it came."""
    wanted = pa.array(sorted(set(records)), pa.int64())
    found: dict[int, Mapping[str, str | None]] = {}
    for contract in readable.contracts:
        [about] = [a for a in contract.about if a.kind == readable.rules.kind]
        columns = {
            name: about.identifiers[name]
            for name in readable.shown
            if name in about.identifiers
        }
        read = ["record_id", "load", *dict.fromkeys(columns.values())]
        loads = readable.manifest.loads_of(contract.name)
        paths = [readable.warehouse.path(load.identity) for load in loads]
        rows = newest(read_files(paths, read))
        for row in rows.filter(
            pc.is_in(rows["record_id"], value_set=wanted)
        ).to_pylist():
            found[row["record_id"]] = {
                name: None if row[column] is None else str(row[column])
                for name, column in columns.items()
            }
    return found


def told(
    cells: Mapping[int, Mapping[str, str | None]], records: Iterable[int], name: str
) -> list[str]:
    """Return what records say, each thing once, the first record's first."""
    said = [cells.get(record, {}).get(name) or "" for record in records]
    return [*said[:1], *dict.fromkeys(s for s in said[1:] if s and s != said[0])]
