"""The cohort of a training run: the cases of a snapshot whose outcome is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.definitions.outcomes import NOT_YET_KNOWN, OPTED_OUT
from features.snapshots.snapshot import GROUP_PREFIX
from features.store.manifest import RecordingLag
from features.store.warehouse import SnapshotEntry, Warehouse
from models.definitions.definition import ScoreDefinition
from models.judging.incidence import Endings, censoring_weights
from models.tables.terms import Floats


@dataclass(frozen=True)
class Cases:
    """Rows that could have been scored and of which it is known how they ended.

    Attributes:
        table: One column an indicator: numbers with NaN, texts with None.
        outcome: 1 where it came first, 0 where it did not, or the number that came; NaN
            where nobody can see any longer whether it came (the row left first).
        as_of: The as-of date of each row, as days (numpy datetime64).
        linked_group: What must stay on one side of a split.
        groups: By protected attribute; never shown to an estimator.
        endings: What came first, and when.
        recording_lag: How long the snapshot waited for outcomes.
        untold: How many rows of the snapshot are not here, by status.
        weight: How many rows each stands for, once `weighed`; None weighs all alike.
        entity: Whom each row is about, by pseudonym: one who moves home is in another
            linked group from then on. None takes the linked group for it.
        beside: Columns that no model reads, such as what practice goes by now.
    """

    table: pd.DataFrame
    outcome: Floats
    as_of: NDArray[np.datetime64]
    linked_group: NDArray[Any]
    groups: dict[str, NDArray[Any]]
    endings: Endings
    recording_lag: RecordingLag
    untold: Mapping[str, int] = field(default_factory=dict)
    weight: Floats | None = None
    entity: NDArray[Any] | None = None
    beside: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.outcome)

    def only(self, rows: NDArray[np.bool_]) -> Cases:
        """Return the cases of these rows."""
        return replace(
            self,
            table=_only(self.table, rows),
            outcome=self.outcome[rows],
            as_of=self.as_of[rows],
            linked_group=self.linked_group[rows],
            groups={name: values[rows] for name, values in self.groups.items()},
            endings=self.endings.only(rows),
            weight=None if self.weight is None else self.weight[rows],
            entity=None if self.entity is None else self.entity[rows],
            beside=None if self.beside is None else _only(self.beside, rows),
        )

    @property
    def is_told(self) -> NDArray[np.bool_]:
        """Which rows have an outcome."""
        return ~np.isnan(self.outcome)

    @property
    def events(self) -> int:
        """How many rows have the outcome."""
        return int(np.nansum(self.outcome))

    def weighed(self) -> Cases:
        """Return the cases that have an outcome, weighted where others left.

        The weights rest on these cases alone, so that what is fitted on knows nothing
        of what is judged.
        """
        weight = censoring_weights(self.endings)
        return replace(self, weight=weight).only(self.is_told)


def read_cases(
    warehouse: Warehouse, entry: SnapshotEntry, score: ScoreDefinition
) -> Cases:
    """Return the cases of a stored snapshot.

    Rows in a named state (died, objected, ...) and rows of which nobody knows yet how
    they end are left out: they could not have been scored, or cannot be learnt from.
    """
    rows = pd.read_parquet(warehouse.path(entry.table))
    rows = rows[rows["state"].isna()]
    counts = rows["outcome_status"].value_counts()
    untold = {name: int(counts.get(name, 0)) for name in (NOT_YET_KNOWN, OPTED_OUT)}
    rows = rows[~rows["outcome_status"].isin(list(untold))].reset_index(drop=True)
    outcome = rows["outcome"].to_numpy(dtype=np.float64, na_value=np.nan)
    return Cases(
        table=rows[list(score.indicators)].copy(),
        outcome=outcome
        if score.outcome.is_number
        else np.where(outcome > 0, 1.0, outcome),
        as_of=rows["as_of"].to_numpy(dtype="datetime64[D]"),
        linked_group=rows["linked_group"].to_numpy(dtype=object),
        groups={
            name: rows[f"{GROUP_PREFIX}{name}"].to_numpy(dtype=object)
            for name in score.groups
        },
        endings=_endings(rows, score),
        recording_lag=entry.recording_lag or _as_declared(score),
        untold=untold,
        entity=rows["entity_id"].to_numpy(dtype=object),
        beside=rows[score.judgement.beside(score.indicators)].copy(),
    )


def days(first: dt.date) -> np.datetime64:
    """Return a date as the cases hold theirs."""
    return np.datetime64(first, "D")


def _only(table: pd.DataFrame, rows: NDArray[np.bool_]) -> pd.DataFrame:
    return table[rows].reset_index(drop=True)


def _endings(rows: pd.DataFrame, score: ScoreDefinition) -> Endings:
    outcome = score.outcome
    return Endings(
        status=rows["outcome_status"].to_numpy(dtype=object),
        # The outcome of an index event takes no days, and nothing else can end it.
        days=rows["outcome_days"].to_numpy(dtype=np.int64, na_value=0),
        order=tuple(outcome.in_order),
        ends=tuple(outcome.ends),
    )


def _as_declared(score: ScoreDefinition) -> RecordingLag:
    declared = score.outcome.recording_lag_days
    return RecordingLag(days=declared, declared_days=declared)
