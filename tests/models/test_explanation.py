from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.faults import Refusal
from models.families.boosted import boost_additive
from models.families.compile import compile_additive
from models.families.estimators import fit_logistic
from models.families.inputs import bins_of, matrix, read_training
from models.tables.explanation import explain
from models.tables.table import TableModel
from models.tables.terms import Categories, Steps


pytestmark = [
    # matplotlib's, while shap is imported.
    pytest.mark.filterwarnings(
        "ignore:The set_(bad|over|under) function:PendingDeprecationWarning"
    ),
    # shap's own, about its return type of long ago.
    pytest.mark.filterwarnings(
        "ignore:LightGBM binary classifier with TreeExplainer:UserWarning"
    ),
]


def rows_of(table):
    return table.astype(object).to_dict("records")


@pytest.fixture(scope="module")
def training(people):
    return people.read()


@pytest.fixture(scope="module")
def booster(training):
    return boost_additive(training, seed=1)


def binned(table, inputs):
    """Rows as the booster was fitted on them."""
    return bins_of(matrix(table, inputs), inputs)


def assert_are(explained, shap_values, base_value, within=1e-9):
    values = np.array([explanation.values for explanation in explained])
    np.testing.assert_allclose(values, shap_values, rtol=0, atol=within)
    assert explained[0].base_value == pytest.approx(float(base_value), abs=within)


def test_the_values_are_shap_tree_explainer_s(training, booster, later_people):
    import shap

    model = compile_additive(booster, training.inputs)
    later = later_people.table.head(200)

    explained = [explain(model, row) for row in rows_of(later)]

    # For LightGBM it asks the booster's own `pred_contrib`.
    explainer = shap.TreeExplainer(booster)
    expected = explainer.shap_values(binned(later, training.inputs))
    assert_are(explained, expected, explainer.expected_value)


def test_the_values_are_shap_s_own_algorithm_s_over_all_training_rows(
    training, booster, later_people
):
    import shap

    model = compile_additive(booster, training.inputs)
    later = later_people.table.head(20)

    explained = [explain(model, row) for row in rows_of(later)]

    # With a background it reads the trees itself, and asks no booster.
    rows = shap.maskers.Independent(training.coded, max_samples=len(training.coded))
    explainer = shap.TreeExplainer(
        booster, data=rows, feature_perturbation="interventional"
    )
    expected = explainer.shap_values(binned(later, training.inputs))
    # It adds in float32.
    assert_are(explained, expected, explainer.expected_value, within=1e-7)


def test_the_values_of_lines_are_shap_linear_explainer_s(people):
    import shap

    table = people.table[["visits", "income"]].fillna({"income": 0.5})
    model = fit_logistic(
        read_training(
            table, people.outcome, indicators=["visits", "income"], directions={}
        ),
        seed=1,
    )
    weights = np.array([term.weight for term in model.terms])
    intercept = model.base - sum(t.weight * t.centre for t in model.terms)

    explanations = [explain(model, row) for row in rows_of(table.head(50))]

    whole = shap.maskers.Independent(table, max_samples=len(table))
    explainer = shap.LinearExplainer((weights, intercept), whole)
    values = [explanation.values for explanation in explanations]
    np.testing.assert_allclose(
        values, explainer.shap_values(table.head(50)), rtol=0, atol=1e-9
    )
    assert float(explainer.expected_value) == pytest.approx(model.base, abs=1e-9)


@given(
    values=st.lists(st.floats(-50, 50), min_size=1, max_size=40),
    base=st.floats(-10, 10),
)
def test_the_parts_are_the_whole(values, base):
    terms = tuple(Steps(f"i{n}", (), (v,), None) for n, v in enumerate(values))
    model = TableModel("additive", base, terms)
    row = {term.name: 0.0 for term in terms}

    explanation = explain(model, row)

    assert explanation.log_odds == model.log_odds_of(row)
    whole = math.fsum([explanation.base_value, *explanation.values])
    assert whole == pytest.approx(model.log_odds_of(row), abs=1e-9)


def test_a_row_that_has_no_score_has_no_explanation_and_shows_no_value():
    terms = (
        Categories("tenure", ("owned",), (0.5,), None),
        Steps("visits", (), (0.0,), None),
    )
    model = TableModel("additive", 0.0, terms)

    with pytest.raises(Refusal) as refusal:
        explain(model, {"tenure": "houseboat", "visits": None})

    assert len(refusal.value.faults) == 2
    assert "houseboat" not in str(refusal.value)
