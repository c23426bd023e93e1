"""Estimators: from a training table to a model; the same bytes from the same inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import pandas as pd
from numpy.typing import NDArray

from features.faults import Fault, refuse_if_any
from models.boosted import boost_additive
from models.compile import compile_additive
from models.directions import checked
from models.inputs import read_training
from models.logistic import regress
from models.points import whole_points
from models.table import TableModel
from models.terms import Floats, Line


MOST_PAIRS = 5
# A pair's cells hold fewer people than its bins do: its two are cut more coarsely.
_PAIR_BINS = 16


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
    booster = boost_additive(training, seed=seed)
    return checked(compile_additive(booster, training.inputs), directions)


def fit_with(pairs: Sequence[Sequence[str]]) -> Fit:
    """Return the family that is additive but for named pairs of indicators.

    Args:
        pairs: At most five, each of two different indicators; an indicator may be in
            several.

    Returns:
        A way of fitting; arguments as for `fit_additive`. Each pair is one term.
    """

    def fit(
        table: pd.DataFrame,
        outcome: NDArray[Any],
        *,
        indicators: Sequence[str],
        directions: Mapping[str, int],
        seed: int,
        weights: Floats | None = None,
    ) -> TableModel:
        refuse_if_any(_pair_faults(pairs, indicators))
        training = read_training(
            table,
            outcome,
            indicators=indicators,
            directions=directions,
            weights=weights,
        )
        together = {name for pair in pairs for name in pair}
        training = training.coarser(together, at_most=_PAIR_BINS)
        place = {name: number for number, name in enumerate(indicators)}
        by_number = [(place[first], place[second]) for first, second in pairs]
        booster = boost_additive(training, seed=seed, pairs=by_number)
        model = compile_additive(booster, training.inputs, pairs=by_number)
        return checked(model, directions)

    return fit


def fit_points(
    table: pd.DataFrame,
    outcome: NDArray[Any],
    *,
    indicators: Sequence[str],
    directions: Mapping[str, int],
    seed: int,
    weights: Floats | None = None,
) -> TableModel:
    """Fit a scorecard of whole points: at most 12 indicators, added by hand.

    `models.points_card.points_card` prints it. Arguments as for `fit_additive`.
    """
    training = read_training(
        table, outcome, indicators=indicators, directions=directions, weights=weights
    )
    return checked(whole_points(training, seed=seed), directions)


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

    A missing number has a weight of its own. Small categories share one
    weight. Each term is centred, so that the base is the mean log-odds
    of the training rows. An indicator that comes out against its declared direction
    adds nothing, and the fact "dropped" names it. Arguments as for `fit_additive`.
    """
    training = read_training(
        table, outcome, indicators=indicators, directions=directions, weights=weights
    )
    return checked(regress(training, seed=seed), directions)


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
        directions={},
        seed=seed,
        weights=weights,
    )
    (term,) = logistic.terms
    direction = directions.get(term.name, 0)
    if isinstance(term, Line) and direction:
        term = replace(term, weight=math.copysign(term.weight, direction))
    return replace(logistic, family="rule", terms=(term,))


FITS: Mapping[str, Fit] = {
    "additive": fit_additive,
    "logistic": fit_logistic,
    "points": fit_points,
}


def _pair_faults(
    pairs: Sequence[Sequence[str]], indicators: Sequence[str]
) -> Iterator[Fault]:
    do = "name two different indicators of the score, once"
    if not 1 <= len(pairs) <= MOST_PAIRS:
        what = f"the family `pairs` has 1 to {MOST_PAIRS} pairs"
        yield Fault("pairs", what, f"{len(pairs)}", do)
    if len({frozenset(pair) for pair in pairs}) < len(pairs):
        yield Fault("pairs", "a pair is named once", "one named again", do)
    for pair in pairs:
        if len(set(pair)) != 2 or len(pair) != 2 or not set(pair) <= set(indicators):
            what, got = "a pair is of two of the indicators", " and ".join(pair)
            yield Fault("pairs", what, got, do)
