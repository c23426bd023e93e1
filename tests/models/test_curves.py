from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve

from models.judging.curves import LEAST_CASES, MOST_POINTS, Ranked, net_benefit


def cases(rows: int, seed: int, values: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and scores that have many ties."""
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, values, rows).astype(float)
    return (draw.random(rows) < scores / values).astype(float), scores


def area(curve: list[tuple[float, float]]) -> float:
    x, y = np.array(curve).T
    return float(np.trapezoid(y, x))


@given(st.integers(0, 500))
def test_the_roc_curve_is_scikit_learns(seed: int):
    outcome, scores = cases(120, seed)

    curve = Ranked.of(outcome, scores).roc()

    x, y, _ = roc_curve(outcome, scores, drop_intermediate=False)
    assert np.allclose(np.array(curve).T, [x, y])
    assert area(curve) == pytest.approx(roc_auc_score(outcome, scores))


def test_precision_by_share_found_is_scikit_learns_from_eight_cases_on():
    outcome, scores = cases(200, seed=1)
    seen = Ranked.of(outcome, scores)

    curve = seen.precision_recall()

    precision, found, _ = precision_recall_curve(outcome, scores)
    first = int(((seen.found + seen.others) < LEAST_CASES).sum())
    wanted = np.array([found[:-1][::-1], precision[:-1][::-1]]).T[first - 1 :]
    assert np.allclose(curve, wanted)


def test_the_gain_of_a_perfect_order_rises_to_the_base_rate_and_stays():
    outcome = np.array([1.0] * 5 + [0.0] * 15)

    curve = Ranked.of(outcome, outcome).gain()

    assert curve == [(0.0, 0.0), (0.25, 1.0), (1.0, 1.0)]


def test_a_case_that_stands_for_two_counts_twice():
    outcome, scores = cases(60, seed=2)
    twice = Ranked.of(np.tile(outcome, 2), np.tile(scores, 2))

    weighed = Ranked.of(outcome, scores, np.full(60, 2.0))

    assert np.allclose(weighed.found, twice.found)
    assert np.allclose(weighed.others, twice.others)


def test_cases_without_a_score_are_left_out():
    outcome, scores = cases(60, seed=3)
    more = np.r_[outcome, 1.0], np.r_[scores, np.nan]

    assert Ranked.of(*more).roc() == Ranked.of(outcome, scores).roc()


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    draw = np.random.default_rng(4)

    curve = Ranked.of((draw.random(5_000) < 0.1) * 1.0, draw.random(5_000)).roc()

    assert len(curve) == MOST_POINTS
    assert (curve[0], curve[-1]) == ((0.0, 0.0), (1.0, 1.0))


def test_net_benefit_counts_those_found_less_those_visited_in_vain():
    outcome = np.array([1.0, 1.0, 0.0, 0.0])
    risk = np.array([0.9, 0.2, 0.6, 0.1])

    [(_, everyone), (_, half)] = net_benefit(outcome, risk, np.array([0.1, 0.5]))

    # At .1: 2 found, 2 in vain at odds 1/9. At .5: 1 found, 1 in vain at odds 1.
    assert everyone == pytest.approx((2 - 2 / 9) / 4)
    assert half == pytest.approx((1 - 1) / 4)
