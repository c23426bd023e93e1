"""The cohort of a training run: the cases of a snapshot whose outcome is known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.snapshots.snapshot import GROUP_PREFIX
from features.store.warehouse import SnapshotEntry, Warehouse
from models.definition import ScoreDefinition
from models.terms import Floats


@dataclass(frozen=True)
class Cases:
    """Rows of a snapshot that could have been scored and whose outcome is known.

    Attributes:
        table: One column an indicator: numbers with NaN, texts with None.
        outcome: 1 where it happened, else 0.
        as_of: The as-of date of each row, as days (numpy datetime64).
        linked_group: What must stay on one side of a split.
        groups: By protected attribute; never shown to an estimator.
    """

    table: pd.DataFrame
    outcome: Floats
    as_of: NDArray[np.datetime64]
    linked_group: NDArray[Any]
    groups: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.outcome)

    def only(self, rows: NDArray[np.bool_]) -> Cases:
        """Return the cases of these rows."""
        return Cases(
            self.table[rows].reset_index(drop=True),
            self.outcome[rows],
            self.as_of[rows],
            self.linked_group[rows],
            {name: values[rows] for name, values in self.groups.items()},
        )

    @property
    def events(self) -> int:
        """How many rows have the outcome."""
        return int(self.outcome.sum())


def read_cases(
    warehouse: Warehouse, entry: SnapshotEntry, score: ScoreDefinition
) -> Cases:
    """Return the cases of a stored snapshot.

    Rows in a named state (died, objected, ...) and rows whose outcome is not known yet
    are left out: they could not have been scored, or cannot be learnt from.
    """
    rows = pd.read_parquet(warehouse.path(entry.table))
    rows = rows[rows["state"].isna() & rows["outcome"].notna()].reset_index(drop=True)
    return Cases(
        table=rows[list(score.indicators)].copy(),
        outcome=(rows["outcome"].to_numpy(dtype=np.float64) > 0).astype(np.float64),
        as_of=rows["as_of"].to_numpy(dtype="datetime64[D]"),
        linked_group=rows["linked_group"].to_numpy(dtype=object),
        groups={
            name: rows[f"{GROUP_PREFIX}{name}"].to_numpy(dtype=object)
            for name in score.groups
        },
    )


def days(first: dt.date) -> np.datetime64:
    """Return a date as the cases hold theirs."""
    return np.datetime64(first, "D")
