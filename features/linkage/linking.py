"""Linkage: which records of a place are about one entity.

Names and birth dates are read in the identity zone and stay there. What leaves it is
one row a record: a number, a keyed pseudonym, the method and the probability.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib.metadata
import json
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import pyarrow as pa

from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules
from features.definitions.place import Place
from features.linkage.decisions import Decision
from features.linkage.decisions_store import binding
from features.linkage.identities import Identities, read_identities
from features.linkage.merging import ALONE, Merged, merge
from features.linkage.outright import named_outright
from features.linkage.reports import KindReport, report_on, with_notes
from features.linkage.restricted import restricted_links
from features.store.manifest import LinkVersion, Manifest
from features.store.warehouse import Warehouse, Writer


# Counts up when the same rules and records would be linked in another way.
_METHOD = 2
_PSEUDONYM_LENGTH = 32

_LINKS = pa.schema(
    [
        ("record_id", pa.int64()),
        ("entity", pa.int64()),
        ("entity_id", pa.string()),
        ("identity", pa.int64()),
        ("method", pa.string()),
        ("probability", pa.float64()),
    ]
)
_PAIRS = pa.schema(
    [
        ("record_id_l", pa.int64()),
        ("record_id_r", pa.int64()),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("outcome", pa.string()),
    ]
)


def link_place(
    warehouse: Warehouse,
    place: Place,
    key: bytes,
    *,
    decisions: Sequence[Decision] = (),
    progress: Callable[[str], None] = lambda message: None,
) -> list[KindReport]:
    """Link all kinds of a place and commit what changed, as one manifest version.

    Args:
        warehouse: Its loads are read, its links written.
        place: Whose contracts name the kinds, and whose rules link them.
        key: Of the pseudonyms; kept outside the warehouse.
        decisions: What stewards said of any kind's records, beside what the
            warehouse keeps of it.
        progress: Told what is being done.

    Returns:
        A report on each kind. With the same loads, rules, decisions and key,
        the same version.
    """
    kinds = dict.fromkeys(a.kind for c in place.contracts.values() for a in c.about)
    with warehouse.writing() as writer:
        manifest = writer.manifest
        versions = []
        for kind in kinds:
            told = {*decisions, *binding(warehouse, manifest, kind)}
            in_order = tuple(sorted(told, key=astuple))
            task = _Task(warehouse, manifest, place, kind, key, in_order)
            current = manifest.links_of(kind)
            if current and task.is_done_by(current):
                continue
            progress(f"linking {kind}")
            with writer.scratch() as folder:
                versions.append(task.link(writer, folder))
        if versions:
            links = [*manifest.links, *versions]
            manifest = writer.commit(manifest.model_copy(update={"links": links}))
    return [report_on(warehouse, manifest, place, kind) for kind in kinds]


def pseudonym(kind: str, entity: int, key: bytes) -> str:
    """Return the keyed name of an entity: HMAC-SHA256 of its kind and number.

    >>> pseudonym("person", 7, b"k" * 32) == pseudonym("person", 7, b"other" * 7)
    False
    """
    name = f"{kind}:{entity}".encode()
    return hmac.new(key, name, hashlib.sha256).hexdigest()[:_PSEUDONYM_LENGTH]


@dataclass(frozen=True)
class _Task:
    """The linking of one kind."""

    warehouse: Warehouse
    manifest: Manifest
    place: Place
    kind: str
    key: bytes
    decisions: tuple[Decision, ...]

    @property
    def contracts(self) -> list[Contract]:
        """The sources that mention the kind."""
        return [
            contract
            for contract in self.place.contracts.values()
            if self.kind in {about.kind for about in contract.about}
        ]

    @property
    def rules(self) -> KindRules | None:
        """How the kind is linked; None if its sources name it outright."""
        return self.place.linkage.get(self.kind)

    @property
    def last_load(self) -> int:
        """The last load that bears on the kind; 0 without any."""
        sources = {contract.name for contract in self.contracts}
        loads = (ld.number for ld in self.manifest.loads if ld.source in sources)
        return max(loads, default=0)

    @property
    def sha256(self) -> str:
        """Of all that decides on the links, loads apart."""
        rules, own = self.rules, self.contracts
        abouts = {c.name: [a.model_dump(mode="json") for a in c.about] for c in own}
        content = {
            "method": _METHOD,
            "splink": importlib.metadata.version("splink"),
            "rules": rules.model_dump(mode="json") if rules else None,
            "sources": abouts,
            "restricted": [c.restriction and c.restriction.model_dump() for c in own],
            "key": pseudonym(self.kind, 0, self.key),
            "decisions": sorted(astuple(decision) for decision in self.decisions),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def is_done_by(self, version: LinkVersion) -> bool:
        """Whether linking again would give the links of `version`."""
        return (version.loads, version.rules_sha256) == (self.last_load, self.sha256)

    def link(self, writer: Writer, folder: Path) -> LinkVersion:
        """Link the kind and stage its files as its next version."""
        links, pairs = self._linked(folder)
        entities = links["entity"].to_pylist()
        names = {e: pseudonym(self.kind, e, self.key) for e in set(entities)}
        entity_ids = pa.array([names[e] for e in entities], pa.string())
        links = links.append_column("entity_id", entity_ids).select(_LINKS.names)
        current = self.manifest.links_of(self.kind)
        number = current.number + 1 if current else 1
        name = f"{self.kind}/{number:06d}.parquet"
        return LinkVersion(
            kind=self.kind,
            number=number,
            loads=self.last_load,
            rules_sha256=self.sha256,
            links=writer.stage("warehouse", f"links/{name}", links.cast(_LINKS)),
            pairs=writer.stage("identity", f"pairs/{name}", pairs),
        )

    def _linked(self, folder: Path) -> tuple[pa.Table, pa.Table]:
        if self.rules is None:
            outright = named_outright(
                self.warehouse, self.manifest, self.contracts, self.kind
            )
            return outright, _PAIRS.empty_table()
        # Splink takes a moment to import, and most commands do not link.
        from features.linkage.pairs import compare

        told_apart = {
            record
            for decision in self.decisions
            for record in (decision.left_record, decision.right_record)
            if not decision.same
        }
        guarded = restricted_links(self.warehouse, self.manifest, self.contracts)
        identities = read_identities(
            self.warehouse,
            self.manifest,
            self.contracts,
            self.rules,
            told_apart,
            guarded["record_id"].to_pylist(),
        )
        compared = compare(identities, self.rules, folder)
        merged = merge(identities, self.rules, compared.pairs, self.decisions)
        notes = (*compared.notes, *merged.notes)
        pairs = with_notes(_pairs_table(identities, merged), notes)
        links = pa.concat_tables([_links_table(identities, merged), guarded])
        return links.sort_by("record_id"), pairs


def _links_table(identities: Identities, merged: Merged) -> pa.Table:
    rows = [
        (record, entity, identities.first_record(node), method, probability)
        for nodes in merged.clusters
        for entity in (min(identities.first_record(node) for node in nodes),)
        for node in nodes
        for method, probability in (_method(identities, merged, node),)
        for record in identities.records[node]
    ]
    rows.sort()
    names = ["record_id", "entity", "identity", "method", "probability"]
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pa.table(
        {
            name: pa.array(column, _LINKS.field(name).type)
            for name, column in zip(names, columns, strict=True)
        }
    )


def _method(identities: Identities, merged: Merged, node: int) -> tuple[str, float]:
    hold = merged.hold.get(node)
    if hold:
        return hold.method, hold.probability
    exact = identities.exact[node]
    shared = exact is not None and len(identities.records[node]) > 1
    return (exact or ALONE) if shared else ALONE, 1.0


def _pairs_table(identities: Identities, merged: Merged) -> pa.Table:
    first = identities.first_record
    rows = [
        (*sorted((first(w.left), first(w.right))), w.probability, w.weight, w.outcome)
        for w in merged.weighed
    ]
    # A pair may have met by an exact key, unweighed, and again by probability.
    rows.sort(key=lambda row: (row[0], row[1], row[3] is not None))
    columns = zip(*rows, strict=True) if rows else ([] for _ in _PAIRS.names)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, _PAIRS, strict=True)]
    return pa.table(arrays, schema=_PAIRS)
