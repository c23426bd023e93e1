from __future__ import annotations

import itertools
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.faults import Refusal
from models.families.boosted import boost_additive
from models.families.compile import compile_additive, refuse_ungrouped
from models.families.inputs import bins_of, columns_of, matrix, read_training
from models.tables.terms import Categories, Steps


EVERY_SIZE = [
    -np.inf, -np.finfo(float).max, -1e300, -3.0, -1e-30, -1.1e-35, -1e-35, -5e-324,
    -0.0, 0.0, 5e-324, 1e-36, 1e-35, 1.1e-35, 0.5, 1e300, np.finfo(float).max, np.inf,
]  # fmt: skip


@pytest.fixture(scope="module")
def training(people):
    return people.read()


@pytest.fixture(scope="module")
def booster(training):
    return boost_additive(training, seed=1)


@pytest.fixture(scope="module")
def model(booster, training):
    return compile_additive(booster, training.inputs)


def as_columns(rows, inputs):
    """Rows of codes as a model takes them: a category by its name."""
    columns = {}
    for number, each in enumerate(inputs):
        column = rows[:, number]
        if each.categories is not None:
            named = [None if np.isnan(c) else each.categories[int(c)] for c in column]
            column = np.array(named, dtype=object)
        columns[each.name] = column
    return columns


def numbers_near(term, each):
    """Every edge, one ulp to each side of it, as float32 would round it, and NaN."""
    edges = np.array(term.edges)
    beside = [np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)]
    rounded = edges.astype(np.float32).astype(np.float64)
    float32_zero = float(np.float32(1e-35))
    zeros = [float32_zero, -float32_zero, *np.nextafter(float32_zero, [0, 1])]
    # What training never saw missing has no answer to compare.
    missing = [np.nan] if each.has_missing else []
    every = [edges, *beside, rounded, EVERY_SIZE, zeros, -np.array(zeros), missing]
    return np.unique(np.concatenate(every)).tolist()


def hostile(term, each):
    if isinstance(term, Steps):
        return numbers_near(term, each)
    missing = [np.nan] if each.has_missing else []
    return [*range(len(each.categories)), *missing]


def differences(model, booster, inputs, rows):
    parts = model.contributions(as_columns(rows, inputs))
    bins = bins_of(rows, inputs)
    contrib = booster.predict(bins, pred_contrib=True)
    raw = booster.predict(bins, raw_score=True)
    assert not parts.unseen.any()
    return (
        np.abs(parts.values - contrib[:, :-1]).max(),
        np.abs(parts.base - contrib[:, -1]).max(),
        np.abs(parts.log_odds - raw).max(),
    )


def test_terms_and_base_are_those_of_pred_contrib_on_later_rows(
    model, booster, training, people, later_people
):
    for table in (people.table, later_people.table):
        rows = matrix(table, training.inputs)

        assert max(differences(model, booster, training.inputs, rows)) < 1e-9
        parts = model.contributions(columns_of(table, model.names))
        raw = booster.predict(bins_of(rows, training.inputs), raw_score=True)
        np.testing.assert_allclose(parts.log_odds, raw, rtol=0, atol=1e-9)


def test_terms_are_those_of_pred_contrib_one_ulp_from_every_edge(
    model, booster, training
):
    near = [hostile(t, e) for t, e in zip(model.terms, training.inputs, strict=True)]
    start = [column[-1] for column in near]
    # One indicator at a time walks through its hostile values.
    rows = np.array(
        [
            [*start[:number], value, *start[number + 1 :]]
            for number, column in enumerate(near)
            for value in column
        ]
    )

    assert max(differences(model, booster, training.inputs, rows)) < 1e-9


@given(data=st.data())
def test_terms_are_those_of_pred_contrib_for_any_row(data, model, booster, training):
    pairs = zip(model.terms, training.inputs, strict=True)
    values = [
        data.draw(
            st.sampled_from(hostile(term, each))
            | (st.floats(allow_nan=False) if isinstance(term, Steps) else st.nothing())
        )
        for term, each in pairs
    ]

    assert max(differences(model, booster, training.inputs, np.array([values]))) < 1e-9


def test_the_base_is_the_plain_mean_over_training_and_every_term_is_centred(
    model, people
):
    parts = model.contributions(columns_of(people.table, model.names))

    np.testing.assert_allclose(parts.values.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(parts.log_odds.mean(), model.base, atol=1e-9)


def test_a_weighted_model_compiles_as_exactly(people, later_people):
    weights = np.random.default_rng(3).uniform(0.1, 5.0, len(people.outcome))
    training = read_training(
        people.table,
        people.outcome,
        indicators=people.indicators,
        directions={},
        weights=weights,
    )
    booster = boost_additive(training, seed=1)
    model = compile_additive(booster, training.inputs)

    rows = matrix(later_people.table, training.inputs)
    assert max(differences(model, booster, training.inputs, rows)) < 1e-9
    # Weights move the terms; the base stays the plain mean over the rows fitted on.
    parts = model.contributions(columns_of(people.table, model.names))
    np.testing.assert_allclose(parts.log_odds.mean(), model.base, atol=1e-9)


def test_a_model_without_a_single_split_is_its_base(people):
    training = read_training(
        people.table[["constant"]],
        people.outcome,
        indicators=["constant"],
        directions={},
        weights=None,
    )

    model = compile_additive(boost_additive(training, seed=1), training.inputs)

    share = people.outcome.mean()
    assert model.terms == (Steps("constant", (), (0.0,), 0.0),)
    assert model.base == pytest.approx(np.log(share / (1 - share)), abs=1e-9)


def test_an_indicator_that_was_never_known_adds_nothing(model):
    term = model.terms[model.names.index("never_known")]

    assert term == Steps("never_known", (), (0.0,), 0.0)


def test_each_term_goes_its_declared_way_apart_from_missing_values(model, people):
    terms = dict(zip(model.names, model.terms, strict=True))

    for name, direction in people.directions.items():
        steps = [
            direction * (high - low)
            for low, high in itertools.pairwise(terms[name].values)
        ]
        assert len(steps) > 0
        assert min(steps) >= -1e-12


def test_an_ordered_category_keeps_its_declared_order(model):
    (band,) = [term for term in model.terms if term.name == "band"]

    assert isinstance(band, Categories)
    assert band.categories == ("under 18", "18 to 64", "65 and over")


def test_a_tree_of_two_indicators_is_refused(training):
    settings = {"objective": "binary", "num_threads": 1, "verbosity": -1}
    dataset = lgb.Dataset(training.matrix, training.outcome)
    free = lgb.train(settings, dataset, 5)

    with pytest.raises(Refusal, match="reads one input"):
        compile_additive(free, training.inputs)


def test_a_split_on_native_categories_is_refused():
    codes = np.tile(np.arange(6.0), 200)[:, None]
    settings = {"objective": "binary", "num_threads": 1, "verbosity": -1}
    dataset = lgb.Dataset(codes, codes[:, 0] % 2, categorical_feature=[0])
    booster = lgb.train({**settings, "min_data_per_group": 10}, dataset, 2)
    table = pd.DataFrame({"n": codes[:, 0]})
    training = read_training(
        table, codes[:, 0] % 2, indicators=["n"], directions={}, weights=None
    )

    with pytest.raises(Refusal, match="compares a number"):
        compile_additive(booster, training.inputs)


def test_an_indicator_outside_every_group_is_refused(training):
    groups = [[0], [1, 2], [4, 5, 6]]

    with pytest.raises(Refusal, match="constant"):
        refuse_ungrouped(groups, training.inputs)


def test_what_training_missed_too_seldom_to_tell_adds_nothing(booster, training):
    inputs = [replace(each, has_missing=False) for each in training.inputs]

    model = compile_additive(booster, inputs)

    assert all(term.missing == 0.0 for term in model.terms)


def test_every_step_rests_on_enough_people_of_either_outcome(model, training, people):
    parts = model.contributions(columns_of(people.table, model.names)).values

    for column in parts.T:
        for value in np.unique(column):
            happened = people.outcome[column == value]
            assert len(happened) >= 50
            assert 8 <= happened.sum() <= len(happened) - 8
