"""Calibration: of a hundred people like this, how many had the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.assessment import Judged
from models.intervals import wilson
from models.table import probability


# Each group holds at least this many judged cases.
LEAST_CASES = 50
GROUPS = 10


@dataclass(frozen=True)
class ObservedRate:
    """What came of the judged cases whose probability lay in one range.

    Attributes:
        from_probability: The range's lower end; it ends where the next one begins.
        mean_probability: What the model said on average.
        share: The share with the outcome, with Wilson's interval `low` to `high`.
        cases: How many there were.
    """

    from_probability: float
    mean_probability: float
    share: float
    low: float
    high: float
    cases: int


def observed_rates(judged: Judged) -> list[ObservedRate]:
    """Return what was observed in up to ten groups of equal size, lowest first.

    Cases with equal probabilities stay together, so groups can be fewer. The lowest
    group begins at probability 0.
    """
    risk = probability(judged.log_odds)
    count = max(1, min(GROUPS, len(risk) // LEAST_CASES))
    edges = np.unique(np.quantile(risk, np.arange(1, count) / count))
    group = np.searchsorted(edges, risk, side="right")
    rates = []
    for number in np.unique(group):
        rows = group == number
        share = wilson(int(judged.outcome[rows].sum()), int(rows.sum()))
        rates.append(
            ObservedRate(
                from_probability=float(edges[number - 1]) if number else 0.0,
                mean_probability=float(risk[rows].mean()),
                share=share.value or 0.0,
                low=share.low or 0.0,
                high=share.high or 0.0,
                cases=int(rows.sum()),
            )
        )
    return rates
