"""Points: an additive model of few bins, rounded to whole points."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from models.families.boosted import boost_additive
from models.families.compile import compile_additive
from models.families.inputs import Training
from models.families.trees import ADDITIVE, Trees
from models.shown.points_card import GRAIN, Staircase, heights, staircases
from models.tables.table import TableModel, probability
from models.tables.terms import Categories, Floats, Steps


MOST_TERMS = 12
MOST_POINTS = 10
_MOST_BINS = 5
_NEWTON_STEPS = 50


def whole_points(
    training: Training, *, seed: int, trees: Trees = ADDITIVE
) -> TableModel:
    """Fit a scorecard: an additive model of few bins, rounded to whole points.

    The 12 indicators that move the score most are kept and fitted again. The one with
    the widest range spans 10 points; what a point is worth, and the log-odds of no
    points, are fitted to the totals.

    Args:
        training: As read for any family; numbers are cut more coarsely here.
        seed: The same inputs and seed give the same bytes.
        trees: How the additive model's trees are grown.
    """
    names = [each.name for each in training.inputs]
    coarse = training.coarser(names, at_most=_MOST_BINS)
    model = _additive(coarse, seed, trees)
    if len(names) > MOST_TERMS:
        coarse = coarse.only(_strongest(model, coarse))
        model = _additive(coarse, seed, trees)
    terms = staircases(model)
    width = max(_span(term) for term in terms) / MOST_POINTS
    points = [_pointed(term, width) for term in terms]
    columns = _as_columns(coarse)
    each = [term.over(columns[term.name]) for term in points]
    start, worth = _fitted(np.sum(each, axis=0), coarse)
    means = [_grained(worth * float(column.mean())) for column in each]
    valued = zip(points, means, strict=True)
    scaled = tuple(_scaled(term, worth, mean) for term, mean in valued)
    return TableModel("points", start + sum(means), scaled)


def _additive(training: Training, seed: int, trees: Trees) -> TableModel:
    booster = boost_additive(training, seed=seed, trees=trees)
    return compile_additive(booster, training.inputs)


def _strongest(model: TableModel, training: Training) -> list[str]:
    """Return the indicators whose contributions are the largest on average."""
    columns = _as_columns(training)
    sizes = {
        term.name: float(np.abs(term.over(columns[term.name])).mean())
        for term in staircases(model)
    }
    return sorted(sizes, key=lambda name: (-sizes[name], name))[:MOST_TERMS]


def _as_columns(training: Training) -> dict[str, np.ndarray]:
    columns = {}
    for number, each in enumerate(training.inputs):
        column = training.matrix[:, number]
        if each.categories is not None:
            named = np.array([*each.categories, None], dtype=object)
            place = np.where(np.isnan(column), len(each.categories), column)
            column = named[place.astype(np.int64)]
        columns[each.name] = column
    return columns


def _span(term: Staircase) -> float:
    return max(heights(term)) - min(heights(term))


def _pointed(term: Staircase, width: float) -> Staircase:
    """Return a term with whole points in the place of log-odds, its least being 0."""
    low = min(heights(term))

    def points(height: float) -> float:
        return float(round((height - low) / width)) if width else 0.0

    return _changed(term, points)


def _scaled(term: Staircase, worth: float, mean: float) -> Staircase:
    return _changed(term, lambda points: worth * points - mean)


def _changed(term: Staircase, change: Callable[[float], float]) -> Staircase:
    values = tuple(change(value) for value in term.values)
    missing = None if term.missing is None else change(term.missing)
    if isinstance(term, Categories):
        return Categories(term.name, term.categories, values, missing)
    kept = [n for n in range(len(term.edges)) if values[n] != values[n + 1]]
    edges = tuple(term.edges[n] for n in kept)
    return Steps(term.name, edges, (*(values[n] for n in kept), values[-1]), missing)


def _fitted(totals: Floats, training: Training) -> tuple[float, float]:
    """Return the log-odds of no points and of one more, by Newton's method."""
    weights = training.weights
    weights = np.ones(len(totals)) if weights is None else weights
    share = float(np.average(training.outcome, weights=weights))
    start = math.log(share / (1 - share))
    if totals.min() == totals.max():
        return _grained(start), 0.0
    design = np.column_stack([np.ones(len(totals)), totals - totals.mean()])
    found = np.array([start, 0.0])
    for _ in range(_NEWTON_STEPS):
        risk = probability(design @ found)
        slope = design.T @ (weights * (training.outcome - risk))
        curve = (design * (weights * risk * (1 - risk))[:, np.newaxis]).T @ design
        step = np.linalg.solve(curve, slope)
        found += step
        if np.abs(step).max() < 1e-12:
            break
    # A card whose points would lower the risk is one of noise: it tells nobody apart.
    worth = max(0.0, _grained(float(found[1])))
    return _grained(float(found[0] - worth * totals.mean())), worth


def _grained(number: float) -> float:
    return round(number / GRAIN) * GRAIN
