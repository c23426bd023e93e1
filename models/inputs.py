"""Inputs: how an estimator reads the columns of a training table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.faults import Fault, refuse_if_any
from models.bins import category_bins, coded, is_enough, number_edges
from models.terms import Floats


_BINS = 63


@dataclass(frozen=True)
class Input:
    """One indicator as an estimator reads it.

    Attributes:
        name: The column.
        categories: Those seen in training, in the declared order (the alphabet's where
            none is declared); None for a number.
        direction: +1 if the log-odds may only rise with the value, -1 if only fall.
        has_missing: Training saw enough missing values to tell something of them.
        is_ordered: The categories have an order.
        edges: Of a number: where it is cut into bins.
        bins: Of a category: the bin that each falls in.
    """

    name: str
    categories: tuple[str, ...] | None
    direction: int
    has_missing: bool
    is_ordered: bool = False
    edges: tuple[float, ...] = ()
    bins: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """How many bins there are, that of missing values apart."""
        if self.categories is None:
            return len(self.edges) + 1
        return max(self.bins, default=0) + 1


@dataclass(frozen=True)
class Training:
    """What an estimator is fitted on, checked.

    Attributes:
        inputs: In the model's order.
        matrix: Rows x inputs; a category is its place in `categories`; NaN is missing.
        outcome: 1 where it happened, else 0; or a number to forecast, 0 or more.
        weights: One a row; None weighs all alike.
        linked_group: The number, from 0, of what must stay on one side of a split; None
            takes each row by itself.
    """

    inputs: tuple[Input, ...]
    matrix: Floats
    outcome: Floats
    weights: Floats | None
    linked_group: NDArray[np.intp] | None = None

    @cached_property
    def coded(self) -> Floats:
        """Rows x inputs; each value is the number of its bin; NaN is missing."""
        return bins_of(self.matrix, self.inputs)

    def coarser(self, names: Collection[str], *, at_most: int) -> Training:
        """Return the same rows with fewer bins of some numbers."""
        inputs = tuple(
            _cut(each, self.matrix[:, number], self.outcome, at_most)
            if each.name in names
            else each
            for number, each in enumerate(self.inputs)
        )
        return replace(self, inputs=inputs)

    def only(self, names: Collection[str]) -> Training:
        """Return the same rows with some of the inputs, in the order they had."""
        kept = [n for n, each in enumerate(self.inputs) if each.name in names]
        inputs = tuple(self.inputs[number] for number in kept)
        return replace(self, inputs=inputs, matrix=self.matrix[:, kept])


def read_training(
    table: pd.DataFrame,
    outcome: NDArray[Any],
    *,
    indicators: Sequence[str],
    directions: Mapping[str, int],
    weights: Floats | None = None,
    linked_group: NDArray[Any] | None = None,
) -> Training:
    """Check a training table and turn it into numbers.

    Args:
        table: One column an indicator: numbers with NaN, or texts with None, where
            missing. An ordered categorical declares its categories' order.
        outcome: 0 or 1, one a row; both must be there.
        indicators: The columns to use, in the model's order.
        directions: +1 where the log-odds may only rise with the value, -1 where only
            fall; missing values are free. 0 for those not named.
        weights: One a row, above 0; None weighs all alike.
        linked_group: The name of each row's; None takes each row by itself.

    Raises:
        Refusal: With every fault.
    """
    faults = [*_column_faults(table, indicators, directions)]
    refuse_if_any([*faults, *_row_faults(len(table), outcome, weights)])
    happened = np.asarray(outcome, dtype=np.float64)
    seen = [_read_input(table[n], directions.get(n, 0)) for n in indicators]
    rows = matrix(table, seen)
    inputs = tuple(
        _cut(each, rows[:, number], happened, _BINS) for number, each in enumerate(seen)
    )
    return Training(
        inputs,
        rows,
        happened,
        None if weights is None else np.asarray(weights, dtype=np.float64),
        None if linked_group is None else _numbered(linked_group),
    )


def read_numbers(
    table: pd.DataFrame,
    numbers: NDArray[Any],
    *,
    indicators: Sequence[str],
    directions: Mapping[str, int],
) -> Training:
    """Check a training table whose outcome is a number, and turn it into numbers.

    Of a number there is no "with" and "without": its bins hold enough rows, no more.

    Args:
        table: As `read_training` takes it.
        numbers: 0 or more, one a row, not all 0.
        indicators: The columns to use, in the model's order.
        directions: As `read_training` takes them, of the log of the number.

    Raises:
        Refusal: With every fault.
    """
    faults = [*_column_faults(table, indicators, directions)]
    refuse_if_any([*faults, *_number_faults(len(table), numbers)])
    seen = [_read_input(table[n], directions.get(n, 0)) for n in indicators]
    rows = matrix(table, seen)
    # Half with and half without: then so many rows are always enough of either.
    either = np.full(len(table), 0.5)
    inputs = tuple(
        _cut(each, rows[:, number], either, _BINS) for number, each in enumerate(seen)
    )
    return Training(inputs, rows, np.asarray(numbers, dtype=np.float64), None)


def _number_faults(rows: int, numbers: NDArray[Any]) -> Iterator[Fault]:
    told = np.asarray(numbers, dtype=np.float64)
    is_told = len(told) == rows and bool((np.isfinite(told) & (told >= 0)).all())
    if not is_told or not told.any():
        what, got = "each row has a number, 0 or more, and not all are 0", "others"
        yield Fault("outcome", what, got, "mend the outcome, or judge later dates")


def _numbered(names: NDArray[Any]) -> NDArray[np.intp]:
    """Return names as numbers, in the order they first appear."""
    return np.asarray(pd.factorize(names)[0], dtype=np.intp)


def matrix(table: pd.DataFrame, inputs: Sequence[Input]) -> Floats:
    """Return rows x inputs as numbers; a category never seen in training is missing."""
    values = np.empty((len(table), len(inputs)))
    for number, each in enumerate(inputs):
        values[:, number] = _as_numbers(table[each.name], each.categories)
    return values


def bins_of(rows: Floats, inputs: Sequence[Input]) -> Floats:
    """Return rows of `matrix` with each value's bin in its place; NaN is missing."""
    found = np.empty_like(rows)
    for number, each in enumerate(inputs):
        column = rows[:, number]
        if each.categories is None:
            found[:, number] = coded(column, each.edges)
        else:
            # The last place answers for missing values.
            bins = np.array([*each.bins, np.nan])
            place = np.where(np.isnan(column), len(each.bins), column)
            found[:, number] = bins[place.astype(np.int64)]
    return found


def columns_of(table: pd.DataFrame, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the named columns as a `TableModel` takes them."""
    return {
        name: _numbers(table[name])
        if _is_number(table[name])
        else table[name].to_numpy(dtype=object)
        for name in names
    }


def _as_numbers(column: pd.Series, categories: tuple[str, ...] | None) -> Floats:
    if categories is None:
        return _numbers(column)
    codes = pd.Categorical(column.astype(object), categories=list(categories)).codes
    return np.where(codes < 0, np.nan, codes.astype(np.float64))


def _read_input(column: pd.Series, direction: int) -> Input:
    categories = None if _is_number(column) else _categories_seen(column)
    is_ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered
    return Input(str(column.name), categories, direction, False, bool(is_ordered))


def _cut(each: Input, column: Floats, outcome: Floats, at_most: int) -> Input:
    """Return the input with its bins, and whether enough of it is missing."""
    has_missing = is_enough(outcome[np.isnan(column)])
    if each.categories is None:
        edges = number_edges(column, outcome, at_most=at_most)
        return replace(each, edges=edges, has_missing=has_missing)
    bins = category_bins(
        column, outcome, count=len(each.categories), is_ordered=each.is_ordered
    )
    return replace(each, bins=bins, has_missing=has_missing)


def _categories_seen(column: pd.Series) -> tuple[str, ...]:
    seen = set(column.dropna().unique())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(each for each in column.dtype.categories if each in seen)
    return tuple(sorted(seen))


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype)


def _numbers(column: pd.Series) -> Floats:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _column_faults(
    table: pd.DataFrame, indicators: Sequence[str], directions: Mapping[str, int]
) -> Iterator[Fault]:
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
    if _is_number(column):
        if np.isinf(_numbers(column)).any():
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


def _row_faults(
    rows: int, outcome: NDArray[Any], weights: Floats | None
) -> Iterator[Fault]:
    if len(outcome) != rows or set(np.unique(outcome)) != {0, 1}:
        what, got = "each row has an outcome, 0 or 1, and both occur", "other outcomes"
        yield Fault("outcome", what, got, "judge more dates, or mend the outcome")
    if weights is None:
        return
    if len(weights) != rows or not (np.isfinite(weights) & (weights > 0)).all():
        what, got = "each row has a weight above 0", "other weights"
        yield Fault("weights", what, got, "give one weight a row")
