"""Calibration: of a hundred people like this, how many had the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.incidence import weighted_share
from models.intervals import Figure, wilson
from models.judged import Judged
from models.table import probability
from models.terms import Floats


# Each group holds at least this many judged cases.
LEAST_CASES = 50
# Where groups begin: tenths of the cases, and finer at the top, where visits are made.
BEGINS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True)
class ObservedRate:
    """What came of the judged cases whose probability lay in one range.

    Attributes:
        from_probability: The range's lower end; it ends where the next one begins.
        mean_probability: What the model said on average.
        share: The share with the outcome, with Wilson's interval `low` to `high`; where
            some left, those who stayed are weighted, here and in the mean.
        cases: How many there were.
    """

    from_probability: float
    mean_probability: float
    share: float
    low: float
    high: float
    cases: int


def observed_rates(judged: Judged) -> list[ObservedRate]:
    """Return what was observed in groups of like probability, lowest first.

    Cases with equal probabilities stay together, and groups of fewer than 50 join the
    one below. The lowest group begins at probability 0.
    """
    risk = probability(judged.log_odds)
    edges = _edges(risk)
    group = np.searchsorted(edges, risk, side="right")
    rates = []
    for number in np.unique(group):
        rows = group == number
        share = _share(judged, rows)
        rates.append(
            ObservedRate(
                from_probability=float(edges[number - 1]) if number else 0.0,
                mean_probability=_mean(risk, judged, rows),
                share=share.value or 0.0,
                low=share.low or 0.0,
                high=share.high or 0.0,
                cases=int(rows.sum()),
            )
        )
    return rates


def _share(judged: Judged, rows: NDArray[np.bool_]) -> Figure:
    if judged.weight is None:
        return wilson(int(judged.outcome[rows].sum()), int(rows.sum()))
    return weighted_share(judged.outcome[rows], judged.weight[rows])


def _mean(risk: Floats, judged: Judged, rows: NDArray[np.bool_]) -> float:
    if judged.weight is None:
        return float(risk[rows].mean())
    return float(np.average(risk[rows], weights=judged.weight[rows]))


def _edges(risk: Floats) -> Floats:
    """Return where groups begin; taken from the top, so that each holds enough."""
    edges: list[float] = []
    above = 0
    for edge in np.unique(np.quantile(risk, BEGINS))[::-1]:
        from_here = int((risk >= edge).sum())
        if from_here - above >= LEAST_CASES and len(risk) - from_here >= LEAST_CASES:
            edges.append(float(edge))
            above = from_here
    return np.array(edges[::-1])
