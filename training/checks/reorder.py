"""Reordering: had visits been made in the score's order, how much sooner?

The measure that the City of Chicago published for its food inspections: the visits of
the judged period keep their daily slots and are handed to the highest scores first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.judging.intervals import Figure, percentile_figure, resampled
from models.judging.judged import Judged
from models.tables.terms import Floats


DRAWS = 500


@dataclass(frozen=True)
class Reordering:
    """What the score's order would have changed.

    Attributes:
        first_half: Share of the outcomes among the first half of the visits.
        first_half_as_made: The same, in the order in which they were made.
        days_earlier: Mean days by which an outcome would have been found sooner;
            negative where later.
    """

    first_half: Figure
    first_half_as_made: Figure
    days_earlier: Figure


def reorder(
    as_of: NDArray[np.datetime64], judged: Judged, *, seed: int, draws: int = DRAWS
) -> Reordering:
    """Hand the days of the visits to the highest scores first.

    Equal scores are taken in the order in which they were visited. Intervals draw
    linked groups, over the one order found: they hold the plan fixed.

    Args:
        as_of: The day of each visit.
        judged: The cases, in the same order.
        seed: The same seed gives the same intervals.
        draws: How often groups are drawn.
    """
    made = np.argsort(as_of, kind="stable")
    wanted = made[np.argsort(-judged.log_odds[made], kind="stable")]
    day = as_of.astype("datetime64[D]").astype(np.int64)
    new_day = np.empty_like(day)
    new_day[wanted] = day[made]
    found = judged.outcome * judged.weights
    early = [_in_first_half(order) * found for order in (wanted, made)]
    gained = (day - new_day) * found
    parts = [*early, gained]
    drawn = [
        [weights @ part / max(weights @ found, 1.0) for part in parts]
        for weights in resampled(judged.linked_group, draws=draws, seed=seed)
    ]
    total = max(found.sum(), 1.0)
    values = [float(part.sum() / total) for part in parts]
    columns = np.array(drawn).T
    figures = (percentile_figure(v, c) for v, c in zip(values, columns, strict=True))
    return Reordering(*figures)


def _in_first_half(order: NDArray[np.intp]) -> Floats:
    """Return 1 for the rows that stand in the first half of an order, else 0."""
    first = np.zeros(len(order))
    first[order[: len(order) // 2]] = 1.0
    return first
