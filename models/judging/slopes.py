"""Slopes: how log-odds must be stretched and moved to fit what came of the cases.

The intercept is calibration in the large: what is added to the log-odds, as they are,
for as many outcomes as expected. The slope multiplies them, with an intercept of its
own. In draws both are the maximum's next Newton step from that of all cases, which
needs sums over groups alone.

Source: Van Calster B and others, Calibration: the Achilles heel of predictive
analytics, BMC Medicine 2019;17:230.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.tables.terms import Floats


_STEPS = 50
_SMALL = 1e-10
# A slope this far off says that the outcomes can be told apart without any error.
_GREATEST = 1e3


@dataclass(frozen=True)
class Stretch:
    """What fits best: `in_large` alone, or `intercept` and `slope` together.

    Each is NaN where it is not defined: all have the same log-odds, or outcomes can be
    told apart without any error.
    """

    in_large: float
    intercept: float
    slope: float


def stretch(log_odds: Floats, outcome: Floats, weights: Floats) -> Stretch:
    """Return what fits the outcomes best, by weighted logistic regression."""
    ones = np.ones((len(log_odds), 1))
    (in_large,) = _fitted(ones, outcome, weights, log_odds)
    if np.ptp(log_odds) < _SMALL:
        return Stretch(in_large, math.nan, math.nan)
    design = np.column_stack([ones, log_odds])
    intercept, slope = _fitted(design, outcome, weights, np.zeros(len(outcome)))
    return Stretch(in_large, intercept, slope)


def step_parts(found: Stretch, log_odds: Floats, outcome: Floats) -> Floats:
    """Return, by row, the seven parts whose weighted sums `steps` needs."""
    one = outcome - _risk(log_odds + found.in_large)
    one_spread = _spread(log_odds + found.in_large)
    both = found.intercept + found.slope * log_odds
    left, spread = outcome - _risk(both), _spread(both)
    parts = [one, one_spread, left, left * log_odds, spread, spread * log_odds]
    return np.array([*parts, spread * log_odds**2])


def steps(found: Stretch, sums: Floats) -> tuple[Floats, Floats]:
    """Return intercept in the large and slope of each draw.

    Args:
        found: Those of all cases.
        sums: Seven x draws, as `step_parts` names them.
    """
    one, one_spread, left, left_x, spread, spread_x, spread_xx = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        in_large = found.in_large + one / one_spread
        inside = spread * spread_xx - spread_x**2
        slope = found.slope + (spread * left_x - spread_x * left) / inside
    return in_large, slope


def _fitted(
    design: Floats, outcome: Floats, weights: Floats, offset: Floats
) -> tuple[float, ...]:
    """Return the maximum's place, by Newton's steps, each at most 1 and halved."""
    width = int(design.shape[1])
    # From the log-odds as they are: no intercept, and a slope of 1.
    at = np.array([0.0, 1.0][:width])
    for _ in range(_STEPS):
        odds = offset + np.einsum("ij,j->i", design, at)
        pull = np.einsum("i,ij->j", weights * (outcome - _risk(odds)), design)
        curve = np.einsum("i,ij,ik->jk", weights * _spread(odds), design, design)
        if not np.linalg.cond(curve) < 1 / np.finfo(float).eps:
            break
        step = np.linalg.solve(curve, pull)
        at = at + step * min(1.0, 2.0 / float(np.abs(step).max() or 1.0))
        if np.abs(at).max() > _GREATEST:
            break
        if np.abs(step).max() < _SMALL:
            return tuple(float(each) for each in at)
    return (math.nan,) * width


def _risk(odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(odds, -700, 700)))


def _spread(odds: Floats) -> Floats:
    risk = _risk(odds)
    return risk * (1 - risk)
