"""Reports on links: how far each source is linked, and how well if truth is known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.definitions.contracts import Contract
from features.definitions.place import Place
from features.linkage.contradictions import contradicted
from features.linkage.identities import newest_records
from features.linkage.merging import ALONE
from features.linkage.quality import LinkQuality, judge_pairs, judge_placing
from features.linkage.writings import Readable
from features.store.manifest import Manifest
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
        outcomes: How many of these had each outcome, such as "vetoed: twins".
        notes: What a reader should know: "too few records to train on".
        quality: Against the place's own truth, where it declares any.
    """

    kind: str
    version: int
    sources: tuple[SourceCoverage, ...]
    entities: int
    pairs: int
    outcomes: dict[str, int]
    notes: tuple[str, ...] = ()
    quality: LinkQuality | None = None

    @property
    def vetoed(self) -> int:
        """How many merges a veto refused."""
        return sum(n for o, n in self.outcomes.items() if o.startswith("vetoed"))


def report_on(
    warehouse: Warehouse, manifest: Manifest, place: Place, kind: str
) -> KindReport:
    """Return what a manifest version knows of the links of a kind.

    Raises:
        LookupError: The kind was never linked.
    """
    version = manifest.links_of(kind)
    if version is None:
        raise LookupError(f"{kind} was never linked")
    links = pq.read_table(warehouse.path(version.links))
    pairs = pq.read_table(warehouse.path(version.pairs))
    contracts = [c for c in place.contracts.values() if _mentions(c, kind)]
    return KindReport(
        kind=kind,
        version=version.number,
        sources=tuple(
            _coverage(contract.name, records_of(warehouse, manifest, contract), links)
            for contract in contracts
        ),
        entities=len(links["entity"].unique()),
        pairs=pairs.num_rows,
        outcomes=dict(sorted(Counter(pairs["outcome"].to_pylist()).items())),
        notes=(*notes_of(pairs), *_contradictions(warehouse, manifest, place, kind)),
        quality=_quality(warehouse, manifest, place, kind, links),
    )


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
    ids = [pq.read_table(p, columns=["record_id"])["record_id"] for p in paths]
    return np.unique(np.concatenate([np.array([], np.int64), *ids]))


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
    methods = Counter(links.filter(own)["method"].to_pylist())
    return SourceCoverage(source, len(records), dict(sorted(methods.items())))


def _quality(
    warehouse: Warehouse, manifest: Manifest, place: Place, kind: str, links: pa.Table
) -> LinkQuality | None:
    rules = place.linkage.get(kind)
    if rules is None or rules.truth is None:
        return None
    told, name = rules.truth, rules.truth.attribute
    truth: dict[int, str] = {}
    reference: set[int] = set()
    for contract in place.contracts.values():
        if not _mentions(contract, kind) or not manifest.loads_of(contract.name):
            continue
        rows = newest_records(warehouse, manifest, contract, rules, [name])
        ids = rows["record_id"].to_pylist()
        said = zip(ids, rows[name].to_pylist(), strict=True)
        truth |= {record: true for record, true in said if true is not None}
        reference |= set(ids) if contract.name in told.reference else set()
    entities = dict(
        zip(links["record_id"].to_pylist(), links["entity"].to_pylist(), strict=True)
    )
    if told.reference:
        return judge_placing(entities, truth, reference)
    return judge_pairs(entities, truth)
