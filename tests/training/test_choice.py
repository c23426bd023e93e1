"""The family is chosen by the rule that was declared, the simplest of the good ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.training.made_up_dates import PLACE, dated_cases, dated_score
from training.judging.choice import Chosen, choose_family
from training.judging.evaluate import evaluate
from training.judging.rolled import Rolled, roll
from training.judging.splits import rolling
from training.summary import summarise


@pytest.fixture(scope="module")
def rolled() -> Rolled:
    rows, score = dated_cases(900, seed=3), dated_score(choose="auc")
    return roll(rows, rolling(rows, score), score, PLACE)


def chosen(rolled: Rolled, **said: float) -> Chosen:
    """Choose where each family's log-odds are moved by noise of some size."""
    noise = np.random.default_rng(1).normal(size=len(rolled.cases))
    truth = rolled.later["logistic"]
    later = {name: truth + size * noise for name, size in said.items()}
    found = choose_family(replace(rolled, later={**rolled.later, **later}))
    assert found is not None
    return found


def test_of_two_that_do_alike_the_simpler_is_served(rolled: Rolled):
    found = chosen(rolled, logistic=0.02, additive=0.0)

    assert found.family == "logistic"
    assert [each.family for each in found.families] == ["logistic", "additive"]


def test_a_simpler_one_that_is_clearly_worse_is_not_served(rolled: Rolled):
    found = chosen(rolled, logistic=2.0, additive=0.0)

    assert found.family == "additive"
    simple, best = found.families
    assert not simple.is_within
    assert simple.regret > simple.standard_error
    assert (best.regret, best.standard_error) == (0.0, 0.0)


def test_regret_is_the_mean_distance_to_the_best_of_each_judged_date(rolled: Rolled):
    simple, _ = chosen(rolled, logistic=2.0, additive=0.0).families

    assert len(simple.regrets) == 2
    assert simple.regret == pytest.approx(np.mean(simple.regrets))


def test_of_errors_the_least_is_the_best(rolled: Rolled):
    judgement = rolled.score.judgement.model_copy(update={"choose": "brier"})
    by_brier = replace(
        rolled, score=rolled.score.model_copy(update={"judgement": judgement})
    )

    assert chosen(by_brier, logistic=3.0, additive=0.0).family == "additive"


def test_a_named_family_is_served_whatever_the_regrets(rolled: Rolled):
    assert choose_family(replace(rolled, score=dated_score())) is None


def test_the_family_chosen_is_the_one_that_is_judged_and_registered():
    rows, score = dated_cases(600, seed=7), dated_score(choose="auc")

    found = evaluate(rows, rolling(rows, score), score, PLACE)

    assert found.evaluation.choice is not None
    assert found.evaluation.served == found.evaluation.choice.family == "logistic"
    assert found.score.serve == "logistic"
    words = summarise(found.evaluation, score)["served"]
    assert words.startswith("logistic, the simplest within one standard error")
