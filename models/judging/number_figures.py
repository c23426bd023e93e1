"""Figures of forecasts: how far they were off, beside a naive forecast.

Intervals draw whole entities with all their dates, as one site's months are alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from models.judging.intervals import (
    LEAST_PEOPLE,
    Figure,
    cannot_tell,
    percentile_figure,
)
from models.tables.terms import Floats


_DRAWS = 1_000


@dataclass(frozen=True)
class Forecasts:
    """What was forecast, and what came; one row an entity and as-of date.

    Attributes:
        entity: Whom each row is about.
        counted: What came.
        expected: What was forecast.
        naive: What the naive rule would have forecast; NaN where it cannot.
        scale: The entity's own mean error of the naive rule, as known by the as-of
            date; NaN where too little was known.
        low: The lower end of the interval; NaN where none was given.
        high: The upper end.
    """

    entity: NDArray[np.object_]
    counted: Floats
    expected: Floats
    naive: Floats
    scale: Floats
    low: Floats
    high: Floats

    def only(self, rows: NDArray[np.bool_]) -> Forecasts:
        """Return some of the rows."""
        return Forecasts(*(each[rows] for each in vars(self).values()))


@dataclass(frozen=True)
class NumberFigures:
    """What forecasts are worth.

    Attributes:
        mae: Mean absolute error, in the outcome's unit.
        mase: Each error over its entity's own naive error, on average.
        mase_naive: The same of the naive rule.
        above_naive: `mase` less `mase_naive`: below 0 is better than naive.
        deviance: Mean Poisson deviance.
        deviance_naive: The same of the naive rule.
        coverage: Share of the intervals that held what came.
        observed_expected: What came over what was forecast, in all.
    """

    mae: Figure
    mase: Figure
    mase_naive: Figure
    above_naive: Figure
    deviance: Figure
    deviance_naive: Figure
    coverage: Figure
    observed_expected: Figure


def judge_numbers(forecasts: Forecasts, *, seed: int) -> NumberFigures:
    """Return the figures of some forecasts, with intervals.

    A figure with a naive rule in it rests on the rows that have one.
    """
    f = forecasts
    ours, theirs = np.abs(f.counted - f.expected), np.abs(f.counted - f.naive)
    told = np.isfinite(theirs) & (f.scale > 0)
    scale = np.where(told, f.scale, np.nan)
    given = np.isfinite(f.low)
    inside = np.where(given, (f.low <= f.counted) & (f.counted <= f.high), np.nan)
    one = np.ones(len(ours))
    parts = {
        "mae": (ours, one),
        "mase": (ours / scale, one),
        "mase_naive": (theirs / scale, one),
        "above_naive": ((ours - theirs) / scale, one),
        "deviance": (_deviance(f.counted, f.expected), one),
        "deviance_naive": (_deviance(f.counted, f.naive), one),
        "coverage": (inside, one),
        "observed_expected": (f.counted, f.expected),
    }
    return NumberFigures(
        **{n: ratio_figure(*p, f.entity, seed=seed) for n, p in parts.items()}
    )


def ratio_figure(
    over: Floats, under: Floats, entity: NDArray[np.object_], *, seed: int
) -> Figure:
    """Return a sum over a sum, with the middle 95 % of it as entities are drawn anew.

    Args:
        over: By row; NaN leaves the row out.
        under: By row, such as 1 for a mean.
        entity: What is drawn, with all its rows.
        seed: The same seed draws the same.
    """
    told = np.isfinite(over)
    _, of = np.unique(entity[told].astype(str), return_inverse=True)
    entities = int(of.max()) + 1 if len(of) else 0
    if entities < LEAST_PEOPLE:
        return cannot_tell(f"fewer than {LEAST_PEOPLE} entities were forecast")
    sums = np.column_stack(
        [np.bincount(of, each[told], entities) for each in (over, under)]
    )
    draw = np.random.default_rng(seed)
    times = draw.multinomial(entities, np.full(entities, 1 / entities), _DRAWS)
    drawn = times @ sums
    whole = sums.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return percentile_figure(whole[0] / whole[1], drawn[:, 0] / drawn[:, 1])


def as_number_metrics(figures: NumberFigures) -> dict[str, float]:
    """Return the figures flat, such as `mase_low`; those that cannot be told not."""
    found: Mapping[str, dict[str, float | None]] = asdict(figures)
    ends = {"value": "", "low": "_low", "high": "_high"}
    return {
        f"{name}{end}": number
        for name, figure in found.items()
        for key, end in ends.items()
        if isinstance(number := figure[key], float)
    }


def _deviance(counted: Floats, expected: Floats) -> Floats:
    """Return each row's Poisson deviance; NaN where none above 0 was expected."""
    usable = expected > 0
    safe = np.where(usable, expected, 1.0)
    logs = np.log(np.where(counted > 0, counted, safe) / safe)
    found = 2 * (counted * logs - (counted - safe))
    return np.where(usable, found, np.nan)
