"""Observed: of a hundred people like this, how many had the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.judging.judged import Judged, count_groups
from models.judging.shares import grouped_share
from models.tables.terms import Floats


# Each range holds at least this many linked groups: a person on many dates is one.
LEAST_GROUPS = 50
# Where ranges begin: tenths of the cases, and finer at the top, where visits are made.
BEGINS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True)
class ObservedRate:
    """What came of the judged cases whose probability lay in one range.

    Attributes:
        from_probability: The range's lower end; it ends where the next one begins.
        mean_probability: What the model said on average.
        share: The share with the outcome, with a 95 % interval `low` to `high` of the
            share among all the likes of them; where some left, those who stayed are
            weighted, here and in the mean.
        cases: How many rows there were.
        groups: Of how many linked groups.
    """

    from_probability: float
    mean_probability: float
    share: float
    low: float
    high: float
    cases: int
    groups: int


def observed_rates(judged: Judged) -> list[ObservedRate]:
    """Return what was observed in ranges of like probability, lowest first.

    Cases with equal probabilities stay together, and ranges of fewer than 50 linked
    groups join the one below. The lowest begins at probability 0.
    """
    edges = _edges(judged)
    number = np.searchsorted(edges, judged.risk, side="right")
    rates = []
    for place in np.unique(number):
        within = judged.only(number == place)
        share = grouped_share(within.outcome, within.weights, within.linked_group)
        rates.append(
            ObservedRate(
                from_probability=float(edges[place - 1]) if place else 0.0,
                mean_probability=float(np.average(within.risk, weights=within.weights)),
                share=share.value or 0.0,
                low=share.low or 0.0,
                high=share.high or 0.0,
                cases=len(within),
                groups=count_groups(within, np.ones(len(within), dtype=np.bool_)),
            )
        )
    return rates


def _edges(judged: Judged) -> Floats:
    """Return where ranges begin; taken from the top, so that each holds enough."""
    risk = judged.risk
    edges: list[float] = []
    top = np.inf
    for edge in np.unique(np.quantile(risk, BEGINS))[::-1]:
        here = (risk >= edge) & (risk < top)
        if _is_enough(judged, here) and _is_enough(judged, risk < edge):
            edges.append(float(edge))
            top = float(edge)
    return np.array(edges[::-1])


def _is_enough(judged: Judged, rows: NDArray[np.bool_]) -> bool:
    return count_groups(judged, rows) >= LEAST_GROUPS
