"""From persons to demand: how many of a cohort to expect, by group or area.

The expected number is the sum of the risks. Its interval holds two things: that each
person either begins or does not, and that the risks may all be too high or too low. How
much they may be is taken from the judged dates: outcomes over expected ones, over all
of them and from date to date. When they will begin is taken from those who began.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.judging.intervals import CONFIDENCE, LEAST_PEOPLE, Figure
from models.tables.terms import Floats
from training.checks.timing import Timing


# Whom no group is known of, and everybody together.
UNKNOWN = "not known"
ALL = "all"

_DRAWS = 1_000
# So many draws of so many people are held at once.
_BLOCK = 4_000_000


@dataclass(frozen=True)
class Expected:
    """How many of a group to expect.

    Attributes:
        group: Its name.
        people: How many have a risk.
        number: The sum of their risks, with the interval of what may come; or why it
            cannot be told.
        parts: The same by part of the horizon, which add up to the number; none where
            nothing is known of when.
    """

    group: str
    people: int
    number: Figure
    parts: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Calibrated:
    """How outcomes compared with the sum of the risks where they were judged.

    Attributes:
        ratio: Outcomes over expected ones; 1 is right.
        spread: Standard deviation of the ratio's log, as one more date may have it.
    """

    ratio: float
    spread: float


def calibrated_by(pooled: Figure, by_date: Sequence[Figure]) -> Calibrated | None:
    """Return what judged dates tell of the risks; None where they tell nothing.

    Args:
        pooled: Outcomes over expected ones on all judged dates.
        by_date: The same of each.
    """
    sampling = _log_variance(pooled)
    if sampling is None or pooled.value is None:
        return None
    logs = [
        (math.log(f.value), v) for f in by_date if f.value and (v := _log_variance(f))
    ]
    between = 0.0
    if len(logs) > 1:
        spread = np.var([log for log, _ in logs], ddof=1)
        between = max(0.0, float(spread - np.mean([v for _, v in logs])))
    return Calibrated(pooled.value, math.sqrt(sampling + between))


def expected_by(
    risk: Floats,
    group: NDArray[Any],
    calibrated: Calibrated,
    *,
    seed: int,
    timing: Timing | None = None,
) -> list[Expected]:
    """Return the number to expect of each group, and of all together last.

    Args:
        risk: Of each person, calibrated, 0 to 1; NaN has none and is left out.
        group: The group of each, as a text; None is a group of its own.
        calibrated: What judged dates tell of the risks.
        seed: The same seed draws the same.
        timing: When within the horizon outcomes come; None tells of no parts.
    """
    known = ~np.isnan(risk)
    names = np.array([UNKNOWN if g is None else str(g) for g in group[known]])
    groups, of = np.unique(names, return_inverse=True)
    people = np.bincount(of, minlength=len(groups)).tolist()
    sums = np.bincount(of, risk[known], len(groups)).tolist()
    draw = np.random.default_rng(seed)
    began = _drawn(risk[known], of, len(groups), calibrated, draw)
    when = _split(began, timing, draw)
    shares = timing.shares if timing else ()
    found = [
        _expected(str(name), people[n], sums[n], began[:, n], when[:, n], shares)
        for n, name in enumerate(groups)
    ]
    whole = _expected(
        ALL, sum(people), sum(sums), began.sum(axis=1), when.sum(axis=1), shares
    )
    return [*found, whole]


def _expected(
    name: str,
    people: int,
    number: float,
    began: Floats,
    when: Floats,
    shares: Sequence[float],
) -> Expected:
    parts = zip(shares, when.T, strict=True)
    told = tuple(_figure(number * share, drawn, people) for share, drawn in parts)
    return Expected(name, people, _figure(number, began, people), told)


def _drawn(
    risk: Floats,
    of: NDArray[np.intp],
    groups: int,
    calibrated: Calibrated,
    draw: np.random.Generator,
) -> Floats:
    """Return draws x groups: how many began, each person by chance."""
    logs = draw.normal(math.log(calibrated.ratio), calibrated.spread, _DRAWS)
    order = np.argsort(of, kind="stable")
    starts = np.searchsorted(of[order], np.arange(groups))
    sorted_risk = risk[order]
    at_once = max(1, _BLOCK // max(1, len(risk)))
    found = []
    for first in range(0, _DRAWS, at_once):
        ratios = np.exp(logs[first : first + at_once, None])
        chance = draw.random((len(ratios), len(risk)))
        began = (chance < sorted_risk * ratios).astype(np.float64)
        found.append(np.add.reduceat(began, starts, axis=1))
    return np.concatenate(found)


def _split(began: Floats, timing: Timing | None, draw: np.random.Generator) -> Floats:
    """Return draws x groups x parts: when those who began did, each by chance."""
    if timing is None:
        return np.zeros((*began.shape, 0))
    shares = timing.drawn(draw, len(began))[:, None]
    return draw.multinomial(began.astype(np.int64), shares).astype(np.float64)


def _figure(number: float, drawn: Floats, people: int) -> Figure:
    if people < LEAST_PEOPLE:
        return Figure(None, None, None, f"fewer than {LEAST_PEOPLE} people")
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], method="inverted_cdf").tolist()
    return Figure(number, low, high)


def _log_variance(figure: Figure) -> float | None:
    """Return the variance of a ratio's log, as its interval tells it."""
    if not figure.value or not figure.low or figure.high is None:
        return None
    width = math.log(figure.high) - math.log(figure.low)
    return (width / (2 * NormalDist().inv_cdf(0.5 + CONFIDENCE / 2))) ** 2
