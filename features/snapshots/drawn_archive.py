"""An archive of worlds: the records of each world, under numbers of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from features.definitions.contracts import Contract
from features.snapshots.link_worlds import Worlds
from features.store.archive import Archive


if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

_DRAWN = "drawn_record"


class DrawnArchive(Archive):
    """What an archive held, once for each world, with the links of that world.

    Records and entities are numbered so that the order within a world is kept, no two
    worlds share any, and `read_number` tells what each was.

    Args:
        archive: Whose manifest is read.
        kind: The kind whose links were drawn.
        worlds: Who is in each world, and as whom.
        direct: By relation: the kind it leads to, and the sources that are about that
            kind themselves, whose records are in a world for what they are about.
    """

    def __init__(
        self,
        archive: Archive,
        kind: str,
        worlds: Worlds,
        direct: dict[str, tuple[str, list[Contract]]],
    ) -> None:
        super().__init__(archive.warehouse, archive.manifest)
        self._kind = kind
        self._step = worlds.most + 1
        self._records: dict[str, ir.Table] = {}
        self._members = self.keep(self._of_members(worlds))
        self._held = self.keep(self._of_records(worlds, direct))

    def records(self, contract: Contract) -> ir.Table:
        """Return every version of every record, once for each world that has it."""
        if contract.name not in self._records:
            table = self._copied(super().records(contract))
            self._records[contract.name] = self.keep(table)
        return self._records[contract.name]

    def identity(self, contract: Contract, *columns: str) -> ir.Table:
        """Return record_id, load and some columns out of the identity zone."""
        table = self._copied(super().identity(contract, *columns))
        return table.select("record_id", "load", *columns)

    def links(self, kind: str) -> ir.Table:
        """Return a kind's links in all worlds; those drawn have probability 1."""
        if kind == self._kind:
            found = self._members.mutate(probability=ibis.literal(1.0))
        else:
            links = super().links(kind).join(self._held, "record_id")
            found = links.mutate(
                record_id=links[_DRAWN],
                entity=self._in_world(links.entity, links.world),
            )
        named = found.mutate(entity_id=found.entity.cast("string"))
        return named.select("record_id", "entity", "entity_id", "probability")

    def flagged(self, kind: str) -> ir.Table:
        """Return nobody: who waits for a steward has no score that could be doubted."""
        return super().flagged(kind).limit(0)

    def entity_numbers(self, owners: pd.DataFrame) -> pd.Series[int]:
        """Return the number of each world's owner in it."""
        return owners["label"] * self._step + owners["world"]

    def read_number(self, numbers: pd.Series[int]) -> tuple[pd.Series[int], ...]:
        """Return what was numbered, and the world; missing stays missing."""
        return numbers // self._step, numbers % self._step

    def _in_world(self, thing: ir.Value, world: ir.Value) -> ir.Value:
        return thing * self._step + world

    def _copied(self, table: ir.Table) -> ir.Table:
        held = self._held.select("record_id", _DRAWN)
        copies = table.join(held, "record_id")
        return copies.mutate(record_id=copies[_DRAWN]).drop(_DRAWN)

    def _of_members(self, worlds: Worlds) -> ir.Table:
        """Return `record_id` and `entity` as numbered, `record` and `world`."""
        members = ibis.memtable(pa.Table.from_pandas(worlds.members))
        links = super().identities(self._kind).select("record_id", "identity")
        found = members.left_join(links, "identity")
        # Who was left out has no link; such an identity is its own record.
        record = found.record_id.coalesce(found.identity)
        return found.select(
            record_id=self._in_world(record, found.world),
            entity=self._in_world(found.label, found.world),
            record=record,
            world="world",
        )

    def _of_records(
        self, worlds: Worlds, direct: dict[str, tuple[str, list[Contract]]]
    ) -> ir.Table:
        """Return `record_id`, `world` and its number there, of all that are held."""
        tables = [self._members.select("world", record_id="record")]
        related = ibis.memtable(pa.Table.from_pandas(worlds.related))
        for relation, (kind, contracts) in direct.items():
            own = related.filter(related.relation == relation).rename(entity="related")
            links = super().links(kind).join(own.select("world", "entity"), "entity")
            for contract in contracts:
                about = super().records(contract).select("record_id").distinct()
                tables.append(links.semi_join(about, "record_id")["world", "record_id"])
        held = ibis.union(*(t.select("record_id", "world") for t in tables)).distinct()
        return held.mutate(**{_DRAWN: self._in_world(held.record_id, held.world)})
