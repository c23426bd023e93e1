"""Drawn values: what indicators would be worth, had the draws of links come true.

The records of each world are copied under numbers of their own, so that worlds cannot
mix, and the same code that made the snapshot answers for all of them at once.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from features.definitions.contracts import Contract
from features.definitions.indicators import Indicator
from features.definitions.outcomes import SnapshotPlan
from features.snapshots.drawn_archive import DrawnArchive
from features.snapshots.link_draws import Ints, draw_links
from features.snapshots.link_graph import read_graph
from features.snapshots.link_worlds import AS_LINKED, Mentions, Worlds, worlds_of
from features.snapshots.measures import AGGREGATED
from features.snapshots.question import Question, kinds_of
from features.snapshots.snapshot import ask, states_of
from features.snapshots.values import indicator_values


# So many worlds are held in memory together.
_WORLDS_AT_ONCE = 50_000
_KEYS = ["world", "as_of", "index_record"]


@dataclass(frozen=True)
class Doubt:
    """How links are doubted.

    Attributes:
        draws: How many link sets are drawn.
        sure: From this probability on, a merged pair is not doubted.
    """

    draws: int
    sure: float


@dataclass(frozen=True)
class DrawnValues:
    """What a snapshot's rows would hold if links were as drawn.

    Attributes:
        rows: The numbers of the rows that some draw changes, rising.
        places: Rows x draws: which row of `values` stands for it; `as_linked` where
            the draw leaves it as it is, `absent` where the draw has no such row.
        values: The plan's indicators, as in a snapshot, and `state`.
    """

    rows: Ints
    places: Ints
    values: pd.DataFrame

    as_linked = -1
    absent = -2


def drawn_values(
    question: Question,
    plan: SnapshotPlan,
    linked: pd.DataFrame,
    doubt: Doubt,
    *,
    on: dt.date,
) -> DrawnValues:
    """Draw link sets and work out what they change, for the rows without a state.

    The links of the scored kind are drawn. Not followed are indicators of what is near
    a point, of the index event itself, and of a related entity that many share (an
    area): they stay as they are.

    Args:
        question: Whose rows they are; its archive is open.
        plan: What the snapshot is of.
        linked: The snapshot, in the order of the question's rows.
        doubt: How many draws, and what is doubted.
        on: The day of the build, on which opt-outs are looked at.
    """
    drawing = _Drawing(question, plan, doubt, on)
    rows = drawing.rows(linked)
    worlds = drawing.worlds(rows["entity"].to_numpy(np.int64))
    found = [drawing.answers(part) for part in _parts(worlds)]
    values = pd.concat([drawing.nothing(linked), *found], ignore_index=True)
    asked = _of_rows(values, rows, worlds)
    moved, places = _places(rows, worlds, asked)
    return DrawnValues(moved, places, drawing.kept_as_linked(asked, worlds, linked))


@dataclass(frozen=True)
class _Drawing:
    question: Question
    plan: SnapshotPlan
    doubt: Doubt
    on: dt.date

    @cached_property
    def followed(self) -> list[Indicator]:
        """The indicators that links of the scored kind bear on, and are asked again."""
        names = dict.fromkeys([*self.plan.indicators, *self.plan.cohort_indicators])
        named = (self.question.place.indicators[name] for name in names)
        return [one for one in named if _is_followed(one)]

    def rows(self, linked: pd.DataFrame) -> pd.DataFrame:
        """Return `row`, `entity`, `as_of`, `index_record` of the rows with a score."""
        names = ("row", "entity", "as_of", "index_record")
        table = self.question.rows.select(*names).order_by("row")
        found: pd.DataFrame = self.question.archive.fetch(table).to_pandas()
        return found[linked["state"].isna().to_numpy()].reset_index(drop=True)

    def worlds(self, wanted: Ints) -> Worlds:
        """Draw, and return the worlds of whoever is affected among those wanted."""
        archive, kind = self.question.archive, self.question.kind
        graph = read_graph(archive, kind, sure=self.doubt.sure)
        drawn = draw_links(graph, self.doubt.draws)
        return worlds_of(graph, drawn, np.unique(wanted), self._mentions())

    def answers(self, worlds: Worlds) -> pd.DataFrame:
        """Return `world`, the clock of the row, the indicators and the state."""
        archive = DrawnArchive(
            self.question.archive, self.question.kind, worlds, self._direct()
        )
        with contextlib.closing(archive):
            question = self._asked(archive, worlds)
            rows = indicator_values(question, self.followed)
            rows = rows.mutate(state=states_of(rows, question, self.plan))
            names = dict.fromkeys(i.name for i in self.followed)
            clock = ("entity", "as_of", "index_record")
            table = rows.order_by("row").select(*clock, *names, "state")
            found: pd.DataFrame = archive.fetch(table).to_pandas()
            _, found["world"] = archive.read_number(found["entity"])
            found["index_record"], _ = archive.read_number(found["index_record"])
        return found.drop(columns="entity")

    def nothing(self, linked: pd.DataFrame) -> pd.DataFrame:
        """Return the answers for no world at all."""
        columns = [i.name for i in self.followed if i.name in linked.columns]
        clock = {"world": np.empty(0, np.int64)}
        return linked.iloc[:0][["as_of", "index_record", *columns, "state"]].assign(
            **clock
        )

    def kept_as_linked(
        self, values: pd.DataFrame, worlds: Worlds, linked: pd.DataFrame
    ) -> pd.DataFrame:
        """Return the plan's indicators and the state; what no world tells as linked."""
        owner, row = values["entity"], values["row"].to_numpy(np.int64)
        found = {"state": values["state"]}
        followed = {indicator.name: indicator for indicator in self.followed}
        for name in self.plan.indicators:
            as_it_was = linked[name].take(row).set_axis(values.index)
            if name not in followed:
                found[name] = as_it_was
                continue
            relation = followed[name].family.relation
            unmoved = worlds.unmoved["relation"] == relation
            stays = owner.isin(worlds.unmoved["entity"][unmoved])
            found[name] = values[name].mask(stays.to_numpy(), as_it_was)
        return pd.DataFrame(found)

    def _asked(self, archive: DrawnArchive, worlds: Worlds) -> Question:
        """Return the same question about the owners of worlds alone."""
        place, dates = self.question.place, self.question.dates
        question = ask(archive, place, self.plan, dates, on=self.on)
        numbers = archive.entity_numbers(worlds.owners)
        wanted = ibis.memtable(pa.table({"entity": pa.array(numbers, pa.int64())}))
        rows = question.rows.semi_join(wanted, "entity")
        return replace(question, rows=archive.keep(rows))

    def _mentions(self) -> dict[str, Mentions]:
        relations = {i.family.relation for i in self.followed} - {None}
        counting = {
            i.family.relation for i in self.followed if self.question.counts_members(i)
        }
        return {
            str(name): Mentions(self._mentioned(str(name)), name in counting)
            for name in sorted(map(str, relations))
        }

    def _mentioned(self, name: str) -> pd.DataFrame:
        relation = self.question.place.relation(name)
        archive = self.question.archive
        contract = self.question.place.contracts[relation.source]
        about = archive.records(contract).select("record_id").distinct()
        own = archive.identities(relation.of).select("record_id", "identity")
        to = archive.links(relation.to).select("record_id", related="entity")
        both = own.join(to, "record_id").semi_join(about, "record_id")
        table: pd.DataFrame = archive.fetch(
            both.select("identity", "related").distinct()
        ).to_pandas()
        return table

    def _direct(self) -> dict[str, tuple[str, list[Contract]]]:
        """Return, by relation, where it leads and which sources are about that."""
        found: dict[str, tuple[str, list[Contract]]] = {}
        for indicator in self.followed:
            name, source = indicator.family.relation, indicator.family.source
            contract = self.question.place.contracts[source]
            if name is None or self.question.counts_members(indicator):
                continue
            to = self.question.place.relation(name).to
            contracts = found.setdefault(name, (to, []))[1]
            if to in kinds_of(contract) and contract not in contracts:
                contracts.append(contract)
        return found


def _is_followed(indicator: Indicator) -> bool:
    family = indicator.family
    return family.measure in AGGREGATED or family.measure == "age"


def _parts(worlds: Worlds) -> list[Worlds]:
    """Split the worlds into parts that are asked one after another."""
    starts: Sequence[int] = range(1, worlds.most + 1, _WORLDS_AT_ONCE)
    return [worlds.part(first, first + _WORLDS_AT_ONCE) for first in starts]


def _of_rows(values: pd.DataFrame, rows: pd.DataFrame, worlds: Worlds) -> pd.DataFrame:
    """Return the values of rows that were asked about, with `entity` and `row`.

    A draw may also give somebody events, or dates, that are no rows of theirs.
    """
    owned = values.merge(worlds.owners[["world", "entity"]], on="world")
    keys = ["entity", "as_of", "index_record"]
    return owned.merge(rows, on=keys).reset_index(drop=True)


def _places(
    rows: pd.DataFrame, worlds: Worlds, values: pd.DataFrame
) -> tuple[Ints, Ints]:
    """Return the rows of whoever is affected, and where each draw's values are."""
    order = pd.Series(np.arange(len(worlds.entities)), worlds.entities)
    affected = rows[rows["entity"].isin(worlds.entities)].reset_index(drop=True)
    numbers = worlds.numbers[order.loc[affected["entity"]].to_numpy(np.int64)]
    draws = numbers.shape[1]
    asked = pd.DataFrame(
        {
            "world": numbers.ravel(),
            "as_of": np.repeat(affected["as_of"].to_numpy(), draws),
            "index_record": np.repeat(affected["index_record"].to_numpy(), draws),
        }
    )
    told = values[_KEYS].assign(place=np.arange(len(values)))
    found = asked.merge(told, on=_KEYS, how="left")["place"]
    place = found.fillna(DrawnValues.absent).to_numpy(np.int64)
    place = np.where(numbers.ravel() == AS_LINKED, DrawnValues.as_linked, place)
    return affected["row"].to_numpy(np.int64), place.reshape(numbers.shape)
