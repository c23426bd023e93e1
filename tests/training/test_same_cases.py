"""Versions are subtracted where they were judged on the same cases, and only then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.judging.assessment import FIGURES, capacity_threshold, gains
from models.judging.draws import Draws
from models.judging.judged import Capacity, Judged
from models.judging.ranking import figure_table
from tests.training.made_up_cases import cases
from training.checks.same_cases import Drawn, differences, judged_sha256, read_drawn


CAPACITY = Capacity(places=20)
DRAWS = 100


def judged(seed: int = 1) -> Judged:
    draw = np.random.default_rng(seed)
    log_odds = draw.normal(size=400)
    outcome = (draw.random(400) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return Judged(outcome, log_odds, np.arange(400) // 2, np.zeros(400))


def drawn(of: Judged, *, hash_of_cases: str = "same", threshold: float = 0.5) -> Drawn:
    draws = Draws.of(of.linked_group, number=DRAWS, seed=1)
    table = figure_table(of, capacity=CAPACITY, draws=draws, threshold=threshold)
    return Drawn(hash_of_cases, threshold, FIGURES, table)


def test_a_difference_is_that_of_two_models_judged_together():
    one = judged()
    worse = one.log_odds + np.random.default_rng(2).normal(size=400)
    at = capacity_threshold(one, CAPACITY)

    found = differences(
        drawn(one, threshold=at), drawn(replace(one, log_odds=worse), threshold=at)
    )

    together = gains(one, {"it": worse}, capacity=CAPACITY, seed=1, draws=DRAWS)["it"]
    assert found == {name: getattr(together, name) for name in FIGURES}
    assert found["auc"].high < 0


def test_a_difference_is_told_more_surely_than_two_figures_apart():
    one = judged()
    nudged = one.log_odds + 0.1 * np.random.default_rng(2).normal(size=400)

    found = differences(drawn(one), drawn(replace(one, log_odds=nudged)))["auc"]

    alone = np.quantile(drawn(one).table[1:, 0], [0.025, 0.975])
    assert found.high - found.low < np.ptp(alone) / 3


def test_of_other_cases_nothing_is_subtracted():
    found = differences(drawn(judged()), drawn(judged(), hash_of_cases="other"))

    assert {figure.reason for figure in found.values()} == {"other cases were judged"}


def test_net_benefit_at_another_threshold_is_not_subtracted():
    found = differences(drawn(judged()), drawn(judged(), threshold=0.4))

    assert found["net_benefit"].reason == "it was taken at another threshold"
    assert found["auc"].value == 0.0


def test_what_is_kept_reads_back_to_the_digits_that_mean_anything():
    kept = drawn(judged())
    kept.table[3, 0] = np.nan

    read = read_drawn(kept.to_json())

    np.testing.assert_allclose(read.table, kept.table, rtol=1e-6)
    assert replace(read, table=kept.table) == kept


@pytest.mark.parametrize("change", ["outcome", "as_of", "linked_group", "declared"])
def test_the_hash_of_cases_is_another_once_anything_is(change: str):
    dates = ["2024-07-01", "2024-07-01", "2024-08-01"]
    one = cases(dates, [0, 1, 0], ["a", "b", "c"])
    others = {
        "outcome": cases(dates, [0, 1, 1], ["a", "b", "c"]),
        "as_of": cases([*dates[:2], "2024-09-01"], [0, 1, 0], ["a", "b", "c"]),
        "linked_group": cases(dates, [0, 1, 0], ["a", "b", "d"]),
        "declared": one,
    }

    same = judged_sha256(cases(dates, [0, 1, 0], ["a", "b", "c"]), 10, 1)

    assert judged_sha256(one, 10, 1) == same
    assert judged_sha256(others[change], 10, 2 if change == "declared" else 1) != same
