"""Choice: which family is served, by the rule that the score declared beforehand.

The regret of a family at a judged date is how far it stays behind the best there. Of
those whose mean regret is within one standard error of the least, the simplest is
served; the standard error is that of the difference, on the same draws of linked groups
with all their dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.judging.assessment import FIGURES
from models.judging.draws import Draws
from models.judging.judgement import SIMPLEST_FIRST
from models.judging.ranking import figure_table
from models.tables.terms import Floats
from training.judging.rolled import Rolled, capacity_of


DRAWS = 200
# Figures of which less is better.
_FALLING = ("brier",)
# Net benefit is not chosen by; any threshold does.
_THRESHOLD = 0.5


@dataclass(frozen=True)
class Regret:
    """How far one family stayed behind.

    Attributes:
        regret: Behind the best of each date, the mean over the dates.
        regrets: By judged date; None where too few had the outcome.
        standard_error: Of the mean difference to the family of the least regret; 0 for
            that one.
        is_within: Whether it is within one standard error of the least.
    """

    family: str
    regret: float
    regrets: tuple[float | None, ...]
    standard_error: float
    is_within: bool


@dataclass(frozen=True)
class Chosen:
    """Which family is served, and why.

    Attributes:
        metric: The figure it was chosen by.
        family: The one chosen.
        families: All of them, the simplest first.
    """

    metric: str
    family: str
    families: tuple[Regret, ...]


def choose_family(rolled: Rolled) -> Chosen | None:
    """Return the family chosen; None where the score names the one it serves."""
    metric = rolled.score.judgement.choose
    if metric is None:
        return None
    families = [each for each in SIMPLEST_FIRST if each in rolled.score.families]
    table = _by_date(rolled, families, metric)
    value = table[:, :, 0]
    behind = value.max(axis=0) - value
    mean = _mean(behind)
    best = int(np.argmin(mean))
    lead = _mean(np.moveaxis(table[best] - table, 1, 2))
    error = lead[:, 1:].std(axis=1)
    within = mean - mean[best] <= error
    regrets = tuple(
        Regret(
            family=name,
            regret=float(mean[number]),
            regrets=tuple(None if np.isnan(x) else float(x) for x in behind[number]),
            standard_error=float(error[number]),
            is_within=bool(within[number]),
        )
        for number, name in enumerate(families)
    )
    chosen = next(each.family for each in regrets if each.is_within)
    return Chosen(metric, chosen, regrets)


def _by_date(rolled: Rolled, families: Sequence[str], metric: str) -> Floats:
    """Return families x dates x draws of the figure, the more the better."""
    every = np.array([rolled.later[name] for name in families])
    scored = np.isfinite(every).all(axis=0)
    groups = rolled.linked_group[scored]
    draws = Draws.of(groups, number=DRAWS, seed=rolled.score.seed)
    dates = range(int(rolled.date.max()) + 1)
    sign = -1.0 if metric in _FALLING else 1.0
    table = np.full((len(families), len(dates), DRAWS + 1), np.nan)
    for place, name in enumerate(families):
        for date in dates:
            judged = rolled.judged(
                rolled.later[name], rows=scored & (rolled.date == date)
            )
            if judged.too_few:
                continue
            found = figure_table(
                judged,
                capacity=capacity_of(rolled.score),
                draws=draws,
                threshold=_THRESHOLD,
            )
            table[place, date] = sign * found[:, FIGURES.index(metric)]
    return table


def _mean(table: Floats) -> Floats:
    """Return the mean over the last axis of what is there; 0 where nothing is."""
    there = np.isfinite(table)
    total = np.where(there, table, 0.0).sum(axis=-1)
    return np.asarray(total / np.maximum(there.sum(axis=-1), 1), dtype=np.float64)
