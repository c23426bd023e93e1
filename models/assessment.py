"""Assessment: how well a model did on cases that it was not fitted on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.intervals import (
    Figure,
    cannot_tell,
    percentile_figure,
    resampled,
)
from models.judged import Capacity, Judged
from models.table import probability
from models.terms import Floats


DRAWS = 500


@dataclass(frozen=True)
class Assessment:
    """What was found, each with its interval.

    Attributes:
        auc: Chance that a case with the outcome ranks above one without it.
        average_precision: Area under precision by recall, in steps.
        brier: Mean squared distance of probability and outcome; 0 is best.
        precision: Of the cases within capacity, the share with the outcome.
        recall: Of the cases with the outcome, the share within capacity.
        lift: Precision over the share with the outcome among all cases.
        observed_expected: Outcomes over the sum of the probabilities; 1 is calibrated.
    """

    auc: Figure
    average_precision: Figure
    brier: Figure
    precision: Figure
    recall: Figure
    lift: Figure
    observed_expected: Figure

    def __neg__(self) -> Assessment:
        """Return the same differences the other way round."""
        return Assessment(*(-getattr(self, name) for name in FIGURES))


FIGURES = tuple(each.name for each in fields(Assessment))


def assess(
    judged: Judged, *, capacity: Capacity, seed: int, draws: int = DRAWS
) -> Assessment:
    """Return every figure with an interval that draws linked groups.

    Equal scores share the places that are left among them, as a random order would.

    Args:
        judged: The cases.
        capacity: How many of each list can be visited.
        seed: The same seed gives the same intervals.
        draws: How often groups are drawn.
    """
    if judged.too_few:
        return _all_untold(judged.too_few)
    ranking = _Ranking.of(judged, capacity)
    found, drawn = ranking.figures(judged.weights), _drawn(judged, seed, draws)
    return _with_intervals(found, (ranking.figures(each) for each in drawn))


def price_of_transparency(
    judged: Judged,
    challenger: Floats,
    *,
    capacity: Capacity,
    seed: int,
    draws: int = DRAWS,
) -> Assessment:
    """Return what the challenger's figures are above the model's, on the same draws.

    Args:
        judged: The cases, with the model's log-odds.
        challenger: The challenger's log-odds of the same cases.
        capacity: How many of each list can be visited.
        seed: The same seed gives the same intervals.
        draws: How often groups are drawn.
    """
    others = {"challenger": challenger}
    found = gains(judged, others, capacity=capacity, seed=seed, draws=draws)
    return found["challenger"]


def gains(
    judged: Judged,
    others: Mapping[str, Floats],
    *,
    capacity: Capacity,
    seed: int,
    draws: int = DRAWS,
) -> dict[str, Assessment]:
    """Return what other models' figures are above a model's, on the same draws.

    Args:
        judged: The cases, with the model's log-odds.
        others: Each other model's log-odds of the same cases, by any name.
        capacity: How many of each list can be visited.
        seed: The same seed gives the same intervals.
        draws: How often groups are drawn.
    """
    if judged.too_few:
        return {name: _all_untold(judged.too_few) for name in others}
    mine = _Ranking.of(judged, capacity)
    theirs = [
        _Ranking.of(replace(judged, log_odds=each), capacity)
        for each in others.values()
    ]
    tables = [
        np.array([each.figures(weights) for each in theirs]) - mine.figures(weights)
        for weights in (judged.weights, *_drawn(judged, seed, draws))
    ]
    pairs = zip(others, np.array(tables).transpose(1, 0, 2), strict=True)
    return {name: _with_intervals(rows[0], rows[1:]) for name, rows in pairs}


def _drawn(judged: Judged, seed: int, draws: int) -> Iterator[Floats]:
    """Yield how many cases each case stands for, in each draw of linked groups."""
    for times in resampled(judged.linked_group, draws=draws, seed=seed):
        yield times * judged.weights


@dataclass(frozen=True)
class _Order:
    """Rows sorted once, so that each draw needs only sums.

    Attributes:
        rows: Row numbers, sorted.
        ties: Where each run of equal scores starts.
        outcome: As sorted.
    """

    rows: NDArray[np.intp]
    ties: NDArray[np.intp]
    outcome: Floats

    def sums(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return, by run of equal scores, the weight of all and of the outcome."""
        sorted_ = weights[self.rows]
        with_outcome = np.add.reduceat(sorted_ * self.outcome, self.ties)
        return np.add.reduceat(sorted_, self.ties), with_outcome


@dataclass(frozen=True)
class _Ranking:
    """Everything that does not change from draw to draw."""

    judged: Judged
    capacity: Capacity
    risk: Floats
    overall: _Order
    by_list: _Order
    list_of_tie: NDArray[np.intp]

    @classmethod
    def of(cls, judged: Judged, capacity: Capacity) -> _Ranking:
        _, lists = np.unique(judged.ranked_in, return_inverse=True)
        falling = -judged.log_odds
        overall = _sorted(np.argsort(falling, kind="stable"), judged, falling)
        by_list = _sorted(np.lexsort((falling, lists)), judged, falling, lists)
        list_of_tie = lists[by_list.rows[by_list.ties]]
        risk = probability(judged.log_odds)
        return cls(judged, capacity, risk, overall, by_list, list_of_tie)

    def figures(self, weights: Floats) -> Floats:
        """Return the figures in the order of `FIGURES`; NaN where undefined."""
        outcome = self.judged.outcome
        every, positive = float(weights.sum()), _dot(weights, outcome)
        if 0 in (positive, _dot(weights, 1.0 - outcome)):
            return np.full(len(FIGURES), np.nan)
        auc, average_precision = _areas(*self.overall.sums(weights))
        visited, found = self._visited(weights)
        precision = found / visited
        return np.array(
            [
                auc,
                average_precision,
                _dot(weights, (self.risk - outcome) ** 2) / every,
                precision,
                found / positive,
                precision / (positive / every),
                positive / _dot(weights, self.risk),
            ]
        )

    def _visited(self, weights: Floats) -> tuple[float, float]:
        """Return how many cases are visited, and how many of them have the outcome."""
        every, positive = self.by_list.sums(weights)
        sizes = np.bincount(self.list_of_tie, weights=every)
        before = np.cumsum(every) - every - (np.cumsum(sizes) - sizes)[self.list_of_tie]
        left = self.capacity.of(sizes)[self.list_of_tie] - before
        taken = np.clip(left, 0.0, every)
        share = np.divide(taken, every, out=np.zeros_like(every), where=every > 0)
        return float(taken.sum()), _dot(positive, share)


def _dot(left: Floats, right: Floats) -> float:
    # Not `@`: on busy cores its threads made an assessment seven times slower.
    return float(np.einsum("i,i->", left, right))


def _sorted(rows: NDArray[np.intp], judged: Judged, *keys: NDArray[Any]) -> _Order:
    changes = [key[rows][1:] != key[rows][:-1] for key in keys]
    starts = np.flatnonzero(np.logical_or.reduce(changes)) + 1
    ties = np.concatenate([np.zeros(1, dtype=np.intp), starts])
    return _Order(rows, ties, judged.outcome[rows])


def _areas(every: Floats, positive: Floats) -> tuple[float, float]:
    """Return AUC and average precision from runs of equal scores, highest first."""
    negative = every - positive
    above, seen = np.cumsum(positive), np.cumsum(every)
    wins = _dot(negative, above - positive / 2)
    precision = np.divide(above, seen, out=np.zeros_like(seen), where=seen > 0)
    auc = wins / (above[-1] * negative.sum())
    return float(auc), _dot(positive, precision) / float(above[-1])


def _with_intervals(found: Floats, drawn: Iterable[Floats]) -> Assessment:
    table = np.array(list(drawn))
    pairs = zip(found, table.T, strict=True)
    return Assessment(*(percentile_figure(value, column) for value, column in pairs))


def _all_untold(reason: str) -> Assessment:
    return Assessment(*(cannot_tell(reason) for _ in FIGURES))


def as_metrics(assessment: Assessment) -> dict[str, float]:
    """Return the figures that can be told, flat: `auc`, `auc_low`, `auc_high` ..."""
    metrics: dict[str, float] = {}
    for name in FIGURES:
        value, low, high, _ = astuple(getattr(assessment, name))
        if value is not None:
            metrics |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return metrics
