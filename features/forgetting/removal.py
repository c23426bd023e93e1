"""Removal: records and pseudonyms leave every file of the warehouse.

A file that holds any of them is written anew, under a new name, without them; the next
manifest names the new ones, and then the old are unlinked. Killed anywhere, the
warehouse is as it was, or as it shall be. Older manifests are made to name what took
the place of their files, so what is pinned to them can still be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.forgetting.selection import Held, Selection
from features.forgetting.tombstones import Seals, Tombstone
from features.store.manifest import (
    DecisionFile,
    LinkVersion,
    Load,
    SnapshotEntry,
    StoredFile,
)
from features.store.warehouse import Warehouse, Writer, Zone


_SUFFIX = ".parquet"
# A decision about a record that is gone binds linking to nothing, and shows nothing.
_FORGOTTEN = {
    "left_record": 0,
    "right_record": 0,
    "verdict": "cannot tell",
    "reason": "not enough to tell",
    "seen": "{}",
}

_Change = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True)
class Removed:
    """What was removed.

    Attributes:
        records: Records of which there was any version.
        rows: Rows of all files together, decisions among them.
        files: Files that were written anew.
    """

    records: int
    rows: int
    files: int


def remove(warehouse: Warehouse, tombstone: Tombstone, seals: Seals) -> Removed:
    """Remove from the warehouse whatever a tombstone stands for; nothing is no error.

    Raises:
        Refusal: The disk has no room; the warehouse is as it was.
    """
    with warehouse.writing() as writer:
        held = Held(warehouse, writer.manifest)
        selection = held.of_tombstone(tombstone, seals)
        removal = _Removal(warehouse, writer, tombstone, selection)
        if selection.records or selection.names or tombstone.source:
            removal.run()
        writer.realign()
    return Removed(len(selection.records), removal.rows, removal.files)


class _Removal:
    """One pass over all files of a manifest."""

    def __init__(
        self,
        warehouse: Warehouse,
        writer: Writer,
        tombstone: Tombstone,
        selection: Selection,
    ) -> None:
        self.rows = 0
        self.files = 0
        self._warehouse = warehouse
        self._writer = writer
        self._tombstone = tombstone
        self._records = pa.array(sorted(selection.records), pa.int64())
        self._names = pa.array(sorted(selection.names), pa.string())

    def run(self) -> None:
        """Stage what changes, and commit it if anything does."""
        manifest = self._writer.manifest
        update = {
            "loads": [self._load(load) for load in manifest.loads],
            "links": [self._link_version(version) for version in manifest.links],
            "snapshots": [self._snapshot(entry) for entry in manifest.snapshots],
            "decisions": [self._decision(entry) for entry in manifest.decisions],
        }
        if self.files:
            self._writer.commit(manifest.model_copy(update=update))

    def _load(self, load: Load) -> Load:
        update = {
            "records": self._rewritten(load.records, self._without("record_id")),
            "identity": self._rewritten(load.identity, self._without("record_id")),
        }
        return load.model_copy(update=update)

    def _link_version(self, version: LinkVersion) -> LinkVersion:
        ends = self._without("record_id_l", "record_id_r", of=self._whole(version))
        flags = version.flags
        update = {
            "links": self._rewritten(
                version.links, self._without("record_id", names=("entity_id",))
            ),
            "pairs": self._rewritten(version.pairs, ends),
            "flags": flags and self._rewritten(flags, ends),
        }
        return version.model_copy(update=update)

    def _snapshot(self, entry: SnapshotEntry) -> SnapshotEntry:
        without = self._without("index_record", names=("entity_id", "linked_group"))
        last = self._tombstone.last_as_of
        reads = entry.score in self._tombstone.scores
        ends = last if reads else None

        def change(table: pa.Table) -> pa.Table:
            kept = without(table)
            return kept.filter(pc.greater(kept["as_of"], ends)) if ends else kept

        table = self._rewritten(entry.table, change)
        if table is entry.table:
            return entry
        rows = entry.rows - self._lost
        return entry.model_copy(update={"table": table, "rows": rows})

    def _decision(self, entry: DecisionFile) -> DecisionFile:
        without = self._without("left_record", "right_record")
        file = self._rewritten(entry.file, without, _forgotten)
        return entry.model_copy(update={"file": file})

    def _whole(self, version: LinkVersion) -> pa.Array:
        """Return the records that go and that no record which stays is named by.

        Pairs are of identities, each by its first record: those of one that goes in
        part still tell what holds the rest.
        """
        links = pq.read_table(self._warehouse.path(version.links))
        stays = links.filter(self._stays(links, ("record_id",), self._records))
        named = "identity" if "identity" in stays.column_names else "record_id"
        is_left = pc.is_in(self._records, value_set=pc.unique(stays[named]))
        return self._records.filter(pc.invert(is_left))

    def _without(
        self, *records: str, names: tuple[str, ...] = (), of: pa.Array | None = None
    ) -> _Change:
        """Return what leaves out the rows that name a record or pseudonym that goes.

        Args:
            records: Columns of numbers of records.
            names: Columns of pseudonyms.
            of: The records that are meant; None: all that go.
        """
        gone = self._records if of is None else of

        def change(table: pa.Table) -> pa.Table:
            kept = table.filter(self._stays(table, records, gone))
            return kept.filter(self._stays(kept, names, self._names))

        return change

    def _stays(self, table: pa.Table, columns: tuple[str, ...], gone: pa.Array) -> Any:
        stays = pa.repeat(pa.scalar(True), table.num_rows)
        for column in columns:
            stays = pc.and_(stays, pc.invert(pc.is_in(table[column], value_set=gone)))
        return stays

    def _rewritten(
        self, file: StoredFile, change: _Change, instead: _Change | None = None
    ) -> StoredFile:
        """Return the file without the rows that go, or itself if none does."""
        table = pq.read_table(self._warehouse.path(file))
        kept = change(table)
        self._lost = table.num_rows - kept.num_rows
        if not self._lost:
            return file
        self.rows += self._lost
        self.files += 1
        zone, _, name = file.path.partition("/")
        anew = self._named_anew(name)
        left = instead(table) if instead else kept
        return self._writer.stage(cast(Zone, zone), anew, left)

    def _named_anew(self, name: str) -> str:
        stem = re.sub(r"~[0-9]+$", "", name.removesuffix(_SUFFIX))
        return f"{stem}~{self._writer.manifest.version + 1}{_SUFFIX}"


def _forgotten(table: pa.Table) -> pa.Table:
    for name, value in _FORGOTTEN.items():
        place = table.schema.get_field_index(name)
        column = pa.array([value] * table.num_rows, table.schema.field(name).type)
        table = table.set_column(place, name, column)
    return table
