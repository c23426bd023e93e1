"""The reference's first half: which records were known, may be used, and of whom.

Written from what the words mean, not from the engine: it loops over every record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from features.definitions.contracts import Contract
from features.definitions.relations import Relation
from tests.features.plain_filter import holds
from tests.features.world import Version, World


NOT_FOR_OWN_CARE = ("national data opt-out", "type 1")


@dataclass(frozen=True)
class Row:
    """A row of the spine."""

    entity: int
    as_of: dt.date
    index_record: int | None


class Records:
    """A world's records, seen from a row and its date."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.place = world.place
        self.kind = world.plan.cohort.entity
        events = world.plan.cohort.at_events
        self.event_kind = events.kind if events else None

    # Which records count -------------------------------------------------------

    def known(self, source: str, as_of: dt.date) -> Iterator[Version]:
        """Yield what was known before a date: each record's newest version by then."""
        for versions in self.versions_of(source):
            seen = [version for version in versions if version.known < as_of]
            if seen and not self.newest(seen).withdrawn:
                yield self.newest(seen)

    def today(self, source: str) -> Iterator[Version]:
        """Yield each record as it stands now."""
        for versions in self.versions_of(source):
            if not self.newest(versions).withdrawn:
                yield self.newest(versions)

    def newest(self, versions: list[Version]) -> Version:
        """Return the version known last; of one day's, the one delivered last."""
        received = {load.number: load.received for load in self.world.loads}
        return max(versions, key=lambda v: (v.known, received[v.load], v.load))

    def versions_of(self, source: str) -> Iterator[list[Version]]:
        """Yield the versions of each record that may be used."""
        found: dict[int, list[Version]] = {}
        for version in self.world.versions:
            if version.source == source and self._is_usable(version):
                found.setdefault(version.record, []).append(version)
        yield from found.values()

    def _is_usable(self, version: Version) -> bool:
        contract = self.place.contracts[version.source]
        about = {about.kind for about in contract.about}
        return not any(
            kind in about and self.has_opted_out(kind, entity, contract)
            for kind, entity in version.about.items()
        )

    # Opt-outs --------------------------------------------------------------------

    def scopes(self, kind: str, entity: int) -> set[str]:
        """Return what an entity has opted out of on the day of the build."""
        found = set()
        for contract in self.place.contracts.values():
            if contract.objections and kind in {about.kind for about in contract.about}:
                found |= set(self._declared(contract, kind, entity))
        if self.place.purpose(self.world.plan.purpose).individual_care:
            found -= set(NOT_FOR_OWN_CARE)
        return found

    def _declared(self, contract: Contract, kind: str, entity: int) -> Iterator[str]:
        marked = contract.objections
        assert marked is not None
        on = self.world.on
        records: dict[int, list[Version]] = {}
        for version in self.world.versions:
            if version.source == contract.name and version.about.get(kind) == entity:
                records.setdefault(version.record, []).append(version)
        for versions in records.values():
            entry = self.newest(versions)
            ends = entry.cells[marked.ends] if marked.ends else None
            purpose = entry.cells[marked.purpose] if marked.purpose else None
            begun = entry.on is None or entry.on <= on
            lasts = begun and (ends is None or ends > on)
            bears = lasts and purpose in (None, self.world.plan.purpose)
            scope = marked.scopes.get(entry.cells[marked.column])
            if bears and scope and not entry.withdrawn:
                yield scope

    def has_opted_out(self, kind: str, entity: int, contract: Contract) -> bool:
        """Return whether a source's records about an entity may not be used."""
        return bool(self.scopes(kind, entity) & set(contract.honours))

    # Rows ----------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """Return the spine, in the order of the snapshot."""
        cohort, dates = self.world.plan.cohort, self.world.dates
        rows = set()
        if cohort.at_events:
            first = max(cohort.at_events.first, min(dates))
            last = min(cohort.at_events.last or dt.date.max, max(dates))
            for event in self._listed(self._unfiltered_today(cohort.source)):
                if event.on and first <= event.on <= last:
                    rows.add(Row(event.about[self.kind], event.on, event.record))
        else:
            for as_of in dates:
                for record in self._listed(self._unfiltered_known(as_of)):
                    if record.on and record.on < as_of:
                        rows.add(Row(record.about[self.kind], as_of, None))
        return sorted(
            rows, key=lambda r: (r.as_of, f"{self.kind}-{r.entity}", r.index_record)
        )

    def _unfiltered_today(self, source: str) -> Iterator[Version]:
        """Whoever opted out is listed all the same, to be given a state."""
        for versions in self._all_records(source):
            if not self.newest(versions).withdrawn:
                yield self.newest(versions)

    def _unfiltered_known(self, as_of: dt.date) -> Iterator[Version]:
        for versions in self._all_records(self.world.plan.cohort.source):
            seen = [version for version in versions if version.known < as_of]
            if seen and not self.newest(seen).withdrawn:
                yield self.newest(seen)

    def _all_records(self, source: str) -> Iterable[list[Version]]:
        found: dict[int, list[Version]] = {}
        for version in self.world.versions:
            if version.source == source:
                found.setdefault(version.record, []).append(version)
        return found.values()

    def _listed(self, records: Iterable[Version]) -> Iterator[Version]:
        wanted = self.world.plan.cohort.filter
        for record in records:
            if self.kind in record.about and self.passes(wanted, record):
                yield record

    def passes(self, text: str | None, record: Version) -> bool:
        return text is None or holds(self.world.trees[text], record.cells) is True

    # Related entities ------------------------------------------------------------

    def related(self, row: Row, relation: Relation, *, direct: bool) -> set[int]:
        """Return what a row's entity belonged to on its date; none if not known."""
        contract = self.place.contracts[relation.source]
        told_beforehand = self._is_told_beforehand(contract, relation.to)
        ends = relation.ends or relation.ended
        if (
            direct
            and told_beforehand
            and not (ends or relation.many or relation.filter)
        ):
            told = self.told(row, relation.source)
            return (
                {told.about[relation.to]}
                if told and relation.to in told.about
                else set()
            )
        return self.belonged(row.entity, relation, row.as_of, relation.filter)

    def belonged(
        self, entity: int, relation: Relation, as_of: dt.date, role: str | None = None
    ) -> set[int]:
        """Return what an entity belonged to, as the newest records known say."""
        saying = [
            record
            for record in self.known(relation.source, as_of)
            if record.about.get(relation.of) == entity and relation.to in record.about
            if record.on and record.on < as_of
            if self.passes(role, record)
        ]
        lasting = {
            related
            for related in {record.about[relation.to] for record in saying}
            if self._lasts(
                [r for r in saying if r.about[relation.to] == related], relation, as_of
            )
        }
        if relation.many:
            return lasting
        opening = [record for record in saying if not self._closes(record, relation)]
        return {latest(opening).about[relation.to]} & lasting if opening else set()

    def _lasts(self, saying: list[Version], relation: Relation, as_of: dt.date) -> bool:
        """Return whether a membership had not ended, by the records that name it."""
        last = latest(saying)
        ends = last.cells[relation.ends] if relation.ends else None
        return not self._closes(last, relation) and (ends is None or ends >= as_of)

    def _closes(self, record: Version, relation: Relation) -> bool:
        return relation.ended is not None and self.passes(relation.ended, record)

    def _is_told_beforehand(self, contract: Contract, kind: str) -> bool:
        kinds = {about.kind: about for about in contract.about}
        if self.event_kind not in kinds:
            return False
        names = kinds[kind].columns
        return all(contract.column(name).known_beforehand for name in names)

    def told(self, row: Row, source: str) -> Version | None:
        """Return the first thing a source said about the row's index event."""
        kind = self.event_kind
        index = [v for v in self.world.versions if v.record == row.index_record]
        if kind is None or not index or kind not in index[0].about:
            return None
        event = index[0].about[kind]
        said = [
            version
            for versions in self.versions_of(source)
            for version in versions
            if version.about.get(kind) == event
        ]
        return min(said, key=lambda v: (v.known, v.load, v.record), default=None)


def latest(records: list[Version]) -> Version:
    return max(records, key=lambda record: (record.on, record.record))


def is_within(record: Version, as_of: dt.date, days: int | None) -> bool:
    if record.on is None or record.on >= as_of:
        return False
    return days is None or record.on >= as_of - dt.timedelta(days=days)
