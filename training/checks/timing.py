"""Timing: in which part of the horizon the outcomes of known cases fell.

The horizon is cut into equal parts of about a quarter of a year. How surely their
shares are known has two sides: whose cases are known, as whole linked groups are drawn
anew, and how much more than that the shares moved from one as-of date to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.judging.intervals import LEAST_PEOPLE, resampled
from models.tables.terms import Floats
from training.cohort import Cases


QUARTER_DAYS = 365.25 / 4

_DRAWS = 500
# A part in which no known case fell may still have one.
_LEAST_WORTH = 0.5


@dataclass(frozen=True)
class Timing:
    """When outcomes came, by part of the horizon.

    Attributes:
        ends_days: Of each part, the day after its last, from the as-of date; the last
            of them is the horizon.
        shares: Of the outcomes, by part; they add up to 1.
        worth: So many outcomes, each by itself, would tell the shares as surely.
    """

    ends_days: tuple[int, ...]
    shares: tuple[float, ...]
    worth: float

    def drawn(self, draw: np.random.Generator, draws: int) -> Floats:
        """Return draws x parts: the shares as they may be on one more date."""
        alike = np.maximum(self.worth * np.array(self.shares), _LEAST_WORTH)
        return draw.dirichlet(alike, draws)


def parts_of(horizon_days: int) -> tuple[int, ...]:
    """Return the day after each part's last: equal parts of about a quarter.

    >>> parts_of(365)
    (91, 182, 274, 365)
    >>> parts_of(60)
    (60,)
    """
    parts = max(1, round(horizon_days / QUARTER_DAYS))
    return tuple(round(horizon_days * part / parts) for part in range(1, parts + 1))


def timing_of(fitted: Cases, horizon_days: int, *, seed: int) -> Timing | None:
    """Return when the outcomes that were fitted on came; None of too few to tell.

    Args:
        fitted: What the model is fitted on, weighed: who left early is stood in for.
        horizon_days: Of the outcome.
        seed: The same seed draws the same.
    """
    rows = fitted.only(fitted.outcome == 1)
    if len(np.unique(rows.linked_group)) < LEAST_PEOPLE:
        return None
    ends = parts_of(horizon_days)
    part = np.searchsorted(ends[:-1], rows.endings.days, side="right")
    weight = np.ones(len(rows)) if rows.weight is None else rows.weight
    counted = np.eye(len(ends))[part] * weight[:, None]
    shares = counted.sum(axis=0) / weight.sum()
    worth = _worth(counted, shares, rows, seed)
    return Timing(ends, tuple(shares.tolist()), worth)


def _worth(counted: Floats, shares: Floats, rows: Cases, seed: int) -> float:
    """Return how many outcomes by themselves would vary as little."""
    spread = float((shares * (1 - shares)).sum())
    if spread == 0:
        return float(len(np.unique(rows.linked_group)))
    times = resampled(rows.linked_group, draws=_DRAWS, seed=seed)
    drawn = np.array([each @ counted for each in times])
    drawn /= drawn.sum(axis=1, keepdims=True)
    sampling = float(drawn.var(axis=0).sum()) / spread
    between = _between_dates(counted, rows.as_of, shares, spread)
    # Shares of a Dirichlet distribution vary as those of its total, and one more.
    return max(1.0, 1 / (sampling + between) - 1)


def _between_dates(
    counted: Floats, as_of: NDArray[Any], shares: Floats, spread: float
) -> float:
    """Return how much more than by chance shares vary by date; 1 if a case is all."""
    dates, of = np.unique(as_of, return_inverse=True)
    if len(dates) == 1:
        return 0.0
    by_date = np.array([counted[of == date].sum(axis=0) for date in range(len(dates))])
    cases = by_date.sum(axis=1)
    off = ((by_date / cases[:, None] - shares) ** 2).sum(axis=1) / spread
    found = off * len(dates) / (len(dates) - 1) - 1 / cases
    return max(0.0, float(np.average(found, weights=cases)))
