"""Training tables: whether they are what an estimator can be fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.faults import Fault
from models.tables.terms import Floats


def is_number(column: pd.Series) -> bool:
    """Say whether a column holds numbers, and not texts."""
    return pd.api.types.is_numeric_dtype(column.dtype)


def numbers_of(column: pd.Series) -> Floats:
    """Return a column of numbers, NaN where missing."""
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def column_faults(
    table: pd.DataFrame, indicators: Sequence[str], directions: Mapping[str, int]
) -> Iterator[Fault]:
    """Yield what is wrong with the columns that are to be used."""
    if not indicators or len(set(indicators)) != len(indicators):
        what, got = "a model has indicators, each once", f"{len(indicators)} named"
        yield Fault("indicators", what, got, "name each indicator once")
    for name in indicators:
        if name in table.columns:
            yield from _content_faults(table[name], directions.get(name, 0))
        else:
            what, do = "the indicator must be a column", "build it, or leave it out"
            yield Fault(f"training table: {name}", what, "no such column", do)
    for name, direction in directions.items():
        if direction not in (-1, 0, 1):
            what, do = "a direction is +1, -1 or 0", "write one of them"
            yield Fault(f"directions: {name}", what, str(direction), do)


def _content_faults(column: pd.Series, direction: int) -> Iterator[Fault]:
    where = f"training table: {column.name}"
    if is_number(column):
        if np.isinf(numbers_of(column)).any():
            do = "make it missing, or correct the indicator"
            yield Fault(where, "a number must be finite", "an infinite one", do)
        return
    ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered
    if direction and not ordered:
        what, do = "only an ordered category has a direction", "declare it as none"
        yield Fault(where, what, "categories without an order", do)
    if not all(isinstance(value, str) for value in column.dropna().unique()):
        what, do = "an indicator is a column of numbers or of texts", "convert it"
        yield Fault(where, what, f"a column of {column.dtype}", do)


def row_faults(
    rows: int, outcome: NDArray[Any], weights: Floats | None
) -> Iterator[Fault]:
    """Yield what is wrong with the outcomes, 0 or 1, and the weights."""
    if len(outcome) != rows or set(np.unique(outcome)) != {0, 1}:
        what, got = "each row has an outcome, 0 or 1, and both occur", "other outcomes"
        yield Fault("outcome", what, got, "judge more dates, or mend the outcome")
    if weights is None:
        return
    if len(weights) != rows or not (np.isfinite(weights) & (weights > 0)).all():
        what, got = "each row has a weight above 0", "other weights"
        yield Fault("weights", what, got, "give one weight a row")


def number_faults(rows: int, numbers: NDArray[Any]) -> Iterator[Fault]:
    """Yield what is wrong with outcomes that are numbers."""
    told = np.asarray(numbers, dtype=np.float64)
    is_told = len(told) == rows and bool((np.isfinite(told) & (told >= 0)).all())
    if not is_told or not told.any():
        what, got = "each row has a number, 0 or more, and not all are 0", "others"
        yield Fault("outcome", what, got, "mend the outcome, or judge later dates")
