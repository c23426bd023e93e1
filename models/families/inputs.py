"""Inputs: how an estimator reads the columns of a training table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.faults import refuse_if_any
from models.families.bins import People, category_bins, coded, is_enough, number_edges
from models.families.training_table import (
    column_faults,
    is_number,
    number_faults,
    numbers_of,
    row_faults,
)
from models.tables.terms import Floats


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
        is_reversed: Trees read it from its other end. They can set missing values
            apart on one side alone, which must be the side that they belong to.
    """

    name: str
    categories: tuple[str, ...] | None
    direction: int
    has_missing: bool
    is_ordered: bool = False
    edges: tuple[float, ...] = ()
    bins: tuple[int, ...] = ()
    is_reversed: bool = False

    @property
    def bound(self) -> int:
        """The direction, as trees read the input."""
        return -self.direction if self.is_reversed else self.direction

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
            _cut(each, self.matrix[:, number], self.outcome, at_most, self.linked_group)
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
    faults = [*column_faults(table, indicators, directions)]
    refuse_if_any([*faults, *row_faults(len(table), outcome, weights)])
    happened = np.asarray(outcome, dtype=np.float64)
    seen = [_read_input(table[n], directions.get(n, 0)) for n in indicators]
    rows = matrix(table, seen)
    people = None if linked_group is None else _numbered(linked_group)
    turned = [_turned(e, rows[:, n], happened) for n, e in enumerate(seen)]
    inputs = tuple(
        _cut(each, rows[:, number], happened, _BINS, people)
        for number, each in enumerate(turned)
    )
    weighted = None if weights is None else np.asarray(weights, dtype=np.float64)
    return Training(inputs, rows, happened, weighted, people)


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
    faults = [*column_faults(table, indicators, directions)]
    refuse_if_any([*faults, *number_faults(len(table), numbers)])
    seen = [_read_input(table[n], directions.get(n, 0)) for n in indicators]
    rows = matrix(table, seen)
    told = np.asarray(numbers, dtype=np.float64)
    seen = [_turned(e, rows[:, n], told) for n, e in enumerate(seen)]
    # Half with and half without: so many rows are always enough of either.
    either = np.full(len(table), 0.5)
    inputs = tuple(
        _cut(each, rows[:, number], either, _BINS, None)
        for number, each in enumerate(seen)
    )
    return Training(inputs, rows, np.asarray(numbers, dtype=np.float64), None)


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
        if each.is_reversed:
            found[:, number] = each.width - 1 - found[:, number]
    return found


def facing(rows: Floats, inputs: Sequence[Input]) -> Floats:
    """Return rows of `matrix` as trees read them: some from their other end."""
    return rows * np.where([each.is_reversed for each in inputs], -1.0, 1.0)


def _turned(each: Input, column: Floats, outcome: Floats) -> Input:
    """Return the input, reversed if missing values belong on its other side.

    LightGBM holds a split to the direction even where it sets missing values apart, and
    sets them apart on the right alone. Read so, what rises may have its missing values
    above all others but never below; read from the other end, the other way round.
    """
    gap = np.isnan(column)
    if not each.direction or not gap.any() or gap.all():
        return each
    more = float(outcome[gap].mean() - outcome[~gap].mean())
    return replace(each, is_reversed=each.direction * more < 0)


def columns_of(table: pd.DataFrame, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the named columns as a `TableModel` takes them."""
    return {
        name: numbers_of(table[name])
        if is_number(table[name])
        else table[name].to_numpy(dtype=object)
        for name in names
    }


def _as_numbers(column: pd.Series, categories: tuple[str, ...] | None) -> Floats:
    if categories is None:
        return numbers_of(column)
    codes = pd.Categorical(column.astype(object), categories=list(categories)).codes
    return np.where(codes < 0, np.nan, codes.astype(np.float64))


def _read_input(column: pd.Series, direction: int) -> Input:
    categories = None if is_number(column) else _categories_seen(column)
    is_ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered
    return Input(str(column.name), categories, direction, False, bool(is_ordered))


def _cut(
    each: Input, column: Floats, outcome: Floats, at_most: int, people: People | None
) -> Input:
    """Return the input with its bins, and whether enough of it is missing."""
    missing = np.isnan(column)
    absent = None if people is None else people[missing]
    has_missing = is_enough(outcome[missing], absent)
    if each.categories is None:
        edges = number_edges(column, outcome, at_most=at_most, people=people)
        return replace(each, edges=edges, has_missing=has_missing)
    count, ordered = len(each.categories), each.is_ordered
    bins = category_bins(
        column, outcome, count=count, is_ordered=ordered, people=people
    )
    return replace(each, bins=bins, has_missing=has_missing)


def _categories_seen(column: pd.Series) -> tuple[str, ...]:
    seen = set(column.dropna().unique())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(each for each in column.dtype.categories if each in seen)
    return tuple(sorted(seen))
