"""Probabilities are changed where they are wrong, and by no more than that."""

from __future__ import annotations

import numpy as np
import pytest

from models.judging.assessment import assess
from models.judging.judged import Capacity, Judged
from models.tables.envelope import Calibration
from models.tables.table import probability
from training.judging.calibration import CrossFitted, calibrate


def judged(seed: int, *, moved: float = 0.0, stretched: float = 1.0) -> Judged:
    """Return people whose log-odds are `moved + stretched * (what is said)`."""
    draw = np.random.default_rng(seed)
    said = draw.normal(-1.0, 1.0, 3_000)
    outcome = draw.random(3_000) < probability(moved + stretched * said)
    groups = np.arange(3_000) // 2
    return Judged(outcome.astype(float), said, groups, np.zeros(3_000))


def calibrated(cases: Judged) -> CrossFitted:
    raw = assess(cases, capacity=Capacity(share=0.1), seed=1)
    return calibrate(cases, raw, cases.linked_group % 5)


def test_probabilities_that_are_right_are_left_alone():
    found = calibrated(judged(1)).found

    assert found.is_identity
    assert found.applied == Calibration()
    assert "the intervals hold" in found.reason


def test_log_odds_that_are_only_too_low_are_moved_and_not_stretched():
    found = calibrated(judged(2, moved=0.5)).found

    assert not found.is_identity
    assert found.applied.slope == 1.0
    assert found.applied.intercept == pytest.approx(0.5, abs=0.1)


def test_log_odds_that_are_too_far_apart_are_drawn_together():
    found = calibrated(judged(3, moved=0.3, stretched=0.5)).found

    assert found.slope.high is not None
    assert found.slope.high < 1
    assert found.applied.slope == pytest.approx(0.5, abs=0.1)
    assert found.applied.intercept == pytest.approx(0.3, abs=0.15)


def test_calibrated_probabilities_are_as_many_as_came_true():
    cases = judged(4, moved=0.5, stretched=0.6)
    crossed = calibrated(cases)

    odds = crossed.of(cases.log_odds, cases.linked_group % 5)

    assert odds is not None
    assert probability(odds).mean() == pytest.approx(cases.outcome.mean(), abs=0.005)


def test_what_a_group_s_own_outcomes_were_does_not_move_its_probability():
    cases, fold = judged(5, moved=0.6, stretched=0.5), np.arange(3_000) // 2 % 5
    turned = cases.outcome.copy()
    some = np.flatnonzero(fold == 0)[::10]
    turned[some] = 1 - turned[some]
    other = Judged(turned, cases.log_odds, cases.linked_group, cases.ranked_in)

    ours, theirs = calibrated(cases), calibrated(other)

    assert ours.by_fold[0] == theirs.by_fold[0]
    assert ours.by_fold[1] != theirs.by_fold[1]


def test_a_score_that_ranks_the_wrong_way_round_is_not_turned():
    found = calibrated(judged(6, stretched=-1.0)).found

    assert found.is_identity
    assert found.reason == "left as it is: the slope is not above 0"


def test_too_few_outcomes_leave_probabilities_as_they_are():
    few = judged(7).only(np.arange(3_000) < 12)

    found = calibrated(few).found

    assert found.is_identity
    assert "fewer than 8" in found.reason


def test_a_score_that_is_missing_stays_missing():
    cases = judged(2, moved=0.5)
    crossed = calibrated(cases)

    odds = crossed.of(np.array([np.nan, 0.0]), np.array([0, 1]))

    assert odds is not None
    assert np.isnan(odds).tolist() == [True, False]
