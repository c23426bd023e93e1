"""Of a hundred people like this so many, and the interval is about the people."""

from __future__ import annotations

import numpy as np
import pytest

from models.judging.intervals import wilson
from models.judging.judged import Judged
from models.judging.shares import grouped_share
from models.tables.table import probability
from training.judging.observed import LEAST_GROUPS, observed_rates


def judged(log_odds, outcome, groups=None, calibrated=None) -> Judged:
    rows = len(outcome)
    named = np.arange(rows) if groups is None else groups
    plain = np.zeros(rows)
    return Judged(outcome.astype(float), log_odds, named, plain, calibrated=calibrated)


def repeated(seed: int, people: int, dates: int, *, lasts: float) -> Judged:
    """Return people on several dates; luck lasts, and some share it with their kin."""
    draw = np.random.default_rng(seed)
    home = np.arange(people) // 2
    usual = draw.normal(-2.5, 1.2, people)
    luck = np.where(draw.random(people) < 0.3, draw.random(people)[home], 0.0)
    luck = np.where(luck > 0, luck, draw.random(people))
    parts = []
    for _ in range(dates):
        said = usual + draw.normal(0, 0.3, people)
        again = np.where(draw.random(people) < lasts, luck, draw.random(people))
        parts.append((said, again < probability(said)))
    said, happened = (np.concatenate(each) for each in zip(*parts, strict=True))
    return judged(said, happened, np.tile(home, dates))


def test_every_case_is_counted_once_and_the_lowest_range_begins_at_zero():
    rng = np.random.default_rng(1)
    log_odds = rng.normal(-2, 1, 1_000)
    outcome = rng.random(1_000) < probability(log_odds)

    rates = observed_rates(judged(log_odds, outcome))

    assert rates[0].from_probability == 0.0
    assert sum(rate.cases for rate in rates) == 1_000
    assert min(rate.groups for rate in rates) >= LEAST_GROUPS


def test_a_person_on_many_dates_is_one_person():
    rng = np.random.default_rng(2)
    log_odds = rng.normal(-1, 1, 60)
    people = judged(
        np.tile(log_odds, 20), np.tile(rng.random(60) < 0.3, 20), np.tile(range(60), 20)
    )

    (rate,) = observed_rates(people)

    assert (rate.cases, rate.groups) == (1_200, 60)
    once = wilson(int(people.outcome[:60].sum()), 60)
    assert rate.high - rate.low == pytest.approx(once.high - once.low, rel=0.05)


@pytest.mark.parametrize(("dates", "lasts"), [(1, 0.0), (3, 0.9), (3, 0.0), (6, 0.95)])
def test_the_interval_covers_the_true_share_also_at_the_top(dates: int, lasts: float):
    at_top, anywhere = [], []
    for seed in range(250):
        cases = repeated(seed, 1_200, dates, lasts=lasts)
        rates = observed_rates(cases)
        begins = [rate.from_probability for rate in rates[1:]]
        number = np.searchsorted(begins, cases.risk, side="right")
        truth = [cases.risk[number == n].mean() for n in range(len(rates))]
        held = [r.low <= t <= r.high for r, t in zip(rates, truth, strict=True)]
        at_top.append(held[-1])
        anywhere += held

    # Nominal 95 %. Of 250 towns, chance alone moves the share by .014.
    assert np.mean(at_top) >= 0.93
    assert np.mean(anywhere) >= 0.93


def test_ranges_are_of_the_probabilities_that_are_shown():
    rng = np.random.default_rng(3)
    log_odds = rng.normal(-1, 1, 2_000)
    outcome = rng.random(2_000) < probability(log_odds - 1)

    rates = observed_rates(judged(log_odds, outcome, calibrated=log_odds - 1))

    covered = [rate.low <= rate.mean_probability <= rate.high for rate in rates]
    assert sum(covered) >= len(rates) - 1
    highest = np.sort(probability(log_odds - 1))
    assert highest[-600] < rates[-1].from_probability < highest[-1]


def test_no_outcome_among_fifty_people_is_told_as_fifty_people():
    share = grouped_share(np.zeros(100), np.ones(100), np.arange(100) // 2)

    assert share.high == pytest.approx(wilson(0, 50).high)


def test_few_cases_make_one_range():
    rates = observed_rates(judged(np.linspace(-1, 1, 60), np.arange(60) % 2))

    assert [rate.cases for rate in rates] == [60]
