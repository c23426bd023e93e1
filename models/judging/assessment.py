"""Assessment: how well a model did on cases that it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace

import numpy as np

from models.judging.draws import Draws
from models.judging.intervals import Figure, cannot_tell, percentile_figure
from models.judging.judged import Capacity, Judged, within_capacity
from models.judging.ranking import figure_table
from models.tables.terms import Floats


DRAWS = 500

# Net benefit is not defined where a false visit would weigh without end.
_GREATEST_THRESHOLD = 0.999


@dataclass(frozen=True)
class Assessment:
    """What was found, each with its interval.

    Attributes:
        auc: Chance that a case with the outcome ranks above one without it.
        average_precision: Area under precision by recall, in steps.
        brier: Mean squared distance of probability and outcome; 0 is best.
        precision: Of the cases within capacity, the share with the outcome.
        recall: Of the cases with the outcome, the share within capacity.
        lift: Precision over the share with the outcome among all cases.
        observed_expected: Outcomes over the sum of the probabilities; 1 is calibrated.
        calibration_intercept: What must be added to the log-odds for as many outcomes
            as expected; 0 is calibrated.
        calibration_slope: What the log-odds must be multiplied by; 1 is calibrated,
            less says that they are too far apart.
        net_benefit: Of visiting at capacity, above visiting no one, in true visits a
            case: one to a case without the outcome costs the threshold's odds.
        net_benefit_above_everyone: The same, above visiting every case.
    """

    auc: Figure
    average_precision: Figure
    brier: Figure
    precision: Figure
    recall: Figure
    lift: Figure
    observed_expected: Figure
    calibration_intercept: Figure
    calibration_slope: Figure
    net_benefit: Figure
    net_benefit_above_everyone: Figure

    def __neg__(self) -> Assessment:
        """Return the same differences the other way round."""
        return Assessment(*(-getattr(self, name) for name in FIGURES))


FIGURES = tuple(each.name for each in fields(Assessment))


def assess(
    judged: Judged,
    *,
    capacity: Capacity,
    seed: int,
    draws: int = DRAWS,
    threshold: float | None = None,
) -> Assessment:
    """Return every figure with an interval that draws linked groups.

    Equal scores share the places that are left among them, as a random order would.

    Args:
        judged: The cases.
        capacity: How many of each list can be visited.
        seed: The same seed gives the same intervals.
        draws: How often groups are drawn.
        threshold: Where net benefit is taken; None is the model's own, at capacity.
    """
    if judged.too_few:
        return untold(judged.too_few)
    drawn = Draws.of(judged.linked_group, number=draws, seed=seed)
    at = capacity_threshold(judged, capacity) if threshold is None else threshold
    return told(figure_table(judged, capacity=capacity, draws=drawn, threshold=at))


def price_of_transparency(
    judged: Judged,
    challenger: Floats,
    *,
    capacity: Capacity,
    seed: int,
    draws: int = DRAWS,
) -> Assessment:
    """Return what the challenger's figures are above the model's, on the same draws.

    Args:
        judged: The cases, with the model's log-odds.
        challenger: The challenger's log-odds of the same cases.
        capacity: How many of each list can be visited.
        seed: The same seed gives the same intervals.
        draws: How often groups are drawn.
    """
    others = {"challenger": challenger}
    found = gains(judged, others, capacity=capacity, seed=seed, draws=draws)
    return found["challenger"]


def gains(
    judged: Judged,
    others: Mapping[str, Floats],
    *,
    capacity: Capacity,
    seed: int,
    draws: int = DRAWS,
) -> dict[str, Assessment]:
    """Return what other models' figures are above a model's, on the same draws.

    Args:
        judged: The cases, with the model's log-odds.
        others: Each other model's log-odds of the same cases, by any name.
        capacity: How many of each list can be visited.
        seed: The same seed gives the same intervals.
        draws: How often groups are drawn.
    """
    if judged.too_few:
        return {name: untold(judged.too_few) for name in others}
    drawn = Draws.of(judged.linked_group, number=draws, seed=seed)
    at = capacity_threshold(judged, capacity)
    tables = {
        name: figure_table(each, capacity=capacity, draws=drawn, threshold=at)
        for name, each in (
            (name, replace(judged, log_odds=odds, calibrated=None))
            for name, odds in others.items()
        )
    }
    mine = figure_table(judged, capacity=capacity, draws=drawn, threshold=at)
    return {name: told(table - mine) for name, table in tables.items()}


def capacity_threshold(judged: Judged, capacity: Capacity) -> float:
    """Return the probability at which capacity ends, averaged over the lists.

    Who is visited has at least this much: with the lists as long as they are, so many
    visits are worth making if one to a case without the outcome costs as little as the
    odds of it.
    """
    visited = within_capacity(judged, capacity)
    names, lists = np.unique(judged.ranked_in, return_inverse=True)
    lowest = np.full(len(names), np.inf)
    np.minimum.at(lowest, lists[visited], judged.risk[visited])
    sizes = np.bincount(lists, weights=judged.weights)
    known = np.isfinite(lowest)
    at = float(np.average(lowest[known], weights=sizes[known]))
    return min(at, _GREATEST_THRESHOLD)


def told(table: Floats) -> Assessment:
    """Return an assessment from 1 + draws x figures, or from a difference of two."""
    pairs = zip(table[0], table[1:].T, strict=True)
    return Assessment(*(percentile_figure(value, column) for value, column in pairs))


def untold(reason: str) -> Assessment:
    """Return the assessment that says why nothing can be told."""
    return Assessment(*(cannot_tell(reason) for _ in FIGURES))


def as_metrics(assessment: Assessment) -> dict[str, float]:
    """Return the figures that can be told, flat: `auc`, `auc_low`, `auc_high` ..."""
    metrics: dict[str, float] = {}
    for name in FIGURES:
        value, low, high, _ = astuple(getattr(assessment, name))
        if value is not None:
            metrics |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return metrics
