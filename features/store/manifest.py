"""The manifest: all that a warehouse holds at one version."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from features.definitions.definition import Definition


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
        on: The day of the build, on which opt-outs were looked at.
        rows: One a row: entity and as-of date.
    """

    score: str
    name: str
    manifest: int
    definition_sha256: str
    first_as_of: dt.date
    last_as_of: dt.date
    on: dt.date
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
    def stored(self) -> list[StoredFile]:
        """All files that are part of the warehouse."""
        stored = [f for load in self.loads for f in (load.records, load.identity)]
        stored += [f for v in self.links for f in (v.links, v.pairs)]
        stored += [entry.table for entry in self.snapshots]
        return stored

    @property
    def files(self) -> set[str]:
        """Their paths."""
        return {file.path for file in self.stored}


EMPTY = Manifest(version=0, next_record_id=1, loads=[], links=[], snapshots=[])
