"""Estimators: from a training table to a model; the same bytes from the same inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.compile import compile_additive, refuse_ungrouped
from models.inputs import LEAST_ROWS, Input, Training, matrix, read_training
from models.logistic import regress
from models.table import Contributions, TableModel
from models.terms import Floats, Line


_SHARED: dict[str, Any] = {
    "objective": "binary",
    "min_data_in_leaf": LEAST_ROWS,
    "lambda_l2": 1.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # two busy cores made two threads four times slower than one
    "verbosity": -1,
}
_ADDITIVE = {**_SHARED, "learning_rate": 0.1, "num_leaves": 4}
_ADDITIVE_ROUNDS = 300
_ADDITIVE_BINS = 63
_UNCONSTRAINED = {**_SHARED, "learning_rate": 0.1, "num_leaves": 15, "max_bin": 255}
_UNCONSTRAINED_ROUNDS = 100


class Fit(Protocol):
    """A family's way of fitting; see `fit_additive` for the arguments."""

    def __call__(
        self,
        table: pd.DataFrame,
        outcome: NDArray[Any],
        *,
        indicators: Sequence[str],
        directions: Mapping[str, int],
        seed: int,
        weights: Floats | None = None,
    ) -> TableModel:
        """Fit the family's model."""
        ...


def fit_additive(
    table: pd.DataFrame,
    outcome: NDArray[Any],
    *,
    indicators: Sequence[str],
    directions: Mapping[str, int],
    seed: int,
    weights: Floats | None = None,
) -> TableModel:
    """Fit a sum of one-indicator staircases with LightGBM.

    Args:
        table: One column an indicator: numbers with NaN, or texts with None, where
            missing. An ordered categorical declares its categories' order.
        outcome: 0 or 1, one a row.
        indicators: The columns to use, in the model's order.
        directions: +1 where the log-odds may only rise with the value, -1 where only
            fall; missing values are free. 0 for those not named.
        seed: The same inputs and seed give the same bytes.
        weights: One a row, above 0; None weighs all alike.

    Raises:
        Refusal: With every fault of the arguments.
    """
    training = read_training(
        table, outcome, indicators=indicators, directions=directions, weights=weights
    )
    return compile_additive(boost_additive(training, seed=seed), training.inputs)


def boost_additive(training: Training, *, seed: int) -> lgb.Booster:
    """Return the LightGBM model that `fit_additive` compiles: a group an indicator."""
    groups = [[number] for number in range(len(training.inputs))]
    refuse_ungrouped(groups, training.inputs)
    settings = {
        **_ADDITIVE,
        "seed": seed,
        "interaction_constraints": groups,
        "monotone_constraints": [each.direction for each in training.inputs],
        "max_bin_by_feature": [_bins(each) for each in training.inputs],
        "min_data_in_bin": 1,
    }
    return lgb.train(settings, _dataset(training, settings), _ADDITIVE_ROUNDS)


def fit_logistic(
    table: pd.DataFrame,
    outcome: NDArray[Any],
    *,
    indicators: Sequence[str],
    directions: Mapping[str, int],
    seed: int,
    weights: Floats | None = None,
) -> TableModel:
    """Fit a logistic regression: a straight line a number, a value a category.

    A missing number has a weight of its own. Categories of fewer than `LEAST_ROWS`
    rows share one weight. Each term is centred, so that the base is the mean log-odds
    of the training rows. `directions` does not bind a line. Arguments as for
    `fit_additive`.
    """
    training = read_training(
        table, outcome, indicators=indicators, directions=directions, weights=weights
    )
    return regress(training, seed=seed)


def fit_rule(
    table: pd.DataFrame,
    outcome: NDArray[Any],
    *,
    indicators: Sequence[str],
    directions: Mapping[str, int],
    seed: int,
    weights: Floats | None = None,
) -> TableModel:
    """Fit the one-indicator rule: rank by the first of `indicators` as declared.

    Its slope is a logistic regression's, so that the rule has probabilities too, but
    its sign is the declared direction. Arguments as for `fit_additive`.
    """
    logistic = fit_logistic(
        table,
        outcome,
        indicators=indicators[:1],
        directions={name: directions.get(name, 0) for name in indicators[:1]},
        seed=seed,
        weights=weights,
    )
    (term,) = logistic.terms
    direction = directions.get(term.name, 0)
    if isinstance(term, Line) and direction:
        term = replace(term, weight=math.copysign(term.weight, direction))
    return replace(logistic, family="rule", terms=(term,))


FITS: Mapping[str, Fit] = {"additive": fit_additive, "logistic": fit_logistic}


@dataclass(frozen=True)
class Challenger:
    """A LightGBM model with every interaction: what transparency is priced against.

    It is scored offline, never served and never written down.
    """

    booster: lgb.Booster
    inputs: tuple[Input, ...]

    def log_odds(self, table: pd.DataFrame) -> Floats:
        """Return the log-odds; a category never seen in training reads as missing."""
        rows = matrix(table, self.inputs)
        return np.asarray(self.booster.predict(rows, raw_score=True), dtype=np.float64)

    def contributions(self, table: pd.DataFrame) -> Contributions:
        """Return each indicator's SHAP values: 0.6 to 4 ms a row, so for few rows."""
        rows = matrix(table, self.inputs)
        parts = np.asarray(self.booster.predict(rows, pred_contrib=True))
        names = tuple(each.name for each in self.inputs)
        base = float(parts[0, -1]) if len(parts) else math.nan
        return Contributions(base, names, parts[:, :-1])


def fit_unconstrained(
    table: pd.DataFrame,
    outcome: NDArray[Any],
    *,
    indicators: Sequence[str],
    directions: Mapping[str, int],
    seed: int,
    weights: Floats | None = None,
) -> Challenger:
    """Fit the challenger; `directions` does not bind it. As for `fit_additive`."""
    training = read_training(
        table, outcome, indicators=indicators, directions=directions, weights=weights
    )
    settings = {**_UNCONSTRAINED, "seed": seed}
    dataset = _dataset(training, settings)
    booster = lgb.train(settings, dataset, _UNCONSTRAINED_ROUNDS)
    return Challenger(booster, training.inputs)


def _dataset(training: Training, settings: Mapping[str, Any]) -> lgb.Dataset:
    return lgb.Dataset(
        training.matrix,
        training.outcome,
        weight=training.weights,
        params=dict(settings),
        categorical_feature=[],
    )


def _bins(each: Input) -> int:
    """A bin a category, so that none is merged; one more for missing values."""
    if each.categories is None:
        return _ADDITIVE_BINS
    return max(2, len(each.categories) + 1)
