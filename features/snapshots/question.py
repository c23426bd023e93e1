"""What values are asked of: rows, the records they may rest on, and for what use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import ibis

from features.definitions.contracts import Contract
from features.definitions.indicators import Indicator
from features.definitions.outcomes import Cohort
from features.definitions.place import Place
from features.definitions.relations import Relation
from features.snapshots.opt_outs import excluded_from
from features.snapshots.related import membership, told_of_events
from features.store.archive import Archive, empty_table, table_of


if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Question:
    """Rows that want values, and the ground on which records may answer.

    Attributes:
        cohort: Whose rows they are.
        rows: `row`, `entity`, `as_of` and `index_record`; held in memory.
        dates: The distinct as-of dates of the rows, earliest first.
        opt_outs: By entity kind: `entity` and `scope`, who has opted out of this use.
    """

    archive: Archive
    place: Place
    cohort: Cohort
    rows: ir.Table
    dates: Sequence[dt.date]
    opt_outs: Mapping[str, ir.Table]
    _kept: dict[str, ir.Table] = field(default_factory=dict, compare=False)

    @property
    def kind(self) -> str:
        """The entity kind of the rows."""
        return self.cohort.entity

    @property
    def event_kind(self) -> str | None:
        """At events: the kind that the index event itself is."""
        return self.cohort.at_events.kind if self.cohort.at_events else None

    @property
    def date_table(self) -> ir.Table:
        """The as-of dates as a table of one column, `as_of`."""
        return table_of({"as_of": list(self.dates)}, {"as_of": "date"})

    @property
    def most_records(self) -> int:
        """No entity of the rows' kind has more records than this, over all sources."""
        links = self.archive.links(self.kind)
        counts = links.group_by("entity").aggregate(records=links.count())
        found = self.archive.fetch(counts.aggregate(most=counts.records.max()))
        return found["most"][0].as_py() or 0

    def among(self, numbers: Sequence[int]) -> Question:
        """Return the same question for some of its rows, named by their `row`."""
        wanted = table_of({"row": list(numbers)}, {"row": "int64"})
        rows = self.archive.keep(self.rows.semi_join(wanted, "row"))
        return replace(self, rows=rows, _kept={})

    def excluded(self, contract: Contract) -> ir.Table:
        """Return `entity`: whose records of a source this purpose may not use."""
        scopes = self.opt_outs.get(self.kind)
        if scopes is None or self.kind not in kinds_of(contract):
            return empty_table({"entity": "int64"})
        return excluded_from(scopes, contract)

    def usable(self, contract: Contract) -> ir.Table:
        """Return a source's records that this purpose may use.

        A record about someone who opted out is left out, whatever it is counted for.
        """
        records = self.archive.records(contract)
        if contract.honours:
            records = records.anti_join(self._opted_out(contract), "record_id")
        return records

    def _opted_out(self, contract: Contract) -> ir.Table:
        """Return `record_id`: which of a source's records may not be used."""
        name = f"opted out of {contract.name}"
        if name not in self._kept:
            tables = [empty_table({"record_id": "int64"})]
            for kind, scopes in self.opt_outs.items():
                if kind in kinds_of(contract):
                    out = excluded_from(scopes, contract)
                    links = self.archive.links(kind).semi_join(out, "entity")
                    tables.append(links.select("record_id"))
            self._kept[name] = self.archive.keep(ibis.union(*tables, distinct=True))
        return self._kept[name]

    def records_about(self, contract: Contract, kind: str | None = None) -> ir.Table:
        """Return the records that may be used, with the entity each is about."""
        name = f"{contract.name} about {kind or self.kind}"
        if name not in self._kept:
            links = self.archive.links(kind or self.kind).drop("entity_id")
            self._kept[name] = self.usable(contract).join(links, "record_id")
        return self._kept[name]

    def records_for(self, indicator: Indicator) -> ir.Table:
        """Return the records an indicator reads: its own kind's or a related one's."""
        contract = self.place.contracts[indicator.family.source]
        if indicator.family.relation is None:
            return self.records_about(contract)
        relation = self.place.relation(indicator.family.relation)
        of_members = self.counts_members(indicator)
        return self.records_about(contract, relation.of if of_members else relation.to)

    def members(self, relation: Relation, role: str | None = None) -> ir.Table:
        """Return `entity`, `as_of`, `related`: to what each member belonged.

        Args:
            relation: Which.
            role: A filter: only such records make a member; None takes all.
        """
        name = f"members of {relation.name}, {role}"
        if name not in self._kept:
            contract = self.place.contracts[relation.source]
            records = self.records_about(contract, relation.of)
            links = self.archive.links(relation.to)
            found = membership(records, links, self.date_table, relation, role)
            self._kept[name] = self.archive.keep(found)
        return self._kept[name]

    def related(self, indicator: Indicator) -> ir.Table:
        """Return `row`, `as_of`, `related`: the entity whose value each row takes.

        That is the row's own entity, or what it belonged to on the date, each of them
        where there may be several; at events, if the event's own record names it
        beforehand and it has records of its own, that one. A row that belongs to
        nothing is not there.
        """
        family = indicator.family
        if family.relation is None:
            return self.rows.select("row", "as_of", related="entity")
        relation = self.place.relation(family.relation)
        direct = not self.counts_members(indicator)
        name = f"related by {relation.name}{' itself' if direct else ''}"
        if name not in self._kept:
            if direct and self._is_told_beforehand(relation):
                found = self._told(relation)
            else:
                rows = self.rows.select("row", "entity", "as_of")
                members = self.members(relation, relation.filter)
                found = rows.join(members, ["entity", "as_of"])
            found = found.select("row", "as_of", "related")
            self._kept[name] = self.archive.keep(found)
        return self._kept[name]

    def counted(self, indicator: Indicator) -> tuple[ir.Table, ir.Table]:
        """Return whose value each row takes, and whose records are counted for it.

        Returns:
            `row`, `as_of`, `key`; and `entity`, `as_of`, `key`, `index_record`: the
            entities whose records make up the value of a key on a date, each once, and
            a record that is left out of it. The key is the related entity or, where
            rows of one related entity may count different records, the row.
        """
        related = self.related(indicator)
        if self._counts_by_row(indicator):
            own = self.rows.select("row", "index_record", own="entity")
            pairs = related.join(own, "row").rename(key="row")
            keys = related.select("row", "as_of", key="row").distinct()
        else:
            pairs = related.select("as_of", "related", key="related").distinct()
            nobody = ibis.null("int64")
            pairs = pairs.mutate(index_record=nobody, own=nobody)
            keys = related.select("row", "as_of", key="related")
        return keys, self._standing_behind(pairs, indicator)

    def _counts_by_row(self, indicator: Indicator) -> bool:
        """Whether a row leaves something out, or counts more than one related entity.

        What it may leave out is its own event, where the source holds these, and its
        own entity's records.
        """
        family = indicator.family
        if family.relation is not None:
            relation = self.place.relation(family.relation)
            if relation.many or relation.others_only:
                return True
        return self.event_kind is not None and family.source == self.cohort.source

    def _standing_behind(self, pairs: ir.Table, indicator: Indicator) -> ir.Table:
        """Turn `related` into `entity`: itself, or those who belonged to it."""
        wanted = ["entity", "as_of", "key", "index_record"]
        if not self.counts_members(indicator):
            return pairs.rename(entity="related").select(wanted)
        relation = self.place.relation(indicator.family.relation or "")
        members = self.members(relation, relation.counts)
        found = pairs.join(members, ["related", "as_of"])
        if relation.others_only:
            found = found.filter(found.entity != found.own)
        found = found.select(wanted)
        # One who shares two households with the row is counted once.
        return found.distinct() if relation.many else found

    def counts_members(self, indicator: Indicator) -> bool:
        """Return whether records about members are counted for a related entity.

        They are where a source tells of members and not of what they belong to; and
        where only the others' records count, wherever it tells of members at all.
        """
        family = indicator.family
        if family.relation is None:
            return False
        relation = self.place.relation(family.relation)
        kinds = kinds_of(self.place.contracts[family.source])
        if relation.others_only and relation.of in kinds:
            return True
        return relation.to not in kinds

    def _is_told_beforehand(self, relation: Relation) -> bool:
        """Return whether the index event's own record says to what it belongs.

        A relation with ends or roles is a matter of all its records, not of one.
        """
        if relation.is_dated or relation.many or relation.filter:
            return False
        contract = self.place.contracts[relation.source]
        if self.event_kind not in kinds_of(contract):
            return False
        abouts = [about for about in contract.about if about.kind == relation.to]
        names = [name for about in abouts for name in about.columns]
        return all(contract.column(name).known_beforehand for name in names)

    def _told(self, relation: Relation) -> ir.Table:
        """Return `row`, `as_of`, `related`: what the index event itself belongs to."""
        kind = self.event_kind or self.kind
        records = self.records_about(self.place.contracts[relation.source], kind)
        told = told_of_events(
            self.rows, records, self.archive.links(kind), ["record_id"]
        )
        told = told.mutate(record_id=told.told["record_id"]).drop("told")
        links = self.archive.links(relation.to).select("record_id", related="entity")
        return told.join(links, "record_id")


def kinds_of(contract: Contract) -> set[str]:
    """Return the entity kinds that a source's rows are about."""
    return {about.kind for about in contract.about}
