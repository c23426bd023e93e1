"""Alone: how much each indicator tells by itself; one that tells all is a leak."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.judging.intervals import LEAST_PEOPLE
from models.tables.terms import Floats
from training.checks.shuffles import auc_of
from training.cohort import Cases
from training.judging.splits import Split


_BINS = 32


def aucs_alone(cases: Cases, split: Split) -> dict[str, float]:
    """Return the AUC that each indicator reaches alone on the judged rows.

    The better of its own order, either way round, and of the rates of its values (in at
    most 32 ranges, the missing apart) among the fitted rows. Nothing is told of fewer
    than 8 rows with, or without, the outcome.
    """
    fitted, judged = split.fitted & cases.is_told, split.judged & cases.is_told
    label = cases.outcome[judged]
    if min(label.sum(), (1 - label).sum()) < LEAST_PEOPLE:
        return {}
    return {
        str(name): _alone_auc(cases.table[name], cases.outcome, fitted, judged)
        for name in cases.table.columns
    }


def _alone_auc(
    column: pd.Series,
    outcome: Floats,
    fitted: NDArray[np.bool_],
    judged: NDArray[np.bool_],
) -> float:
    kind = _ranges(column, fitted)
    totals = np.bincount(kind[fitted], minlength=kind.max() + 1)
    happened = np.bincount(kind[fitted], outcome[fitted], minlength=kind.max() + 1)
    overall = outcome[fitted].mean()
    rates = (happened + overall) / (totals + 1)
    found = [auc_of(rates[kind[judged]], outcome[judged])]
    if pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)[judged]
        known = ~np.isnan(values)
        # Known of nearly all, or it says little of the whole.
        if known.mean() > 0.5:
            found.append(auc_of(values[known], outcome[judged][known]))
    return max(max(auc, 1 - auc) for auc in found if np.isfinite(auc))


def _ranges(column: pd.Series, fitted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return each row's category or range of values, numbered; 0 is missing."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        codes = pd.Categorical(column.astype(object)).codes
        return np.asarray(codes, dtype=np.int64) + 1
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    known = values[fitted & ~np.isnan(values)]
    shares = np.linspace(0, 1, _BINS + 1)[1:-1]
    edges = np.unique(np.quantile(known, shares)) if len(known) else np.empty(0)
    return np.where(np.isnan(values), 0, np.searchsorted(edges, values) + 1)
