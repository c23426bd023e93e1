"""What values are asked of: rows, the records they may rest on, and for what purpose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from features.archive import Archive
from features.contracts import Contract
from features.indicators import Indicator
from features.opt_outs import excluded_from
from features.place import Place
from features.related import membership


if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Question:
    """Rows that want values, and the ground on which records may answer.

    Attributes:
        kind: The entity kind of the rows.
        event_kind: At events: the kind that the index event itself is.
        rows: `row`, `entity`, `as_of` and `index_record`; held in memory.
        dates: The distinct as-of dates of the rows, earliest first.
        opt_outs: By entity kind: `entity` and `scope`, who has opted out of the purpose.
    """

    archive: Archive
    place: Place
    kind: str
    event_kind: str | None
    rows: ir.Table
    dates: Sequence[dt.date]
    opt_outs: Mapping[str, ir.Table]

    @property
    def date_table(self) -> ir.Table:
        """The as-of dates as a table of one column, `as_of`."""
        return ibis.memtable({"as_of": list(self.dates)}, schema={"as_of": "date"})

    def excluded(self, contract: Contract) -> ir.Table:
        """Return `entity`: whose records of a source this purpose may not use."""
        scopes = self.opt_outs.get(self.kind)
        if scopes is None or self.kind not in kinds_of(contract):
            return ibis.memtable([], schema={"entity": "int64"})
        return excluded_from(scopes, contract)

    def records_about(self, contract: Contract, kind: str | None = None) -> ir.Table:
        """Return the records that may be used, with the entity each is about.

        A record about someone who opted out is left out, whatever it is counted for.
        """
        records = self.archive.about(contract, kind or self.kind)
        for other, scopes in self.opt_outs.items():
            if other in kinds_of(contract):
                links = self.archive.links(other).select("record_id", person="entity")
                out = links.semi_join(
                    excluded_from(scopes, contract), links.person == _.entity
                )
                records = records.anti_join(out, "record_id")
        return records

    def records_for(self, indicator: Indicator) -> ir.Table:
        """Return the records an indicator reads: its own kind's or a related one's."""
        contract = self.place.contracts[indicator.family.source]
        if indicator.family.relation is None:
            return self.records_about(contract)
        relation = self.place.relation(indicator.family.relation)
        through = relation.to not in kinds_of(contract)
        return self.records_about(contract, relation.of if through else relation.to)

    def keys_of(self, indicator: Indicator) -> tuple[ir.Table, ir.Table | None]:
        """Return whose values each row takes, and who stands behind them.

        Returns:
            `row`, `as_of`, `key`: the entity itself, or its related entity on the date;
            and None, or `entity`, `as_of`, `key`: the members through whom records
            about members are counted for the related entity.
        """
        if indicator.family.relation is None:
            return self.rows.select("row", "as_of", key="entity"), None
        relation = self.place.relation(indicator.family.relation)
        members = membership(self.archive, self.place, relation, self.date_table)
        members = self.archive.keep(members)
        rows = self.rows.select("row", "entity", "as_of")
        keys = rows.join(members, ["entity", "as_of"])
        keys = self.archive.keep(keys.select("row", "as_of", key="related"))
        contract = self.place.contracts[indicator.family.source]
        if relation.to in kinds_of(contract):
            return keys, None
        return keys, members.select("entity", "as_of", key="related")


_ = ibis._


def kinds_of(contract: Contract) -> set[str]:
    """Return the entity kinds that a source's rows are about."""
    return {about.kind for about in contract.about}
