"""Estimators: from a training table to a model; the same bytes from the same inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from features.faults import Fault, refuse_if_any
from models.families.boosted import boost_additive
from models.families.compile import compile_additive
from models.families.directions import checked
from models.families.inputs import Training
from models.families.logistic import regress
from models.families.points import whole_points
from models.families.trees import ADDITIVE, FamilyTrees, Trees
from models.tables.table import TableModel
from models.tables.terms import Line


MOST_PAIRS = 5
# A pair's cells hold fewer people than its bins do: its two are cut more coarsely.
_PAIR_BINS = 16


class Fit(Protocol):
    """A family's way of fitting: the same training and seed give the same bytes.

    Every family holds its model to the directions that the inputs declare.
    """

    def __call__(self, training: Training, *, seed: int) -> TableModel:
        """Fit the family's model to what `inputs.read_training` read."""
        ...


def fit_additive(
    training: Training, *, seed: int, trees: Trees = ADDITIVE
) -> TableModel:
    """Fit a sum of one-indicator staircases with LightGBM."""
    booster = boost_additive(training, seed=seed, trees=trees)
    return _checked(compile_additive(booster, training.inputs), training)


def fit_with(pairs: Sequence[Sequence[str]], trees: Trees = ADDITIVE) -> Fit:
    """Return the family that is additive but for named pairs of indicators.

    Args:
        pairs: At most five, each of two different indicators; an indicator may be in
            several.
        trees: How they are grown.

    Returns:
        A way of fitting. Each pair is one term.
    """

    def fit(training: Training, *, seed: int) -> TableModel:
        place = {each.name: number for number, each in enumerate(training.inputs)}
        refuse_if_any(_pair_faults(pairs, list(place)))
        together = {name for pair in pairs for name in pair}
        coarse = training.coarser(together, at_most=_PAIR_BINS)
        by_number = [(place[first], place[second]) for first, second in pairs]
        booster = boost_additive(coarse, seed=seed, pairs=by_number, trees=trees)
        model = compile_additive(booster, coarse.inputs, pairs=by_number)
        return _checked(model, coarse)

    return fit


def fit_points(training: Training, *, seed: int, trees: Trees = ADDITIVE) -> TableModel:
    """Fit a scorecard of whole points: at most 12 indicators, added by hand.

    `models.shown.points_page.points_card` prints it.
    """
    return _checked(whole_points(training, seed=seed, trees=trees), training)


def fit_logistic(training: Training, *, seed: int) -> TableModel:
    """Fit a logistic regression: a straight line a number, a value a category.

    A missing number has a weight of its own. Small categories share one
    weight. Each term is centred, so that the base is the mean log-odds
    of the training rows. An indicator that comes out against its declared direction
    adds nothing, and the fact "dropped" names it.
    """
    return _checked(regress(training, seed=seed), training)


def fit_rule(training: Training, *, seed: int) -> TableModel:
    """Fit the one-indicator rule: rank by the only input, as declared.

    Its slope is a logistic regression's, so that the rule has probabilities too, but
    its sign is the declared direction.
    """
    (each,) = training.inputs
    free = replace(training, inputs=(replace(each, direction=0),))
    logistic = fit_logistic(free, seed=seed)
    (term,) = logistic.terms
    if isinstance(term, Line) and each.direction:
        term = replace(term, weight=math.copysign(term.weight, each.direction))
    return replace(logistic, family="rule", terms=(term,))


FITS: Mapping[str, Fit] = {
    "additive": fit_additive,
    "logistic": fit_logistic,
    "points": fit_points,
}


def way_of(family: str, trees: FamilyTrees, pairs: Sequence[Sequence[str]]) -> Fit:
    """Return how a family is fitted, with its trees grown as told."""
    if family == "pairs":
        return fit_with(pairs, trees.additive)
    if family == "logistic":
        return fit_logistic
    grown = fit_points if family == "points" else fit_additive
    return partial(grown, trees=trees.additive)


def _checked(model: TableModel, training: Training) -> TableModel:
    return checked(model, {each.name: each.direction for each in training.inputs})


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
