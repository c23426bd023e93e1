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
        links: One row a record: record_id; entity and entity_id; identity, the first
            of the records that say the same as it and always move with it; method
            and probability.
        pairs: In the identity zone: one row for every two identities that were found
            at least as probable as `kept_from`, by their first records: probability,
            weight, and outcome ("merged", "below threshold", "vetoed: <name>" ...).
            An exact key or a decision has no weight.
        sources: Of each source whose loads were linked, the hash of what its contract
            says of whom a row is about.
        told_sha256: Of the pseudonyms' key and the stewards' decisions.
        spine: The number of the version that settled what was not new; None: all was
            linked afresh.
        flags: One row for every entity that may be one with another: entity, reason,
            record_id_l and record_id_r (the pair that a steward should look at). No
            score is given of it until then.
        model: The weights as they were trained, Splink's own text in one cell; None if
            they were not trained.
    """

    kind: str
    number: int
    loads: int
    rules_sha256: str
    links: StoredFile
    pairs: StoredFile
    sources: dict[str, str] = Field(default_factory=dict)
    told_sha256: str = ""
    spine: int | None = None
    flags: StoredFile | None = None
    model: StoredFile | None = None

    @property
    def stored(self) -> list[StoredFile]:
        """Its files."""
        files = (self.links, self.pairs, self.flags, self.model)
        return [file for file in files if file]


class RecordingLag(Definition):
    """How long after its horizon an outcome was waited for, and on what ground.

    Attributes:
        days: What was waited for: the declared lag, or the measured one if longer.
        declared_days: What the score's definition says.
        measured_days: Within so many days 95 of 100 outcomes were known; None where
            too few loads or outcomes tell.
        events: The outcomes that it was measured on; 0 where too few.
        loads: The loads, other than history, that could tell.
    """

    days: int
    declared_days: int
    measured_days: int | None = None
    events: int = 0
    loads: int = 0


class SnapshotEntry(Definition):
    """A snapshot and what it was made from.

    Attributes:
        manifest: The version whose loads and links it read.
        definition_sha256: Of everything in the place that bears on it.
        on: The day of the build, on which opt-outs were looked at.
        rows: One a row: entity and as-of date.
        recording_lag: As measured on the loads of that manifest; None in entries from
            before it was measured.
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
    recording_lag: RecordingLag | None = None


class DecisionFile(Definition):
    """One decision of a steward about two records of a kind, in the identity zone.

    Attributes:
        number: 1, 2, 3 ... over all kinds.
    """

    number: int
    kind: str
    file: StoredFile


class Manifest(Definition):
    """All that the warehouse holds at one version; nothing else exists."""

    version: Annotated[int, Field(ge=0)]
    next_record_id: Annotated[int, Field(ge=1)]
    loads: list[Load]
    links: list[LinkVersion]
    snapshots: list[SnapshotEntry]
    decisions: list[DecisionFile] = Field(default_factory=list)

    def loads_of(self, source: str) -> list[Load]:
        """Return the loads of one source, oldest first."""
        return [load for load in self.loads if load.source == source]

    def links_of(self, kind: str) -> LinkVersion | None:
        """Return the newest links of a kind, or None if it was never linked."""
        return next((v for v in reversed(self.links) if v.kind == kind), None)

    def aligned_with(self, newest: Manifest) -> Manifest:
        """Return this version with the files that took the place of its own.

        No entry ever leaves a manifest; lawful forgetting replaces the files of some.
        """
        loads = {load.number: load for load in newest.loads}
        links = {(v.kind, v.number): v for v in newest.links}
        snapshots = {(e.score, e.name): e for e in newest.snapshots}
        decisions = {entry.number: entry for entry in newest.decisions}
        update = {
            "loads": [loads.get(load.number, load) for load in self.loads],
            "links": [links.get((v.kind, v.number), v) for v in self.links],
            "snapshots": [snapshots.get((e.score, e.name), e) for e in self.snapshots],
            "decisions": [decisions.get(e.number, e) for e in self.decisions],
        }
        return self.model_copy(update=update)

    @property
    def stored(self) -> list[StoredFile]:
        """All files that are part of the warehouse."""
        stored = [f for load in self.loads for f in (load.records, load.identity)]
        stored += [file for version in self.links for file in version.stored]
        stored += [entry.table for entry in self.snapshots]
        stored += [entry.file for entry in self.decisions]
        return stored

    @property
    def files(self) -> set[str]:
        """Their paths."""
        return {file.path for file in self.stored}


EMPTY = Manifest(version=0, next_record_id=1, loads=[], links=[], snapshots=[])
