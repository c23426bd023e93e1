"""A date is judged by what was known before it; of the sealed one nothing is seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from tests.training.made_up_dates import FIRST, JUDGED, PLACE, dated_cases, dated_score
from training.cohort import Cases
from training.judging.baselines import (
    BASE_RATE,
    BEST_RULE,
    DECLARED_RULE,
    LAST_YEAR,
    PRACTICE,
)
from training.judging.evaluate import Evaluated, evaluate
from training.judging.splits import one_window, rolling
from training.recording import as_json
from training.run_metrics import family_metrics
from training.summary import summarise


SCORE = dated_score(practice="on_list")


@pytest.fixture(scope="module")
def rows() -> Cases:
    return dated_cases(900, seed=3)


@pytest.fixture(scope="module")
def evaluated(rows: Cases) -> Evaluated:
    return evaluate(rows, rolling(rows, SCORE), SCORE, PLACE)


def test_each_date_is_judged_by_what_was_known_before_it(evaluated: Evaluated):
    dates = evaluated.evaluation.dates

    # 90 days of horizon and 30 of lag close by 1 July for January, February and, by
    # 1 August, for March.
    assert [(each.first, each.fitted_rows) for each in dates] == [
        ("2024-07-01", 3 * 900),
        ("2024-08-01", 3 * 900),
    ]
    assert {each.judged_rows for each in dates} == {900}


def test_the_registered_model_knows_all_that_was_known_before_the_sealed_date():
    weekly = [f"2024-0{m}-0{d}" for m in range(1, 10) for d in (1, 8)]
    many = dated_cases(60, seed=1, dates=weekly)
    rounds = rolling(many, SCORE)

    assert rounds.sealed is not None
    wait = np.timedelta64(120, "D")
    closes = many.as_of + wait
    assert (rounds.fitted == (closes <= np.datetime64(rounds.sealed.first))).all()
    assert [each.split.fitted.sum() for each in rounds.judged] == sorted(
        each.split.fitted.sum() for each in rounds.judged
    )
    assert rounds.fitted.sum() > rounds.whole.fitted.sum()


def test_nothing_that_came_of_the_sealed_date_changes_what_training_finds(
    rows: Cases, evaluated: Evaluated
):
    sealed = rows.as_of == np.datetime64(JUDGED[-1])
    turned = np.where(sealed, 1 - rows.outcome, rows.outcome)
    endings = replace(
        rows.endings, status=np.where(sealed, "no event", rows.endings.status)
    )
    other = replace(rows, outcome=turned, endings=endings)

    again = evaluate(other, rolling(other, SCORE), SCORE, PLACE)

    assert as_json(again.evaluation) == as_json(evaluated.evaluation)
    assert again.calibration == evaluated.calibration
    ours, theirs = (e.fitted.models["additive"].to_json() for e in (again, evaluated))
    assert ours == theirs


def test_the_sealed_date_is_named(evaluated: Evaluated):
    assert evaluated.evaluation.sealed is not None
    assert evaluated.evaluation.sealed.first == JUDGED[-1]
    summary = summarise(evaluated.evaluation, SCORE)
    assert summary["sealed"].startswith("2024-09-01; nobody has looked at it")
    assert [line["date"] for line in summary["dates"]] == list(JUDGED[:-1])


def test_a_period_of_one_date_seals_nothing_and_says_so():
    rows = dated_cases(300, seed=2)
    one = dated_score(last=FIRST)

    found = evaluate(rows, rolling(rows, one), one, PLACE).evaluation

    assert found.sealed is None
    assert found.judged_rows == 300
    assert summarise(found, one)["sealed"].startswith("nothing: the judged period has")


def test_a_window_that_is_asked_for_is_judged_whole_by_one_fit(rows: Cases):
    rounds = one_window(rows, SCORE)

    assert rounds.sealed is None
    assert rounds.whole.judged.sum() == 3 * 900
    assert (rounds.fitted == rounds.whole.fitted).all()


def test_where_rows_are_events_the_last_quarter_of_the_period_is_sealed():
    days = [str(dt.date(2024, 1, 1) + dt.timedelta(n)) for n in range(0, 240, 4)]
    rows = dated_cases(20, seed=4, dates=days)
    at_events = SCORE.cohort.model_copy(
        update={"calendar": None, "at_events": SCORE.cohort.calendar}
    )
    period = SCORE.judgement.model_copy(update={"last": dt.date(2024, 8, 19)})
    score = SCORE.model_copy(update={"cohort": at_events, "judgement": period})

    rounds = rolling(rows, score)

    # 50 days from 1 July: parts begin after 0, 12, 25 and 37.
    spans = [(each.first, each.last) for each in rounds.judged]
    assert spans == [
        (dt.date(2024, 7, 1), dt.date(2024, 7, 12)),
        (dt.date(2024, 7, 13), dt.date(2024, 7, 25)),
        (dt.date(2024, 7, 26), dt.date(2024, 8, 6)),
    ]
    assert rounds.sealed is not None
    assert rounds.sealed.first == dt.date(2024, 8, 7)


def test_every_model_stands_beside_what_there_is_without_it(evaluated: Evaluated):
    found = {each.name: each for each in evaluated.evaluation.baselines}

    assert list(found) == [BASE_RATE, DECLARED_RULE, BEST_RULE, PRACTICE, LAST_YEAR]
    assert found[BASE_RATE].figures.auc.value == 0.5
    assert found[BASE_RATE].gain.net_benefit.low > 0
    assert found[DECLARED_RULE].indicator == "noise"
    assert found[BEST_RULE].indicator == "count"
    assert found[PRACTICE].indicator == "on_list"
    assert 0 < found[BEST_RULE].gain.auc.high < found[PRACTICE].gain.auc.low
    assert found[PRACTICE].gain.auc.high < found[DECLARED_RULE].gain.auc.low


def test_a_year_without_known_outcomes_has_no_model_of_last_year(evaluated: Evaluated):
    last_year = evaluated.evaluation.baselines[-1]

    assert last_year.reason == "a year earlier fewer than 8 outcomes were known"
    assert last_year.gain.auc.value is None


def test_last_year_s_model_is_judged_on_the_newest_date_that_is_open():
    dates = ("2023-01-01", "2023-02-01", *JUDGED)
    rows = dated_cases(600, seed=5, dates=dates)

    found = evaluate(rows, rolling(rows, SCORE), SCORE, PLACE).evaluation

    last_year = found.baselines[-1]
    assert last_year.reason is None
    # Fitted on January and February of 2023, as the newest model is: no other rows.
    assert last_year.gain.auc.value == 0.0


def test_the_top_of_one_date_s_list_is_looked_for_on_the_next(
    rows: Cases, evaluated: Evaluated
):
    steady = evaluated.evaluation.verdicts["logistic"].stability
    random = evaluated.evaluation.verdicts["rule"].stability

    # Counts move by .2 from date to date, noise is drawn anew: 30 of 900 by chance.
    assert 0.5 < steady.low < steady.value < steady.high < 1
    assert random.high < 0.2


def test_the_registry_and_the_summary_are_told_all_of_it(evaluated: Evaluated):
    metrics = family_metrics(evaluated.evaluation, "additive")
    summary = summarise(evaluated.evaluation, SCORE)

    assert {"calibration_slope", "net_benefit_above_everyone", "new/auc"} <= set(
        metrics
    )
    assert summary["served"] == "additive, as the score names it"
    assert "slope" in summary["calibration"]
    assert [line["beside"] for line in summary["beside"]][1] == "declared rule: noise"
