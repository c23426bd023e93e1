"""Intervals: a figure is told with how far chance alone could have moved it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from models.tables.terms import Floats


CONFIDENCE = 0.95

# 1 to 7 people are never told of, so 8 is the fewest of either outcome.
LEAST_PEOPLE = 8

# Draws without both outcomes have no figure; more of them than this, and the rest say
# nothing about chance.
_GREATEST_SHARE_UNDEFINED = 0.05


@dataclass(frozen=True)
class Figure:
    """A number with its 95 % interval, or the reason why it cannot be told.

    Attributes:
        value: What was found; None where it cannot be told.
        low: Lower end of the interval.
        high: Upper end of the interval.
        reason: Why it cannot be told; None where it can.
    """

    value: float | None
    low: float | None
    high: float | None
    reason: str | None = None

    def __neg__(self) -> Figure:
        """Return the same difference the other way round.

        >>> -Figure(0.2, -0.1, 0.5)
        Figure(value=-0.2, low=-0.5, high=0.1, reason=None)
        """
        if self.value is None or self.low is None or self.high is None:
            return self
        return Figure(-self.value, -self.high, -self.low)


def cannot_tell(reason: str) -> Figure:
    """Return the figure that says why there is none."""
    return Figure(None, None, None, reason)


def wilson(part: int, whole: int) -> Figure:
    """Return the share `part / whole` with Wilson's interval for a share.

    It takes the cases as independent, which entities that recur are not quite.

    >>> share = wilson(0, 10)
    >>> share.value, share.low, round(share.high, 4)
    (0.0, 0.0, 0.2775)
    """
    if whole == 0:
        return cannot_tell("there are no cases")
    share = stats.binomtest(part, whole)
    ends = share.proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return Figure(part / whole, float(ends.low), float(ends.high))


def wilson_of(share: float, cases: float) -> Figure:
    """Return a share with Wilson's interval for so many independent cases.

    Args:
        share: Found, 0 to 1; weighted, maybe.
        cases: How many would tell as much; above 0, and not always a whole number.

    >>> share = wilson_of(0.0, 10.0)
    >>> share.value, share.low, round(share.high, 4)
    (0.0, 0.0, 0.2775)
    """
    z = float(stats.norm.ppf(0.5 + CONFIDENCE / 2))
    whole = 1 + z**2 / cases
    middle = (share + z**2 / (2 * cases)) / whole
    half = z / whole * math.sqrt((share * (1 - share) + z**2 / (4 * cases)) / cases)
    return Figure(share, max(0.0, middle - half), min(1.0, middle + half))


def resampled(groups: NDArray[Any], *, draws: int, seed: int) -> Iterator[Floats]:
    """Yield, for each draw, how often each row was drawn.

    Whole groups are drawn with replacement, as many as there are, each with all its
    rows: of one household, or of one person on several dates, all or none.

    Args:
        groups: The linked group of each row.
        draws: How many times.
        seed: The same seed draws the same.
    """
    _, group_of = np.unique(groups, return_inverse=True)
    count = int(group_of.max()) + 1
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = generator.integers(0, count, size=count)
        yield np.bincount(drawn, minlength=count)[group_of].astype(np.float64)


def percentile_figure(value: float, drawn: Floats) -> Figure:
    """Return `value` with the middle 95 % of the figures drawn; NaN is no figure."""
    defined = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(defined) == 0:
        return cannot_tell("the figure is not defined for these cases")
    if len(defined) < len(drawn) * (1 - _GREATEST_SHARE_UNDEFINED):
        return cannot_tell("too few cases to say how far chance could move it")
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail]).tolist()
    return Figure(float(value), low, high)
