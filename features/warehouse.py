"""The warehouse: immutable Parquet files, and a numbered manifest that lists them.

A change is staged under temporary names, moved into place, and becomes real with the
next manifest, which is written last. A reader that holds a manifest sees what it lists
and nothing else, so a later change never alters what was built from it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from features.definitions import Definition


Zone = Literal["warehouse", "identity"]
_STAGED = ".staged"


class StoredFile(Definition):
    """A file of the store: where it is, relative to the store, and its bytes' hash."""

    path: str
    sha256: str


class Load(Definition):
    """One accepted extract.

    Attributes:
        number: 1, 2, 3 ... in the order of acceptance, over all sources.
        content_sha256: Of the extract as it came, decompressed.
        received: The day it came.
        history: The known dates follow the contract's `history` rule.
        period: First and last day that a `period` delivery covers.
        rows: Rows in the extract; of these `new` had new keys, `changed` new content.
        withdrawn: Records that this delivery no longer holds.
        last_event: The latest event date; None if the source has none.
        records: What may leave the identity zone.
        identity: Keys, identifiers and what linking reads.
    """

    number: int
    source: str
    content_sha256: str
    contract_sha256: str
    received: dt.date
    history: bool
    period: tuple[dt.date, dt.date] | None
    rows: int
    new: int
    changed: int
    withdrawn: int
    last_event: dt.date | None
    records: StoredFile
    identity: StoredFile


class LinkVersion(Definition):
    """The links of one entity kind after some load.

    Attributes:
        number: 1, 2, 3 ... for this kind.
        loads: The last load that was linked.
        links: One row a record: record_id, entity_id, method, probability.
        pairs: In the identity zone: the pairs compared and what became of them.
    """

    kind: str
    number: int
    loads: int
    rules_sha256: str
    links: StoredFile
    pairs: StoredFile


class SnapshotEntry(Definition):
    """A snapshot and what it was made from.

    Attributes:
        manifest: The version whose loads and links it read.
        definition_sha256: Of everything in the place that bears on it.
        rows: One a row: entity and as-of date.
    """

    score: str
    name: str
    manifest: int
    definition_sha256: str
    first_as_of: dt.date
    last_as_of: dt.date
    rows: int
    table: StoredFile


class Manifest(Definition):
    """All that the warehouse holds at one version; nothing else exists."""

    version: Annotated[int, Field(ge=0)]
    next_record_id: Annotated[int, Field(ge=1)]
    loads: list[Load]
    links: list[LinkVersion]
    snapshots: list[SnapshotEntry]

    def loads_of(self, source: str) -> list[Load]:
        """Return the loads of one source, oldest first."""
        return [load for load in self.loads if load.source == source]

    def links_of(self, kind: str) -> LinkVersion | None:
        """Return the newest links of a kind, or None if it was never linked."""
        return next((v for v in reversed(self.links) if v.kind == kind), None)

    @property
    def files(self) -> set[str]:
        """The paths of all files that are part of the warehouse."""
        stored = [f for load in self.loads for f in (load.records, load.identity)]
        stored += [f for v in self.links for f in (v.links, v.pairs)]
        stored += [entry.table for entry in self.snapshots]
        return {file.path for file in stored}


EMPTY = Manifest(version=0, next_record_id=1, loads=[], links=[], snapshots=[])


class Warehouse:
    """The folder of a store that holds extracts, links and snapshots.

    Args:
        root: The store; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._manifests = root / "warehouse" / "manifests"

    def manifest(self, version: int | None = None) -> Manifest:
        """Return one version of the manifest, the newest if none is named."""
        if version is None:
            version = max(self._versions(), default=0)
        if version == 0:
            return EMPTY
        return Manifest.model_validate_json(self._path_of(version).read_bytes())

    def path(self, file: StoredFile) -> Path:
        """Return where a stored file is."""
        return self.root / file.path

    def damaged(self) -> list[str]:
        """Return the paths that are gone or whose bytes are not those recorded."""
        manifest = self.manifest()
        stored = [f for load in manifest.loads for f in (load.records, load.identity)]
        stored += [f for v in manifest.links for f in (v.links, v.pairs)]
        stored += [entry.table for entry in manifest.snapshots]
        return [file.path for file in stored if not self._is_intact(file)]

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the only right to write; whatever is not committed is removed.

        Yields:
            A writer whose `manifest` is the newest.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            writer = Writer(self)
            writer.sweep()
            try:
                yield writer
            finally:
                writer.sweep()

    def _is_intact(self, file: StoredFile) -> bool:
        path = self.path(file)
        return path.is_file() and sha256_of(path) == file.sha256

    def _versions(self) -> Iterator[int]:
        return (int(path.stem) for path in self._manifests.glob("[0-9]*.json"))

    def _path_of(self, version: int) -> Path:
        return self._manifests / f"{version:08d}.json"


class Writer:
    """Stages files and commits them with the next manifest.

    Attributes:
        manifest: The version that the next one follows.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._root = warehouse.root
        self.manifest = warehouse.manifest()

    def stage(self, zone: Zone, name: str, table: pa.Table) -> StoredFile:
        """Write `table` under a temporary name, to stand at `zone`/`name` later.

        Args:
            zone: `identity` for whatever holds a person's identifiers.
            name: The path inside the zone, with its suffix.
            table: Written with fixed settings: the same table gives the same bytes.
        """
        path = self._root / zone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(path.name + _STAGED)
        with staged.open("wb") as file:
            pq.write_table(table, file, compression="zstd", store_schema=True)
            _flush(file.fileno())
        return StoredFile(path=f"{zone}/{name}", sha256=sha256_of(staged))

    def commit(self, manifest: Manifest) -> Manifest:
        """Make what is staged real, as the version after the current one."""
        new = manifest.model_copy(update={"version": self.manifest.version + 1})
        for path in sorted(new.files - self.manifest.files):
            final = self._root / path
            final.with_name(final.name + _STAGED).rename(final)
            _flush_folder(final.parent)
        self._write_manifest(new)
        self.manifest = new
        return new

    def sweep(self) -> None:
        """Remove files that no manifest lists: what a killed writer left behind."""
        listed = self.manifest.files
        for zone in ("warehouse", "identity"):
            files = (f for f in (self._root / zone).rglob("*.*") if f.is_file())
            for path in files:
                name = path.relative_to(self._root).as_posix()
                if name not in listed and path.suffix != ".json":
                    path.unlink()

    def _write_manifest(self, manifest: Manifest) -> None:
        final = self._root / "warehouse" / "manifests" / f"{manifest.version:08d}.json"
        final.parent.mkdir(parents=True, exist_ok=True)
        staged = final.with_name(final.name + _STAGED)
        with staged.open("wb") as file:
            file.write(manifest.model_dump_json(indent=1).encode())
            file.flush()
            _flush(file.fileno())
        staged.rename(final)
        _flush_folder(final.parent)


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(descriptor: int) -> None:
    os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    """A rename survives a power cut only once its folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _flush(descriptor)
    finally:
        os.close(descriptor)
