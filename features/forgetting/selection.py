"""Selection: which records and pseudonyms a tombstone, or a person, stands for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.forgetting.tombstones import Seals, Tombstone
from features.store.manifest import LinkVersion, Load, Manifest
from features.store.warehouse import Warehouse


@dataclass(frozen=True)
class Selection:
    """What goes.

    Attributes:
        records: Numbers of records: every version of each.
        names: Pseudonyms, of any kind of entity.
    """

    records: frozenset[int] = field(default=frozenset())
    names: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class Held:
    """A warehouse at one manifest version.

    Attributes:
        manifest: Whose files are read.
    """

    warehouse: Warehouse
    manifest: Manifest

    def of_person(self, entity_id: str) -> Selection | None:
        """Return one entity's records by the newest links, and its pseudonyms.

        Returns:
            None if no version of the links knows it.
        """
        versions = [version for version, _ in self._links()]
        known = [self._records_of(version, entity_id) for version in versions]
        if not any(known):
            return None
        newest = [v for v in versions if v is self.manifest.links_of(v.kind)]
        now = (self._records_of(version, entity_id) for version in newest)
        records = frozenset[int]().union(*now)
        return Selection(records, self._emptied(records) | {entity_id})

    def of_rule(self, source: str, *, before: dt.date | None) -> Selection:
        """Return a source's records of before a day; of all days if none is given."""
        records = frozenset(self._old_records(source, before))
        return Selection(records, self._emptied(records))

    def of_tombstone(self, tombstone: Tombstone, seals: Seals) -> Selection:
        """Return what a tombstone stands for; nothing once it is gone."""
        if tombstone.source is None:
            records = frozenset(self._sealed_records(tombstone, seals))
        else:
            records = frozenset(self._by_rule(tombstone))
        sealed = set(tombstone.entities)
        named = {name for name in self._names() if seals.entity(name) in sealed}
        return Selection(records, self._emptied(records) | named)

    def seals_of(
        self, selection: Selection, seals: Seals
    ) -> tuple[list[str], list[str]]:
        """Return the seals of the versions of some records, and of the ledger's copies.

        Both in order, so that their order says nothing either.
        """
        wanted = _numbers(selection.records)
        versions, copies = set(), set()
        for load in self.manifest.loads:
            rows = self._identity(load)
            some = rows.filter(pc.is_in(rows["record_id"], value_set=wanted))
            for record, key in _pairs(some, "record_id", "key"):
                versions.add(seals.version(load.source, load.content_sha256, key))
                copies.add(seals.copy(load.source, record, load.number))
        return sorted(versions), sorted(copies)

    def _sealed_records(self, tombstone: Tombstone, seals: Seals) -> Iterator[int]:
        sealed = set(tombstone.versions)
        for load in self.manifest.loads if sealed else ():
            for record, key in _pairs(self._identity(load), "record_id", "key"):
                if seals.version(load.source, load.content_sha256, key) in sealed:
                    yield record

    def _by_rule(self, tombstone: Tombstone) -> Iterator[int]:
        source = tombstone.source or ""
        if tombstone.before is not None:
            yield from self._old_records(source, tombstone.before)
        if (until := tombstone.until) is not None:
            for load in self.manifest.loads_of(source):
                if load.received <= until:
                    yield from self._identity(load)["record_id"].to_pylist()

    def _old_records(self, source: str, before: dt.date | None) -> list[int]:
        """A record is as old as its last event, else as what was last said of it."""
        columns = ["record_id", "event_date", "known_date", "withdrawn"]
        loads = self.manifest.loads_of(source)
        if not loads:
            return []
        paths = [self.warehouse.path(load.records) for load in loads]
        rows = pa.concat_tables(pq.read_table(path, columns=columns) for path in paths)
        said = rows.filter(pc.invert(rows["withdrawn"]))
        last = said.group_by("record_id").aggregate(
            [("event_date", "max"), ("known_date", "max")]
        )
        if before is not None:
            day = pc.coalesce(last["event_date_max"], last["known_date_max"])
            last = last.filter(pc.less(day, pa.scalar(before)))
        found: list[int] = last["record_id"].to_pylist()
        return found

    def _emptied(self, records: frozenset[int]) -> frozenset[str]:
        """Return the pseudonyms of entities, of any kind, of which no record is left.

        That of an entity which is no more counts as well, if all it ever had goes.
        """
        goes = _numbers(records)
        went: set[str] = set()
        stays: set[str] = set()
        for version, links in self._links():
            is_going = pc.is_in(links["record_id"], value_set=goes)
            left = set(links.filter(pc.invert(is_going))["entity_id"].to_pylist())
            went |= set(links.filter(is_going)["entity_id"].to_pylist())
            if version is self.manifest.links_of(version.kind):
                # What was once linked to one says nothing against what is so now.
                stays -= set(pc.unique(links["entity_id"]).to_pylist())
            stays |= left
        return frozenset(went - stays)

    def _names(self) -> set[str]:
        return {
            name
            for _, links in self._links()
            for name in pc.unique(links["entity_id"]).to_pylist()
        }

    def _records_of(self, version: LinkVersion, entity_id: str) -> frozenset[int]:
        links = self._link_rows(version)
        mine = links.filter(pc.equal(links["entity_id"], entity_id))
        return frozenset(mine["record_id"].to_pylist())

    def _links(self) -> Iterator[tuple[LinkVersion, pa.Table]]:
        """Yield all versions of all kinds' links, older ones first."""
        for version in self.manifest.links:
            yield version, self._link_rows(version)

    def _link_rows(self, version: LinkVersion) -> pa.Table:
        path = self.warehouse.path(version.links)
        return pq.read_table(path, columns=["record_id", "entity_id"])

    def _identity(self, load: Load) -> pa.Table:
        path = self.warehouse.path(load.identity)
        return pq.read_table(path, columns=["record_id", "key"])


def _numbers(records: frozenset[int]) -> pa.Array:
    return pa.array(sorted(records), pa.int64())


def _pairs(table: pa.Table, one: str, other: str) -> Iterator[tuple[int, str]]:
    return zip(table[one].to_pylist(), table[other].to_pylist(), strict=True)
