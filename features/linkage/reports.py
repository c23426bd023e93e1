"""Reports on links: how far each source is linked, and how well if truth is known."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.definitions.contracts import Contract
from features.definitions.place import Place
from features.linkage.by_group import GroupQuality, judge_groups
from features.linkage.contradictions import contradicted
from features.linkage.merged import ALONE
from features.linkage.quality import LinkQuality, judge_pairs, judge_placing
from features.linkage.records import newest, newest_records, read_files
from features.linkage.writings import Readable
from features.store.manifest import LinkVersion, Manifest
from features.store.warehouse import Warehouse


_NOTES = b"notes"


@dataclass(frozen=True)
class SourceCoverage:
    """How far one source's records are linked.

    Attributes:
        records: All that the source ever brought, withdrawn ones included.
        by_method: How many were linked by each method; "alone" matched no other.
        unlinked: Records without an entity: they say nothing, or two entities claim
            them alike.
    """

    source: str
    records: int
    by_method: dict[str, int]

    @property
    def unlinked(self) -> int:
        """Records that have no entity."""
        return self.records - sum(self.by_method.values())

    @property
    def linked_share(self) -> float | None:
        """The share that was linked to another record, 0 to 1; None without records."""
        linked = sum(n for method, n in self.by_method.items() if method != ALONE)
        return linked / self.records if self.records else None


@dataclass(frozen=True)
class KindReport:
    """What is known of a kind's links.

    Attributes:
        version: The number of the link version.
        entities: How many there are.
        pairs: How many pairs of records were compared and kept.
        flagged: How many entities wait for a steward; no score is given of them.
        outcomes: How many of these had each outcome, such as "vetoed: twins".
        notes: What a reader should know: "too few records to train on".
        quality: Against the place's own truth, where it declares any.
        by_group: The same by protected attribute and by partner.
    """

    kind: str
    version: int
    sources: tuple[SourceCoverage, ...]
    entities: int
    pairs: int
    flagged: int
    outcomes: dict[str, int]
    notes: tuple[str, ...] = ()
    quality: LinkQuality | None = None
    by_group: tuple[GroupQuality, ...] = ()

    @property
    def vetoed(self) -> int:
        """How many merges a veto refused."""
        return sum(n for o, n in self.outcomes.items() if o.startswith("vetoed"))


def reports_on(
    warehouse: Warehouse, manifest: Manifest, place: Place, kinds: Iterable[str]
) -> list[KindReport]:
    """Return what a manifest version knows of the links of some kinds.

    Raises:
        LookupError: One of them was never linked.
    """
    records = {
        name: records_of(warehouse, manifest, contract)
        for name, contract in place.contracts.items()
    }
    return [_report_on(warehouse, manifest, place, kind, records) for kind in kinds]


def _report_on(
    warehouse: Warehouse,
    manifest: Manifest,
    place: Place,
    kind: str,
    records: Mapping[str, NDArray[np.int64]],
) -> KindReport:
    version = manifest.links_of(kind)
    if version is None:
        raise LookupError(f"{kind} was never linked")
    read = ["record_id", "entity", "method"]
    links = pq.read_table(warehouse.path(version.links), columns=read)
    pairs = pq.read_table(warehouse.path(version.pairs), columns=["outcome"])
    contracts = [c for c in place.contracts.values() if _mentions(c, kind)]
    truth = _truth(warehouse, manifest, place, kind)
    return KindReport(
        kind=kind,
        version=version.number,
        sources=tuple(
            _coverage(contract.name, records[contract.name], links)
            for contract in contracts
        ),
        entities=pc.count_distinct(links["entity"]).as_py(),
        pairs=pairs.num_rows,
        flagged=_flagged(warehouse, version),
        outcomes=_counts(pairs["outcome"]),
        notes=(*notes_of(pairs), *_contradictions(warehouse, manifest, place, kind)),
        quality=_quality(truth, links),
        by_group=_by_group(warehouse, manifest, place, truth, links),
    )


def _flagged(warehouse: Warehouse, version: LinkVersion) -> int:
    if version.flags is None:
        return 0
    flags = pq.read_table(warehouse.path(version.flags), columns=["entity"])
    return len(flags["entity"].unique())


def with_notes(pairs: pa.Table, notes: Sequence[str]) -> pa.Table:
    """Return the table of pairs with what a reader should know of the linking."""
    return pairs.replace_schema_metadata({_NOTES: json.dumps(notes)})


def notes_of(pairs: pa.Table) -> tuple[str, ...]:
    """Return the notes that `with_notes` wrote."""
    return tuple(json.loads((pairs.schema.metadata or {}).get(_NOTES, b"[]")))


def records_of(
    warehouse: Warehouse, manifest: Manifest, contract: Contract
) -> NDArray[np.int64]:
    """Return the ids of all records that a source ever brought."""
    loads = manifest.loads_of(contract.name)
    paths = [warehouse.path(load.identity) for load in loads]
    if not loads:
        return np.array([], np.int64)
    return np.unique(read_files(paths, ["record_id"])["record_id"].to_numpy())


def _contradictions(
    warehouse: Warehouse, manifest: Manifest, place: Place, kind: str
) -> Iterator[str]:
    """Yield a note on every decision that identifiers now speak against."""
    if kind in place.linkage:
        readable = Readable(warehouse, manifest, place, place.linkage[kind])
        for one in contradicted(readable):
            what = "is contradicted by later identifiers: look at it again"
            yield f'decision {one.number} ("{one.verdict}") {what}'


def _mentions(contract: Contract, kind: str) -> bool:
    return kind in {about.kind for about in contract.about}


def _coverage(
    source: str, records: NDArray[np.int64], links: pa.Table
) -> SourceCoverage:
    own = pc.is_in(links["record_id"], value_set=pa.array(records, pa.int64()))
    return SourceCoverage(source, len(records), _counts(links["method"].filter(own)))


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    """Return how often each text occurs, by text."""
    counted = values.value_counts()
    texts, counts = (counted.field(n).to_pylist() for n in (0, 1))
    return dict(sorted(zip(texts, counts, strict=True)))


@dataclass(frozen=True)
class _Truth:
    """What a place's own truth says of a kind's records.

    Attributes:
        true: Record -> the true entity.
        reference: The records that the others are to be linked to.
        partners: Record -> who holds it.
    """

    true: dict[int, str]
    reference: set[int]
    partners: dict[int, str]


def _truth(
    warehouse: Warehouse, manifest: Manifest, place: Place, kind: str
) -> _Truth | None:
    rules = place.linkage.get(kind)
    if rules is None or rules.truth is None:
        return None
    told, name = rules.truth, rules.truth.attribute
    truth = _Truth({}, set(), {})
    for contract in place.contracts.values():
        if not _mentions(contract, kind) or not manifest.loads_of(contract.name):
            continue
        rows = newest_records(warehouse, manifest, contract, rules, [name])
        ids = rows["record_id"].to_pylist()
        said = zip(ids, rows[name].to_pylist(), strict=True)
        known = {record: true for record, true in said if true is not None}
        truth.true.update(known)
        truth.partners.update(dict.fromkeys(known, contract.partner))
        truth.reference.update(ids if contract.name in told.reference else ())
    return truth


def _quality(truth: _Truth | None, links: pa.Table) -> LinkQuality | None:
    if truth is None:
        return None
    entities = _entities(links)
    if truth.reference:
        return judge_placing(entities, truth.true, truth.reference)
    return judge_pairs(entities, truth.true)


def _by_group(
    warehouse: Warehouse,
    manifest: Manifest,
    place: Place,
    truth: _Truth | None,
    links: pa.Table,
) -> tuple[GroupQuality, ...]:
    """Judge by the place's protected attributes, and by partner."""
    if truth is None:
        return ()
    groups: dict[str, dict[Hashable, str]] = {}
    for group in place.file.groups:
        contract = place.contracts[group.source]
        column = group.column
        paths = [warehouse.path(ld.records) for ld in manifest.loads_of(group.source)]
        read = ["record_id", "load", column]
        tables = [pq.read_table(path, columns=read) for path in paths]
        if not tables:
            continue
        rows = newest(pa.concat_tables(tables)).drop_null()
        said = zip(rows["record_id"].to_pylist(), rows[column].to_pylist(), strict=True)
        names = contract.column(column).values
        groups[group.name] = {
            truth.true[record]: names.get(value, str(value))
            for record, value in said
            if record in truth.true
        }
    return tuple(
        judge_groups(_entities(links), truth.true, groups, partners=truth.partners)
    )


def _entities(links: pa.Table) -> dict[int, int]:
    records, entities = links["record_id"].to_pylist(), links["entity"].to_pylist()
    return dict(zip(records, entities, strict=True))
