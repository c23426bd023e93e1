from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from features.faults import Refusal
from models.judging.assessment import (
    FIGURES,
    Assessment,
    as_metrics,
    assess,
    capacity_threshold,
    price_of_transparency,
)
from models.judging.intervals import resampled
from models.judging.judged import Capacity, Judged, within_capacity
from models.tables.table import probability


def cases(rows, seed, *, per_group=3, scores=None):
    """Cases of a model that knows something, with ties if `scores` is small."""
    draw = np.random.default_rng(seed)
    log_odds = draw.normal(-1.0, 1.2, rows)
    if scores:
        log_odds = np.round(log_odds * scores) / scores
    outcome = (draw.random(rows) < probability(log_odds)).astype(float)
    group = draw.integers(0, max(1, rows // per_group), rows)
    return Judged(outcome, log_odds, group, draw.integers(0, 4, rows))


# A draw's are the next step from those of all cases: near enough, never equal.
STRETCHED = ("calibration_intercept", "calibration_slope")
COUNTED = tuple(name for name in FIGURES if name not in STRETCHED)
AT = 0.2


def figures(assessment, names=COUNTED):
    return {name: getattr(assessment, name).value for name in names}


def by_brute_force(judged, capacity, at=AT):
    """The same figures: scikit-learn's, and a plain loop over lists and ties."""
    risk = probability(judged.log_odds)
    outcome, visited, found = judged.outcome, 0.0, 0.0
    for list_ in set(judged.ranked_in.tolist()):
        rows = judged.ranked_in == list_
        left = capacity.of(np.array([rows.sum()]))[0]
        for score in sorted(set(judged.log_odds[rows]), reverse=True):
            tied = rows & (judged.log_odds == score)
            taken = min(left, tied.sum())
            visited, found = visited + taken, found + taken * outcome[tied].mean()
            left -= taken
    return {
        "auc": metrics.roc_auc_score(outcome, judged.log_odds),
        "average_precision": metrics.average_precision_score(outcome, judged.log_odds),
        "brier": metrics.brier_score_loss(outcome, risk),
        "precision": found / visited,
        "recall": found / outcome.sum(),
        "lift": found / visited / outcome.mean(),
        "observed_expected": outcome.sum() / risk.sum(),
    } | benefit_by_brute_force(judged, found, visited, at)


def benefit_by_brute_force(judged, found, visited, threshold):
    odds, rows = threshold / (1 - threshold), len(judged.outcome)
    positive = judged.outcome.sum()
    benefit = (found - odds * (visited - found)) / rows
    everyone = (positive - odds * (rows - positive)) / rows
    return {"net_benefit": benefit, "net_benefit_above_everyone": benefit - everyone}


def assess_at(judged, capacity, *, seed=1):
    return assess(judged, capacity=capacity, seed=seed, draws=1, threshold=AT)


def stretched(judged):
    """Intercept in the large and slope by statsmodels' own regression."""
    import statsmodels.api as sm

    family, ones = sm.families.Binomial(), np.ones(len(judged.outcome))
    offset = {"offset": judged.log_odds, "freq_weights": judged.weights}
    large = sm.GLM(judged.outcome, ones, family=family, **offset).fit()
    both = np.column_stack([ones, judged.log_odds])
    weights = judged.weights
    slope = sm.GLM(judged.outcome, both, family=family, freq_weights=weights).fit()
    return {STRETCHED[0]: large.params[0], STRETCHED[1]: slope.params[1]}


capacities = st.builds(Capacity, places=st.integers(1, 60)) | st.builds(
    Capacity, share=st.floats(0.01, 0.99)
)


@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(100, 300),
    scores=st.sampled_from([None, 1, 3]),
    capacity=capacities,
)
def test_every_figure_is_scikit_learn_s_or_a_plain_loop_s(seed, rows, scores, capacity):
    judged = cases(rows, seed, scores=scores)

    found = figures(assess_at(judged, capacity))

    expected = by_brute_force(judged, capacity)
    assert found == pytest.approx(expected, abs=1e-12)


@given(seed=st.integers(0, 10_000), scores=st.sampled_from([None, 2]))
def test_a_draw_is_the_figure_of_the_rows_it_repeats(seed, scores):
    judged, capacity = cases(200, seed, scores=scores), Capacity(share=0.2)
    (weights,) = resampled(judged.linked_group, draws=1, seed=seed)
    repeated = judged.only(np.repeat(np.arange(200), weights.astype(int)))

    assessment = assess_at(judged, capacity, seed=seed)

    drawn = {name: getattr(assessment, name).low for name in COUNTED}
    assert drawn == pytest.approx(by_brute_force(repeated, capacity), abs=1e-12)


@given(seed=st.integers(0, 10_000), capacity=capacities)
def test_a_case_that_stands_for_several_counts_as_often(seed, capacity):
    judged = cases(200, seed, scores=2)
    times = np.random.default_rng(seed).integers(1, 4, 200)
    repeated = judged.only(np.repeat(np.arange(200), times))

    weighted = replace(judged, weight=times.astype(float))

    found = figures(assess_at(weighted, capacity))
    assert found == pytest.approx(by_brute_force(repeated, capacity), abs=1e-12)


def test_the_price_of_transparency_weighs_both_models_alike():
    judged, capacity = cases(300, 4), Capacity(share=0.2)
    times = np.random.default_rng(4).integers(1, 4, 300)
    rows = np.repeat(np.arange(300), times)
    challenger = judged.log_odds + judged.outcome

    weighted = price_of_transparency(
        replace(judged, weight=times.astype(float)),
        challenger,
        capacity=capacity,
        seed=1,
        draws=1,
    )

    plain = price_of_transparency(
        judged.only(rows), challenger[rows], capacity=capacity, seed=1, draws=1
    )
    assert figures(weighted) == pytest.approx(figures(plain), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_intercept_and_slope_are_a_logistic_regression_s(seed):
    judged = cases(400, seed, scores=4)
    times = np.random.default_rng(seed).integers(1, 4, 400).astype(float)
    judged = replace(judged, weight=times)

    found = figures(assess_at(judged, Capacity(share=0.2)), STRETCHED)

    assert found == pytest.approx(stretched(judged), abs=1e-6)


def test_their_intervals_are_those_of_fitting_each_draw_anew():
    judged, capacity = cases(1_500, 8), Capacity(share=0.1)
    groups = judged.linked_group
    anew = [
        stretched(judged.only(np.repeat(np.arange(1_500), times.astype(int))))
        for times in resampled(groups, draws=200, seed=3)
    ]

    found = assess(judged, capacity=capacity, seed=3, draws=200)

    for name in STRETCHED:
        figure = getattr(found, name)
        ends = np.quantile([each[name] for each in anew], [0.025, 0.975])
        assert [figure.low, figure.high] == pytest.approx(ends, abs=0.02)


def test_a_score_that_is_too_sure_has_a_slope_under_one():
    judged = cases(3_000, 9)
    sure = replace(judged, log_odds=2 * judged.log_odds)

    slope = assess(sure, capacity=Capacity(share=0.1), seed=1).calibration_slope

    assert slope.value == pytest.approx(0.5, abs=0.05)
    assert slope.high < 1


def test_one_log_odds_for_all_has_no_slope():
    judged = replace(cases(400, 1), log_odds=np.full(400, -1.0))

    found = assess(judged, capacity=Capacity(share=0.1), seed=1)

    assert found.calibration_slope.value is None
    assert found.auc.value == 0.5


def test_probabilities_come_from_the_calibrated_log_odds_and_ranks_from_the_model_s():
    judged, capacity = cases(600, 3), Capacity(share=0.1)
    moved = replace(judged, calibrated=judged.log_odds + 1.0)

    plain, found = (assess_at(each, capacity) for each in (judged, moved))

    assert found.auc == plain.auc
    assert found.precision == plain.precision
    assert found.brier.value == pytest.approx(
        metrics.brier_score_loss(judged.outcome, probability(judged.log_odds + 1.0))
    )
    assert found.calibration_intercept.value == pytest.approx(
        plain.calibration_intercept.value - 1.0
    )


def test_capacity_ends_at_the_lowest_probability_that_is_visited():
    log_odds = np.array([0.5, 0.9, 0.7, 0.1, 2.0, 3.0])
    lists = np.array(["may", "may", "may", "may", "june", "june"], dtype=object)
    judged = Judged(np.zeros(6), log_odds, np.arange(6), lists)

    at = capacity_threshold(judged, Capacity(share=0.5))

    # Of four in May the second is at .7, of two in June the first at 3.
    assert at == pytest.approx((4 * probability(0.7) + 2 * probability(3.0)) / 6)


def test_visiting_the_right_few_is_worth_more_than_visiting_everyone_or_no_one():
    judged = cases(4_000, 7)

    found = assess(judged, capacity=Capacity(share=0.2), seed=1)

    assert found.net_benefit.low > 0
    assert found.net_benefit_above_everyone.low > 0


def test_a_weight_of_nothing_is_refused():
    with pytest.raises(Refusal, match="a weight is above 0"):
        replace(cases(20, 1), weight=np.zeros(20))


def test_an_interval_holds_its_figure_and_is_the_same_each_time():
    judged, capacity = cases(2_000, 5), Capacity(places=40)

    first, second = (assess(judged, capacity=capacity, seed=9) for _ in range(2))

    assert first == second
    for name in FIGURES:
        figure = getattr(first, name)
        assert figure.low < figure.value < figure.high


def test_the_interval_of_auc_is_about_as_wide_as_delong_s():
    judged = cases(4_000, 2, per_group=1)
    judged = replace(judged, linked_group=np.arange(4_000))
    high, low = (judged.log_odds[judged.outcome == o] for o in (1, 0))
    wins = (high[:, None] > low[None, :]).astype(float)
    error = np.sqrt(
        wins.mean(axis=1).var(ddof=1) / len(high)
        + wins.mean(axis=0).var(ddof=1) / len(low)
    )

    auc = assess(judged, capacity=Capacity(share=0.1), seed=1).auc

    assert auc.high - auc.low == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_copies_of_the_same_people_do_not_narrow_the_interval():
    judged = cases(500, 3, per_group=1)
    judged = replace(judged, linked_group=np.arange(500))
    copied = judged.only(np.repeat(np.arange(500), 9))

    once = assess(judged, capacity=Capacity(share=0.1), seed=1).auc
    nine_times = assess(copied, capacity=Capacity(share=0.1), seed=1).auc

    # Nine copies of everyone say nothing new.
    assert nine_times.low == pytest.approx(once.low)
    assert nine_times.high == pytest.approx(once.high)


def test_fewer_than_8_groups_of_either_outcome_cannot_be_told():
    judged = cases(200, 1)
    # 40 rows with the outcome, of 7 people.
    outcome = (np.arange(200) < 40).astype(float)
    group = np.where(outcome == 1, np.arange(200) % 7, np.arange(200))
    judged = replace(judged, outcome=outcome, linked_group=group)
    turned = replace(judged, outcome=1 - outcome)

    for each, words in ((judged, "with the outcome"), (turned, "without it")):
        assessment = assess(each, capacity=Capacity(places=5), seed=1)
        price = price_of_transparency(
            each, each.log_odds, capacity=Capacity(places=5), seed=1
        )

        assert assessment.auc.value is None
        assert assessment.auc.reason == f"fewer than 8 {words}"
        assert price == assessment
        assert as_metrics(assessment) == {}


def test_the_price_of_transparency_is_the_difference_on_the_same_draws():
    judged = cases(1_500, 4)
    noise = np.random.default_rng(1).normal(0, 0.3, 1_500)
    challenger = judged.log_odds + noise + 0.5 * judged.outcome
    capacity = Capacity(places=30)

    price = price_of_transparency(judged, challenger, capacity=capacity, seed=2)

    at = capacity_threshold(judged, capacity)
    mine = assess(judged, capacity=capacity, seed=2, threshold=at)
    other = replace(judged, log_odds=challenger)
    theirs = assess(other, capacity=capacity, seed=2, threshold=at)
    difference = {n: figures(theirs)[n] - figures(mine)[n] for n in COUNTED}
    assert figures(price) == pytest.approx(difference)
    assert price.auc.low > 0
    # Pairing takes out what both models share.
    assert price.auc.high - price.auc.low < theirs.auc.high - theirs.auc.low


def test_a_model_costs_nothing_against_itself():
    judged = cases(400, 6)

    price = price_of_transparency(
        judged, judged.log_odds, capacity=Capacity(places=9), seed=1
    )

    assert {(f.value, f.low, f.high) for f in vars(price).values()} == {(0, 0, 0)}


def test_the_highest_of_each_list_are_within_capacity():
    log_odds = np.array([0.5, 0.9, 0.9, 0.1, 2.0, 3.0])
    lists = np.array(["may", "may", "may", "may", "june", "june"], dtype=object)
    judged = Judged(np.zeros(6), log_odds, np.arange(6), lists)

    places = within_capacity(judged, Capacity(places=1))
    share = within_capacity(judged, Capacity(share=0.5))

    assert places.tolist() == [False, True, False, False, False, True]
    assert share.tolist() == [False, True, True, False, False, True]


@given(seed=st.integers(0, 10_000), capacity=capacities)
def test_within_capacity_is_what_precision_and_recall_count(seed, capacity):
    judged = cases(150, seed)
    visited = within_capacity(judged, capacity)

    assessment = assess(judged, capacity=capacity, seed=1, draws=1)

    expected = metrics.precision_score(judged.outcome, visited)
    recall = metrics.recall_score(judged.outcome, visited)
    assert assessment.precision.value == pytest.approx(expected)
    assert assessment.recall.value == pytest.approx(recall)


def test_a_list_shorter_than_the_capacity_is_visited_whole():
    judged = cases(100, 1)

    assessment = assess(judged, capacity=Capacity(places=1_000), seed=1, draws=20)

    assert assessment.recall.value == assessment.recall.low == 1.0
    assert assessment.lift.value == pytest.approx(1.0)


def test_all_that_is_wrong_with_cases_is_told_at_once():
    with pytest.raises(Refusal) as refusal:
        Judged(np.array([0, 2.0]), np.array([np.nan]), np.arange(2), np.arange(2))

    assert len(refusal.value.faults) == 3


@pytest.mark.parametrize("given_", [{}, {"places": 1, "share": 0.5}])
def test_capacity_is_either_places_or_a_share(given_):
    with pytest.raises(Refusal, match="either places or share"):
        Capacity(**given_)


def test_metrics_are_flat_for_the_registry():
    judged = cases(300, 2)

    metrics_ = as_metrics(assess(judged, capacity=Capacity(places=9), seed=1, draws=9))

    assert set(metrics_) == {n + e for n in FIGURES for e in ("", "_low", "_high")}
    assert isinstance(assess(judged, capacity=Capacity(places=9), seed=1), Assessment)
