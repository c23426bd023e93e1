"""Where rows may end otherwise, the absolute risk is learnt and judged all the same."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from features.definitions.outcomes import EVENT
from models.families.estimators import fit_logistic
from models.families.inputs import read_training
from models.tables.table import probability
from tests.features.small_place import contract, family, place
from tests.training.made_up_cases import ENDS, ended_cases, score
from training.cohort import Cases
from training.judging.evaluate import Evaluation, evaluate
from training.judging.splits import rolling
from training.recording import as_json
from training.run_metrics import training_metrics
from training.summary import summarise


THEN, NOW = dt.date(2024, 1, 1), dt.date(2024, 7, 1)
SCORE = score(first=NOW, ends=ENDS, families=["logistic"], serve="logistic")
PLACE = place([contract()], [family("count", expected="up")])


@pytest.fixture(scope="module")
def many() -> Cases:
    return ended_cases(40_000, seed=1, first=THEN, second=NOW)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    rows = ended_cases(6_000, seed=2, first=THEN, second=NOW)
    return evaluate(rows, rolling(rows, SCORE), SCORE, PLACE).evaluation


def true_risk(times: int) -> float:
    """Return the chance of the outcome in 90 days, had nobody left."""
    event, death = 0.001 * times, 0.002 * times
    spared = (1 - event) * (1 - death)
    return float(event * (1 - spared**90) / (1 - spared))


def said(cases: Cases) -> list[float]:
    """Fit a logistic regression and return the risk at a count of 0 and of 1."""
    model = fit_logistic(
        read_training(
            cases.table,
            cases.outcome,
            indicators=["count"],
            directions={},
            weights=cases.weight,
        ),
        seed=1,
    )
    risks = probability(model.log_odds({"count": np.array([0.0, 1.0])}))
    return [float(risk) for risk in risks]


def test_a_weighted_fit_gives_back_the_known_absolute_risk(many: Cases):
    assert said(many.weighed()) == pytest.approx([true_risk(1), true_risk(3)], rel=0.06)


def test_a_fit_that_ignores_who_left_does_not(many: Cases):
    told = many.only(many.is_told)

    naive = said(told)

    assert naive[1] > 1.06 * true_risk(3)


def test_weights_rest_on_the_rows_given_alone(many: Cases):
    early = many.as_of == np.datetime64(THEN)

    apart = many.only(early).weighed()

    # Whatever becomes of those asked later changes nothing.
    changed = many.only(early | (many.endings.status == EVENT))
    again = changed.only(changed.as_of == np.datetime64(THEN)).weighed()
    assert apart.weight is not None
    assert again.weight is not None
    assert (apart.weight == again.weight).all()
    assert apart.weight.sum() == pytest.approx(early.sum())


def test_the_base_rate_is_the_risk_had_nobody_left(evaluation: Evaluation):
    truth = (true_risk(1) + true_risk(3)) / 2

    rate = evaluation.base_rate

    assert rate.low is not None
    assert rate.high is not None
    assert rate.low < truth < rate.high
    # Left out of both, those who left would make it an estimate of something else.
    assert evaluation.judged_events / evaluation.judged_rows > 1.1 * truth


def test_a_model_that_was_fitted_so_is_calibrated_when_judged_so(
    evaluation: Evaluation,
):
    ratio = evaluation.verdicts["logistic"].later.observed_expected

    assert ratio.low is not None
    assert ratio.high is not None
    assert ratio.low < 1 < ratio.high


def test_every_way_of_ending_is_counted(evaluation: Evaluation):
    ends = {each.end: each for each in evaluation.judged_ends}

    assert [(e.end, e.kind) for e in evaluation.judged_ends] == [
        ("event", "outcome"),
        ("died first", "competing"),
        ("left first", "censoring"),
        ("no event", "none"),
    ]
    assert sum(each.cases for each in ends.values()) == 3_000
    told = 3_000 - ends["left first"].cases
    assert evaluation.judged_rows == told
    assert ends["event"].cases == evaluation.judged_events


def test_the_registry_is_told_of_every_end(evaluation: Evaluation):
    metrics = training_metrics(evaluation)

    died = next(e for e in evaluation.judged_ends if e.end == "died first")
    assert metrics["ends/died_first"] == died.cases
    assert metrics["untold/not_yet_known"] == 12
    assert metrics["low/base_rate"] == evaluation.base_rate.low
    kept = json.loads(as_json(evaluation))
    assert kept["recording_lag"]["days"] == 30
    assert len(kept["fitted_ends"]) == 4


def test_the_summary_says_what_the_score_does_not_predict_and_how_rows_ended(
    evaluation: Evaluation,
):
    summary = summarise(evaluation, SCORE)

    assert summary["caveat"] == "predicts visits, not need"
    assert summary["recording lag"].startswith("30 days as declared")
    assert [line["ended"] for line in summary["ends"]] == [
        *("event", "died first", "left first", "no event"),
        *("not yet known", "opted out"),
    ]
