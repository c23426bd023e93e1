"""The warehouse: immutable Parquet files, and a numbered manifest that lists them.

A change is staged under temporary names, moved into place, and becomes real with the
next manifest, which is written last. A reader that holds a manifest sees what it lists
and nothing else, so a later change never alters what was built from it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from features.faults import Fault, Refusal
from features.store.manifest import (
    EMPTY,
    LinkVersion,
    Load,
    Manifest,
    SnapshotEntry,
    StoredFile,
)


__all__ = [
    "LinkVersion",
    "Load",
    "Manifest",
    "SnapshotEntry",
    "StoredFile",
    "Warehouse",
    "Writer",
]

Zone = Literal["warehouse", "identity"]
_STAGED = ".staged"
_SCRATCH = "scratch-"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
        stored = self.manifest().stored
        return [file.path for file in stored if not self._is_intact(file)]

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the only right to write; whatever is not committed is removed.

        Yields:
            A writer whose `manifest` is the newest.

        Raises:
            Refusal: The disk has no room; the store is as it was.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            writer = Writer(self)
            writer.sweep()
            try:
                yield writer
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                raise Refusal([_no_room(self.root)]) from error
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
            # In one piece: how a table came in chunks would show in the bytes.
            pq.write_table(table.combine_chunks(), file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        return StoredFile(path=f"{zone}/{name}", sha256=sha256_of(staged))

    def commit(self, manifest: Manifest) -> Manifest:
        """Make what is staged real, as the version after the current one."""
        new = manifest.model_copy(update={"version": self.manifest.version + 1})
        finals = [self._root / path for path in new.files - self.manifest.files]
        for final in sorted(finals):
            final.with_name(final.name + _STAGED).rename(final)
        self._flush_folders(final.parent for final in finals)
        self._write_manifest(new)
        self.manifest = new
        return new

    def realign(self) -> None:
        """Let older manifests name the files that took the place of theirs."""
        for version in range(1, self.manifest.version):
            older = self._warehouse.manifest(version)
            aligned = older.aligned_with(self.manifest)
            if aligned != older:
                self._write_manifest(aligned)

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Lend a folder that only this user may read; it is removed with its files."""
        # A name of its own: a child that outlived a killed writer finds no way in.
        folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self._root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    def sweep(self) -> None:
        """Remove files that no manifest lists: what a killed writer left behind."""
        for folder in self._root.glob(f"{_SCRATCH}*"):
            shutil.rmtree(folder)
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
            os.fsync(file.fileno())
        staged.rename(final)
        self._flush_folders([final.parent])

    def _flush_folders(self, folders: Iterable[Path]) -> None:
        """A rename survives a power cut only once its folder is on disk.

        So does a folder that is new: those above it are flushed, too, each once.
        """
        above = {path for folder in folders for path in (folder, *folder.parents)}
        for folder in sorted(above, reverse=True):
            if folder.is_relative_to(self._root):
                _flush_folder(folder)


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _no_room(root: Path) -> Fault:
    what, got = "the disk must have room for what is written", "no room"
    return Fault(str(root), what, got, "make room, then do it again", "limit.disk")
