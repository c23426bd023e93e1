"""Linkage: which records of a place are about one entity.

Names and birth dates are read in the identity zone and stay there. What leaves it is
one row a record: a number, a keyed pseudonym, the method and the probability.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules
from features.definitions.place import Place
from features.linkage.decisions import Decision, told_apart
from features.linkage.decisions_store import binding
from features.linkage.identities import (
    Identities,
    read_identities,
)
from features.linkage.link_tables import (
    FLAGS,
    PAIRS,
    flags_table,
    links_table,
    model_table,
    pairs_table,
)
from features.linkage.merging import merge
from features.linkage.outright import named_outright
from features.linkage.pairs import Spine
from features.linkage.pseudonyms import pseudonym, with_pseudonyms
from features.linkage.records import changed_records
from features.linkage.reports import KindReport, reports_on, with_notes
from features.linkage.restricted import restricted_links
from features.linkage.settled import Settled, nothing_settled, settled_of
from features.store.manifest import LinkVersion, Manifest
from features.store.warehouse import Warehouse, Writer


# Counts up when the same rules and records would be linked in another way.
_METHOD = 3


def link_place(
    warehouse: Warehouse,
    place: Place,
    key: bytes,
    *,
    decisions: Sequence[Decision] = (),
    afresh: bool = False,
    progress: Callable[[str], None] = lambda message: None,
) -> list[KindReport]:
    """Link all kinds of a place and commit what changed, as one manifest version.

    What was linked before by the same rules stays as it is: only what is new or
    changed is linked, against it. With other rules everything is linked afresh.

    Args:
        warehouse: Its loads are read, its links written.
        place: Whose contracts name the kinds, and whose rules link them.
        key: Of the pseudonyms; kept outside the warehouse.
        decisions: What stewards said of any kind's records, beside what the
            warehouse keeps of it.
        afresh: Link everything again, from nothing. People may move.
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
            if task.is_done(afresh=afresh):
                continue
            progress(f"linking {kind}")
            with writer.scratch() as folder, _uncollected():
                versions.append(task.link(writer, folder, afresh=afresh))
        if versions:
            links = [*manifest.links, *versions]
            manifest = writer.commit(manifest.model_copy(update={"links": links}))
    return reports_on(warehouse, manifest, place, kinds)


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
    def current(self) -> LinkVersion | None:
        """The newest links of the kind, if it was ever linked."""
        return self.manifest.links_of(self.kind)

    @property
    def rules_sha256(self) -> str:
        """Of how the kind is linked."""
        rules = self.rules.model_dump(mode="json") if self.rules else None
        return _sha256([_METHOD, rules])

    @property
    def told_sha256(self) -> str:
        """Of the key of the pseudonyms and what stewards said."""
        said = [astuple(decision) for decision in self.decisions]
        return _sha256([pseudonym(self.kind, 0, self.key), said])

    @property
    def sources(self) -> dict[str, str]:
        """Of each source with loads, a hash of what says whom its rows are about."""
        return {
            contract.name: _sha256(
                [
                    *(about.model_dump(mode="json") for about in contract.about),
                    contract.restriction
                    and contract.restriction.model_dump(mode="json"),
                ]
            )
            for contract in self.contracts
            if self.manifest.loads_of(contract.name)
        }

    def is_done(self, *, afresh: bool) -> bool:
        """Whether linking again would give the links there are."""
        current = self.current
        if current is None or (afresh and current.spine is not None):
            return False
        kept = (current.loads, current.rules_sha256, current.told_sha256)
        now = (self.last_load, self.rules_sha256, self.told_sha256)
        return kept == now and current.sources == self.sources

    def spine(self, *, afresh: bool) -> LinkVersion | None:
        """Return the links that what is new is added to; None: all is linked."""
        current = self.current
        if afresh or current is None or current.rules_sha256 != self.rules_sha256:
            return None
        known = current.sources.items() <= self.sources.items()
        return current if known and self.rules else None

    def link(self, writer: Writer, folder: Path, *, afresh: bool) -> LinkVersion:
        """Link the kind and stage its files as its next version."""
        spine = self.spine(afresh=afresh)
        linked = (
            self._linked(self.rules, folder, spine) if self.rules else self._outright()
        )
        number = self.current.number + 1 if self.current else 1
        name = f"{self.kind}/{number:06d}"
        model = linked.model and model_table(linked.model)
        return LinkVersion(
            kind=self.kind,
            number=number,
            loads=self.last_load,
            rules_sha256=self.rules_sha256,
            sources=self.sources,
            told_sha256=self.told_sha256,
            spine=spine.number if spine else None,
            links=writer.stage(
                "warehouse",
                f"links/{name}.parquet",
                with_pseudonyms(linked.links, self.kind, self.key),
            ),
            flags=writer.stage(
                "warehouse", f"links/{name}.flags.parquet", linked.flags
            ),
            model=writer.stage("warehouse", f"links/{name}.model.parquet", model)
            if model
            else None,
            pairs=writer.stage("identity", f"pairs/{name}.parquet", linked.pairs),
        )

    def _outright(self) -> _Linked:
        links = named_outright(self.warehouse, self.manifest, self.contracts, self.kind)
        return _Linked(links, PAIRS.empty_table(), FLAGS.empty_table(), None)

    def _linked(
        self, rules: KindRules, folder: Path, spine: LinkVersion | None
    ) -> _Linked:
        # Splink takes a moment to import, and most commands do not link.
        from features.linkage.comparing import compare

        guarded = restricted_links(self.warehouse, self.manifest, self.contracts)
        identities = read_identities(
            self.warehouse,
            self.manifest,
            self.contracts,
            rules,
            told_apart(self.decisions),
            guarded["record_id"].to_pylist(),
        )
        settled = nothing_settled(identities)
        kept = None
        if spine:
            settled = self._settled(identities, rules, spine)
            kept = Spine(settled.fresh, self._model(spine))
        compared = compare(identities, rules, folder, spine=kept)
        merged = merge(identities, rules, compared.pairs, self.decisions, settled)
        links = pa.concat_tables([links_table(identities, merged), guarded])
        pairs = pairs_table(identities, merged.weighed)
        return _Linked(
            links=links.sort_by("record_id"),
            pairs=with_notes(pairs, (*compared.notes, *merged.notes)),
            flags=flags_table(identities, merged),
            model=compared.model,
        )

    def _settled(
        self, identities: Identities, rules: KindRules, spine: LinkVersion
    ) -> Settled:
        changed = changed_records(
            self.warehouse, self.manifest, self.contracts, rules, spine.loads
        )
        return settled_of(
            identities,
            pq.read_table(self.warehouse.path(spine.links)),
            pq.read_table(self.warehouse.path(spine.pairs)),
            changed=changed,
            decisions=self.decisions,
        )

    def _model(self, spine: LinkVersion) -> str | None:
        if spine.model is None:
            return None
        [model] = pq.read_table(self.warehouse.path(spine.model))["model"].to_pylist()
        return str(model)


@dataclass(frozen=True)
class _Linked:
    """What is kept of one kind's linking."""

    links: pa.Table
    pairs: pa.Table
    flags: pa.Table
    model: str | None


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the search for cycles: linking makes few, and many objects to look at."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
