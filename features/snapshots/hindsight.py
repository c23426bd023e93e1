"""Hindsight: would a snapshot say the same, had nothing been known any later?

The values of one as-of date are worked out anew from an archive that holds only what
had happened and was known before that day. Whatever differs from the stored snapshot
was read from the future.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from features.definitions.contracts import Contract
from features.definitions.outcomes import SnapshotPlan
from features.definitions.place import Place
from features.snapshots.opt_outs import registers_of
from features.snapshots.snapshot import ask
from features.snapshots.values import indicator_values
from features.store.archive import Archive
from features.store.warehouse import SnapshotEntry, Warehouse


if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

ROW_KEYS = ("entity_id", "index_record")


class ArchiveBefore(Archive):
    """An archive from which everything of a day and later has been taken out.

    Opt-outs stay: they bind whenever they were made. At events, the events of the day
    stay too, because they are the rows that are asked about.

    Args:
        warehouse: Whose files are read.
        entry: The snapshot, whose manifest version is opened.
        day: The as-of date.
        place: Names the registers of opt-outs.
        plan: Names the source of the cohort.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        entry: SnapshotEntry,
        day: dt.date,
        place: Place,
        plan: SnapshotPlan,
    ) -> None:
        super().__init__(warehouse, warehouse.manifest(entry.manifest), threads=1)
        self._day = day
        self._whole = {contract.name for contract in registers_of(place)}
        self._index = plan.cohort.source if plan.cohort.at_events else None

    def records(self, contract: Contract) -> ir.Table:
        """Return the versions of a source's records that were known before the day."""
        table = super().records(contract)
        if contract.name in self._whole:
            return table
        event = table.event_date
        before = (table.known_date < self._day) & (event.isnull() | (event < self._day))
        if contract.name == self._index:
            before |= event == self._day
        return table.filter(before)


def values_known_before(
    warehouse: Warehouse,
    place: Place,
    plan: SnapshotPlan,
    entry: SnapshotEntry,
    day: dt.date,
    *,
    most_rows: int,
) -> pd.DataFrame:
    """Return the plan's indicators on a day, from what was known before it alone.

    Args:
        warehouse: Where the snapshot was built from.
        place: The definitions.
        plan: What the snapshot is of.
        entry: The snapshot; its manifest version is read.
        day: One of its as-of dates.
        most_rows: At most so many rows, evenly taken; to compute few is quick.

    Returns:
        `entity_id`, `index_record` and one column an indicator; not those that the
        index event's own record tells, as these are known before it by declaration.
    """
    archive = ArchiveBefore(warehouse, entry, day, place, plan)
    with contextlib.closing(archive):
        question = ask(archive, place, plan, [day], on=entry.on)
        count = int(archive.fetch(question.rows.count().as_table())[0][0].as_py())
        if count > most_rows:
            chosen = np.linspace(0, count - 1, most_rows).astype(int).tolist()
            question = question.among(chosen)
        named = [place.indicators[name] for name in plan.indicators]
        # What the index event's own record says is declared to be known before it.
        indicators = [one for one in named if one.family.measure != "at_index"]
        found = indicator_values(question, indicators)
        columns = found.select(*ROW_KEYS, *(one.name for one in indicators))
        values: pd.DataFrame = archive.fetch(columns).to_pandas()
    return values
