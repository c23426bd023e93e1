from __future__ import annotations

import numpy as np

from models.judged import Judged
from models.table import probability
from training.calibration import LEAST_CASES, observed_rates


def judged(log_odds: np.ndarray, outcome: np.ndarray) -> Judged:
    groups = np.arange(len(outcome)).astype(object)
    return Judged(outcome.astype(float), log_odds, groups, np.zeros(len(outcome)))


def test_every_case_is_counted_once_and_the_lowest_group_begins_at_zero():
    rng = np.random.default_rng(1)
    log_odds = rng.normal(-2, 1, 1_000)
    outcome = rng.random(1_000) < probability(log_odds)

    rates = observed_rates(judged(log_odds, outcome))

    assert rates[0].from_probability == 0.0
    assert sum(rate.cases for rate in rates) == 1_000
    assert min(rate.cases for rate in rates) >= LEAST_CASES


def test_a_calibrated_score_is_observed_as_it_says():
    rng = np.random.default_rng(2)
    log_odds = rng.normal(-1, 1, 20_000)
    outcome = rng.random(20_000) < probability(log_odds)

    rates = observed_rates(judged(log_odds, outcome))

    covered = [rate.low <= rate.mean_probability <= rate.high for rate in rates]
    assert sum(covered) >= 8


def test_few_cases_make_one_group():
    rates = observed_rates(judged(np.linspace(-1, 1, 60), np.arange(60) % 2))

    assert [rate.cases for rate in rates] == [60]
