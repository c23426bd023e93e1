"""Splits: what is fitted on, and what is judged, so that no time and no kin leaks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, Refusal
from models.definition import ScoreDefinition
from training.cohort import Cases, days


FOLDS = 5


@dataclass(frozen=True)
class Split:
    """Which rows are fitted on and which are judged.

    Attributes:
        fitted: Their outcomes' windows and the recording lag close before the first
            judged date.
        judged: As-of dates in the judged period.
        left_out: Between the two: known too late to learn from, too early to judge.
    """

    fitted: NDArray[np.bool_]
    judged: NDArray[np.bool_]

    @property
    def left_out(self) -> int:
        """How many rows are on neither side."""
        return int((~self.fitted & ~self.judged).sum())


def split_by_date(cases: Cases, score: ScoreDefinition) -> Split:
    """Return the split *later*: entities may recur on both sides, dates may not.

    Raises:
        Refusal: One of the sides has no row with, or none without, the outcome.
    """
    first = days(score.judgement.first)
    wait = score.outcome.horizon_days + cases.recording_lag.days
    closes = cases.as_of + np.timedelta64(wait, "D")
    judged = cases.as_of >= first
    if score.judgement.last:
        judged &= cases.as_of <= days(score.judgement.last)
    split = Split(fitted=closes <= first, judged=judged)
    faults = [
        fault
        for name, rows in (("fitted", split.fitted), ("judged", split.judged))
        for fault in _too_few(cases, rows, name, score)
    ]
    if faults:
        raise Refusal(faults)
    return split


def fold_of(cases: Cases) -> NDArray[np.int64]:
    """Return each row's fold, 0 to 4, by a hash of its linked group.

    All rows of a household or premises, on all dates, fall in one fold.
    """
    names, group_of = np.unique(cases.linked_group.astype(str), return_inverse=True)
    folds = [_fold(name) for name in names]
    return np.array(folds, dtype=np.int64)[group_of]


def later_and_new(cases: Cases, split: Split) -> Iterator[Split]:
    """Yield five splits: judged groups, though later, were never fitted on.

    Nor was anybody who is judged in one of them, in a home of an earlier date.
    """
    folds = fold_of(cases)
    whom = cases.linked_group if cases.entity is None else cases.entity
    whom = np.unique(whom.astype(str), return_inverse=True)[1]
    for number in range(FOLDS):
        held_out = folds == number
        judged = split.judged & held_out
        known = np.isin(whom, whom[judged])
        yield Split(split.fitted & ~held_out & ~known, judged)


def _fold(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % FOLDS


def _too_few(
    cases: Cases, rows: NDArray[np.bool_], name: str, score: ScoreDefinition
) -> Iterator[Fault]:
    events = int((cases.outcome[rows] == 1).sum())
    without = int((cases.outcome[rows] == 0).sum())
    if min(events, without) == 0:
        yield Fault(
            f"scores/{score.name}.toml: judgement",
            f"the {name} rows must hold some with the outcome and some without",
            f"{events} with and {without} without",
            "move `first`, or load and build a longer history",
        )
