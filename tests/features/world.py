"""A world: definitions, records, loads and links, for the engine and the reference."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.definitions.indicators import Indicator, IndicatorFamily
from features.definitions.outcomes import SnapshotPlan
from features.definitions.place import Place
from features.snapshots.snapshot import snapshot_table
from features.store.archive import Archive
from features.store.warehouse import LinkVersion, Load, Manifest, StoredFile, Warehouse
from tests.features.plain_filter import Tree
from tests.features.small_place import links_table, tables_of


@dataclass(frozen=True)
class Version:
    """One version of one record.

    Attributes:
        on: The event date; None for what has none, and for a withdrawal.
        about: By entity kind: whom the record is linked to.
    """

    source: str
    record: int
    load: int
    on: dt.date | None
    known: dt.date
    withdrawn: bool
    cells: dict[str, Any]
    about: dict[str, int]


@dataclass(frozen=True)
class Delivery:
    """One load of a source; `number` is its place among all loads."""

    source: str
    number: int
    received: dt.date
    history: bool


@dataclass(frozen=True)
class World:
    """All that a snapshot is made of.

    Attributes:
        trees: Each filter's text -> the tree that it was written from.
        on: The day of the build.
    """

    place: Place
    plan: SnapshotPlan
    dates: list[dt.date]
    on: dt.date
    versions: list[Version]
    loads: list[Delivery]
    trees: dict[str, Tree]

    def with_more(self, versions: list[Version], loads: list[Delivery]) -> World:
        """Return the world with more records in more loads."""
        return replace(
            self,
            versions=[*self.versions, *versions],
            loads=[*self.loads, *loads],
        )

    def stored(self, folder: Path) -> Archive:
        """Write the world's files and open them.

        No warehouse commits them: a thousand flushes to disk would prove nothing here.
        """
        held: set[int] = set()
        loads = []
        for load in self.loads:
            versions = [v for v in self.versions if v.load == load.number]
            loads.append(self._load(folder, load, versions, held))
            held |= {version.record for version in versions}
        kinds = sorted({kind for version in self.versions for kind in version.about})
        links = [self._links(folder, kind) for kind in kinds]
        manifest = Manifest(
            version=1, next_record_id=1, loads=loads, links=links, snapshots=[]
        )
        return Archive(Warehouse(folder), manifest, threads=1)

    def _load(
        self, folder: Path, load: Delivery, versions: list[Version], held: set[int]
    ) -> Load:
        contract = self.place.contracts[load.source]
        records, identity = tables_of(
            contract, [_as_row(version) for version in versions], load.number
        )
        changed = sum(v.record in held and not v.withdrawn for v in versions)
        return Load(
            number=load.number,
            source=load.source,
            content_sha256=f"{load.number:064d}",
            contract_sha256="",
            received=load.received,
            history=load.history,
            period=None,
            rows=len(versions),
            new=0,
            changed=changed,
            withdrawn=sum(v.withdrawn for v in versions),
            last_event=None,
            records=_written(folder, f"records-{load.number}", records),
            identity=_written(folder, f"identity-{load.number}", identity),
        )

    def _links(self, folder: Path, kind: str) -> LinkVersion:
        entities = {v.record: v.about[kind] for v in self.versions if kind in v.about}
        table = links_table(kind, {r: (e, 1.0) for r, e in entities.items()})
        stored = _written(folder, f"links-{kind}", table)
        return LinkVersion(
            kind=kind, number=1, loads=1, rules_sha256="", links=stored, pairs=stored
        )

    def snapshot(self, folder: Path) -> list[dict[str, Any]]:
        """Return what the engine says, a mapping for each row."""
        folder.mkdir(exist_ok=True)
        archive = self.stored(folder)
        table = snapshot_table(archive, self.place, self.plan, self.dates, on=self.on)
        archive.close()
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows


def _written(folder: Path, name: str, table: pa.Table) -> StoredFile:
    pq.write_table(table, folder / f"{name}.parquet")
    return StoredFile(path=f"{name}.parquet", sha256="")


def _as_row(version: Version) -> dict[str, Any]:
    return {
        **version.cells,
        "record": version.record,
        "on": version.on,
        "known": version.known,
        "withdrawn": version.withdrawn,
    }


def numbered(loads: list[tuple[str, dt.date, bool]]) -> list[Delivery]:
    """Number the loads (source, received, history) in their order."""
    return [Delivery(name, n, day, old) for n, (name, day, old) in enumerate(loads, 1)]


def group_indicator(group: Any) -> Indicator:
    """Return a protected attribute as the latest indicator that it is."""
    family = IndicatorFamily(
        name=group.name,
        source=group.source,
        measure="latest",
        column=group.column,
        unit="",
        category="group",
        expected="none",
        label="label",
        wording="wording",
        negated="negated",
    )
    return Indicator(group.name, family, None)
