from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from features.faults import Refusal
from models.families.estimators import FITS, fit_additive, fit_logistic, fit_rule
from models.families.inputs import columns_of, read_training
from models.tables.table import from_json, probability
from models.tables.terms import Categories, Line, Steps


ROOT = Path(__file__).parents[2]


def fitted(fit, people, **changes):
    return fit(people.read(**changes), seed=1)


@pytest.mark.parametrize("family", sorted(FITS))
def test_the_same_inputs_and_seed_give_the_same_bytes(family, people):
    first, second = (fitted(FITS[family], people).to_json() for _ in range(2))

    assert first == second
    assert from_json(first).family == family


def test_the_bytes_are_the_same_in_another_process(people):
    code = (
        "import runpy; from models.families.estimators import FITS;"
        "people = runpy.run_path('tests/models/conftest.py')['some_people'](3000, 7);"
        "[print(fit(people.read(), seed=1).sha256) for fit in FITS.values()]"
    )

    run = [sys.executable, "-c", code]
    out = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)

    assert out.stdout.split() == [fitted(fit, people).sha256 for fit in FITS.values()]


@pytest.mark.parametrize("family", sorted(FITS))
def test_a_family_ranks_later_people_better_than_chance(family, people, later_people):
    model = fitted(FITS[family], people)

    log_odds = model.log_odds(columns_of(later_people.table, model.names))

    assert roc_auc_score(later_people.outcome, log_odds) > 0.7


def test_every_indicator_with_a_signal_is_used(people):
    model = fitted(fit_additive, people)

    used = {t.name for t in model.terms if max(map(abs, t.values)) > 0.01}
    assert used >= {"visits", "income", "tenure", "band"}


def test_a_category_of_later_people_alone_gets_no_score(people):
    for fit in FITS.values():
        model = fitted(fit, people)
        table = people.table.head(3).assign(tenure=["owned", "houseboat", None])

        parts = model.contributions(columns_of(table, model.names))

        assert parts.unseen.tolist() == [False, True, False]


def test_a_logistic_model_is_scikit_learn_s(people):
    table, outcome = people.table, people.outcome
    model = fitted(fit_logistic, people, directions={})

    # The same regression by other means: get_dummies and pandas' own arithmetic.
    numbers = table[["visits", "income", "tiny"]]
    scaled = ((numbers - numbers.mean()) / numbers.std(ddof=0)).fillna(0.0)
    flags = table[["income", "tenure"]].isna().astype(float).add_suffix("_missing")
    dummies = pd.get_dummies(table[["tenure", "band"]]).astype(float)
    design = pd.concat([scaled, flags, dummies], axis=1).to_numpy()
    other = LogisticRegression(max_iter=1_000, tol=1e-8).fit(design, outcome)

    parts = model.contributions(columns_of(table, model.names))
    np.testing.assert_allclose(
        parts.log_odds, other.decision_function(design), atol=1e-4
    )


def test_a_logistic_model_s_terms_are_centred_on_the_training_rows(people):
    model = fitted(fit_logistic, people)

    parts = model.contributions(columns_of(people.table, model.names))

    np.testing.assert_allclose(parts.values.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(parts.log_odds.mean(), model.base, atol=1e-9)


def test_each_kind_of_indicator_has_its_kind_of_term(people):
    model = fitted(fit_logistic, people, directions={})
    terms = {term.name: term for term in model.terms}

    assert isinstance(terms["visits"], Line)
    # Never missing in training: nothing is told of it, so that it adds nothing.
    assert terms["visits"].missing == 0.0
    assert isinstance(terms["income"], Line)
    assert terms["income"].missing != 0.0
    assert isinstance(terms["tenure"], Categories)
    # A number that never varies has no slope.
    assert terms["constant"] == Steps("constant", (), (0.0,), 0.0)


def test_categories_of_few_rows_share_one_weight(people):
    tenure = people.table["tenure"].copy()
    tenure.iloc[:20], tenure.iloc[20:50] = "boat", "barge"
    table = people.table.assign(tenure=tenure)

    model = fit_logistic(
        read_training(table, people.outcome, indicators=["tenure"], directions={}),
        seed=1,
    )

    (term,) = model.terms
    weight = dict(zip(term.categories, term.values, strict=True))
    assert weight["boat"] == weight["barge"]
    assert len({weight["owned"], weight["rented"], weight["boat"]}) == 3


def test_the_rule_ranks_as_its_indicator_does(people):
    model = fitted(fit_rule, people, indicators=["visits"])

    log_odds = model.log_odds(columns_of(people.table, model.names))

    order = np.argsort(people.table["visits"], kind="stable")
    assert model.family == "rule"
    assert (np.diff(log_odds[order]) >= 0).all()


def test_the_rule_goes_its_declared_way_even_against_the_data(people):
    directions = {"visits": -1}

    model = fitted(fit_rule, people, indicators=["visits"], directions=directions)

    assert model.terms[0].weight < 0


def test_an_indicator_against_its_direction_is_dropped_from_lines_with_a_note(people):
    model = fitted(fit_logistic, people, directions={"visits": -1, "income": -1})

    terms = {term.name: term for term in model.terms}
    assert model.facts["dropped"] == "visits"
    assert terms["visits"] == Steps("visits", (), (0.0,), 0.0)
    assert terms["income"].weight < 0
    assert "dropped" not in fitted(fit_logistic, people, directions={}).facts


def test_a_category_against_its_direction_is_dropped_and_still_unseen_if_new(people):
    bands = pd.Categorical(people.table["band"], ordered=True)
    table = people.table.assign(band=bands.reorder_categories(bands.categories[::-1]))

    model = fit_logistic(
        read_training(
            table, people.outcome, indicators=["band", "visits"], directions={"band": 1}
        ),
        seed=1,
    )

    if "dropped" in model.facts:
        assert set(model.terms[0].values) == {0.0}
    assert math.isnan(model.terms[0].of("unheard of"))


@pytest.mark.parametrize("family", sorted(FITS))
def test_a_value_missing_only_later_drops_no_row_and_adds_nothing(family, people):
    model = fitted(FITS[family], people)
    table = people.table.head(2).assign(visits=[np.nan, 1.0])

    parts = model.contributions(columns_of(table, model.names))

    at = parts.names.index("visits")
    assert not parts.unseen.any()
    # A card has whole points, so that it comes as near to nothing as those allow.
    assert abs(parts.values[0, at]) < (0.2 if family == "points" else 1e-12)


@pytest.mark.parametrize("family", sorted(FITS))
def test_why_a_row_has_no_score_is_named(family, people):
    model = fitted(FITS[family], people)
    table = people.table.head(3).assign(tenure=["owned", "houseboat", None])

    parts = model.contributions(columns_of(table, model.names))

    unknown = np.isnan(parts.values).sum(axis=0)
    assert dict(zip(parts.names, unknown, strict=True))["tenure"] == 1
    assert unknown.sum() == 1


def test_weights_move_the_model(people):
    weights = np.where(people.outcome == 1, 3.0, 1.0)

    for fit in FITS.values():
        plain, weighted = fitted(fit, people), fitted(fit, people, weights=weights)

        assert weighted.base > plain.base + 0.5


@pytest.mark.parametrize("family", sorted(FITS))
def test_a_weighted_model_says_the_weighted_risk(family, people):
    weights = np.random.default_rng(4).uniform(0.5, 4.0, len(people.outcome))
    weights[people.outcome == 1] *= 2

    model = fitted(FITS[family], people, weights=weights)

    parts = model.contributions(columns_of(people.table, model.names))
    whole = parts.base + parts.values.sum(axis=1)
    np.testing.assert_allclose(whole, parts.log_odds, rtol=0, atol=1e-9)
    said = np.average(probability(parts.log_odds), weights=weights)
    came = np.average(people.outcome, weights=weights)
    assert said == pytest.approx(came, abs=0.005)
    assert abs(people.outcome.mean() - came) > 0.05


def test_a_model_s_file_holds_no_row_of_the_training_table(people):
    content = json.loads(fitted(fit_additive, people).to_json())

    steps = [term for term in content["terms"] if term["kind"] == "steps"]
    assert all(len(term["edges"]) < 64 for term in steps)


def test_all_faults_of_the_arguments_are_told_at_once(people):
    with pytest.raises(Refusal) as refusal:
        fitted(
            fit_additive,
            people,
            indicators=["visits", "visits", "absent", "tenure"],
            directions={"tenure": 1, "visits": 2},
            weights=np.zeros(3),
        )

    # Twice named, absent, a direction without an order, no direction, no weights.
    assert len(refusal.value.faults) == 5


def test_an_outcome_of_one_kind_cannot_be_fitted(people):
    for outcome in (np.zeros(3_000), np.ones(2), np.full(3_000, np.nan)):
        with pytest.raises(Refusal, match="0 or 1, and both occur"):
            fit_logistic(
                read_training(
                    people.table, outcome, indicators=["visits"], directions={}
                ),
                seed=1,
            )


def test_infinite_numbers_and_columns_of_other_things_are_refused(people):
    table = people.table.assign(
        income=np.inf, tenure=[("a",)] * 3_000, day=pd.Timestamp("2026-01-01")
    )

    with pytest.raises(Refusal) as refusal:
        fit_additive(
            read_training(
                table,
                people.outcome,
                indicators=["income", "tenure", "day"],
                directions={},
            ),
            seed=1,
        )

    assert len(refusal.value.faults) == 3


def test_whole_numbers_truth_values_and_pandas_own_types_are_numbers(people):
    table = pd.DataFrame(
        {
            "visits": people.table["visits"].astype("Int64").mask(people.outcome == 2),
            "often": people.table["visits"] > 3,
            "tenure": people.table["tenure"].astype("str"),
        }
    )

    model = fit_logistic(
        read_training(table, people.outcome, indicators=list(table), directions={}),
        seed=1,
    )

    parts = model.contributions(columns_of(table, model.names))
    assert [type(term) for term in model.terms] == [Line, Line, Categories]
    assert not parts.unseen.any()
