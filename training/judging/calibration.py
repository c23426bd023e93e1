"""Calibration: whether probabilities are what came true, and the least that mends them.

The judged rows were scored by models that knew nothing later, so what fits their
outcomes fits the next ones too, as far as one can know. Where the intercept's interval
holds 0 and the slope's holds 1 nothing is changed. Otherwise the intercept is moved or,
where the slope's interval does not hold 1, the log-odds are stretched as well, if that
makes the outcomes of linked groups likelier that it was not fitted on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.judging.assessment import Assessment
from models.judging.intervals import Figure
from models.judging.judged import Judged
from models.judging.slopes import stretch
from models.tables.envelope import Calibration
from models.tables.terms import Floats


@dataclass(frozen=True)
class Calibrated:
    """What was found, and what is done about it.

    Attributes:
        intercept: In the large, before calibration; see `Assessment`.
        slope: Before calibration.
        applied: What the model's file holds from now on.
        is_identity: Whether probabilities are left as they are.
        reason: Why, in words.
    """

    intercept: Figure
    slope: Figure
    applied: Calibration
    is_identity: bool
    reason: str


@dataclass(frozen=True)
class CrossFitted:
    """A calibration, and what it says of rows whose group it was not fitted on.

    Attributes:
        found: What the model's file is given.
        by_fold: What was fitted on the rows of the other folds.
    """

    found: Calibrated
    by_fold: tuple[Calibration, ...]

    def of(self, log_odds: Floats, fold: NDArray[np.int64]) -> Floats | None:
        """Return each row's calibrated log-odds; None where nothing is changed.

        Args:
            log_odds: The model's, of any rows; NaN stays NaN.
            fold: The fold of each row's linked group.
        """
        if self.found.is_identity:
            return None
        calibrated = np.full(len(log_odds), np.nan)
        for number, each in enumerate(self.by_fold):
            rows = fold == number
            calibrated[rows] = each.of(log_odds[rows])
        return calibrated


def calibrate(
    judged: Judged, assessment: Assessment, fold: NDArray[np.int64]
) -> CrossFitted:
    """Return the least calibration that the judged rows ask for.

    Args:
        judged: The rows, with log-odds before calibration.
        assessment: Of these rows and log-odds.
        fold: The fold of each row's linked group, from 0.
    """
    intercept, slope = assessment.calibration_intercept, assessment.calibration_slope
    if slope.value is None or intercept.value is None:
        why = f"left as it is: {slope.reason or intercept.reason}"
        return _identity(intercept, slope, why)
    is_even, is_level = _holds(slope, 1.0), _holds(intercept, 0.0)
    if is_even and is_level:
        why = "left as it is: the intervals hold an intercept of 0 and a slope of 1"
        return _identity(intercept, slope, why)
    every = np.ones(len(judged), dtype=np.bool_)
    applied = _fitted(judged, every, stretches=not is_even)
    by_fold = [
        _fitted(judged, fold != number, stretches=not is_even)
        for number in range(int(fold.max()) + 1)
    ]
    if applied is None or None in by_fold:
        why = "left as it is: the slope is not above 0"
        return _identity(intercept, slope, why)
    found = tuple(each for each in by_fold if each)
    done = "moved" if is_even else "moved and stretched"
    why = f"{done}: the intervals do not hold an intercept of 0 and a slope of 1"
    kept = Calibrated(intercept, slope, applied, is_identity=False, reason=why)
    crossed = CrossFitted(kept, found)
    calibrated = crossed.of(judged.log_odds, fold)
    if calibrated is None or _loss(judged, calibrated) >= _loss(judged, judged.odds):
        why = "left as it is: moved, it fits linked groups no better that it never saw"
        return _identity(intercept, slope, why)
    return crossed


def _identity(intercept: Figure, slope: Figure, reason: str) -> CrossFitted:
    found = Calibrated(intercept, slope, Calibration(), is_identity=True, reason=reason)
    return CrossFitted(found, ())


def _holds(figure: Figure, value: float) -> bool:
    if figure.low is None or figure.high is None:
        return True
    return figure.low <= value <= figure.high


def _fitted(
    judged: Judged, rows: NDArray[np.bool_], *, stretches: bool
) -> Calibration | None:
    """Return what fits these rows; None where it would turn the ranking round."""
    log_odds, outcome, weights = judged.log_odds, judged.outcome, judged.weights
    found = stretch(log_odds[rows], outcome[rows], weights[rows])
    intercept, slope = found.in_large, 1.0
    if stretches:
        intercept, slope = found.intercept, found.slope
    if not np.isfinite([intercept, slope]).all() or slope <= 0:
        return None
    return Calibration(float(intercept), float(slope))


def _loss(judged: Judged, odds: Floats) -> float:
    """Return the mean negative log-likelihood of the outcomes."""
    signed = np.where(judged.outcome == 1, -odds, odds)
    return float(np.average(np.logaddexp(0.0, signed), weights=judged.weights))
