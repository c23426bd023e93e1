"""The people: whose records they are, who has them open, and the place's rules.

It runs from the command line, reads the warehouse and the place, and writes the
ledger, so that the service can show a person without either. The service never imports
it. What bars is written first and what lets look last, so that at no moment more is
shown than before or after.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property

from features.definitions.governance import refused_uses
from features.definitions.place import Place
from features.faults import Fault
from features.linkage.former_names import heirs_of
from features.snapshots.caseload import cases_known
from features.snapshots.restrictions import location_columns, unlocated
from features.snapshots.shown import whose_records
from features.snapshots.withholding import withheld_sources
from features.store.archive import Archive
from features.store.json_columns import cells_of
from models.definitions.definition import ScoreDefinition
from models.definitions.frozen_place import FrozenPlace
from models.ledger import people
from models.ledger.batches import Clock, Identity
from models.ledger.former_names import Followed, follow, names_written
from models.ledger.frozen_places import keep_place, newest_place
from models.ledger.ledger import Ledger, LedgerUnavailable
from models.ledger.people import Changed, EntityRecord, OpenedCase, WithheldSource
from serving.batch import Stores
from serving.case_records import identities, versions
from serving.freeze_place import freeze_place


@dataclass(frozen=True)
class WrittenPeople:
    """What the ledger had to be told.

    Attributes:
        people: Who is shown, and how.
        records: Versions of records.
        whose: Whose records they are; a record may be about several.
        cases: None of them if the caseload's source may not be used now.
        withheld: Whose sources are withheld for which purpose.
        followed: What was written under pseudonyms that stand for nobody any more.
        barred: Why the caseload's source may not be used.
    """

    people: Changed
    records: Changed
    whose: Changed
    cases: Changed
    withheld: Changed
    followed: Followed
    barred: Sequence[Fault] = field(default=())


def write_people(
    stores: Stores,
    place: Place,
    scores: Sequence[ScoreDefinition],
    *,
    on: dt.date,
    clock: Clock,
) -> WrittenPeople:
    """Write who is known, their records, their workers and the place's rules.

    Of everybody who is linked or may be scored, whether they have a score or not. It is
    repeated after every linking; a run that was cut short is made whole by the next.

    Args:
        stores: The warehouse and the ledger.
        place: The definitions.
        scores: The place's; their cohorts say which kinds of entities are scored.
        on: The day of the run: what came to be known later is not written.
        clock: The time in UTC, for the place's rules.
    """
    manifest = stores.warehouse.manifest()
    received = {
        load.source: load.received
        for load in sorted(manifest.loads, key=lambda load: load.received)
        if load.received <= on
    }
    with closing(Archive(stores.warehouse, manifest)) as archive:
        run = _Run(archive, place, scores, stores.ledger, on)
        written = run.write(at=clock())
    _keep_place(stores.ledger, freeze_place(place, received), clock)
    return written


@dataclass(frozen=True)
class _Run:
    archive: Archive
    place: Place
    scores: Sequence[ScoreDefinition]
    ledger: Ledger
    on: dt.date

    @cached_property
    def guarded(self) -> set[int]:
        """The records that are shown without a place."""
        return unlocated(self.archive, self.place)

    def write(self, *, at: dt.datetime) -> WrittenPeople:
        withheld = sorted(set(self._withheld()))
        barring = people.withhold(self.ledger, withheld)
        whose = {name: self._whose(name) for name in sorted(self.place.contracts)}
        kept = self._keep_records(whose)
        shown = people.replace_identities(
            self.ledger, self.kinds, self._identities(whose)
        )
        opened, barred = self._cases()
        written = self._replace_whose(whose)
        had = people.replace_cases(self.ledger, opened)
        # After the records, so that whoever may look finds all that is theirs.
        followed = follow(self.ledger, self._heirs(), at=at)
        lifted = people.replace_withheld(self.ledger, withheld)
        return WrittenPeople(
            people=shown,
            records=kept,
            cases=had,
            whose=written,
            withheld=replace(lifted, written=barring.written),
            followed=followed,
            barred=barred,
        )

    def _heirs(self) -> Mapping[str, str | None]:
        written = names_written(self.ledger)
        return heirs_of(self.archive.warehouse, self.archive.manifest, written)

    @property
    def kinds(self) -> list[str]:
        """The kinds that are scored, and those that are linked by identifiers."""
        about = [a for c in self.place.contracts.values() for a in c.about]
        linked = {a.kind for a in about if a.identifiers}
        return sorted(linked | {score.cohort.entity for score in self.scores})

    def _withheld(self) -> Iterator[WithheldSource]:
        found = withheld_sources(self.archive, self.place, self.kinds, self.on)
        yield from (WithheldSource(*row) for row in found)

    def _whose(self, source: str) -> list[EntityRecord]:
        contract = self.place.contracts[source]
        table = whose_records(self.archive, contract, self.kinds, self.on)
        who, record, load, event, link = map(cells_of, table.columns)
        rows = zip(who, record, load, event, link, strict=True)
        return [EntityRecord(w, r, n, source, day, p) for w, r, n, day, p in rows]

    def _keep_records(self, whose: dict[str, list[EntityRecord]]) -> Changed:
        """Keep what is theirs, and bring what is kept to how it may be shown now.

        A version never changes but in this: whether it says where somebody is.
        """
        changed = Changed()
        for source, rows in whose.items():
            contract = self.place.contracts[source]
            located = location_columns(self.place, contract)
            shown = [name for name in contract.record_columns if name in located]
            kept = people.kept_versions(self.ledger, source, shown)
            new = {(row.record_id, row.load) for row in rows} - kept.keys()
            # One that is guarded and placed, or neither, is not as it should be.
            wrong = {key for key in kept if kept[key] == (key[0] in self.guarded)}
            wanted = sorted(new | wrong if shown else new)
            args = (self.archive, self.place, contract, wanted, self.guarded)
            found = people.keep_records(self.ledger, versions(*args))
            changed += Changed(len(kept.keys() | new), found.written)
        return changed

    def _replace_whose(self, whose: dict[str, list[EntityRecord]]) -> Changed:
        changed = people.forget_other_sources(self.ledger, list(whose))
        for source, rows in whose.items():
            changed += people.replace_entity_records(self.ledger, source, rows)
        return changed

    def _identities(self, whose: dict[str, list[EntityRecord]]) -> Iterator[Identity]:
        ids = {row.entity_id for rows in whose.values() for row in rows}
        for kind in self.kinds:
            cohorts = [s.cohort for s in self.scores if s.cohort.entity == kind]
            first = cohorts[0].source if cohorts else None
            args = (self.archive, self.place, kind, ids, self.guarded)
            yield from identities(*args, first=first)

    def _cases(self) -> tuple[list[OpenedCase], list[Fault]]:
        caseload = self.place.file.caseload
        if caseload is None:
            return [], []
        contract = self.place.contracts[caseload.source]
        care = self.place.file.service.purpose_of_care(self.place.file.purposes)
        barred = list(refused_uses([contract], purpose=care, on=self.on))
        if barred:
            return [], barred
        found = cases_known(self.archive, contract, caseload, self.on)
        return [OpenedCase(**row) for row in found], []


def _keep_place(ledger: Ledger, place: FrozenPlace, clock: Clock) -> None:
    """Keep the place, unless it is the one that counts already."""
    with ledger.writing() as connection:
        try:
            counts = newest_place(connection).sha256
        except LedgerUnavailable:
            counts = ""
        if place.sha256 != counts:
            keep_place(connection, place, at=clock())
